"""A newspaper that an operator paused: left alone until it goes on, and nobody is alarmed meanwhile."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from feeds.models import AlarmKind, EntryKind, PauseKind
from feeds.pausing import Pauses
from feeds.store import alarms
from feeds.store import pauses as stored
from feeds.watch import Watch
from tests.fakes.newspaper import Asked, Reply
from tests.fakes.watching import Room

DAY = "2024-04-08"


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that real sockets bring about."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


async def paused_room(room: Room) -> Pauses:
    """The pauses of a worker that starts while 淮安区报 is paused."""
    async with room.store.write() as tx:
        await stored.pause(tx, PauseKind.SOURCE, "huaian", "telegram:7", room.clock.now())
    pauses = Pauses(room.store)
    await pauses.load()
    return pauses


async def resume(room: Room, pauses: Pauses) -> None:
    async with room.store.write() as tx:
        await stored.resume(tx, PauseKind.SOURCE, "huaian")
    await pauses.load()


async def test_a_paused_paper_is_left_alone_and_looked_at_once_it_goes_on(room: Room) -> None:
    """Whatever restarts lie between: this worker has just begun."""
    room.press.print(DAY, {"01": ["a"]})
    pauses = await paused_room(room)
    async with running(room.watch(pauses=pauses)):
        await until(lambda: bool(room.clock.slept))
        await room.clock.advance(2 * 24 * 3600)
        assert room.asked() == []
        await resume(room, pauses)
        await until(lambda: f"/{DAY}/a" in room.paper.paths())


async def test_a_pause_in_the_middle_of_an_issue_ends_the_asking(room: Room) -> None:
    class Switch(Pauses):
        is_off = False

        def is_paused(self, kind: PauseKind, name: str) -> bool:
            return self.is_off and (kind, name) == (PauseKind.SOURCE, "huaian")

    room.press.print(DAY, {"01": ["a", "b", "c"]})
    pauses, program = Switch(room.store), room.paper.programs[f"/{DAY}/a"]

    def switch(asked: Asked) -> Reply:
        pauses.is_off = True
        return program if isinstance(program, Reply) else program(asked)

    room.paper[f"/{DAY}/a"] = switch
    watch = room.watch(pauses=pauses)
    await watch.look("huaian")
    assert room.asked()[-1] == f"/{DAY}/a"
    assert (await room.standing()).failures == 0
    pauses.is_off = False
    await watch.look("huaian")
    assert room.asked()[-2:] == [f"/{DAY}/b", f"/{DAY}/c"]
    assert await room.told() == [EntryKind.ISSUE_COMPLETE]


async def test_that_a_paper_was_not_read_while_it_was_paused_is_no_alarm(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.paper["/"] = Reply(b"", 500)
    pauses = await paused_room(room)
    room.clock.jump(timedelta(days=2))
    room.asked()
    async with running(room.watch(pauses=pauses)):
        await until(lambda: bool(room.clock.slept))
        resumed = room.clock.now()
        await resume(room, pauses)
        while EntryKind.ALARM_RAISED not in await room.told():  # of what it goes on being
            await room.clock.advance(600)
            await asyncio.sleep(0.01)
    async with room.store.read() as tx:
        since = await alarms.raised(tx, "huaian")
    assert since[AlarmKind.UNREAD] - resumed > timedelta(hours=6)


async def test_other_processes_pauses_are_noticed(room: Room) -> None:
    """Their writes ring no bell here, as on SQLite."""
    pauses = Pauses(room.store)
    following = asyncio.create_task(pauses.run())
    async with room.store.write() as tx:
        await stored.pause(tx, PauseKind.SOURCE, "huaian", "console", room.clock.now())
        tx.touched.clear()
    async with asyncio.timeout(20):
        while not pauses.is_paused(PauseKind.SOURCE, "huaian"):
            await asyncio.sleep(0.05)
    assert not pauses.is_paused(PauseKind.CHANNEL, "huaian")
    following.cancel()
    await asyncio.wait([following])
