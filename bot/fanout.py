"""Fan-out: journal → deliveries, in chunks, with a cursor that stands in the middle of an entry too.

    entry ──readers after (chat, topic)──▶ a chunk of deciding subscriptions ──owed_by──▶ deliveries
      ▲                                                                                    │
      └──────── cursor (entry, last chat) moved in the same transaction ◀──────────────────┘

Doing a chunk twice owes nothing twice: a delivery is unique by chat, topic, subject and form.
"""

from dataclasses import replace

import structlog

from bot.ledger import deliveries, told
from bot.ledger.subscriptions import readers
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
_SEPARATOR = "\t"  # between chat and topic in the cursor's place


class FanOut:
    """One per store: it alone moves its cursor."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock

    async def run(self) -> None:
        """Follows the journal until cancelled."""
        bell = self._store.bell(journal.BELL)
        while True:
            heard = bell.rung
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
            news = await self._news(tx, entry)
            if news is None:
                await journal.move(tx, CONSUMER, Cursor(entry.seq))
                return True
            chat, _, topic = cursor.place.partition(_SEPARATOR)
            chunk, is_more = await readers(tx, entry.source, entry.seq, (chat, topic), CHUNK)
            news = replace(news, told=await self._told(tx, news, {s.chat for s in chunk}))
            owed = [one for reader in chunk for one in owed_by(reader, news)]
            await deliveries.owe(tx, owed, self._clock.now())
            place = f"{chunk[-1].chat}{_SEPARATOR}{chunk[-1].topic}" if is_more else ""
            done = cursor.seq if is_more else entry.seq
            await journal.move(tx, CONSUMER, Cursor(done, place))
        if owed:
            log.info("owed", source=entry.source, entry=entry.seq, deliveries=len(owed))
        return True

    async def _news(self, tx: Transaction, entry: Entry) -> News | None:
        """What there is to tell, or None where nobody is owed anything."""
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
