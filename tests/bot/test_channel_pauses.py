"""A channel that an operator paused: nothing is pushed there and nothing changed, and nothing is lost."""

from collections.abc import Awaitable, Callable
from functools import partial

import pytest

from bot.reach import Reach
from feeds.models import PauseKind, WithdrawnBy
from feeds.pausing import Pauses
from feeds.store import pauses as stored
from feeds.store import withdrawals
from feeds.store.engine import Store
from tests.fakes.channel import FakeChannel
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def pauses(store: Store) -> Pauses:
    return Pauses(store)


@pytest.fixture
async def place(open_office: OpenOffice, pauses: Pauses) -> Office:
    """As a worker is built: one reach a channel, which asks the pauses."""
    made = await open_office("to: telegram:7")
    made.reach = Reach(
        "telegram", made.clock, partial(pauses.is_paused, PauseKind.CHANNEL, "telegram")
    )
    made.delivery = made.sender()
    made.editing = made.editor()
    return made


async def pause(place: Office, pauses: Pauses, name: str = "telegram") -> None:
    async with place.store.write() as tx:
        await stored.pause(tx, PauseKind.CHANNEL, name, "telegram:7", place.clock.now())
    await pauses.load()


async def resume(place: Office, pauses: Pauses) -> None:
    async with place.store.write() as tx:
        await stored.resume(tx, PauseKind.CHANNEL, "telegram")
    await pauses.load()


async def withdraw(place: Office, key: str) -> None:
    row = await place.change_article(key, position=1)
    async with place.store.write() as tx:
        await withdrawals.withdraw(tx, row, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.spread()


async def test_a_paused_channel_keeps_what_it_owes_and_sends_it_when_it_goes_on(
    place: Office, pauses: Pauses
) -> None:
    await place.publish()
    await place.send()
    await pause(place, pauses)
    await place.publish(MONDAY + DAY)
    await withdraw(place, "0408-1")
    await place.send()
    await place.edit()
    assert len(place.channel.sent) == 1
    assert place.channel.edited == []
    await resume(place, pauses)
    await place.send()
    await place.edit()
    assert len(place.channel.sent) == 2
    assert [one.message_id for one in place.channel.edited] == [place.channel.sent[0].message_id]
    assert await place.edits() == []


async def test_what_waited_too_long_is_one_summary(place: Office, pauses: Pauses) -> None:
    await pause(place, pauses)
    for days in range(3):
        await place.publish(MONDAY + days * DAY)
        place.clock.jump(DAY)
    place.clock.jump(2 * DAY)
    await place.send()
    assert place.channel.sent == []
    await resume(place, pauses)
    await place.send()
    [summary] = place.channel.sent
    assert all(f"04月{day:02d}日" in summary.text for day in (8, 9, 10))


async def test_another_channels_pause_is_none_of_this_ones(place: Office, pauses: Pauses) -> None:
    await pause(place, pauses, "wecom")
    await place.publish()
    await place.send()
    assert len(place.channel.sent) == 1


async def test_what_was_claimed_when_the_pause_began_goes_back(
    place: Office, pauses: Pauses
) -> None:
    class Slow(FakeChannel):
        async def turn(self, to: object) -> None:
            await pause(place, pauses)

    place.channel = Slow()
    place.delivery = place.sender()
    await place.publish()
    await place.send()
    assert place.channel.sent == []
    assert await place.states() == [("telegram:7", "pending")]


def test_a_reach_that_nobody_pauses_is_open(place: Office) -> None:
    assert Reach("telegram", place.clock).is_open
