"""The fronts of a channel's queue: what is claimed next in each lane and should have been sent long ago."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

from bot.ledger import chats
from bot.ledger.queue import fronts
from tests.fakes.office import Office

OpenOffice = Callable[..., Awaitable[Office]]
LONG = timedelta(minutes=15)


async def overdue(place: Office) -> dict[str, int]:
    async with place.store.read() as tx:
        found = await fronts(tx, "telegram", place.clock.now() - LONG)
    return {lane: front.id for lane, front in found.items()}


async def test_the_first_of_each_lane_is_its_front_once_it_is_overdue(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7", "to: telegram:8")
    await place.publish()
    assert await overdue(place) == {}
    await place.clock.advance(LONG.total_seconds())
    assert await overdue(place) == {"huaian": 1}
    await place.send()
    assert await overdue(place) == {}


async def test_chats_that_are_gone_or_had_to_wait_are_passed_over(open_office: OpenOffice) -> None:
    place = await open_office(*(f"to: telegram:{chat}" for chat in (7, 8, 9)))
    await place.publish()
    await place.clock.advance(2 * LONG.total_seconds())
    async with place.store.write() as tx:
        now = place.clock.now()
        await chats.gone(tx, "telegram:7", "blocked", now)
        await chats.wait(tx, "telegram:8", now - timedelta(minutes=1))
    assert await overdue(place) == {"huaian": 3}


async def test_another_channel_has_a_queue_of_its_own(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7", "to: console:terminal")
    await place.publish()
    await place.send()
    await place.clock.advance(LONG.total_seconds())
    before = place.clock.now() - LONG
    async with place.store.read() as tx:
        assert list(await fronts(tx, "console", before)) == ["huaian"]
        assert await fronts(tx, "wecom", before) == {}
        assert await fronts(tx, "telegram", before) == {}
