"""Disks that fill up, files that are damaged, clocks that jump, descriptors that run out."""

import asyncio
import os
import resource
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager, suppress
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import event, text
from structlog.testing import capture_logs

from config.models import FetchConfig
from config.sources import YunbaoSource
from feeds.errors import StoreError, Unreachable
from feeds.http import build_fetcher
from feeds.models import EntryKind, Request
from feeds.sources.table import build_source
from feeds.store import build, journal, library, meta
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import Press
from tests.fakes.newspaper import newspaper, page
from tests.fakes.watching import Room

DAY = "2024-04-08"
COMPLETE = EntryKind.ISSUE_COMPLETE


@pytest.fixture
async def room(tmp_path: Path, clock: FakeClock) -> AsyncIterator[Room]:
    """A watched newspaper on SQLite."""
    store = await open_store(tmp_path / "var", None)
    async with newspaper() as paper:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        yield Room(paper, Press(paper), store, fetcher, clock)
        await fetcher.close()
    await store.close()


@contextmanager
def full_disk(store: Store, pages: int) -> Iterator[None]:
    """A disk with room for so many pages more: SQLite itself says that it is full."""

    def limit(connection: object) -> None:
        held = connection.exec_driver_sql("PRAGMA page_count").scalar()  # type: ignore[attr-defined]
        room.setdefault("limit", held + pages)
        connection.exec_driver_sql(f"PRAGMA max_page_count = {room['limit']}")  # type: ignore[attr-defined]

    def free(connection: object) -> None:
        connection.exec_driver_sql("PRAGMA max_page_count = 1000000")  # type: ignore[attr-defined]

    room: dict[str, int] = {}
    event.listen(store.engine.sync_engine, "begin", limit)
    try:
        yield
    finally:
        event.remove(store.engine.sync_engine, "begin", limit)
        event.listen(store.engine.sync_engine, "begin", free)


@pytest.mark.parametrize("pages", [0, 1, 2, 3, 5, 8, 13])
async def test_case_151_152_a_full_disk_at_any_write_loses_and_doubles_nothing(
    room: Room, pages: int
) -> None:
    room.press.print(DAY, {"01": [f"k{n}" for n in range(12)]})
    for number in range(12):
        room.press.write(DAY, f"k{number}", body=f"正文{number}。" * 400)
    watch = room.watch()
    with full_disk(room.store, pages), capture_logs():
        for _ in range(2):
            with suppress(
                Exception
            ):  # not even the failure can be noted: the watch waits and goes on
                await watch.look("huaian")
        assert COMPLETE not in await room.told()
    await watch.look("huaian")
    assert await room.told() == [COMPLETE]
    assert len((await room.issue(DAY)).articles) == 12


async def test_case_154_a_read_and_a_write_in_one_transaction_wait_for_their_turn(
    tmp_path: Path,
) -> None:
    """Two processes on one file: a deferred upgrade from reading to writing would fail at once."""
    one, other = await open_store(tmp_path, None), await open_store(tmp_path, None)
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with one.write() as tx:
            await meta.put(tx, "a", "1")
            begun.set()
            await go.wait()

    async def quick() -> None:
        async with other.write() as tx:
            await meta.put(tx, "b", str(await meta.get(tx, "a")))

    first = asyncio.create_task(slow())
    await begun.wait()
    second = asyncio.create_task(quick())
    await asyncio.sleep(0.05)
    go.set()
    await asyncio.gather(first, second)
    async with one.read() as tx:
        assert await meta.get(tx, "b") == "1"
    await one.close()
    await other.close()


async def test_case_159_what_is_acknowledged_is_on_the_disk(tmp_path: Path) -> None:
    store = await open_store(tmp_path, None)
    async with store.read() as tx:
        full, mode = [
            (await tx.execute(text(f"PRAGMA {name}"))).scalar_one()
            for name in ("synchronous", "journal_mode")
        ]
    await store.close()
    assert (full, mode) == (2, "wal")


async def test_case_156_a_database_with_a_damaged_page_is_kept_and_not_written_to(
    tmp_path: Path,
) -> None:
    store = await open_store(tmp_path, None)
    async with store.write() as tx:
        for number in range(200):
            await meta.put(tx, f"name{number}", "x" * 500)
    await store.close()
    file = tmp_path / build.FILE_NAME
    raw = bytearray(file.read_bytes())
    raw[-40_000:] = os.urandom(40_000)
    file.write_bytes(raw)
    with pytest.raises(StoreError, match="备份"):
        await open_store(tmp_path, None)
    assert file.read_bytes() == raw


