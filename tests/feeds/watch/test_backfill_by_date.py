"""Walking back through newspapers whose pages link no issue before: day by day, by their addresses."""

import asyncio
from collections.abc import AsyncIterator, Coroutine, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from typing import Any

import pytest
from pydantic import TypeAdapter

from config.models import FetchConfig
from config.sources import SourceConfig
from feeds.errors import NotReadable
from feeds.http import Fetcher, build_fetcher
from feeds.sources.table import build_source
from feeds.store import library
from feeds.store.engine import Store
from feeds.watch import Ending, Goal, Passed, Step, Watch, walk_back
from feeds.watch.backfill import MOST_MISSING
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.papers import FAMILIES, Family

ADAPTER: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)
DATED = [name for name, family in FAMILIES.items() if family.kind != "json"]
NEWEST = date(2024, 4, 8)  # the clock's day, a Monday
each = pytest.mark.parametrize("name", DATED)
a_paper = pytest.mark.parametrize("name", ["html: qpaper"])


@dataclass
class Stand:
    """A newspaper that links no issue before, and the archive of one who walks back through it."""

    family: Family
    paper: Newspaper
    config: SourceConfig
    store: Store
    fetcher: Fetcher
    clock: FakeClock

    steps: list[Step] = field(default_factory=list)

    async def walk(self, passed: Passed | None = None, **goal: object) -> Ending:
        paper = (self.config, build_source(self.config, self.clock))
        wanted = Goal(**goal)  # type: ignore[arg-type]
        tell = self.steps.append
        return await walk_back(self.store, self.fetcher, paper, self.clock, wanted, tell, passed)

    async def look(self) -> None:
        source = build_source(self.config, self.clock)
        await Watch(self.store, self.fetcher, [(self.config, source)], self.clock).look("paper")
        self.clock.jump(timedelta(seconds=1))

    def print(self, *backs: int) -> None:
        for back in backs:
            self.family.print(self.paper, NEWEST - timedelta(days=back))
        _unlink(self.paper)

    async def days(self) -> list[date]:
        async with self.store.read() as tx:
            keys = await library.issue_keys(tx, "paper")
        return [date.fromisoformat(key) for key in keys]

    def asked(self) -> list[str]:
        paths = self.paper.paths()
        self.paper.asked.clear()
        return paths


@asynccontextmanager
async def stand(
    name: str, store: Store, clock: FakeClock, backs: Sequence[int], kind: str | None = None
) -> AsyncIterator[Stand]:
    """One that printed so many days back from today."""
    family = FAMILIES[name]
    async with newspaper() as paper:
        for back in sorted(backs, reverse=True):
            family.print(paper, NEWEST - timedelta(days=back))
        _unlink(paper)
        settings = {
            key: value.replace("$SITE", paper.base) if isinstance(value, str) else value
            for key, value in family.settings.items()
        }
        own = {"id": "paper", "title": "青禾日报", "url": paper.url(family.url)}
        told = own | (settings | {"kind": family.kind} if kind is None else {"kind": kind})
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock)
        try:
            yield Stand(family, paper, ADAPTER.validate_python(told), store, fetcher, clock)
        finally:
            await fetcher.close()


def _unlink(paper: Newspaper) -> None:
    for path, program in list(paper.programs.items()):
        if path.endswith("period.xml"):
            del paper[path]
        elif isinstance(program, Reply):
            body = program.body.replace("上一期".encode(), b"")
            paper[path] = replace(program, body=body)


def _about(paths: Sequence[str], days: Sequence[date]) -> list[str]:
    """The paths that have one of these days in them."""
    texts = tuple(f"{day:%Y%m%d}" for day in days)
    return [p for p in paths if "".join(filter(str.isdigit, p)).startswith(texts)]


async def patiently(walk: Coroutine[Any, Any, Ending], clock: FakeClock) -> Ending:
    """How a walk ends that waits now and then."""
    task = asyncio.create_task(walk)
    while not task.done():
        await asyncio.sleep(0.001)
        await clock.advance(30)
    return await task


def ago(*backs: int) -> list[date]:
    return [NEWEST - timedelta(days=back) for back in backs]


@each
async def test_days_without_a_paper_are_passed_over(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3, 4, 9]) as here:
        assert await here.walk(issues=4) is Ending.DONE
        assert await here.days() == ago(0, 3, 4, 9)


@pytest.mark.parametrize("name", FAMILIES)
async def test_every_family_comes_to_the_end_of_its_archive(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3, 4]) as here:
        assert await here.walk(issues=9) in {Ending.FIRST, Ending.GONE, Ending.QUIET}
        assert [step.is_new for step in here.steps] == [False, True, True]
        assert await here.days() == ago(0, 3, 4)


