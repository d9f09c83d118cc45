"""`baotong backfill`: walks back through a newspaper's older issues, with a progress bar; pushes nothing."""

import asyncio
from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path
from typing import Self

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from bot.cli.ending import EXIT_ALREADY_RUNNING, EXIT_CONFIGURATION, EXIT_FAILED, fail
from bot.cli.loop import run_async
from bot.cli.network import advice
from bot.cli.settings import load_settings
from bot.logs import configure_logging
from config.models import Settings
from config.sources import FeedSource, SourceConfig, WebSource
from feeds.clock import SystemClock
from feeds.errors import (
    AlreadyRunning,
    BaotongError,
    NotReadable,
    Refused,
    StoreError,
    Unreadable,
)
from feeds.http import build_fetcher
from feeds.sources.table import build_source
from feeds.store.build import open_store
from feeds.store.lock import DataLock
from feeds.watch import Ending, Goal, Passed, Step, walk_back

_ENDINGS = {
    Ending.DONE: "好了:从 {newest} 到 {oldest},存档里有 {number} 期。",
    Ending.FIRST: "这已经是最早的一期了哦!从 {newest} 到 {oldest},一共 {number} 期。",
    Ending.GONE: "再往前,网站上没有了。从 {newest} 到 {oldest},一共 {number} 期。",
    Ending.QUIET: "{oldest} 以前连着两个星期没有报纸,就当它是最早的一期。从 {newest} 到 {oldest},一共 {number} 期。",
    Ending.NO_LINK: "{oldest} 这一期没有「上一期」,网址里也没有日期,走不下去了;存档里有 {number} 期。",
}
_GUESS = "各期的网址若有规律,给这份报纸写上 guess: https://…/{date:%Y%m%d}/,就能按日期往回走。"
_WITHOUT = "中间有 {number} 天没有报纸。"
_TROUBLED = "有 {number} 天网站没有好好回答,先跳过了:{days}。再运行同一条命令,会再问这几天。"
_MOST_NAMED = 10  # days that are told one by one
_STOPPED = "停下了,走到 {oldest}。再运行同一条命令,就从这里接着走。"


def walk(config: Path, source: str, issues: int | None, since: datetime | None) -> None:
    """Walks back until there are so many issues, or to this day."""
    settings = load_settings(config)
    configure_logging(settings.secrets())
    paper = settings.source(source)
    if paper is None:
        known = "、".join(one.id for one in settings.sources)
        raise click.BadParameter(f"没有 {source} 这份报纸;有:{known}", param_hint="SOURCE")
    goal = Goal(issues, since.date() if since else None)
    try:
        ending = run_async(lambda stop: _walk(settings, paper, goal, stop))
    except AlreadyRunning as error:
        fail(f"{error};先停下它,再往回走", EXIT_ALREADY_RUNNING)
    except StoreError as error:
        fail(str(error), EXIT_CONFIGURATION)
    except BaotongError as error:
        fail(f"{error}{advice(error, in_file=True)}{_later(error)}", EXIT_FAILED)
    if ending is Ending.NO_LINK:
        raise SystemExit(EXIT_FAILED)


def _later(error: BaotongError) -> str:
    """What to say of an error that time may mend."""
    is_lasting = isinstance(error, Refused) or (
        isinstance(error, NotReadable) and error.why is Unreadable.SCRIPT
    )
    return "" if is_lasting else "\n走到这里为止。过一会儿再运行同一条命令,就从这里接着走。"


async def _walk(
    settings: Settings, paper: SourceConfig, goal: Goal, stop: asyncio.Event
) -> Ending | None:
    """None where it was stopped."""
    clock = SystemClock()
    with DataLock(settings.data_dir):
        store = await open_store(
            settings.data_dir, settings.database_url, on_share=settings.network_share
        )
        fetcher = build_fetcher(settings.fetch, clock)
        try:
            with _Walker(goal) as walker:
                papers = (paper, build_source(paper))
                walk = walk_back(store, fetcher, papers, clock, goal, walker.step, walker.passed)
                ending = await _until(asyncio.create_task(walk), stop)
            if ending is Ending.NO_LINK and isinstance(paper, FeedSource):
                ending = Ending.GONE  # a feed ends somewhere
            walker.say(ending)
            if ending is Ending.NO_LINK and isinstance(paper, WebSource):
                walker.tell(_GUESS)
        finally:
            await fetcher.close()
            await store.close()
    return ending


async def _until(walk: asyncio.Task[Ending], stop: asyncio.Event) -> Ending | None:
    """How the walk ended, or None where `stop` was set first; what is in flight is finished."""
    stopping = asyncio.create_task(stop.wait())
    await asyncio.wait({walk, stopping}, return_when=asyncio.FIRST_COMPLETED)
    stopping.cancel()
    if walk.done():
        return walk.result()
    walk.cancel()
    await asyncio.wait({walk})
    return None


class _Walker:
    """The bar, and what is said at the end."""

    def __init__(self, goal: Goal) -> None:
        self._goal = goal
        self.passed = Passed()
        self._console = Console(stderr=True)
        self._steps: list[Step] = []
        self._bar = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            MofNCompleteColumn(),
            TimeRemainingColumn(),
            console=self._console,
        )
        self._task = self._bar.add_task("正在找最新一期……", total=goal.issues)

    def __enter__(self) -> Self:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def step(self, step: Step) -> None:
        self._steps.append(step)
        done, total = step.number, self._goal.issues
        if self._goal.since is not None:
            newest = self._steps[0].date
            done, total = (newest - step.date).days + 1, _days(self._goal.since, newest)
        words = f"{step.key}{'' if step.is_new else '(已有)'}"
        self._bar.update(self._task, description=words, completed=done, total=total)

    def tell(self, words: str) -> None:
        self._console.print(words, highlight=False, markup=False)

    def say(self, ending: Ending | None) -> None:
        if not self._steps:
            self._console.print("停下了,还没有走。", highlight=False)
            return
        newest, oldest = self._steps[0], self._steps[-1]
        words = _STOPPED if ending is None else _ENDINGS[ending]
        sentence = words.format(newest=newest.key, oldest=oldest.key, number=oldest.number)
        self._console.print(sentence, highlight=False)
        for words in _passed_over(self.passed, oldest.date):
            self.tell(words)


def _passed_over(passed: Passed, oldest: date) -> Iterator[str]:
    """What is to be said of the days between the issues; behind the oldest nobody knows of a gap."""
    if without := sum(day > oldest for day in passed.without):
        yield _WITHOUT.format(number=without)
    if passed.troubled:
        named = "、".join(str(day) for day in passed.troubled[:_MOST_NAMED])
        more = " 等" if len(passed.troubled) > _MOST_NAMED else ""
        yield _TROUBLED.format(number=len(passed.troubled), days=named + more)


def _days(since: date, newest: date) -> int:
    return max((newest - since).days + 1, 1)
