"""On which days a newspaper came out: for the calendar of back issues and for the sitemap."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, and_, extract, func, select

from feeds.models import IssueStatus
from feeds.store.engine import Transaction
from feeds.store.headlines import SHOWN
from feeds.store.tables import articles, issues, pages

_SHOWN = issues.c.status.in_(SHOWN)


@dataclass(frozen=True, slots=True)
class Month:
    """A month in which a paper came out. `first` is its first day, `updated` the last change in it."""

    source: str
    first: date
    issues: int
    updated: datetime


@dataclass(frozen=True, slots=True)
class Day:
    """An issue in a calendar. `lead` is the first title on its front page, or None."""

    key: str
    date: date
    number: str | None
    lead: str | None


@dataclass(frozen=True, slots=True)
class Address:
    """An issue (`article` is None) or an article for the sitemap, with its last change."""

    issue: str
    article: str | None
    updated: datetime


async def keys(tx: Transaction, source: str) -> tuple[str, ...]:
    """The keys of all issues that have a page, a withdrawn one's notice too, oldest first."""
    wanted = select(issues.c.key).where(
        issues.c.source == source, issues.c.status != IssueStatus.PARTIAL
    )
    return tuple((await tx.execute(wanted.order_by(issues.c.date, issues.c.key))).scalars())


async def months(tx: Transaction, papers: Collection[str]) -> tuple[Month, ...]:
    """The months of these papers, each paper's newest first."""
    year, month = extract("year", issues.c.date), extract("month", issues.c.date)
    wanted = (
        select(
            issues.c.source,
            year.label("year"),
            month.label("month"),
            func.count().label("issues"),
            func.max(issues.c.updated_at).label("updated"),
        )
        .where(issues.c.source.in_(papers), _SHOWN)
        .group_by(issues.c.source, year, month)
        .order_by(issues.c.source, year.desc(), month.desc())
    )
    return tuple(
        Month(row.source, date(int(row.year), int(row.month), 1), row.issues, row.updated)
        for row in await tx.execute(wanted)
    )


async def days(tx: Transaction, source: str, month: date) -> tuple[Day, ...]:
    """The issues of one month, oldest first. `month` is any day of it."""
    lead = (
        select(articles.c.title)
        .join(pages, pages.c.id == articles.c.page_id)
        .where(
            articles.c.issue_id == issues.c.id,
            articles.c.content_hash.is_not(None),
            articles.c.withdrawn_at.is_(None),
        )
        .order_by(pages.c.position, articles.c.position, articles.c.id)
        .limit(1)
        .correlate(issues)
        .scalar_subquery()
    )
    wanted = (
        select(issues.c.key, issues.c.date, issues.c.number, lead.label("lead"))
        .where(issues.c.source == source, _SHOWN, _is_in(month))
        .order_by(issues.c.date, issues.c.key)
    )
    return tuple(
        Day(row.key, row.date, row.number, row.lead or None) for row in await tx.execute(wanted)
    )


async def addresses(tx: Transaction, source: str, month: date) -> tuple[Address, ...]:
    """All pages of one month, each issue before its articles. What was withdrawn has no address."""
    of_month = (issues.c.source == source, _SHOWN, _is_in(month))
    in_order = (issues.c.date, issues.c.key)
    heads = select(issues.c.key, issues.c.updated_at).where(*of_month).order_by(*in_order)
    below = (
        select(issues.c.key.label("issue"), articles.c.key, articles.c.updated_at)
        .join(articles, articles.c.issue_id == issues.c.id)
        .where(*of_month, articles.c.content_hash.is_not(None), articles.c.withdrawn_at.is_(None))
        .order_by(*in_order, articles.c.page_id, articles.c.position)
    )
    found = [Address(row.key, None, row.updated_at) for row in await tx.execute(heads)]
    found += [Address(row.issue, row.key, row.updated_at) for row in await tx.execute(below)]
    return tuple(found)


def _is_in(month: date) -> ColumnElement[bool]:
    first = month.replace(day=1)
    return and_(issues.c.date >= first, issues.c.date < next_month(first))


def next_month(first: date) -> date:
    """The first day of the month after."""
    is_december = first.month == 12  # noqa: PLR2004 - the calendar's own number
    return date(first.year + is_december, first.month % 12 + 1, 1)
