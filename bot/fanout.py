"""Fan-out: journal → deliveries, in chunks, with a cursor that stands in the middle of an entry too.

    entry ──readers after (chat, topic)──▶ a chunk of deciding subscriptions ──owed_by──▶ deliveries
      ▲                                                                                    │
      └──────── cursor (entry, last chat) moved in the same transaction ◀──────────────────┘

Doing a chunk twice owes nothing twice: a delivery is unique by chat, topic, subject and form.
"""

from collections.abc import Iterator, Sequence

import structlog

from bot.ledger import deliveries
from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import Subscription, readers
from bot.ledger.tables import Mode
from bot.selection import is_quiet, next_at, select
from config.models import Settings
from feeds.clock import Clock
from feeds.models import Article, Entry, EntryKind, Issue
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.store.journal import Cursor

log = structlog.get_logger(__name__)

CONSUMER = "fan-out"
CHUNK = 500  # subscriptions a transaction
SCAN_SECONDS = 5.0  # the bell is only heard within one process
_PUSHED = frozenset({EntryKind.ISSUE_COMPLETE, EntryKind.ARTICLE_ADDED})
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
            issue = None
            if entry.push and entry.kind in _PUSHED and entry.issue_id is not None:
                issue = await library.issue_by_id(tx, entry.issue_id)
            if issue is None:
                await journal.move(tx, CONSUMER, Cursor(entry.seq))
                return True
            chat, _, topic = cursor.place.partition(_SEPARATOR)
            chunk, is_more = await readers(tx, entry.source, entry.seq, (chat, topic), CHUNK)
            owed = [one for reader in chunk for one in self._owed_by(reader, entry, issue)]
            await deliveries.owe(tx, owed, self._clock.now())
            place = f"{chunk[-1].chat}{_SEPARATOR}{chunk[-1].topic}" if is_more else ""
            done = cursor.seq if is_more else entry.seq
            await journal.move(tx, CONSUMER, Cursor(done, place))
        if owed:
            log.info("owed", source=entry.source, entry=entry.seq, deliveries=len(owed))
        return True

    def _owed_by(self, reader: Subscription, entry: Entry, issue: Issue) -> Iterator[Owed]:
        """What this entry owes to this reader, in order."""
        source = self._settings.source(entry.source)
        articles = select(issue, reader, source.skip if source else ())
        if entry.kind is EntryKind.ARTICLE_ADDED:
            added = [article for article in articles if article.id == entry.article_id]
            if reader.mode is Mode.ARTICLE:
                yield from self._one_each(reader, entry, added)
        elif not articles:
            return
        elif reader.mode is Mode.ARTICLE:
            yield from self._one_each(reader, entry, articles[: reader.max_messages])
            if len(articles) > reader.max_messages:
                place = reader.max_messages
                yield self._owed(reader, entry, f"issue:{issue.id}", "rest", place)
        else:
            yield self._owed(reader, entry, f"issue:{issue.id}", str(reader.mode))

    def _one_each(
        self, reader: Subscription, entry: Entry, articles: Sequence[Article]
    ) -> Iterator[Owed]:
        for place, article in enumerate(articles):
            yield self._owed(reader, entry, f"article:{article.id}", "article", place)

    def _owed(
        self, reader: Subscription, entry: Entry, subject: str, form: str, place: int = 0
    ) -> Owed:
        """The first message may sound, the others are silent, and all are in quiet hours."""
        timezone = self._settings.timezone
        due = self._clock.now()
        if reader.mode is Mode.DAILY:
            due = next_at(reader.at or "20:00", due, timezone)
        return Owed(
            chat=reader.chat,
            topic=reader.topic,
            subject=subject,
            kind=form,
            source=entry.source,
            seq=entry.seq,
            place=place,
            entry_at=entry.at,
            due_at=due,
            silent=place > 0 or is_quiet(reader.quiet, due, timezone),
        )
