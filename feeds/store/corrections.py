"""What was wrong: an article's text before its last correction, and why it was taken back."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, select

from feeds.models import Correction, WithdrawnBy
from feeds.store.engine import Transaction
from feeds.store.tables import articles, revisions


@dataclass(frozen=True, slots=True)
class Withdrawal:
    """Who took an article back, and the operator's reason where one was given."""

    at: datetime
    by: WithdrawnBy
    reason: str | None


async def last_correction(tx: Transaction, article_id: int) -> Correction | None:
    """The newest of an article's corrections, or None where it never changed."""
    wanted = (
        select(revisions.c.seen_at, revisions.c.content)
        .where(revisions.c.article_id == article_id)
        .order_by(revisions.c.revision.desc())
        .limit(1)
    )
    row = (await tx.execute(wanted)).first()
    return None if row is None else _correction(row)


async def of_issue(tx: Transaction, issue_id: int) -> dict[int, Correction]:
    """The newest correction of each corrected article of an issue, by the article's id."""
    wanted = (
        select(revisions.c.article_id, revisions.c.seen_at, revisions.c.content)
        .join(articles, articles.c.id == revisions.c.article_id)
        .where(articles.c.issue_id == issue_id, revisions.c.revision == articles.c.revision - 1)
    )
    return {row.article_id: _correction(row) for row in await tx.execute(wanted)}


async def withdrawal(tx: Transaction, article_id: int) -> Withdrawal | None:
    """How an article was taken back, or None where it stands."""
    wanted = select(
        articles.c.withdrawn_at, articles.c.withdrawn_by, articles.c.withdrawn_reason
    ).where(articles.c.id == article_id, articles.c.withdrawn_at.is_not(None))
    row = (await tx.execute(wanted)).first()
    if row is None:
        return None
    by = row.withdrawn_by or WithdrawnBy.PAPER
    return Withdrawal(row.withdrawn_at, by, row.withdrawn_reason)


def _correction(row: Row[Any]) -> Correction:
    before = row.content
    return Correction(
        at=row.seen_at,
        title=before["title"],
        kicker=before["kicker"],
        subtitle=before["subtitle"],
        byline=before["byline"],
        body_text=before["body_text"],
    )
