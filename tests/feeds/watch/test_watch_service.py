"""The watch as a service: schedules, restarts, kills, and neighbours that do not notice each other."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from config.models import FetchConfig
from config.sources import YunbaoSource
from feeds.http import build_fetcher
from feeds.models import EntryKind, IssueStatus
from feeds.store import archive, journal, library
from feeds.store.engine import Store
from feeds.watch import Watch
from feeds.watch.desk import unbroken
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import JsonSource, Press
from tests.fakes.newspaper import Newspaper, Reply, newspaper
from tests.fakes.watching import Room

DAY = "2024-04-08"
COMPLETE = EntryKind.ISSUE_COMPLETE


@asynccontextmanager
async def running(watch: Watch) -> AsyncIterator[None]:
    task = asyncio.create_task(watch.run())
    try:
        yield
    finally:
        task.cancel()
        await asyncio.wait([task])
        assert task.cancelled()


async def until(condition: Callable[[], bool]) -> None:
    """Waits for something that real sockets bring about."""
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.005)


@pytest.mark.parametrize("documents", range(1, 7))
async def test_a_kill_between_any_two_documents_loses_and_doubles_nothing(
    room: Room, monkeypatch: pytest.MonkeyPatch, documents: int
) -> None:
    """The store fails for good after so many documents, as a kill would have it."""
    room.press.print(DAY, {"01": ["a", "b"], "02": ["c"]})
    record, left = archive.record, documents

    async def dying(*arguments: object) -> None:
        nonlocal left
        await record(*arguments)  # type: ignore[arg-type]
        if left == 0:
            raise asyncio.CancelledError
        left -= 1

    monkeypatch.setattr(archive, "record", dying)
    if documents < 6:
        with pytest.raises(asyncio.CancelledError):
            await room.look()
        assert await room.told() == []
    monkeypatch.setattr(archive, "record", record)
    await room.look()
    await room.look()
    assert await room.told() == [COMPLETE]
    assert len((await room.issue(DAY)).articles) == 3


async def test_what_was_read_before_a_kill_is_not_fetched_again(room: Room) -> None:
    room.press.print(DAY, {"01": ["a", "b"], "02": ["c"]})
    room.paper[f"/{DAY}/b"] = Reply(b"x" * 1000, drip=0.05)
    task = asyncio.create_task(room.watch().look("huaian"))
    await until(lambda: f"/{DAY}/b" in room.paper.paths())
    task.cancel()
    await asyncio.wait([task])
    room.press.write(DAY, "b")
    room.asked()
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/b", f"/{DAY}/c"]
    assert await room.told() == [COMPLETE]


async def test_a_stop_is_prompt_though_a_server_drips(room: Room) -> None:
    room.paper["/"] = Reply(b"x" * 1000, drip=0.05)
    async with running(room.watch()):
        await room.paper.heard.wait()
        begun = asyncio.get_running_loop().time()
    assert asyncio.get_running_loop().time() - begun < 0.5


async def test_a_transaction_under_way_is_finished_before_a_stop() -> None:
    begun, go, done = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def transaction() -> None:
        begun.set()
        await go.wait()
        done.set()

    task = asyncio.create_task(unbroken(transaction()))
    await begun.wait()
    task.cancel()
    await asyncio.sleep(0)
    assert not task.done()
    go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert done.is_set()


async def test_looks_come_by_the_clock(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    async with running(room.watch()):
        await until(lambda: len(room.paper.asked) == 3)
        await _asleep(room.clock)
        room.asked()
        await room.clock.advance(565)
        assert room.asked() == []
        await room.clock.advance(10)  # a tenth earlier at most: the chance here is one half
        await until(lambda: room.paper.paths() == ["/"])


async def _asleep(clock: FakeClock) -> None:
    """Waits until the watch sleeps again."""
    before = len(clock.slept)
    await until(lambda: len(clock.slept) > before or bool(clock._sleepers))


async def test_after_a_restart_a_failing_newspaper_is_not_asked_before_its_time(room: Room) -> None:
    room.paper["/"] = Reply(b"", 503, {"Retry-After": "3600"})
    await room.look()
    room.asked()
    async with running(room.watch()):
        await _asleep(room.clock)
        await room.clock.advance(3500)
        assert room.asked() == []
        await room.clock.advance(200)
        await until(lambda: room.paper.paths() == ["/"])


async def test_an_error_that_nobody_expected_is_logged_and_the_watch_goes_on(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    monkeypatch.setattr(archive, "record", lambda *_: 1 / 0)
    with capture_logs() as logs:
        await room.look()
    assert [line["event"] for line in logs if line["log_level"] == "error"] == ["look broke"]
    assert (await room.standing()).failures == 1
    monkeypatch.undo()
    await room.look()
    assert await room.told() == [COMPLETE]


async def test_even_a_store_that_fails_altogether_does_not_end_the_watch(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    watch = room.watch()
    await watch.look("huaian")
    broken = asyncio.Event()

    def fail(*_: object) -> None:
        broken.set()
        raise OSError("disk full")

    monkeypatch.setattr(room.store, "write", fail)
    room.press.print("2024-04-09", {"01": ["b"]})
    async with running(watch):
        await _asleep(room.clock)
        await room.clock.advance(700)
        await asyncio.wait_for(broken.wait(), 5)
        await _asleep(room.clock)
        monkeypatch.undo()
        await room.clock.advance(3700)
        await until(lambda: "/2024-04-09/b" in room.paper.paths())


async def test_each_event_is_one_line_that_says_what_and_where(room: Room) -> None:
    room.press.print(DAY, {"01": ["a", "b"]})
    room.paper[f"/{DAY}/b"] = Reply(b"", 404)
    with capture_logs() as logs:
        await room.look()
    skipped, complete = logs
    assert skipped["event"] == "article skipped"
    assert skipped["url"].endswith(f"/{DAY}/b")
    assert skipped["reason"] == "HTTP 404"
    assert complete["event"] == "issue complete"
    wanted = {"source": "huaian", "key": DAY, "pages": 1, "articles": 1, "skipped": 1}
    assert wanted.items() <= complete.items()


async def test_one_bad_newspaper_slows_no_other(store: Store, clock: FakeClock) -> None:
    async with newspaper() as bad, newspaper() as good:
        bad["/"] = Reply(b"x" * 1000, drip=0.05)
        press = Press(good)
        press.print(DAY, {"01": ["a"]})
        config = FetchConfig(gap="0s", allow_hosts=[bad.host, good.host])
        fetcher = build_fetcher(config, clock)
        watch = Watch(store, fetcher, [_paper("bad", bad), _paper("good", good)], clock)
        async with running(watch):
            await until(lambda: f"/{DAY}/a" in good.paths())
            assert bad.at_once == 1
        await watch.look("good")
        async with store.read() as tx:
            issue = await library.newest_issue(tx, "good")
            assert [e.source for e in await journal.after(tx, 0, 10)] == ["good"]
        assert issue is not None
        assert issue.status is IssueStatus.COMPLETE
        await fetcher.close()


def _paper(name: str, paper: Newspaper) -> tuple[YunbaoSource, JsonSource]:
    values = {"id": name, "kind": "yunbao", "title": name, "url": paper.url("/")}
    return YunbaoSource.model_validate(values), JsonSource(paper.url("/"))


async def test_a_paper_is_known_by_its_new_title_after_a_restart(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.settings["title"] = "淮安晚报"
    await room.look()
    async with room.store.read() as tx:
        paper = await library.paper(tx, "huaian")
    assert paper is not None
    assert paper.title == "淮安晚报"


async def test_counts_that_are_due_wait_when_it_is_time_to_look_for_news(room: Room) -> None:
    room.settings["check_every"] = "10s"
    room.press.print(DAY, {"01": list("abcdef")}, reads=5)
    await room.look()
    room.clock.jump(timedelta(hours=1))
    room.asked()
    whole = room.paper.programs[f"/{DAY}/c"]

    def slow(asked: object) -> Reply:
        room.clock.jump(timedelta(seconds=11))
        return whole(asked)  # type: ignore[operator, arg-type]

    room.paper[f"/{DAY}/c"] = slow
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/01", *(f"/{DAY}/{key}" for key in "abc")]
    await room.look()
    assert room.asked() == ["/", *(f"/{DAY}/{key}" for key in "def")]


async def test_looks_that_find_nothing_cost_the_store_one_line_together(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    watch = room.watch()
    await watch.look("huaian")
    opened = []
    for name in ("read", "write", "write_one"):
        whole = getattr(room.store, name)
        monkeypatch.setattr(
            room.store, name, lambda whole=whole, name=name: opened.append(name) or whole()
        )
    for _ in range(5):
        await watch._look("huaian")
    assert opened == []
    await watch._notes.flush()
    assert opened == ["write_one"]
    await watch._notes.flush()
    assert opened == ["write_one"]


async def test_what_was_not_written_down_yet_is_when_the_watch_is_stopped(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    before = await room.standing()
    room.clock.jump(timedelta(minutes=10))
    async with running(room.watch()):
        await until(lambda: room.paper.paths()[-1] == "/")
        await _asleep(room.clock)
        await asyncio.sleep(0.05)
    assert (await room.standing()).read_at > before.read_at  # type: ignore[operator]


async def test_notes_that_could_not_be_written_are_written_later(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    watch = room.watch()
    await watch.look("huaian")
    room.clock.jump(timedelta(minutes=5))
    await watch._look("huaian")

    def fail(*_: object) -> None:
        raise OSError("disk full")

    monkeypatch.setattr(room.store, "write_one", fail)
    with pytest.raises(OSError, match="disk full"):
        await watch._notes.flush()
    monkeypatch.undo()
    await watch._notes.flush()
    assert (await room.standing()).read_at == room.clock.now()
