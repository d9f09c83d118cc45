"""Upkeep: what is over is let go once a day, in steps so short that nobody waits for one.

    look (no writer waits for it) ──what may go──▶ drop, at most MOST rows a transaction ──▶ rest ──▶ …

Stopped anywhere it goes on where it was: what is gone is gone, and what is left is found again. Pages that
become free in SQLite's file are used anew; `baotong backup` writes a file without them.
"""

from collections.abc import AsyncIterator, Callable, Collection, Mapping
from datetime import datetime, timedelta

import structlog

from bot.ledger import pruning as ledger
from bot.ledger.pruning import Rule
from config.models import Settings
from feeds.clock import Clock
from feeds.cursor import read_cursor
from feeds.store import meta
from feeds.store import pruning as archive
from feeds.store.engine import Store

log = structlog.get_logger(__name__)

MOST = 100  # rows a transaction
ARTICLES = 5  # whose counts are looked through in a step: of a thousand each, 25 ms
LOOKED_AT = 1000  # small rows in a step
REST = 0.2  # seconds between two steps, and no less than ten times what the last one took
AFTER_START = 120.0  # seconds: whoever starts has better things to do
LOOK_EVERY = 3600.0
EVERY = timedelta(days=1)
VALIDATORS = timedelta(days=90)  # of documents: a newspaper's rechecks end after a week
_DONE = "upkeep.done"

Chore = Callable[[datetime], AsyncIterator[int]]
"""Steps, each of which says how many rows it let go."""


class Upkeep:
    """One per store. `fixed` are the channels whose messages cannot be changed."""

    def __init__(
        self, store: Store, settings: Settings, clock: Clock, fixed: Collection[str]
    ) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._fixed = fixed
        self._chores: Mapping[str, Chore] = {
            "deliveries": self._deliveries,
            "edits": self._edits,
            "wordings": self._wordings,
            "questions": self._questions,
            "journal": self._journal,
            "counts": self._counts,
            "validators": self._documents,
        }

    async def run(self) -> None:
        """Once a day, until cancelled."""
        await self._clock.sleep(AFTER_START)
        while True:
            if await self._is_due():
                await self.once()
            await self._clock.sleep(LOOK_EVERY)

    async def _is_due(self) -> bool:
        async with self._store.read() as tx:
            done = await meta.get(tx, _DONE)
        age = self._clock.now() - datetime.fromisoformat(done) if done else EVERY
        return not timedelta(0) <= age < EVERY

    async def once(self) -> None:
        """All chores, one after the other."""
        now = self._clock.now()
        gone = {name: await self._all_of(chore(now)) for name, chore in self._chores.items()}
        await self._store.tidy()
        async with self._store.write() as tx:
            await meta.put(tx, _DONE, self._clock.now().isoformat())
        if any(gone.values()):
            log.info(
                "let go what is over", **{name: count for name, count in gone.items() if count}
            )

    async def _all_of(self, steps: AsyncIterator[int]) -> int:
        gone, begun = 0, self._clock.monotonic()
        async for count in steps:
            gone += count
            await self._clock.sleep(max(REST, 10 * (self._clock.monotonic() - begun)))
            begun = self._clock.monotonic()
        return gone

    # ── the ledger ──────────────────────────────────────────────────────────────────────────────

    async def _deliveries(self, now: datetime) -> AsyncIterator[int]:
        keep = self._settings.keep
        rule = Rule(now - keep.deliveries, now - keep.messages, self._fixed)
        place: int | None = 0
        while place is not None:
            async with self._store.read() as tx:
                ids, place = await ledger.old_deliveries(tx, place, rule, MOST)
            yield await self._drop_deliveries(ids, rule) if ids else 0

    async def _drop_deliveries(self, ids: list[int], rule: Rule) -> int:
        async with self._store.write() as tx:
            return await ledger.drop_deliveries(tx, ids, rule)

    async def _edits(self, now: datetime) -> AsyncIterator[int]:
        gone = MOST
        while gone == MOST:
            async with self._store.write() as tx:
                gone = await ledger.drop_edits(tx, now - self._settings.keep.deliveries, MOST)
            yield gone

    async def _wordings(self, now: datetime) -> AsyncIterator[int]:
        del now
        place: str | None = ""
        while place is not None:
            async with self._store.read() as tx:
                hashes, place = await ledger.unnamed_wordings(tx, place, MOST)
            gone = 0
            if hashes:
                async with self._store.write() as tx:
                    gone = await ledger.drop_wordings(tx, hashes)
            yield gone

    async def _questions(self, now: datetime) -> AsyncIterator[int]:
        gone = MOST
        while gone == MOST:
            async with self._store.write() as tx:
                gone = await ledger.drop_questions(tx, now, MOST)
            yield gone

    # ── the archive ─────────────────────────────────────────────────────────────────────────────

    async def _journal(self, now: datetime) -> AsyncIterator[int]:
        """What the feeds' files have not been told yet stays too; where there are none, they are written
        from the archive itself.
        """
        files = read_cursor(self._settings.data_dir / "feeds")
        gone = MOST
        while gone == MOST:
            async with self._store.write() as tx:
                behind = await archive.slowest(tx)
                if files is not None:
                    behind = min(behind, files.seq)
                before = now - self._settings.keep.journal
                gone = await archive.drop_entries(tx, behind, before, MOST)
            yield gone

    async def _counts(self, now: datetime) -> AsyncIterator[int]:
        before = now - self._settings.keep.reads
        last: int | None = 0
        while last is not None:
            async with self._store.read() as tx:
                counts, last = await archive.old_counts(
                    tx, before, self._settings.timezone, ARTICLES
                )
            for start in range(0, len(counts), MOST):
                part = counts[start : start + MOST]
                async with self._store.write() as tx:
                    await archive.drop_counts(tx, part)
                yield len(part)
            if last is not None:
                async with self._store.write() as tx:
                    await archive.note_thinned(tx, last)
                yield 0

    async def _documents(self, now: datetime) -> AsyncIterator[int]:
        before = now - VALIDATORS
        async with self._store.read() as tx:
            papers = await archive.papers(tx)
        for paper in papers:
            place: str | None = ""
            while place is not None:
                async with self._store.read() as tx:
                    urls, place = await archive.old_documents(tx, paper, place, before, LOOKED_AT)
                for start in range(0, len(urls), MOST):
                    part = urls[start : start + MOST]
                    async with self._store.write() as tx:
                        await archive.drop_documents(tx, paper, part, before)
                    yield len(part)
                yield 0
