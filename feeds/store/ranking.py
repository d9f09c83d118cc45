"""The most read: articles by their count, and how a count grew."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select

from feeds.models import Article, ArticleKind, ReadCount
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.headlines import SHOWN
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
    ids = (await tx.execute(wanted.limit(limit))).scalars().all()
    found = await library.articles_by_id(tx, ids)
    firsts = await _first_counts(tx, ids)
    return tuple(Ranked(found[one], _grown(found[one], firsts.get(one))) for one in ids)


async def curve(tx: Transaction, article_id: int) -> tuple[Point, ...]:
    """All counts of an article that were seen, oldest first."""
    wanted = select(read_counts).where(read_counts.c.article_id == article_id)
    rows = await tx.execute(wanted.order_by(read_counts.c.seen_at))
    return tuple(Point(row.seen_at, ReadCount(row.value, row.exact)) for row in rows)


async def _newest_day(tx: Transaction, sources: Collection[str]) -> date | None:
    newest = select(func.max(issues.c.date)).where(
        issues.c.source.in_(sources), issues.c.status.in_(SHOWN)
    )
    day: date | None = (await tx.execute(newest)).scalar_one_or_none()
    return day


def _counted(
    sources: Collection[str], since: date, skip: Collection[ArticleKind]
) -> Select[tuple[Any, ...]]:
    """By way of the days' issues: by way of the papers every article that they ever printed would be
    looked at (SQLite's plan, measured).
    """
    of_these_days = select(issues.c.id).where(
        issues.c.source.in_(sources),
        issues.c.status.in_(SHOWN),
        issues.c.date >= since,
    )
    return (
        select(articles.c.id)
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(
            articles.c.issue_id.in_(of_these_days),
            articles.c.reads > 0,
            articles.c.withdrawn_at.is_(None),
            articles.c.kind.not_in(skip),
        )
        .order_by(articles.c.reads.desc(), issues.c.date.desc(), articles.c.id)
    )


async def _first_counts(tx: Transaction, ids: Sequence[int]) -> dict[int, int]:
    """The least count seen of each, asked for those alone that are shown: within the ranking it would
    be looked up for every candidate.
    """
    least = func.min(read_counts.c.value).label("least")
    wanted = select(read_counts.c.article_id, least).where(read_counts.c.article_id.in_(ids))
    rows = await tx.execute(wanted.group_by(read_counts.c.article_id))
    return {row.article_id: row.least for row in rows}


def _grown(article: Article, first: int | None) -> int | None:
    now = article.reads.value if article.reads else None
    return None if first is None or now is None or first == now else now - first
