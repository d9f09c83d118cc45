"""Where issues may be missing: between two that are known, of which the newer came out while nobody may have
looked. A gap is written down with the issue behind it, in one transaction, and stays until it is filled or
given up, so that neither a failing page nor a restart lets an issue be forgotten.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, delete, insert, or_, select, update

from feeds.store.engine import Transaction
from feeds.store.looks import KnownUrl, known_urls
from feeds.store.tables import gaps, issues


@dataclass(frozen=True, slots=True)
class Gap:
    """Between the issues with these keys. `attempts` counts what was tried in vain, as for a page."""

    older: str
    newer: str
    attempts: int


async def begin(tx: Transaction, source: str, key: str, now: datetime) -> None:
    """Writes down that issues may be missing before this one, which was not known until now; not where it
    is the oldest that is known, or links the one that is known before it.
    """
    ours = issues.c.source == source
    newer = (await tx.execute(select(issues).where(ours, issues.c.key == key))).one()
    older = select(issues.c.key, issues.c.url).where(ours, _is_before(newer.date, key))
    last = older.order_by(issues.c.date.desc(), issues.c.key.desc()).limit(1)
    before = (await tx.execute(last)).first()
    if before is None or before.url == newer.previous_url:
        return
    row = {"source": source, "older": before.key, "newer": key, "attempts": 0, "due_at": now}
    await tx.execute(insert(gaps).values(**row))


async def due(tx: Transaction, source: str, now: datetime) -> Sequence[Gap]:
    """The gaps that are to be filled now, oldest first."""
    wanted = select(gaps).where(gaps.c.source == source, gaps.c.due_at <= now)
    rows = await tx.execute(wanted.order_by(gaps.c.newer))
    return [Gap(row.older, row.newer, row.attempts) for row in rows]


async def across(tx: Transaction, source: str, gap: Gap) -> tuple[KnownUrl, ...]:
    """What is known from one side of a gap to the other, oldest first."""
    ours = issues.c.source == source
    wanted = select(issues.c.date, issues.c.key).where(
        ours, issues.c.key.in_([gap.older, gap.newer])
    )
    days = {row.key: row.date for row in await tx.execute(wanted)}
    if len(days) < 2:  # noqa: PLR2004 - both sides
        return ()
    since, until = days[gap.older], days[gap.newer]
    inside = and_(
        or_(_is_before(until, gap.newer), issues.c.key == gap.newer),
        ~_is_before(since, gap.older),
    )
    return await known_urls(tx, select(issues).where(ours, inside))


async def postpone(tx: Transaction, source: str, gap: Gap, attempts: int, due_at: datetime) -> None:
    """Tried in vain; when to try again."""
    values = {"attempts": attempts, "due_at": due_at}
    await tx.execute(update(gaps).where(_of(source, gap)).values(**values))


async def close(tx: Transaction, source: str, gap: Gap) -> None:
    """Nothing is missing there any more, or it is given up."""
    await tx.execute(delete(gaps).where(_of(source, gap)))


def _of(source: str, gap: Gap) -> ColumnElement[bool]:
    return and_(gaps.c.source == source, gaps.c.newer == gap.newer)


def _is_before(day: date, key: str) -> ColumnElement[bool]:
    return or_(issues.c.date < day, and_(issues.c.date == day, issues.c.key < key))
