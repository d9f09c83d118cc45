"""The journal: what happened, in the order of commits, and how far each consumer has read it.

Every append takes its numbers from the one row of `journal_end` and holds that row until commit.
So a number that a reader can see has no smaller one still to come: it may move its cursor past it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, insert, select, update
from sqlalchemy.engine import Row

from feeds.figures import NEWS
from feeds.models import Entry, EntryKind, NewEntry
from feeds.store.engine import Transaction
from feeds.store.tables import cursors, journal, journal_end

BELL = "journal"


@dataclass(frozen=True, slots=True)
class Cursor:
    """`seq` is the entry that was dealt with last; `place` is how far the next one is, for consumers
    that take one in several steps (empty: not begun).
    """

    seq: int
    place: str = ""


async def append(tx: Transaction, entries: Sequence[NewEntry], now: datetime) -> int:
    """Appends in order and returns the number of the last, or the journal's end if there are none."""
    if not entries:
        return await end(tx)
    taken = (
        update(journal_end)
        .values(seq=journal_end.c.seq + len(entries))
        .returning(journal_end.c.seq)
    )
    last = int((await tx.execute(taken)).scalar_one())
    first = last - len(entries) + 1
    rows = [
        {
            "seq": first + number,
            "at": now,
            "kind": entry.kind,
            "source": entry.source,
            "issue_id": entry.issue_id,
            "article_id": entry.article_id,
            "push": entry.push,
            "data": dict(entry.data),
        }
        for number, entry in enumerate(entries)
    ]
    await tx.execute(insert(journal), rows)
    for entry in entries:
        tx.count(NEWS, entry.source, entry.kind)
    tx.touch(BELL)
    return last


async def after(tx: Transaction, seq: int, limit: int) -> tuple[Entry, ...]:
    """At most `limit` entries behind `seq`, in order."""
    statement = select(journal).where(journal.c.seq > seq).order_by(journal.c.seq).limit(limit)
    return tuple(_entry(row) for row in await tx.execute(statement))


async def entry(tx: Transaction, seq: int) -> Entry | None:
    """One entry; None where it was never written or is no longer kept."""
    row = (await tx.execute(select(journal).where(journal.c.seq == seq))).first()
    return None if row is None else _entry(row)


async def has_grown(tx: Transaction, issue_id: int, before: int) -> bool:
    """Whether the issue was shown while it grew: its articles were told before entry `before`."""
    added = select(journal.c.seq).where(
        journal.c.issue_id == issue_id,
        journal.c.kind == EntryKind.ARTICLE_ADDED,
        journal.c.seq < before,
    )
    return (await tx.execute(added.limit(1))).first() is not None


async def end(tx: Transaction) -> int:
    """The number of the last entry; 0 for an empty journal."""
    return int((await tx.execute(select(journal_end.c.seq))).scalar_one())


async def begin(tx: Transaction) -> int:
    """The number behind which everything is kept: 0, or the last entry that was let go."""
    first = (await tx.execute(select(func.min(journal.c.seq)))).scalar_one()
    return await end(tx) if first is None else int(first) - 1


async def cursor(tx: Transaction, consumer: str) -> Cursor:
    """Where the consumer stands; at the beginning if it never moved."""
    statement = select(cursors.c.seq, cursors.c.place).where(cursors.c.consumer == consumer)
    row = (await tx.execute(statement)).first()
    return Cursor(0) if row is None else Cursor(row.seq, row.place)


async def move(tx: Transaction, consumer: str, to: Cursor) -> None:
    """Moves the consumer's cursor, in the transaction that wrote what it made of the entries."""
    moved = await tx.execute(
        update(cursors).where(cursors.c.consumer == consumer).values(seq=to.seq, place=to.place)
    )
    if moved.rowcount == 0:
        await tx.execute(insert(cursors).values(consumer=consumer, seq=to.seq, place=to.place))


def _entry(row: Row[tuple[object, ...]]) -> Entry:
    return Entry(
        seq=row.seq,
        at=row.at,
        kind=row.kind,
        source=row.source,
        issue_id=row.issue_id,
        article_id=row.article_id,
        push=row.push,
        data=row.data,
    )
