"""An upstream feed, watched over real HTTP: entries as they come, a day's issue at midnight, nothing twice."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from config.models import FetchConfig
from config.sources import FeedSource
from feeds.http import Fetcher, build_fetcher
from feeds.models import Article, EntryKind, IssueStatus
from feeds.sources.base import Source
from feeds.sources.table import build_source
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.watch import Ending, Goal, Watch, walk_back
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Newspaper, Reply, newspaper

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY, TUESDAY = "2024-04-08", "2024-04-09"  # the clock begins at 14:00 of the first
ADDED, COMPLETE = EntryKind.ARTICLE_ADDED, EntryKind.ISSUE_COMPLETE


@dataclass
class Upstream:
    """A feed that others write: guid → when, title; newest last."""

    paper: Newspaper
    store: Store
    fetcher: Fetcher
    clock: FakeClock
    entries: dict[str, tuple[str | None, str]] = field(default_factory=dict)

    def write(self, guid: str, when: str | None, title: str = "") -> None:
        self.entries[guid] = (when, title or f"标题{guid}")
        items = "".join(
            f"<item><guid>{guid}</guid><title>{title}</title><link>{self.paper.url(f'/{guid}.html')}</link>"
            + (f"<pubDate>{_rfc822(when)}</pubDate>" if when else "")
            + f"<description>{title}说的是两岸的老屋。</description></item>"
            for guid, (when, title) in reversed(self.entries.items())
        )
        text = f'<rss version="2.0"><channel><title>青禾网</title>{items}</channel></rss>'
        self.paper["/rss.xml"] = Reply(text.encode(), headers={"Content-Type": "text/xml"})

    def write_atom(self, *entries: tuple[str, str, str]) -> None:
        """A feed whose entries (id, updated, text) say when they were last touched and no more."""
        told = "".join(
            f"<entry><id>{key}</id><title>标题{key}</title><link href='/{key}.html'/>"
            f"<updated>{when}+08:00</updated><content>{text}</content></entry>"
            for key, when, text in entries
        )
        atom = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>青禾网</title>{told}</feed>'
        self.paper["/rss.xml"] = Reply(atom.encode(), headers={"Content-Type": "text/xml"})

    def named(self) -> tuple[FeedSource, Source]:
        url = self.paper.url("/rss.xml")
        config = FeedSource(id="upstream", kind="feed", title="青禾网", url=url)
        return config, build_source(config, self.clock)

    async def walk(self) -> Ending:
        """Back to the fifth of April."""
        goal = Goal(since=date(2024, 4, 5))
        paper = self.named()
        return await walk_back(
            self.store, self.fetcher, paper, self.clock, goal, lambda _step: None
        )

    async def look(self) -> None:
        await Watch(self.store, self.fetcher, [self.named()], self.clock).look("upstream")
        self.clock.jump(timedelta(seconds=1))

    def until(self, moment: str) -> None:
        there = datetime.fromisoformat(moment).replace(tzinfo=ZONE)
        self.clock.jump(there - self.clock.now())

    async def told(self) -> list[EntryKind]:
        async with self.store.read() as tx:
            return [entry.kind for entry in await journal.after(tx, 0, 1000)]

    async def articles(self, key: str) -> dict[str, Article]:
        """The articles of an issue by their keys."""
        async with self.store.read() as tx:
            issue = await library.issue(tx, "upstream", key)
        assert issue is not None
        return {article.key: article for article in issue.articles}

    async def shown(self) -> dict[str, list[str]]:
        """The keys of the articles, by issue."""
        async with self.store.read() as tx:
            keys = await library.issue_keys(tx, "upstream")
            found = [await library.issue(tx, "upstream", key) for key in keys]
        return {issue.key: [a.key for a in issue.articles] for issue in found if issue is not None}


def _rfc822(when: str) -> str:
    return f"{datetime.fromisoformat(when):%a, %d %b %Y %H:%M:%S} +0800"


@pytest.fixture
async def upstream(store: Store, clock: FakeClock) -> AsyncIterator[Upstream]:
    async with newspaper() as paper:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        try:
            yield Upstream(paper, store, fetcher, clock)
        finally:
            await fetcher.close()


async def test_entries_are_told_as_they_come_and_the_day_as_an_issue(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00")
    upstream.write("2", f"{MONDAY}T09:00:00")
    await upstream.look()
    upstream.write("3", f"{MONDAY}T15:00:00")
    upstream.until(f"{MONDAY}T15:05:00")
    await upstream.look()
    await upstream.look()
    assert await upstream.told() == [ADDED] * 3
    upstream.until(f"{TUESDAY}T00:05:00")
    await upstream.look()
    assert await upstream.told() == [ADDED, ADDED, ADDED, COMPLETE]
    assert set((await upstream.shown())[MONDAY]) == {"1", "2", "3"}


async def test_days_before_the_first_look_are_not_told(upstream: Upstream) -> None:
    upstream.write("0", "2024-04-05T08:00:00")
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    assert list(await upstream.shown()) == [MONDAY]


async def test_an_entry_of_the_last_minute_is_not_lost(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    upstream.write("2", f"{MONDAY}T23:59:00")
    upstream.write("3", f"{TUESDAY}T00:01:00")
    upstream.until(f"{TUESDAY}T00:05:00")
    await upstream.look()
    upstream.until(f"{TUESDAY}T01:00:00")
    await upstream.look()
    assert {key: set(held) for key, held in (await upstream.shown()).items()} == {
        MONDAY: {"1", "2"},
        TUESDAY: {"3"},
    }


async def test_days_that_came_while_nobody_looked_are_found_in_the_feed(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    for day in (9, 10, 11):
        upstream.write(f"{day}", f"2024-04-{day:02}T08:00:00")
    upstream.until("2024-04-11T12:00:00")
    await upstream.look()
    assert sorted(await upstream.shown()) == [MONDAY, TUESDAY, "2024-04-10", "2024-04-11"]


async def test_entries_without_dates_belong_to_the_day_on_which_they_were_first_seen(
    upstream: Upstream,
) -> None:
    upstream.write("1", None)
    await upstream.look()
    for day in (9, 10):
        upstream.until(f"2024-04-{day:02}T12:00:00")
        await upstream.look()
    upstream.write("2", None)
    await upstream.look()
    upstream.until("2024-04-11T12:00:00")
    await upstream.look()
    assert (await upstream.shown()) == {
        MONDAY: ["1"],
        "2024-04-10": ["2"],
    }
    assert await upstream.told() == [ADDED, COMPLETE, ADDED, COMPLETE]


async def test_an_entry_under_a_new_date_is_no_new_article(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    upstream.until(f"{TUESDAY}T12:00:00")
    upstream.write("1", f"{TUESDAY}T11:00:00")
    upstream.write("2", f"{TUESDAY}T11:30:00")
    await upstream.look()
    assert (await upstream.shown()) == {MONDAY: ["1"], TUESDAY: ["2"]}


async def test_entries_that_leave_the_feed_stay_in_the_archive(upstream: Upstream) -> None:
    for number in range(5):
        upstream.write(f"{number}", f"{MONDAY}T08:0{number}:00")
    await upstream.look()
    upstream.entries.clear()
    upstream.write("9", f"{TUESDAY}T08:00:00")
    for hours in range(4):
        upstream.until(f"{TUESDAY}T1{hours}:00:00")
        await upstream.look()
    assert len((await upstream.shown())[MONDAY]) == 5
    assert set(await upstream.told()) == {ADDED, COMPLETE}


async def test_a_corrected_entry_is_a_correction(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00", "旧标题")
    await upstream.look()
    upstream.write("1", f"{MONDAY}T08:00:00", "新标题")
    await upstream.look()
    assert await upstream.told() == [ADDED, EntryKind.ARTICLE_CORRECTED]


async def test_an_edit_after_midnight_corrects_the_article_in_the_issue_in_which_it_came(
    upstream: Upstream,
) -> None:
    """An entry that says only when it was updated stands under today's date once it was edited."""
    first = f"{MONDAY}T20:00:00"
    upstream.write_atom(("a", first, "老屋共有三间。"), ("b", first, "水位平稳。"))
    await upstream.look()
    edited = ("a", f"{TUESDAY}T00:30:00", "老屋共有五间。")
    upstream.until(f"{TUESDAY}T00:35:00")
    upstream.write_atom(edited, ("b", first, "水位平稳。"))
    await upstream.look()
    await upstream.look()
    assert await upstream.shown() == {MONDAY: ["a", "b"]}
    assert (await upstream.told()).count(EntryKind.ARTICLE_CORRECTED) == 1
    article = (await upstream.articles(MONDAY))["a"]
    assert (article.body_text, article.revision) == ("老屋共有五间。", 2)
    assert article.published == datetime(2024, 4, 8, 20, tzinfo=ZONE)  # when it came stays
    upstream.until(f"{TUESDAY}T09:00:00")
    upstream.write_atom(("c", f"{TUESDAY}T08:00:00", "早市开张。"), edited)
    await upstream.look()
    assert await upstream.shown() == {MONDAY: ["a", "b"], TUESDAY: ["c"]}
    assert (await upstream.told()).count(EntryKind.ARTICLE_CORRECTED) == 1