@pytest.mark.parametrize("name", ["html: qpaper", "paperindex: page by page", "founder: 翔宇"])
async def test_a_family_that_nobody_named_walks_like_its_own(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3], kind="auto") as here:
        assert await here.walk(issues=2) is Ending.DONE
        assert await here.days() == ago(0, 3)


@each
async def test_two_weeks_without_a_paper_are_the_end(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 2, 2 + MOST_MISSING + 1]) as here:
        ending = await here.walk(issues=9)
        # where a script's list of issues is missing, the site said that something is gone
        assert ending is (Ending.GONE if name.startswith("founder") else Ending.QUIET)
        assert await here.days() == ago(0, 2)


@a_paper
async def test_a_paper_every_other_week_is_still_found(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, MOST_MISSING]) as here:
        assert await here.walk(issues=2) is Ending.DONE


@a_paper
async def test_the_day_to_which_is_walked_is_the_last_one_asked_for(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3, 4, 9]) as here:
        assert await here.walk(since=ago(6)[0]) is Ending.DONE
        assert await here.days() == ago(0, 3, 4)
        asked = here.asked()
        assert any(str(ago(6)[0]) in path for path in asked)
        assert not any(str(ago(7)[0]) in path for path in asked)


@each
async def test_a_second_walk_asks_for_no_day_again(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3, 4, 9]) as here:
        assert await here.walk(issues=3) is Ending.DONE
        here.asked()
        assert await here.walk(issues=4) is Ending.DONE
        assert not _about(here.asked(), ago(1, 2, 3, 4))
        assert await here.days() == ago(0, 3, 4, 9)


@pytest.mark.parametrize("name", [name for name in DATED if not name.startswith("founder")])
async def test_what_came_out_while_nobody_looked_is_found_by_date_and_asked_for_once(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [5, 4]) as here:
        await here.look()
        here.print(2, 0)
        here.asked()
        await here.look()
        assert await here.days() == ago(0, 2, 4)
        once = here.asked()
        await here.look()
        assert not _about(here.asked(), ago(1, 3))
        assert _about(once, ago(1, 3))


NEWEST_AGAIN = "the newest issue"


@a_paper
@pytest.mark.parametrize("missing", [
    Reply(b"", 404), Reply(b"", 410), page("<p>您访问的页面不存在</p>"), NEWEST_AGAIN,
], ids=["404", "410", "a page that says so", NEWEST_AGAIN])  # fmt: skip
async def test_whatever_a_site_answers_for_a_day_without_a_paper_it_is_no_paper(
    name: str, missing: Reply | str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 3]) as here:
        newest = here.paper.programs[f"/new/Html/{NEWEST}/Qpaper.html"]
        for day in ago(1, 2):
            there = newest if isinstance(missing, str) else missing
            here.paper[f"/new/Html/{day}/Qpaper.html"] = there
        assert await here.walk(issues=2) is Ending.DONE
        assert await here.days() == ago(0, 3)


@a_paper
@pytest.mark.parametrize(
    "trouble",
    [
        page("<p>系统正在维护,请稍后再来。</p>"),
        page(""),
        Reply(b"", 500),
        page("<p>别的什么</p>" * 99),
    ],
    ids=["maintenance", "empty", "500", "something else"],
)
async def test_a_day_that_cannot_be_had_is_passed_over_but_asked_for_by_the_next_walk(
    name: str, trouble: Reply, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 1, 3]) as here:
        path = f"/new/Html/{ago(1)[0]}/Qpaper.html"
        whole, here.paper[path] = here.paper.programs[path], trouble
        passed = Passed()
        assert await patiently(here.walk(issues=2, passed=passed), clock) is Ending.DONE
        assert await here.days() == ago(0, 3)
        assert (passed.troubled, passed.without) == (ago(1), ago(2))
        here.paper[path] = whole
        assert await here.walk(issues=3) is Ending.DONE
        assert await here.days() == ago(0, 1, 3)


@a_paper
async def test_three_days_in_a_row_that_cannot_be_had_end_the_walk(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 4]) as here:
        for day in ago(1, 2, 3):
            here.paper[f"/new/Html/{day}/Qpaper.html"] = page("<p>系统正在维护</p>")
        with pytest.raises(NotReadable, match="维护"):
            await patiently(here.walk(issues=2), clock)
        assert await here.days() == ago(0)


@a_paper
async def test_a_server_in_trouble_is_no_day_without_a_paper(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with stand(name, store, clock, [0, 1]) as here:
        path = f"/new/Html/{ago(1)[0]}/Qpaper.html"
        answers = [Reply(b"", 503), here.paper.programs[path]]
        here.paper[path] = lambda _asked: answers.pop(0) if len(answers) > 1 else answers[0]
        assert await patiently(here.walk(issues=2), clock) is Ending.DONE
        assert await here.days() == ago(0, 1)
