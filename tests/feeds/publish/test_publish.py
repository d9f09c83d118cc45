"""Publishing: the files follow the journal, heal by themselves, and never disturb each other."""

import asyncio
import json
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import feedparser
import pytest
from sqlalchemy import delete, select, update

from config.models import Settings
from feeds.models import ArticleKind, EntryKind, NewEntry, Paper
from feeds.publish import Publisher
from feeds.shelf import Shelf
from feeds.store import journal, meta, pruning, tables
from feeds.store.engine import Store
from tests.fakes.archive import HUAIAN, fill, make_article, make_issue, make_page, simple_issue
from tests.fakes.clock import FakeClock
from tests.fakes.settings import two_papers

DAY = date(2024, 4, 8)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
NAMES = ["huaian.atom", "huaian.json", "huaian.rss"]
ISSUES = ["huaian.issues.atom", "huaian.issues.json", "huaian.issues.rss"]
OF_ALL = ["all.papers.atom", "all.papers.json", "all.papers.rss"]
FIXTURES = ["feeds.issues.opml", "feeds.opml", "icon.png", "style.css"]


def feeds(settings: Settings) -> Path:
    return settings.data_dir / "feeds"


def written(settings: Settings) -> list[str]:
    return sorted(p.name for p in feeds(settings).glob("[!.]*") if p.is_file())


def ids(settings: Settings, name: str = "huaian.rss") -> list[str]:
    return [e.id for e in feedparser.parse((feeds(settings) / name).read_bytes()).entries]


