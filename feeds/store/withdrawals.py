"""Taking an article back (撤稿) and giving it back: the row, the search index and the journal together.

Whatever shows articles (pages, feeds, search, messages sent) follows the journal from here.
"""

from datetime import datetime

from sqlalchemy import select, update

from feeds.models import EntryKind, NewEntry, WithdrawnBy
from feeds.store import journal, search
from feeds.store.engine import Transaction
from feeds.store.tables import articles


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


async def _tell(
    tx: Transaction, kind: EntryKind, row: search.Row, data: dict[str, object], now: datetime
) -> None:
    entry = NewEntry(kind, row.source, row.issue_id, row.id, data=data)
    await journal.append(tx, [entry], now)
