"""The watch: every newspaper in a task of its own, looked at by its schedule, for ever."""

import asyncio
import random
from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import structlog

from config.sources import BaseSource
from feeds.clock import Clock
from feeds.decide import READ_LOOKS, Policy
from feeds.errors import BadStatus, FetchError, NotReadable, Refused, TooLarge
from feeds.figures import LOOK_SECONDS, LOOKS
from feeds.http import Fetcher
from feeds.models import Paper, PauseKind
from feeds.parsing.parser import Parser
from feeds.pausing import Pauses
from feeds.schedule import back_off
from feeds.sources.base import Source
from feeds.store import archive
from feeds.store.engine import Store
from feeds.watch.backfill import Backfill, Ending, Goal, Passed, Step
from feeds.watch.desk import Desk, Paused, unbroken
from feeds.watch.diary import Diary
from feeds.watch.look import Look
from feeds.watch.notes import Notes

AT_ONCE = 4  # newspapers that use the store at the same time; the rest of its pool is for readers

log = structlog.get_logger(__name__)


class Watch:
    """Looks at newspapers. One that fails, in whatever way, is logged and asked less and less often;
    the others do not notice. `read_looks` are the ages of an issue at which counts are looked at
    again; `chance` gives random numbers in [0, 1) that spread the looks; `language` is that of alarms.
    What is paused by `pauses` is not looked at, and soon after it goes on it is.
    """

    def __init__(  # noqa: PLR0913, PLR0917 - half of them are for tests
        self,
        store: Store,
        fetcher: Fetcher,
        sources: Sequence[tuple[BaseSource, Source]],
        clock: Clock,
        read_looks: tuple[timedelta, ...] = READ_LOOKS,
        chance: Callable[[], float] = random.random,
        language: str = "zh-CN",
        pauses: Pauses | None = None,
    ) -> None:
        self._store = store
        self._pauses = pauses or Pauses(store)
        self._clock = clock
        self._parser = Parser()
        turns = asyncio.Semaphore(AT_ONCE)
        self._desks = {
            config.id: Desk(
                config=config,
                source=source,
                store=store,
                fetcher=fetcher,
                parser=self._parser,
                clock=clock,
                policy=_policy(config, read_looks),
                turns=turns,
                is_paused=partial(self._pauses.is_paused, PauseKind.SOURCE, config.id),
            )
            for config, source in sources
        }
        self._notes = Notes(store, clock)
        self._diaries = {
            name: Diary(desk, self._notes, chance, language) for name, desk in self._desks.items()
        }
        self._enrolled = False

    async def run(self) -> None:
        """Watches until cancelled. A transaction under way is finished first."""
        await self._enrol()
        for desk in self._desks.values():
            if desk.config.robots != "obey":
                reason = desk.config.robots.removeprefix("ignore:").strip()
                log.warning("robots.txt is ignored", source=desk.config.id, reason=reason)
        try:
            async with asyncio.TaskGroup() as group:
                group.create_task(self._notes.run(), name="watch: notes")
                for name in self._desks:
                    group.create_task(self._follow(name), name=f"watch:{name}")
        finally:
            await self._parser.close()
            await unbroken(self._notes.flush())

    async def look(self, source_id: str) -> datetime:
        """One look now, good or bad, written down; when the next is due. KeyError where no such paper is
        watched.
        """
        await self._enrol()
        at = await self._look(source_id)
        await self._notes.flush()
        return at

    async def _look(self, name: str) -> datetime:
        desk, diary = self._desks[name], self._diaries[name]
        start = await diary.start()
        began = self._clock.monotonic()
        try:
            until = self._clock.now() + desk.config.check_every
            outcome = await Look(desk, start, until).run()
        except Paused:
            diary.forget()
            return self._clock.now()
        except (FetchError, NotReadable) as error:
            self._count(name, began, _outcome(error))
            log.warning("look failed", source=name, reason=str(error))
            return await diary.note_failure(error, start.standing)
        except Exception as error:
            self._count(name, began, "broken")
            log.exception("look broke", source=name)
            return await diary.note_failure(error, start.standing)
        self._count(name, began, "changed" if outcome.is_changed else "unchanged")
        return await diary.note_success(start, outcome)

    def _count(self, name: str, began: float, outcome: str) -> None:
        self._store.tally.count(LOOKS, name, outcome)
        self._store.tally.observe(LOOK_SECONDS, self._clock.monotonic() - began)

    async def _follow(self, name: str) -> None:
        desk = self._desks[name]
        at = await self._diaries[name].first_look(len(self._desks))
        while True:
            wait = (at - self._clock.now()).total_seconds()
            await self._clock.sleep(max(wait, 0))
            if await self._pauses.resumed(PauseKind.SOURCE, name):
                self._diaries[name].resume()
            try:
                at = await self._look(name)
            except Exception:  # the store is in trouble: nothing could be noted there
                log.exception("look not recorded", source=name)
                at = self._clock.now() + back_off(desk.config.check_every, 1)

    async def _enrol(self) -> None:
        """Gives every newspaper its row, once."""
        if not self._enrolled:
            await enrol(self._store, [desk.config for desk in self._desks.values()], self._clock)
        self._enrolled = True


_OUTCOMES: tuple[tuple[type[Exception], str], ...] = (
    (NotReadable, "unreadable"),
    (Refused, "refused"),
    (TooLarge, "too_large"),
    (BadStatus, "bad_status"),
)


def _outcome(error: Exception) -> str:
    """What a look that failed is counted as."""
    return next((name for kind, name in _OUTCOMES if isinstance(error, kind)), "unreachable")


async def enrol(store: Store, configs: Sequence[BaseSource], clock: Clock) -> None:
    """Gives newspapers their rows."""
    papers = [Paper(c.id, c.title, c.url, c.timezone) for c in configs]
    async with store.write() as tx:
        await archive.enrol(tx, papers, clock.now())


async def walk_back(
    store: Store,
    fetcher: Fetcher,
    paper: tuple[BaseSource, Source],
    clock: Clock,
    goal: Goal,
    tell: Callable[[Step], None],
    passed: Passed | None = None,
) -> Ending:
    """Walks back through one newspaper's issues; `passed` is filled with the days passed over. See `feeds.watch.backfill`."""
    config, source = paper
    parser = Parser()
    desk = Desk(
        config=config,
        source=source,
        store=store,
        fetcher=fetcher,
        parser=parser,
        clock=clock,
        policy=replace(_policy(config, READ_LOOKS), is_backfill=True),
        turns=asyncio.Semaphore(1),
    )
    await enrol(store, [config], clock)
    try:
        return await Backfill(desk, goal, tell, passed).run()
    finally:
        await parser.close()


def _policy(config: BaseSource, read_looks: tuple[timedelta, ...]) -> Policy:
    """What the settings say about a newspaper, for decisions."""
    return Policy(
        source=config.id,
        timezone=config.timezone,
        first=config.first,
        reads=config.reads,
        read_looks=read_looks,
        check_every=config.check_every,
    )