NOBODY = 65534


@contextmanager
def as_somebody_else() -> Iterator[None]:
    """Root may write everywhere; the kernel asks for the effective user."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(NOBODY)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.mark.parametrize("what", ["folder", "file"])
async def test_case_155_a_place_that_cannot_be_written_is_named(tmp_path: Path, what: str) -> None:
    place = tmp_path / "var"
    await (await open_store(place, None)).close()
    if what == "folder":
        for file in place.iterdir():
            file.unlink()
    for path in (*place.iterdir(), place):
        path.chmod(0o555 if path.is_dir() else 0o444)
    for path in (tmp_path, *tmp_path.parents[:-1]):
        path.chmod(path.stat().st_mode | 0o055)
    with as_somebody_else(), pytest.raises(StoreError, match="没有写入的权限") as caught:
        await open_store(place, None)
    assert str(place) in str(caught.value)


@pytest.mark.parametrize("jump", [timedelta(hours=-1), timedelta(hours=1), timedelta(days=365),
                                  timedelta(days=-3650), timedelta(days=3650)])  # fmt: skip
async def test_case_160_a_clock_that_jumps_tells_nothing_twice_and_stops_nothing(
    room: Room, jump: timedelta
) -> None:
    room.press.print(DAY, {"01": ["a", "b"]}, reads=5)
    await room.look()
    room.clock.jump(jump)
    for _ in range(3):
        room.clock.jump(timedelta(minutes=10))
        await room.look()
    room.clock.jump(-jump)
    for _ in range(3):
        room.clock.jump(timedelta(minutes=10))
        await room.look()
    assert [kind for kind in await room.told() if kind is COMPLETE] == [COMPLETE]
    at = (await room.standing()).next_look_at
    assert at is not None
    assert at <= room.clock.now() + timedelta(minutes=10)
    room.press.print("2024-04-09", {"01": ["c"]})
    await room.look()
    assert [kind for kind in await room.told() if kind is COMPLETE] == [COMPLETE, COMPLETE]


async def test_case_164_without_a_free_descriptor_a_fetch_is_soft_and_recovers() -> None:
    async with newspaper() as paper:
        paper["/"] = page("春耕")
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), FakeClock())
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        used = max(int(path.name) for path in Path("/proc/self/fd").iterdir())
        blockers = [os.dup(0)]
        while blockers[-1] <= used:  # until no hole is left below
            blockers.append(os.dup(0))
        resource.setrlimit(resource.RLIMIT_NOFILE, (blockers[-1] + 1, hard))
        try:
            with pytest.raises(Unreachable):
                await fetcher.fetch(Request(paper.url("/")), robots=False)
        finally:
            resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
            for descriptor in blockers:
                os.close(descriptor)
        await fetcher.fetch(Request(paper.url("/")), robots=False)
        await fetcher.close()


DIRTY = (
    "<html><body><div>内容详情</div><p>2024年04月08日</p><h1>春\0耕\x07&#xD800;\ufffe</h1><p>阅读数:231</p>"
    "<p>融媒体记者\0</p><p>全区春耕\0生产\x0b全面展开。\u202e</p></body></html>"
)


async def test_case_064_065_169_what_no_database_takes_is_cleaned_before(
    store: Store, clock: FakeClock
) -> None:
    async with newspaper() as paper:
        listing = '<html><body><p>2024年04月08日</p><p>第01版 要闻</p><a href="/detail?id=1">春耕生产</a></body></html>'
        paper["/"], paper["/detail?id=1"] = page(listing), page(DIRTY)
        values = {"id": "p", "kind": "yunbao", "title": "p", "url": paper.url("/")}
        config = YunbaoSource.model_validate(values)
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        await Watch(store, fetcher, [(config, build_source(config))], clock).look("p")
        await fetcher.close()
    async with store.read() as tx:
        issue = await library.newest_issue(tx, "p")
        assert (await journal.after(tx, 0, 9))[0].kind is COMPLETE
    assert issue is not None
    assert "春耕" in issue.articles[0].title
    assert "全区春耕生产全面展开。" in issue.articles[0].body_text
