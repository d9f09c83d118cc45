"""Taking an article back (撤稿) and giving it back: the row, the search index and the journal together.

Whatever shows articles (pages, feeds, search, messages sent) follows the journal from here.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select, update

from feeds.models import EntryKind, NewEntry, WithdrawnBy
from feeds.store import journal, search
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, withheld


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """An article that was taken back, by its names: rows have other numbers in other databases."""

    source: str
    issue: str
    article: str
    by: WithdrawnBy
    reason: str | None


async def withdraw(
    tx: Transaction, article_id: int, by: WithdrawnBy, reason: str | None, now: datetime
) -> bool:
    """Takes the article back. False where it was taken back already; an operator's withdrawal then
    replaces the newspaper's, so that no later look undoes it.
    """
    row = (await tx.execute(select(articles).where(articles.c.id == article_id))).one()
    if row.withdrawn_at is None or (by, row.withdrawn_by) == (
        WithdrawnBy.OPERATOR,
        WithdrawnBy.PAPER,
    ):
        values = {
            "withdrawn_at": row.withdrawn_at or now,
            "withdrawn_by": by,
            "withdrawn_reason": reason,
        }
        await tx.execute(update(articles).where(articles.c.id == article_id).values(**values))
    if row.withdrawn_at is not None:
        return False
    if row.content_hash is not None:
        await search.forget(tx, article_id, row)
    await _tell(tx, EntryKind.ARTICLE_WITHDRAWN, row, {"by": by, "reason": reason}, now)
    return True


async def restore(tx: Transaction, article_id: int, by: WithdrawnBy, now: datetime) -> bool:
    """Gives the article back. False where it was not taken back, or where the newspaper shows again
    what an operator withdrew.
    """
    row = (await tx.execute(select(articles).where(articles.c.id == article_id))).one()
    is_operators = row.withdrawn_by is WithdrawnBy.OPERATOR
    if row.withdrawn_at is None or (is_operators and by is WithdrawnBy.PAPER):
        return False
    values = {"withdrawn_at": None, "withdrawn_by": None, "withdrawn_reason": None}
    await tx.execute(update(articles).where(articles.c.id == article_id).values(**values))
    if row.content_hash is not None:
        await search.add(tx, article_id, row)
    await _tell(tx, EntryKind.ARTICLE_RESTORED, row, {"by": by}, now)
    return True


async def carry_over(tx: Transaction, taken: Sequence[Withdrawn], now: datetime) -> int:
    """Takes back here what was taken back in another copy of this archive; what an operator took back
    and this one has not seen, once it is seen. Returns how many that is.
    """
    carried = 0
    for one in taken:
        names = (one.source, one.issue, one.article)
        row = await _row_of(tx, *names)
        if row is not None:
            carried += await withdraw(tx, row, one.by, one.reason, now)
        elif one.by is WithdrawnBy.OPERATOR and not await _is_withheld(tx, *names):
            values = dict(zip(("source", "issue", "article"), names, strict=True))
            await tx.execute(insert(withheld).values(**values, reason=one.reason))
            carried += 1
    return carried


async def _row_of(tx: Transaction, source: str, issue: str, article: str) -> int | None:
    wanted = (
        select(articles.c.id)
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(issues.c.source == source, issues.c.key == issue, articles.c.key == article)
    )
    row: int | None = (await tx.execute(wanted)).scalar_one_or_none()
    return row


async def _is_withheld(tx: Transaction, source: str, issue: str, article: str) -> bool:
    here = (withheld.c.source == source) & (withheld.c.issue == issue)
    return bool((await tx.execute(select(1).where(here, withheld.c.article == article))).first())


async def withhold(
    tx: Transaction, source: str, issue: str, fresh: Mapping[str, int], now: datetime
) -> None:
    """Takes back those of these articles (rows by key) that were to be once they are seen."""
    here = (withheld.c.source == source) & (withheld.c.issue == issue)
    for row in (await tx.execute(select(withheld).where(here))).all():
        if row.article in fresh:
            await withdraw(tx, fresh[row.article], WithdrawnBy.OPERATOR, row.reason, now)
            await tx.execute(delete(withheld).where(here, withheld.c.article == row.article))


async def _tell(
    tx: Transaction, kind: EntryKind, row: search.Row, data: dict[str, object], now: datetime
) -> None:
    entry = NewEntry(kind, row.source, row.issue_id, row.id, data=data)
    await journal.append(tx, [entry], now)
