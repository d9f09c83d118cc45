"""Feeds made to order: what a query asks for, cooked from the archive and kept warm for a while.

    feed, order ──▶ issues, newest first, until enough is found ──entries, press──▶ body

A dish is good until the journal moves, or for a minute where read counts are in it.
"""

import asyncio
from collections import OrderedDict
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from config.models import Settings
from feeds.clock import Clock
from feeds.identity import settle
from feeds.publish.gathering import Asked, Gathering
from feeds.publish.recipes import rules_of, rules_of_all
from feeds.shelf import Body, build_body
from feeds.store import journal
from feeds.store.engine import Store
from feeds.words import translator
from feeds.writers.base import FeedEntry, FeedHead, Writer
from feeds.writers.heads import NEVER, build_head, build_head_of_all, build_issues_head, paper_of
from feeds.writers.press import Press, print_feed

AT_ONCE = 2  # orders in the making
MOST_WAITING = 20
KEPT = 32  # dishes
COUNTS_LAST = timedelta(minutes=1)


class TooBusy(Exception):
    """More orders wait than is good; ask again in a few seconds."""


@dataclass(frozen=True, slots=True)
class _Dish:
    body: Body
    seq: int
    made_at: datetime

    def is_good(self, asked: Asked, seq: int, now: datetime) -> bool:
        is_fresh = not asked.order.counts or now - self.made_at < COUNTS_LAST
        return self.seq == seq and is_fresh


class Kitchen:
    """Makes feeds to order from a store."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._authority: str | None = None
        self._kept: OrderedDict[tuple[Asked, str], _Dish] = OrderedDict()
        self._turn = asyncio.Semaphore(AT_ONCE)
        self._waiting = 0

    async def dish(self, asked: Asked, writer: Writer) -> Body:
        """The feed in this format. Raises `TooBusy`."""
        key, now = (asked, writer.suffix), self._clock.now()
        async with self._store.read() as tx:
            seq = await journal.end(tx)
        kept = self._kept.get(key)
        if kept is not None and kept.is_good(asked, seq, now):
            self._kept.move_to_end(key)
            return kept.body
        body = await self._in_turn(asked, writer)
        self._kept[key] = _Dish(body, seq, now)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return body

    async def _in_turn(self, asked: Asked, writer: Writer) -> Body:
        if self._waiting >= MOST_WAITING:
            raise TooBusy
        self._waiting += 1
        try:
            async with self._turn:
                return await self._cook(asked, writer)
        finally:
            self._waiting -= 1

    async def _cook(self, asked: Asked, writer: Writer) -> Body:
        authority = self._authority or await self._who_we_are()
        async with self._store.read() as tx:
            entries = await Gathering(tx, self._settings, authority, asked).entries()
        head = self._head(asked, authority, entries)
        galley = Press(writers=[writer]).set(None, None, entries)
        data = print_feed(writer, head, [galley])
        return await asyncio.to_thread(build_body, data, writer.media_type)

    async def _who_we_are(self) -> str:
        async with self._store.write() as tx:
            configured = self._settings.feeds.id_authority
            self._authority = (await settle(tx, configured, self._clock.now())).authority
        return self._authority

    def _head(self, asked: Asked, authority: str, entries: list[FeedEntry]) -> FeedHead:
        """The feed's own head, under another name. It has no hub: nobody is told of its news."""
        head = _head_of(self._settings, asked, authority)
        _ = translator(self._settings.language)
        query = asked.order.query()
        return replace(
            head,
            id=head.id + query,
            query=query,
            title=" · ".join((head.title, *asked.order.title(_))),
            updated=max((entry.updated for entry in entries), default=NEVER),
            hubs=(),
        )


def _head_of(settings: Settings, asked: Asked, authority: str) -> FeedHead:
    source = settings.source(asked.source) if asked.source else None
    if source is None:
        papers = [paper_of(each) for each in settings.sources]
        return build_head_of_all(papers, rules_of_all(settings), authority, NEVER)
    build = build_issues_head if asked.of_issues else build_head
    return build(paper_of(source), rules_of(settings, source), authority, NEVER)