@asynccontextmanager
async def running(publisher: Publisher) -> AsyncIterator[None]:
    task = asyncio.create_task(publisher.run())
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def until(true: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not true():
            await asyncio.sleep(0.01)


async def test_feeds_are_written_as_files_and_held_in_memory(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()

    assert written(settings) == sorted([*OF_ALL, *FIXTURES, *ISSUES, *NAMES])
    for name in [*OF_ALL, *ISSUES, *NAMES]:
        body = publisher.body(name)
        assert body is not None
        assert body.data == (feeds(settings) / name).read_bytes()
    assert publisher.body("chuzhou.rss") is None


async def test_a_new_issue_rings_and_is_published(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    await fill(store)
    publisher = Publisher(store, settings, clock)

    async with running(publisher):
        await fill(store, issues=[simple_issue(DAY)])
        await until(lambda: publisher.body("huaian.rss") is not None)

    assert len(ids(settings)) == 3


async def test_the_two_newest_issues_are_whole_however_large(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    days = [DAY - timedelta(days=n) for n in range(3)]
    await fill(store, issues=[simple_issue(day, 213) for day in days])
    await Publisher(store, settings, clock).catch_up()

    found = ids(settings)
    assert len(found) == 426
    assert {i.split("/")[1] for i in found} == {days[0].isoformat(), days[1].isoformat()}


async def test_small_issues_fill_the_feed_up_even_where_much_is_skipped(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path, more="feeds: {entries: 10}", huaian="skip: [ad]")
    issues = []
    for n in range(12):
        day = DAY - timedelta(days=n)
        page = make_page(
            "01", [make_article(f"ad{n}", kind=ArticleKind.AD), make_article(f"news{n}")]
        )
        issues.append(make_issue(day, [page]))
    await fill(store, issues=issues)
    await Publisher(store, settings, clock).catch_up()

    found = ids(settings)
    assert len(found) >= 10
    assert not any("/ad" in i for i in found)


async def test_nothing_new_leaves_every_file_untouched_even_after_a_restart(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, settings, clock).catch_up()
    before = {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in feeds(settings).iterdir()}
    clock.jump(timedelta(days=1))
    again = Publisher(store, settings, clock)
    await again.catch_up()
    await again.catch_up()

    after = {p.name: (p.stat().st_ino, p.stat().st_mtime_ns) for p in feeds(settings).iterdir()}
    assert after == before
    assert await again.fetch("huaian.rss") is not None


async def test_a_read_count_changes_no_byte(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()
    before = publisher.body("huaian.rss")
    async with store.write() as tx:
        await tx.execute(update(tables.articles).values(reads=231, reads_exact=True))
        rung = NewEntry(EntryKind.READS_RUNG, "huaian", data={"rung": 200})
        await journal.append(tx, [rung], clock.now())
    (feeds(settings) / ".cursor.json").unlink()
    again = Publisher(store, settings, clock)
    await again.catch_up()

    assert again.body("huaian.rss") == before


async def test_a_correction_keeps_its_id_and_moves_updated(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()
    before = ids(settings)
    corrected = datetime(2024, 4, 9, 1, 0, tzinfo=UTC)
    async with store.write() as tx:
        await tx.execute(
            update(tables.articles)
            .where(tables.articles.c.key == "0408-2")
            .values(title="更正后的题目", revision=2, updated_at=corrected)
        )
        issue_id = (await tx.execute(select(tables.issues.c.id))).scalar_one()
        news = NewEntry(EntryKind.ARTICLE_CORRECTED, "huaian", issue_id)
        await journal.append(tx, [news], corrected)
    await publisher.catch_up()

    feed = feedparser.parse((feeds(settings) / "huaian.atom").read_bytes())
    assert ids(settings) == before
    assert feed.entries[1].title == "更正后的题目"
    assert feed.entries[1].updated_parsed[:4] == (2024, 4, 9, 1)
    body = publisher.body("huaian.rss")
    assert body is not None
    assert body.modified == corrected


async def test_ids_survive_new_addresses_and_titles_and_a_restart(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    await fill(store, issues=[simple_issue(DAY)])
    first = two_papers(tmp_path)
    await Publisher(store, first, clock).catch_up()
    before = ids(first)
    clock.jump(timedelta(days=400))
    later = two_papers(tmp_path, public_url="http://127.0.0.1:9999/other/")
    await Publisher(store, later, clock).catch_up()

    assert ids(later) == before
    assert b"9999/other/feeds/huaian.rss" in (feeds(later) / "huaian.rss").read_bytes()


async def test_a_changed_setting_is_newer_for_readers_that_ask_by_date(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, two_papers(tmp_path), clock).catch_up()
    publisher = Publisher(store, two_papers(tmp_path, huaian="rights: 经授权"), clock)
    await publisher.catch_up()

    body = publisher.body("huaian.rss")
    assert body is not None
    assert body.modified == clock.now()


async def test_the_operators_authority_wins_and_is_kept(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    await fill(store, issues=[simple_issue(DAY)])
    named = two_papers(tmp_path, more="feeds: {id_authority: news.example.org}")
    await Publisher(store, named, clock).catch_up()
    assert ids(named)[0] == "tag:news.example.org,2024-04-08:huaian/2024-04-08/0408-1"

    clock.jump(timedelta(days=400))
    unnamed = two_papers(tmp_path)
    await Publisher(store, unnamed, clock).catch_up()
    assert ids(unnamed)[0] == "tag:news.example.org,2024-04-08:huaian/2024-04-08/0408-1"


async def test_two_archives_never_mint_the_same_authority(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    await Publisher(store, two_papers(tmp_path), clock).catch_up()
    async with store.write() as tx:
        first = await meta.get(tx, "id_authority")
        await tx.execute(delete(tables.meta))
    await Publisher(store, two_papers(tmp_path), clock).catch_up()
    async with store.read() as tx:
        assert await meta.get(tx, "id_authority") != first


@pytest.mark.parametrize("gone", ["huaian.rss", "huaian.json", ".cursor.json"])
async def test_a_deleted_file_is_back_after_the_next_start(
    store: Store, clock: FakeClock, tmp_path: Path, gone: str
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, settings, clock).catch_up()
    before = (feeds(settings) / "huaian.rss").read_bytes()
    (feeds(settings) / gone).unlink()
    await Publisher(store, settings, clock).catch_up()

    assert (feeds(settings) / gone).exists()
    assert (feeds(settings) / "huaian.rss").read_bytes() == before


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "{}",
        "[]",
        "null",
        "\x00",
        '{"archive": "another", "seq": 1, "recipes": {}}',
        '{"seq": "x"}',
    ],
)
async def test_a_cursor_that_is_foreign_or_broken_writes_everything_again(
    store: Store, clock: FakeClock, tmp_path: Path, cursor: str
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, settings, clock).catch_up()
    (feeds(settings) / "huaian.rss").write_bytes(b"left over from elsewhere")
    (feeds(settings) / ".cursor.json").write_text(cursor, encoding="utf-8")
    await Publisher(store, settings, clock).catch_up()

    assert len(ids(settings)) == 3
    assert json.loads((feeds(settings) / ".cursor.json").read_bytes())["seq"] == 1


@pytest.mark.parametrize("change", [{"seq": 99}, {"archive": "another"}], ids=["future", "foreign"])
async def test_feeds_that_follow_another_archive_or_a_lost_future_are_rewritten(
    store: Store, clock: FakeClock, tmp_path: Path, change: dict[str, object]
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, settings, clock).catch_up()
    cursor = json.loads((feeds(settings) / ".cursor.json").read_bytes())
    (feeds(settings) / ".cursor.json").write_text(json.dumps(cursor | change))
    (feeds(settings) / "huaian.rss").write_bytes(b"of issues that this archive does not have")
    await Publisher(store, settings, clock).catch_up()

    assert len(ids(settings)) == 3


async def test_feeds_that_are_behind_what_the_journal_keeps_are_rewritten(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    """As another machine's are that was away for months: what it was not told is told nowhere any more."""
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    await Publisher(store, settings, clock).catch_up()
    await fill(store, issues=[simple_issue(DAY + timedelta(days=1))])
    async with store.write() as tx:
        await journal.move(tx, "all", journal.Cursor(2))
        assert await pruning.drop_entries(tx, 2, clock.now() + timedelta(days=999), 99) == 2
    await Publisher(store, settings, clock).catch_up()

    assert len(ids(settings)) == 6


async def test_a_paper_that_fails_keeps_its_feeds_and_stops_nobody(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, [HUAIAN, CHUZHOU])
    feeds(settings).mkdir(parents=True)
    (feeds(settings) / ".huaian.rss.draft").mkdir()  # its file cannot be written
    publisher = Publisher(store, settings, clock)
    await fill(store, issues=[simple_issue(DAY), simple_issue(DAY, source="chuzhou")])
    await publisher.catch_up()

    assert publisher.body("huaian.rss") is None
    assert len(ids(settings, "chuzhou.rss")) == 3

    (feeds(settings) / ".huaian.rss.draft").rmdir()
    await publisher.catch_up()
    assert len(ids(settings)) == 3


async def test_a_paper_taken_out_of_the_settings_keeps_its_feeds(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    old = Paper("old", "旧报", "http://old.test/", "Asia/Shanghai")
    settings = two_papers(tmp_path)
    await fill(store, [HUAIAN, old], [simple_issue(DAY)])
    feeds(settings).mkdir(parents=True)
    for name in ("old.rss", "old.atom", "old.json"):
        (feeds(settings) / name).write_bytes(b"as it was")
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()

    body = await publisher.fetch("old.rss")
    assert body is not None
    assert body.data == b"as it was"
    assert (feeds(settings) / "old.rss").read_bytes() == b"as it was"


async def test_a_draft_left_by_a_crash_is_no_feed(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path)
    feeds(settings).mkdir(parents=True)
    (feeds(settings) / ".huaian.rss.draft").write_bytes(b"<rss><chan")
    await fill(store, issues=[simple_issue(DAY)])
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()

    assert len(ids(settings)) == 3
    assert publisher.body(".huaian.rss.draft") is None


async def test_the_bytes_are_on_the_disk_before_the_name_points_at_them(
    store: Store, clock: FakeClock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = two_papers(tmp_path)
    await fill(store, issues=[simple_issue(DAY)])
    steps: list[str] = []
    fsync, replace = os.fsync, Path.replace

    def noted_fsync(handle: int) -> None:
        steps.append("fsync")
        fsync(handle)

    def noted_replace(self: Path, target: Path) -> Path:
        steps.append(f"replace {target.name}")
        return replace(self, target)

    monkeypatch.setattr(os, "fsync", noted_fsync)
    monkeypatch.setattr(Path, "replace", noted_replace)
    await Publisher(store, settings, clock).catch_up()

    order = [step.removeprefix("replace ") for step in steps if step.startswith("replace")]
    assert sorted(order) == sorted([*FIXTURES, *NAMES, *ISSUES, *OF_ALL, ".cursor.json"])
    assert order[-1] == ".cursor.json"
    assert steps == [step for name in order for step in ("fsync", f"replace {name}", "fsync")]


async def test_memory_holds_what_is_asked_for_and_the_rest_stays_on_the_disk(
    clock: FakeClock, tmp_path: Path
) -> None:
    shelf = Shelf(tmp_path, {"rss": "application/rss+xml"}, budget=5000)
    for n in range(5):
        await shelf.put(f"p{n}.rss", bytes([n]) * 2000, clock.now(), clock.now())

    assert [shelf.body(f"p{n}.rss") is not None for n in range(5)] == [False] * 3 + [True] * 2
    body = await shelf.fetch("p0.rss")
    assert body is not None
    assert body.data == bytes(2000)
    assert shelf.body("p3.rss") is None
    assert await shelf.tag("p3.rss") is not None
    assert shelf.body("p3.rss") is None
    await shelf.remove("p3.rss")
    assert await shelf.tag("p3.rss") is None
