"""What was wrong: an article's text before its last correction, and why it was taken back."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from feeds.models import WithdrawnBy
from feeds.store.engine import Transaction
from feeds.store.tables import articles, revisions


@dataclass(frozen=True, slots=True)
class Correction:
    """What an article said until we saw it changed, at `at`. Its text now is the article's own."""

    at: datetime
    title: str
    kicker: str | None
    subtitle: str | None
    byline: str | None
    body_text: str


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
    if row is None:
        return None
    before = row.content
    return Correction(
        at=row.seen_at,
        title=before["title"],
        kicker=before["kicker"],
        subtitle=before["subtitle"],
        byline=before["byline"],
        body_text=before["body_text"],
    )


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
