"""What the hub counts: verifications, tellings by their end, and callbacks that lead inside."""

from datetime import date, timedelta

import pytest
from sqlalchemy import insert

from feeds.figures import HUB_DELIVERIES, HUB_VERIFICATIONS, SSRF_BLOCKED
from feeds.hub.tables import Kind, hub_subscribers
from feeds.store.outbox import State
from tests.fakes.archive import simple_issue
from tests.fakes.figures import counted_by, counts
from tests.fakes.subscriber import Told
from tests.feeds.hub.conftest import Room

DAY = date(2024, 4, 8)


async def _publish(room: Room, number: int) -> None:
    await room.publish(simple_issue(DAY + timedelta(days=number)))


async def _put(room: Room, **values: object) -> None:
    """A subscriber, as if it had been confirmed."""
    now = room.clock.now()
    row = {
        "topic": "huaian.rss", "callback": f"{room.reader.base}/hook", "host": room.reader.host,
        "kind": Kind.CONTENT, "state": State.SENT, "wanted": "", "due_at": now, "created_at": now,
    }  # fmt: skip
    async with room.store.write() as tx:
        await tx.execute(insert(hub_subscribers).values(**row | values))


async def test_a_confirmation_and_what_it_brings_are_counted(room: Room) -> None:
    sheet = counted_by(room.store)
    await _publish(room, 0)
    await room.subscribe()
    await _publish(room, 1)

    assert counts(sheet, HUB_VERIFICATIONS) == {("confirmed",): 1}
    assert counts(sheet, HUB_DELIVERIES) == {("content", "told"): 1}


@pytest.mark.parametrize(("status", "outcome"), [(503, "failed"), (410, "gone")])
async def test_a_subscriber_that_does_not_take_it_is_counted_by_what_it_says(
    room: Room, status: int, outcome: str
) -> None:
    sheet = counted_by(room.store)
    await _publish(room, 0)
    await room.subscribe()

    async def take(_told: Told) -> int:
        return status

    room.reader.take = take
    await _publish(room, 1)

    assert counts(sheet, HUB_DELIVERIES) == {("content", outcome): 1}


async def test_cases_019_and_020_a_callback_that_leads_inside_is_counted(room: Room) -> None:
    sheet = counted_by(room.store)
    await room.restart()
    await _publish(room, 0)
    port = room.reader.host.partition(":")[2]
    await _put(room, callback=f"http://127.0.0.1:{port}/hook", host="reader.example.org:80")
    await _publish(room, 1)

    assert room.reader.told == []
    assert counts(sheet, SSRF_BLOCKED) == {("hub",): 1}
    assert counts(sheet, HUB_DELIVERIES) == {("content", "failed"): 1}


async def test_a_hub_that_nobody_asked_writes_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    await _publish(room, 0)
    monkeypatch.setattr(room.store, "write", None)
    assert await room.hub.step() == 0
