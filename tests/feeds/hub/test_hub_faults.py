"""The hub beside callbacks that fail, hosts that are slow, and workers that are killed: nothing is lost."""

import asyncio
from datetime import timedelta

from sqlalchemy import insert, update

from feeds.hub.tables import hub_intents, hub_subscribers
from feeds.store.outbox import State
from tests.fakes.archive import simple_issue
from tests.fakes.settings import two_papers
from tests.fakes.subscriber import Told, subscriber
from tests.feeds.hub.conftest import Room, day


async def test_case_186_a_redirect_is_a_failure_and_not_followed(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()

    async def redirect(_: Told) -> int:
        return 307

    room.reader.take = redirect
    await room.publish(simple_issue(day(1)))

    assert [told.path for told in room.reader.told] == ["/hook"]
    assert (await room.rows())[0].state is State.PENDING


async def test_a_failed_delivery_is_tried_again_until_it_works_with_the_newest_content(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    statuses = iter([500, 503, 204])

    async def stumble(_: Told) -> int:
        return next(statuses)

    room.reader.take = stumble
    await room.publish(simple_issue(day(1)))
    await room.work()
    assert len(room.reader.told) == 1
    await room.pass_time(seconds=11)
    assert len(room.reader.told) == 2
    await room.publish(simple_issue(day(2)))
    assert len(room.reader.told) == 2
    await room.pass_time(seconds=31)

    body = room.publisher.body("huaian.rss")
    assert body is not None
    assert len(room.reader.told) == 3
    assert room.reader.told[-1].body == body.data
    assert (await room.rows())[0].state is State.SENT
    await room.pass_time(hours=1)
    assert len(room.reader.told) == 3


async def test_a_subscriber_that_never_answers_is_tried_until_its_lease_ends_and_then_forgotten(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe(lease_seconds="86400")

    async def fail(_: Told) -> int:
        return 500

    room.reader.take = fail
    await room.publish(simple_issue(day(1)))
    for _ in range(23):
        await room.pass_time(hours=1)
    assert len(room.reader.told) >= 8
    assert len(await room.rows()) == 1

    tried = len(room.reader.told)
    await room.pass_time(hours=2)
    assert await room.rows() == []
    await room.publish(simple_issue(day(2)))
    assert len(room.reader.told) == tried


async def test_410_ends_a_subscription(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()

    async def gone(_: Told) -> int:
        return 410

    room.reader.take = gone
    await room.publish(simple_issue(day(1)))

    assert await room.rows() == []


async def test_a_lease_is_renewed_by_asking_again(room: Room) -> None:
    await room.subscribe(lease_seconds="3600")
    await room.pass_time(minutes=50)
    await room.subscribe(lease_seconds="3600")
    await room.pass_time(minutes=50)

    assert len(await room.rows()) == 1
    await room.pass_time(minutes=11)
    assert await room.rows() == []


async def test_a_restart_between_publishing_and_telling_loses_nothing(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    await fill_and_publish(room, 1)
    await room.restart()
    await room.work()

    assert len(room.reader.told) == 1


async def fill_and_publish(room: Room, n: int) -> None:
    """News that the publisher wrote and the hub did not see."""
    hub, room.hub = room.hub, _Idle()  # type: ignore[assignment]  # nobody at work
    await room.publish(simple_issue(day(n)))
    room.hub = hub


class _Idle:
    async def drain(self) -> None:
        """Does nothing."""


async def test_a_kill_while_telling_tells_again_and_a_kill_while_asking_asks_again(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    await fill_and_publish(room, 1)
    async with room.store.write() as tx:
        lost = {
            "state": State.SENDING,
            "owner": "dead",
            "lease_until": room.clock.now() + timedelta(seconds=60),
            "wanted": "what the dead one saw",
        }
        await tx.execute(update(hub_subscribers).values(**lost))
    assert (await room.ask(callback=f"{room.reader.base}/second"))[0] == 202
    async with room.store.write() as tx:
        await tx.execute(update(hub_intents).values(state=State.SENDING, owner="dead",
            lease_until=room.clock.now() + timedelta(seconds=60)))  # fmt: skip
    await room.restart()
    await room.pass_time(seconds=61)

    assert len(room.reader.told) == 1
    assert len(await room.rows()) == 2


async def test_what_changes_while_a_subscriber_is_told_is_told_afterwards(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(told: Told) -> int:
        begun.set()
        await go_on.wait()
        return 204

    room.reader.take = slow
    task = asyncio.create_task(room.publish(simple_issue(day(1))))
    await begun.wait()
    await fill_and_publish(room, 2)
    await room.hub.step()
    assert (await room.rows())[0].state is State.SENDING
    go_on.set()
    await task
    await room.work()

    body = room.publisher.body("huaian.rss")
    assert body is not None
    assert len(room.reader.told) == 2
    assert room.reader.told[-1].body == body.data


async def test_a_slow_host_holds_up_nobody_else(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    release = asyncio.Event()
    async with subscriber() as other:
        room.settings = two_papers(
            room.settings.data_dir.parent,
            more=f'hub: {{allow_hosts: ["{room.reader.host}", "{other.host}"]}}',
        )
        await room.restart()
        async with room.store.write() as tx:
            for n in range(100):
                await tx.execute(insert(hub_subscribers).values(**room.row(f"/slow/{n}")))
            quick = room.row("/quick") | {
                "callback": f"{other.base}/quick", "host": other.host
            }  # fmt: skip
            await tx.execute(insert(hub_subscribers).values(**quick))

        async def hang(_: Told) -> int:
            await release.wait()
            return 204

        room.reader.take = hang
        task = asyncio.create_task(room.publish(simple_issue(day(1))))
        await other.heard.wait()
        assert len(other.told) == 1
        assert 1 <= len(room.reader.told) <= 4
        release.set()
        await task
    assert len(room.reader.told) == 100
