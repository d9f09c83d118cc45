"""The watch: every newspaper in a task of its own, looked at by its schedule, for ever."""

import asyncio
import random
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import structlog

from config.sources import BaseSource
from feeds.clock import Clock
from feeds.decide import READ_LOOKS, Policy
from feeds.errors import FetchError, NotReadable
from feeds.http import Fetcher
from feeds.models import Paper
from feeds.schedule import back_off, first_look, next_look
from feeds.sources.base import Source
from feeds.store import archive, looks
from feeds.store.engine import Store
from feeds.store.looks import Standing
from feeds.watch.desk import Desk, unbroken
from feeds.watch.look import Look

AT_ONCE = 4  # newspapers that use the store at the same time; the rest of its pool is for readers

log = structlog.get_logger(__name__)


class Watch:
    """Looks at newspapers. One that fails, in whatever way, is logged and asked less and less often;
    the others do not notice. `read_looks` are the ages of an issue at which counts are looked at
    again; `chance` gives random numbers in [0, 1) that spread the looks.
    """

    def __init__(
        self,
        store: Store,
        fetcher: Fetcher,
        sources: Sequence[tuple[BaseSource, Source]],
        clock: Clock,
        read_looks: tuple[timedelta, ...] = READ_LOOKS,
        chance: Callable[[], float] = random.random,
    ) -> None:
        self._store = store
        self._clock = clock
        self._chance = chance
        self._turns = asyncio.Semaphore(AT_ONCE)
        self._desks = {
            config.id: Desk(
                config, source, store, fetcher, clock, _policy(config, read_looks), self._turns
            )
            for config, source in sources
        }
        self._enrolled = False

    async def run(self) -> None:
        """Watches until cancelled. A transaction under way is finished first."""
        await self._enrol()
        async with asyncio.TaskGroup() as group:
            for name in self._desks:
                group.create_task(self._follow(name), name=f"watch:{name}")

    async def look(self, source_id: str) -> datetime:
        """One look now, good or bad; when the next is due. KeyError where no such paper is watched."""
        desk = self._desks[source_id]
        await self._enrol()
        try:
            await Look(desk, self._clock.now() + desk.config.check_every).run()
        except (FetchError, NotReadable) as error:
            log.warning("look failed", source=source_id, reason=str(error))
            wait = error.retry_after if isinstance(error, FetchError) else None
            return await self._note_failure(desk, str(error), wait)
        except Exception as error:
            log.exception("look broke", source=source_id)
            return await self._note_failure(desk, f"{type(error).__name__}: {error}", None)
        return await unbroken(self._note_success(desk))

    async def _follow(self, name: str) -> None:
        desk = self._desks[name]
        at = await self._first_look(desk)
        while True:
            wait = (at - self._clock.now()).total_seconds()
            await self._clock.sleep(max(wait, 0))
            try:
                at = await self.look(name)
            except Exception:  # the store is in trouble: nothing could be noted there
                log.exception("look not recorded", source=name)
                at = self._clock.now() + back_off(desk.config.check_every, 1)

    async def _first_look(self, desk: Desk) -> datetime:
        standing = await self._standing(desk)
        every = desk.config.check_every
        return first_look(self._clock.now(), every, standing.failures, standing.next_look_at)

    async def _standing(self, desk: Desk) -> Standing:
        async with self._turns, self._store.read() as tx:
            return await looks.standing(tx, desk.config.id)

    async def _note_success(self, desk: Desk) -> datetime:
        now = self._clock.now()
        async with self._turns, self._store.write() as tx:
            due = await looks.next_due(tx, desk.config.id)
            again = next_look(now, desk.config.check_every, 0, self._chance(), reads_due_at=due)
            await looks.note_success(tx, desk.config.id, now, again)
        return again

    async def _note_failure(self, desk: Desk, reason: str, wait: timedelta | None) -> datetime:
        now = self._clock.now()
        failures = (await self._standing(desk)).failures + 1
        again = next_look(now, desk.config.check_every, failures, self._chance(), wait)

        async def note() -> None:
            async with self._turns, self._store.write() as tx:
                await looks.note_failure(tx, desk.config.id, now, again, failures, reason)

        await unbroken(note())
        return again

    async def _enrol(self) -> None:
        """Gives every newspaper its row, once."""
        if self._enrolled:
            return
        configs = [desk.config for desk in self._desks.values()]
        papers = [Paper(c.id, c.title, c.url, c.timezone) for c in configs]
        async with self._store.write() as tx:
            await archive.enrol(tx, papers, self._clock.now())
        self._enrolled = True


def _policy(config: BaseSource, read_looks: tuple[timedelta, ...]) -> Policy:
    return Policy(
        source=config.id,
        timezone=config.timezone,
        first=config.first,
        reads=config.reads,
        read_looks=read_looks,
    )