async def test_an_edit_that_came_with_the_days_news_is_a_correction_too(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00", "旧标题")
    await upstream.look()
    upstream.until(f"{TUESDAY}T12:00:00")
    upstream.write("1", f"{TUESDAY}T11:00:00", "新标题")
    upstream.write("2", f"{TUESDAY}T11:30:00")
    await upstream.look()
    assert await upstream.shown() == {MONDAY: ["1"], TUESDAY: ["2"]}
    assert (await upstream.articles(MONDAY))["1"].title == "新标题"
    assert await upstream.told() == [ADDED, EntryKind.ARTICLE_CORRECTED, COMPLETE, ADDED]


async def test_a_day_that_has_only_entries_of_others_is_walked_over(upstream: Upstream) -> None:
    upstream.write("0", "2024-04-05T08:00:00")
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    upstream.until("2024-04-10T12:00:00")
    upstream.write("1", f"{TUESDAY}T08:00:00")  # touched
    upstream.write("2", "2024-04-10T08:00:00")
    await upstream.look()
    assert await upstream.walk() is Ending.DONE
    assert list(await upstream.shown()) == ["2024-04-10", MONDAY, "2024-04-05"]


async def test_an_issue_is_open_until_midnight(upstream: Upstream) -> None:
    upstream.write("1", f"{MONDAY}T08:00:00")
    await upstream.look()
    async with upstream.store.read() as tx:
        issue = await library.issue(tx, "upstream", MONDAY)
    assert issue is not None
    assert (issue.status, issue.date) == (IssueStatus.OPEN, date(2024, 4, 8))
