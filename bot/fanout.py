"""Fan-out: journal → deliveries and edits, in chunks, with a cursor that stands in the middle of an
entry too.

    entry ──readers after (chat, topic)──▶ a chunk of deciding subscriptions ──owed_by──▶ deliveries
      ▲                                                                                    │
      └──────── cursor (entry, last chat) moved in the same transaction ◀──────────────────┘

Doing a chunk twice owes nothing twice: a delivery is unique by chat, topic, subject and form.
"""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import datetime, timedelta

import structlog

from bot.gaps import Gaps
from bot.ledger import deliveries, edits, subscriptions, summaries, told
from bot.ledger.deliveries import Owed
from bot.ledger.edits import Why
from bot.owing import PUSHED, News, Told, owed_by
from config.models import Settings
from feeds.clock import Clock
from feeds.models import Entry, EntryKind, IssueStatus
from feeds.store import journal, library
from feeds.store.engine import Store, Transaction
from feeds.store.journal import Cursor

log = structlog.get_logger(__name__)

CONSUMER = "fan-out"
CHUNK = 500  # subscriptions a transaction
SCAN_SECONDS = 5.0  # the bell is only heard within one process
TOGETHER = timedelta(seconds=20)  # late articles that one look finds become one edit
REFRESHES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))  # ages of an issue
_SEPARATOR = "\t"  # between chat and topic in the cursor's place

Effect = Callable[[Transaction, Entry, datetime], Awaitable[None]]


