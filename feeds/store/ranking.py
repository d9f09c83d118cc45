"""The most read: articles by their count, and how a count grew."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Row, Select, func, select

from feeds.models import Article, ArticleKind, IssueStatus, ReadCount
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, read_counts


@dataclass(frozen=True, slots=True)
class Ranked:
    """An article among the most read. `grown` is how much its count rose since we first saw it; None
    where we saw it once.
    """

    article: Article
    grown: int | None


@dataclass(frozen=True, slots=True)
class Point:
    """A count as it was seen at an instant."""

    at: datetime
    count: ReadCount


async def most_read(
    tx: Transaction,
    sources: Collection[str],
    days: int,
    limit: int,
    skip: Collection[ArticleKind] = (),
) -> tuple[Ranked, ...]:
    """At most `limit` articles of these papers' issues of the last `days` days (1: the newest issue's
    own day), counted from the newest issue among them, the most read first.
    """
    until = await _newest_day(tx, sources)
    if until is None:
        return ()
    wanted = _counted(sources, until - timedelta(days=days - 1), skip)
    rows = (await tx.execute(wanted.limit(limit))).all()
    found = await library.articles_by_id(tx, [row.id for row in rows])
    return tuple(Ranked(found[row.id], _grown(row)) for row in rows)


async def curve(tx: Transaction, article_id: int) -> tuple[Point, ...]:
    """All counts of an article that were seen, oldest first."""
    wanted = select(read_counts).where(read_counts.c.article_id == article_id)
    rows = await tx.execute(wanted.order_by(read_counts.c.seen_at))
    return tuple(Point(row.seen_at, ReadCount(row.value, row.exact)) for row in rows)


async def _newest_day(tx: Transaction, sources: Collection[str]) -> date | None:
    newest = select(func.max(issues.c.date)).where(
        issues.c.source.in_(sources), issues.c.status == IssueStatus.COMPLETE
    )
    day: date | None = (await tx.execute(newest)).scalar_one_or_none()
    return day


def _counted(
    sources: Collection[str], since: date, skip: Collection[ArticleKind]
) -> Select[tuple[Any, ...]]:
    first = (
        select(func.min(read_counts.c.value))
        .where(read_counts.c.article_id == articles.c.id)
        .scalar_subquery()
    )
    return (
        select(articles.c.id, articles.c.reads, first.label("first"))
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(
            articles.c.source.in_(sources),
            issues.c.status == IssueStatus.COMPLETE,
            issues.c.date >= since,
            articles.c.reads > 0,
            articles.c.withdrawn_at.is_(None),
            articles.c.kind.not_in(skip),
        )
        .order_by(articles.c.reads.desc(), issues.c.date.desc(), articles.c.id)
    )


def _grown(row: Row[Any]) -> int | None:
    return None if row.first is None or row.first == row.reads else row.reads - row.first
