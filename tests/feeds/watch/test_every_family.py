"""Every family, watched over real HTTP: an issue whole, the ones that were missed, and nothing twice."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta

import pytest
from pydantic import TypeAdapter

from config.models import FetchConfig
from config.sources import SourceConfig
from feeds.errors import BadStatus
from feeds.explore import explore
from feeds.http import Fetcher, build_fetcher
from feeds.models import EntryKind, Issue
from feeds.sources.table import build_source
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Newspaper, Reply, newspaper
from tests.fakes.papers import FAMILIES, PAGES, Family, stories

MOST = 1024 * 1024  # bytes of an article's text
ADAPTER: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)
each_family = pytest.mark.parametrize("name", FAMILIES)


@dataclass
class Stand:
    """A newspaper of one family, a store, and a watch on it."""

    family: Family
    paper: Newspaper
    config: SourceConfig
    store: Store
    fetcher: Fetcher
    clock: FakeClock

    def print(self, *days: date) -> None:
        for day in days:
            self.family.print(self.paper, day)

    async def look(self) -> None:
        source = build_source(self.config, self.clock)
        await Watch(self.store, self.fetcher, [(self.config, source)], self.clock).look("paper")
        self.clock.jump(timedelta(seconds=1))

    async def issues(self) -> list[Issue]:
        async with self.store.read() as tx:
            keys = await library.issue_keys(tx, "paper")
            found = [await library.issue(tx, "paper", key) for key in keys]
        return [issue for issue in found if issue is not None]

    async def told(self) -> list[EntryKind]:
        async with self.store.read() as tx:
            kinds = [entry.kind for entry in await journal.after(tx, 0, 1000)]
        return [kind for kind in kinds if kind is not EntryKind.READS_RUNG]


@asynccontextmanager
async def stand(name: str, store: Store, clock: FakeClock) -> AsyncIterator[Stand]:
    family = FAMILIES[name]
    async with newspaper() as paper:
        settings = {key: _filled(value, paper) for key, value in family.settings.items()}
        values = {
            "id": "paper",
            "kind": family.kind,
            "title": "青禾日报",
            "url": paper.url(family.url),
        }
        config = ADAPTER.validate_python(values | settings)
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        try:
            yield Stand(family, paper, config, store, fetcher, clock)
        finally:
            await fetcher.close()


def _filled(value: object, paper: Newspaper) -> object:
    return value.replace("$SITE", paper.base) if isinstance(value, str) else value


def today(clock: FakeClock) -> date:
    return clock.now().date()


def assert_whole(issue: Issue, day: date) -> None:
    assert (issue.key, issue.date) == (day.isoformat(), day)
    told = {story.title: story for story in stories(day)}
    assert [article.title for article in issue.articles] == list(told)
    for article in issue.articles:
        assert article.body_text == told[article.title].text
        assert article.url.startswith("http")
    shown = [(page.label, page.name) for page in issue.pages]
    assert shown == list(PAGES)


@each_family
async def test_an_issue_is_read_whole_and_announced_once(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock) as here:
        here.print(today(clock))
        await here.look()
        await here.look()
        assert await here.told() == [EntryKind.ISSUE_COMPLETE]
        (issue,) = await here.issues()
        assert_whole(issue, today(clock))


@each_family
async def test_issues_that_came_out_while_nobody_looked_are_found(
    name: str, store: Store, clock: FakeClock
) -> None:
    days = [today(clock) + timedelta(days=n) for n in range(-1, 3)]
    async with stand(name, store, clock) as here:
        here.print(*days[:2])
        await here.look()
        here.clock.jump(timedelta(days=2))
        here.print(*days[2:])
        await here.look()
        found = await here.issues()
    assert [issue.date for issue in found] == [days[3], days[2], days[1]]
    for issue in found:
        assert_whole(issue, issue.date)


@each_family
async def test_exploring_shows_the_newest_issue_and_its_first_article(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock) as here:
        here.print(today(clock) - timedelta(days=1), today(clock))
        found = await explore(build_source(here.config, clock), here.fetcher)
    assert found.issue.date == today(clock)
    assert found.article is not None
    assert found.article.title == stories(today(clock))[0].title
    assert found.article.found_by["title"]


async def test_exploring_passes_over_an_article_that_is_gone(
    store: Store, clock: FakeClock
) -> None:
    day = today(clock)
    first, second, *_ = stories(day)
    async with stand("founder: classic", store, clock) as here:
        here.print(day)
        del here.paper.programs[f"/html/{day:%Y-%m/%d}/content_{first.number}.htm"]
        found = await explore(build_source(here.config, clock), here.fetcher)
        assert found.article is not None
        assert found.article.title == second.title
        for story in stories(day)[1:]:
            del here.paper.programs[f"/html/{day:%Y-%m/%d}/content_{story.number}.htm"]
        with pytest.raises(BadStatus, match=str(first.number)):
            await explore(build_source(here.config, clock), here.fetcher)


async def test_case_094_an_article_of_many_pages_is_stored_to_1_mib_and_marked_and_is_no_correction_later(
    store: Store, clock: FakeClock
) -> None:
    async with stand("founder: classic", store, clock) as here:
        day = today(clock)
        here.print(day)
        long = stories(day)[0].text
        for path, program in here.paper.programs.items():
            if isinstance(program, Reply) and f"{long}</P>".encode() in program.body:
                body = program.body.replace(long.encode(), f"{long}</P><P>".encode() * 6000)
                here.paper[path] = replace(program, body=body)
        await here.look()
        here.clock.jump(timedelta(hours=24))
        await here.look()
        (issue,) = await here.issues()
        first, *others = issue.articles
        assert MOST - 3 <= len(first.body_text.encode()) <= MOST
        assert [article.is_cut for article in issue.articles] == [True, False, False]
        assert [article.body_text for article in others] == [s.text for s in stories(day)[1:]]
        assert (first.revision, await here.told()) == (1, [EntryKind.ISSUE_COMPLETE])
