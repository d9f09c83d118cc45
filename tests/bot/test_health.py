"""How the worker is, in a word: alarms, incidents and services that fail make it `degraded`."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Self

import pytest
from sqlalchemy import delete, insert

from bot.figures import RESTARTS
from bot.health import Health
from bot.ledger.tables import incidents
from bot.services import RESTART_AFTER, Board, Condition, Service, run_services
from feeds.models import AlarmKind
from feeds.store import alarms
from feeds.store.alarms import Alarm
from feeds.store.engine import Store
from feeds.tally import TallySheet
from tests.fakes.archive import HUAIAN, fill
from tests.fakes.clock import FakeClock
from tests.fakes.figures import counts

TRUST = RESTART_AFTER[-1]
Run = Callable[[], Awaitable[None]]


@pytest.fixture
async def health(store: Store, clock: FakeClock) -> Health:
    await fill(store, [HUAIAN])
    return Health(store, Board(clock), ["huaian"])


async def test_a_new_worker_is_well(health: Health) -> None:
    assert await health()


async def test_a_raised_alarm_degrades_until_it_ends(
    health: Health, store: Store, clock: FakeClock
) -> None:
    late = [Alarm(AlarmKind.LATE, "没有出来")]
    async with store.write() as tx:
        await alarms.settle(tx, "huaian", late, {}, clock.now())
    assert not await health()
    async with store.write() as tx:
        await alarms.settle(tx, "huaian", [], {AlarmKind.LATE: "出来了"}, clock.now())
    assert await health()


async def test_an_alarm_of_a_newspaper_that_was_removed_is_nobodys(
    health: Health, store: Store, clock: FakeClock
) -> None:
    async with store.write() as tx:
        await alarms.settle(tx, "huaian", [Alarm(AlarmKind.LATE, "没有出来")], {}, clock.now())

    assert await Health(store, Board(clock), ["chuzhou"])()
    assert await Health(store, Board(clock), [])()


async def test_an_incident_degrades_while_it_stands(
    health: Health, store: Store, clock: FakeClock
) -> None:
    async with store.write() as tx:
        row = {"kind": "disk", "about": "", "raised_at": clock.now(), "words": "快满了"}
        await tx.execute(insert(incidents), [row])
    assert not await health()
    async with store.write() as tx:
        await tx.execute(delete(incidents))
    assert await health()


# ── services ────────────────────────────────────────────────────────────────────────────────────


class Running:
    """Services that run while a test does."""

    def __init__(self, clock: FakeClock, **services: Run) -> None:
        self.clock, self.sheet, self.stop = clock, TallySheet(), asyncio.Event()
        self.board = Board(clock, self.sheet)
        made = [Service(name, run) for name, run in services.items()]
        self.task = asyncio.create_task(run_services(made, self.stop, clock, self.board))

    async def __aenter__(self) -> Self:
        await self.clock.advance(0)
        return self

    async def __aexit__(self, *_error: object) -> None:
        self.stop.set()
        await self.task


async def forever() -> None:
    await asyncio.Event().wait()


async def done() -> None:
    """It has nothing to do."""


def failing(times: int) -> Run:
    """Fails so many times, then runs."""
    left = [times]

    async def run() -> None:
        left[0] -= 1
        if left[0] >= 0:
            raise RuntimeError("broken")
        await forever()

    return run


async def test_services_that_run_or_ended_are_well(store: Store, clock: FakeClock) -> None:
    async with Running(clock, watch=forever, menu=done) as running:
        assert running.board.conditions() == {"watch": Condition.RUNNING, "menu": Condition.ENDED}
        assert await Health(store, running.board, [])()


async def test_a_service_that_cannot_do_what_it_is_for_degrades(
    store: Store, clock: FakeClock
) -> None:
    async with Running(clock, caretaker=forever) as running:
        health = Health(store, running.board, [])
        running.board.doubt("caretaker", is_doubted=True)
        assert not await health()
        running.board.doubt("caretaker", is_doubted=False)
        assert await health()


async def test_a_service_that_failed_degrades_until_it_ran_for_a_minute(
    store: Store, clock: FakeClock
) -> None:
    async with Running(clock, watch=failing(1), hub=forever) as running:
        health = Health(store, running.board, [])
        assert running.board.conditions()["watch"] is Condition.FAILED
        assert running.board.conditions()["hub"] is Condition.RUNNING
        await clock.advance(RESTART_AFTER[0])  # it runs again, for how long nobody knows
        assert not await health()
        await clock.advance(TRUST - 1)
        assert not await health()
        await clock.advance(1)
        assert await health()
    assert counts(running.sheet, RESTARTS) == {("watch",): 1}


async def test_one_that_fails_again_and_again_never_looks_well_in_between(
    clock: FakeClock,
) -> None:
    async with Running(clock, watch=failing(1000)) as running:
        for _ in range(40):
            await clock.advance(timedelta(seconds=10).total_seconds())
            assert running.board.conditions()["watch"] is Condition.FAILED
    assert counts(running.sheet, RESTARTS)["watch",] > len(RESTART_AFTER)