class FanOut:
    """One per store: it alone moves its cursor."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._gaps = Gaps(store, clock)
        self._known: tuple[int, News | None] = (0, None)  # what the entry in hand is about
        self._effects: dict[EntryKind, Effect] = {
            EntryKind.ISSUE_COMPLETE: _plan_refreshes,
            EntryKind.ARTICLE_ADDED: self._plan_addition,
            EntryKind.ARTICLE_CORRECTED: _plan_correction,
            EntryKind.ARTICLE_WITHDRAWN: _plan_withdrawal,
            EntryKind.ARTICLE_RESTORED: _plan_withdrawal,
            EntryKind.ISSUE_WITHDRAWN: _plan_withdrawal,
            EntryKind.ISSUE_RESTORED: _plan_withdrawal,
            EntryKind.ALARM_RAISED: self._owe_alarm,
            EntryKind.ALARM_ENDED: self._owe_alarm,
        }

    async def run(self) -> None:
        """Follows the journal until cancelled."""
        bell = self._store.bell(journal.BELL)
        while True:
            heard = bell.rung
            await self._gaps.note_alive()
            while await self.step():
                pass  # the database's awaits let the others run
            await bell.wait(heard, SCAN_SECONDS)

    async def step(self) -> bool:
        """One chunk of one entry. Returns False at the journal's end."""
        async with self._store.write() as tx:
            cursor = await journal.cursor(tx, CONSUMER)
            entries = await journal.after(tx, cursor.seq, 1)
            if not entries:
                return False
            entry = entries[0]
            if not cursor.place and (effect := self._effects.get(entry.kind)):
                await effect(tx, entry, self._clock.now())
            news = await self._news_of(tx, entry)
            place = await self._owe_chunk(tx, news, cursor.place) if news else ""
            await journal.move(tx, CONSUMER, Cursor(cursor.seq if place else entry.seq, place))
        return True

    async def _owe_chunk(self, tx: Transaction, news: News, place: str) -> str:
        """Owes the readers behind `place` their part of the news; returns the new place, empty at the
        end.
        """
        entry = news.entry
        chat, _, topic = place.partition(_SEPARATOR)
        chunk, is_more = await subscriptions.readers(
            tx, entry.source, entry.seq, (chat, topic), CHUNK
        )
        told_of = await self._told(tx, news, {reader.chat for reader in chunk})
        news = replace(news, told=told_of)
        owed = [one for reader in chunk for one in owed_by(reader, news)]
        if await self._gaps.is_missed(tx, entry, news.issue):
            await summaries.name_missed(tx, owed, news.now)
        elif await self._gaps.was_told(tx, entry, news.issue):
            await deliveries.pass_over(tx, owed, [None] * len(owed), summaries.RESTORED, news.now)
        else:
            await deliveries.owe(tx, owed, news.now)
        if owed:
            log.info("owed", source=entry.source, entry=entry.seq, deliveries=len(owed))
        return f"{chunk[-1].chat}{_SEPARATOR}{chunk[-1].topic}" if is_more else ""

    async def _news_of(self, tx: Transaction, entry: Entry) -> News | None:
        """What there is to tell, or None where nobody is owed anything. Kept while the entry is in
        hand: all its readers are told by the same state of the issue.
        """
        if self._known[0] != entry.seq:
            self._known = (entry.seq, await self._load(tx, entry))
        return self._known[1]

    async def _load(self, tx: Transaction, entry: Entry) -> News | None:
        if not entry.push or entry.kind not in PUSHED or entry.issue_id is None:
            return None
        issue = await library.issue_by_id(tx, entry.issue_id)
        if issue is None:
            return None
        source = self._settings.source(entry.source)
        skip = source.skip if source else frozenset[str]()
        return News(entry, issue, skip, self._settings.timezone, self._clock.now())

    async def _told(self, tx: Transaction, news: News, chats: set[str]) -> Told:
        """Of an issue that is shown while it grows: who got which of its articles already."""
        issue = news.issue
        is_grown = issue.status is IssueStatus.OPEN or (
            news.entry.kind is EntryKind.ISSUE_COMPLETE
            and await journal.has_grown(tx, issue.id, news.entry.seq)
        )
        return await told.singly(tx, chats, [a.id for a in issue.articles]) if is_grown else {}

    async def _plan_addition(self, tx: Transaction, entry: Entry, now: datetime) -> None:
        """One paper is one message: an article that comes late comes into it, without sound. An issue
        that is still open has no message yet.
        """
        news = await self._news_of(tx, entry)
        if news is None or news.issue.status is not IssueStatus.COMPLETE:
            return
        if not await edits.is_planned(tx, news.issue.id, Why.ADDED):
            await edits.plan(tx, news.issue.id, None, Why.ADDED, now + TOGETHER, now)

    async def _owe_alarm(self, tx: Transaction, entry: Entry, now: datetime) -> None:
        """Every operator hears of it."""
        operators = await subscriptions.meet_operators(tx, self._settings.operators, now)
        owed = [
            Owed(
                chat=chat,
                topic=topic,
                subject=f"alarm:{entry.seq}",
                kind="alarm",
                source=entry.source,
                seq=entry.seq,
                place=0,
                entry_at=entry.at,
                due_at=now,
                silent=False,
            )
            for chat, topic in operators
        ]
        await deliveries.owe(tx, owed, now)


# ── messages that were sent ─────────────────────────────────────────────────────────────────────


async def _plan_refreshes(tx: Transaction, entry: Entry, now: datetime) -> None:
    """Each shows what was counted since the one before."""
    del now
    if entry.issue_id is None or not entry.push:
        return
    for last, age in zip((timedelta(0), *REFRESHES), REFRESHES, strict=False):
        due, since = entry.at + age, entry.at + last
        await edits.plan(tx, entry.issue_id, None, Why.REFRESHED, due, since)


async def _plan_correction(tx: Transaction, entry: Entry, now: datetime) -> None:
    await _plan(tx, entry, Why.CORRECTED, now)


async def _plan_withdrawal(tx: Transaction, entry: Entry, now: datetime) -> None:
    await _plan(tx, entry, Why.WITHDRAWN, now)


async def _plan(tx: Transaction, entry: Entry, why: Why, now: datetime) -> None:
    if entry.issue_id is not None:
        await edits.plan(tx, entry.issue_id, entry.article_id, why, now, now)
