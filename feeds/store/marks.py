"""Which issues and articles feeds show: by marks, without loading a single text.

A mark says what a publisher must know of an issue to decide whether it has to be loaded at all. The
order of a paper is by date; the order of arrival, for all papers together, is by completion, and what
is still open comes last. Only what was news when it came arrives: a backfill fills the archive of its
paper and floods nobody.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Row, Select, and_, func, literal, or_, select, tuple_

from feeds.models import ArticleKind, IssueStatus
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, sources

SHOWN = (IssueStatus.OPEN, IssueStatus.COMPLETE)
_NEWEST_FIRST = (issues.c.date.desc(), issues.c.key.desc())
_PLAIN = select(issues, literal(0).label("held"))  # where nobody asks how many articles there are
_BATCH = 64


@dataclass(frozen=True, slots=True)
class Mark:
    """An issue as its row. `articles` is how many of them a feed would show."""

    id: int
    source: str
    key: str
    date: date
    status: IssueStatus
    completed_at: datetime | None
    updated: datetime
    articles: int


@dataclass(frozen=True, slots=True)
class Window:
    """How much of a paper a feed shows: whole issues, at least `issues` of them and at least
    `entries` articles, and everything that is at most `span` older than the newest; but no more
    issues once `most` articles are in.
    """

    entries: int
    issues: int = 1
    span: timedelta = timedelta()
    most: int = 1_000_000

    def holds_more(self, marks: Sequence[Mark], following: Mark) -> bool:
        """Whether the issue that follows these is shown too."""
        shown = sum(mark.articles for mark in marks)
        if shown >= self.most:
            return False
        if len(marks) < self.issues or shown < self.entries:
            return True
        return _age(marks[0], following) <= self.span and bool(self.span)


def _age(newest: Mark, mark: Mark) -> timedelta:
    if newest.completed_at and mark.completed_at:
        return max(newest.completed_at - mark.completed_at, timedelta())
    return newest.date - mark.date


async def of_paper(
    tx: Transaction, source: str, window: Window, skip: Collection[str] = ()
) -> tuple[Mark, ...]:
    """The paper's issues that a feed shows, newest first."""
    wanted = _marks(skip).where(issues.c.source == source, issues.c.status.in_(SHOWN))
    return await _take(tx, wanted.order_by(*_NEWEST_FIRST), window)


async def of_month(
    tx: Transaction, source: str, days: int, skip: Collection[str] = ()
) -> tuple[Mark, ...]:
    """The paper's issues of the `days` that end with its newest, newest first."""
    shown = (issues.c.source == source, issues.c.status.in_(SHOWN))
    newest = (await tx.execute(select(func.max(issues.c.date)).where(*shown))).scalar_one()
    if newest is None:
        return ()
    since = newest - timedelta(days=days)
    wanted = _marks(skip).where(*shown, issues.c.date > since).order_by(*_NEWEST_FIRST)
    return tuple(_mark(row) for row in await tx.execute(wanted))


async def arrived(
    tx: Transaction, papers: Collection[str], window: Window, skip: Collection[str] = ()
) -> tuple[Mark, ...]:
    """The issues of all these papers that a common feed shows, the last arrival first: before all
    others what is still open.
    """
    wanted = _marks(skip).where(_is_arrival(papers))
    is_open = issues.c.status == IssueStatus.OPEN
    rows = await tx.execute(wanted.where(is_open).order_by(issues.c.id.desc()))
    still_open = [_mark(row) for row in rows]
    is_complete = issues.c.status == IssueStatus.COMPLETE
    last_first = (issues.c.completed_at.desc(), issues.c.id.desc())
    return await _take(tx, wanted.where(is_complete).order_by(*last_first), window, still_open)


async def complete(tx: Transaction, source: str) -> tuple[Mark, ...]:
    """All complete issues of a paper, oldest first: its archive."""
    wanted = _PLAIN.where(issues.c.source == source, issues.c.status == IssueStatus.COMPLETE)
    rows = await tx.execute(wanted.order_by(issues.c.date, issues.c.key))
    return tuple(_mark(row) for row in rows)


async def all_arrived(tx: Transaction, papers: Collection[str]) -> tuple[Mark, ...]:
    """All complete issues that arrived of these papers, in that order: their common archive."""
    wanted = _PLAIN.where(_is_arrival(papers), issues.c.status == IssueStatus.COMPLETE)
    rows = await tx.execute(wanted.order_by(issues.c.completed_at, issues.c.id))
    return tuple(_mark(row) for row in rows)


async def by_id(tx: Transaction, issue_id: int) -> Mark | None:
    """One issue, whatever its status."""
    row = (await tx.execute(_PLAIN.where(issues.c.id == issue_id))).first()
    return None if row is None else _mark(row)


# ── neighbours in an archive ────────────────────────────────────────────────────────────────────


async def archive_neighbours(tx: Transaction, mark: Mark) -> tuple[Mark | None, Mark | None]:
    """The complete issues before and after this one in its paper's archive."""
    place = tuple_(issues.c.date, issues.c.key)
    here = tuple_(mark.date, mark.key)
    wanted = _PLAIN.where(issues.c.source == mark.source, issues.c.status == IssueStatus.COMPLETE)
    before = wanted.where(place < here).order_by(*_NEWEST_FIRST)
    after = wanted.where(place > here).order_by(issues.c.date, issues.c.key)
    return await _one(tx, before), await _one(tx, after)


async def arrival_neighbours(
    tx: Transaction, papers: Collection[str], mark: Mark
) -> tuple[Mark | None, Mark | None]:
    """The complete issues before and after this one in the common archive of these papers; what is
    still open comes after all of them.
    """
    when, number = issues.c.completed_at, issues.c.id
    wanted = _PLAIN.where(_is_arrival(papers), issues.c.status == IssueStatus.COMPLETE)
    before = wanted.order_by(when.desc(), number.desc())
    if mark.completed_at is None:
        return await _one(tx, before), None
    earlier = or_(when < mark.completed_at, and_(when == mark.completed_at, number < mark.id))
    later = or_(when > mark.completed_at, and_(when == mark.completed_at, number > mark.id))
    after = wanted.where(later).order_by(when, number)
    return await _one(tx, before.where(earlier)), await _one(tx, after)


async def is_arrival(tx: Transaction, mark: Mark) -> bool:
    """Whether the issue was news when it came."""
    wanted = select(issues.c.push).where(issues.c.id == mark.id)
    return bool((await tx.execute(wanted)).scalar_one())


# ── what happened to articles ───────────────────────────────────────────────────────────────────


async def changed_later(
    tx: Transaction, source: str, oldest: Mark, limit: int
) -> tuple[tuple[int, str], ...]:
    """(issue id, article key) of articles that changed or came after their issue was complete, and
    after the oldest issue of a window was; their own issues are older than it. Newest first.
    """
    if oldest.completed_at is None:
        return ()
    wanted = (
        select(articles.c.issue_id, articles.c.key)
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(
            articles.c.source == source,
            issues.c.status == IssueStatus.COMPLETE,
            tuple_(issues.c.date, issues.c.key) < tuple_(oldest.date, oldest.key),
            articles.c.updated_at > issues.c.completed_at,
            articles.c.updated_at > oldest.completed_at,
            _IS_SHOWN,
        )
        .order_by(articles.c.updated_at.desc(), articles.c.id)
    )
    return tuple((row.issue_id, row.key) for row in await tx.execute(wanted.limit(limit)))


@dataclass(frozen=True, slots=True)
class Gone:
    """What was taken back: an issue, or (with a key) an article of it."""

    source: str
    issue: str
    article: str | None
    at: datetime


async def gone(tx: Transaction, papers: Collection[str], limit: int) -> tuple[Gone, ...]:
    """The last `limit` articles and issues that were taken back, newest first."""
    is_issue = issues.c.status == IssueStatus.WITHDRAWN
    when = func.coalesce(articles.c.withdrawn_at, issues.c.updated_at)
    of_articles = (
        select(issues.c.source, issues.c.key.label("issue"), articles.c.key, when.label("at"))
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(articles.c.source.in_(papers), articles.c.content_hash.is_not(None))
        .where(or_(articles.c.withdrawn_at.is_not(None), is_issue))
        .order_by(when.desc(), articles.c.id)
        .limit(limit)
    )
    of_issues = (
        select(issues.c.source, issues.c.key.label("issue"), issues.c.updated_at.label("at"))
        .where(issues.c.source.in_(papers), is_issue)
        .order_by(issues.c.updated_at.desc(), issues.c.id)
        .limit(limit)
    )
    found = [Gone(row.source, row.issue, row.key, row.at) for row in await tx.execute(of_articles)]
    found += [Gone(row.source, row.issue, None, row.at) for row in await tx.execute(of_issues)]
    return tuple(sorted(found, key=lambda one: one.at, reverse=True)[:limit])


async def next_looks(tx: Transaction) -> dict[str, datetime]:
    """When each paper is looked at next, as far as that is planned."""
    wanted = select(sources.c.id, sources.c.next_look_at).where(sources.c.next_look_at.is_not(None))
    return {row.id: row.next_look_at for row in await tx.execute(wanted)}


# ── rows ────────────────────────────────────────────────────────────────────────────────────────

_IS_SHOWN = and_(articles.c.content_hash.is_not(None), articles.c.withdrawn_at.is_(None))


def _marks(skip: Collection[str]) -> Select[Any]:
    held = (
        select(func.count())
        .where(articles.c.issue_id == issues.c.id, _IS_SHOWN)
        .where(articles.c.kind.not_in([ArticleKind(kind) for kind in skip]))
        .correlate(issues)
        .scalar_subquery()
    )
    return select(issues, held.label("held"))


def _is_arrival(papers: Collection[str]) -> ColumnElement[bool]:
    return and_(issues.c.source.in_(papers), issues.c.push)


async def _take(
    tx: Transaction, wanted: Select[Any], window: Window, before: Sequence[Mark] = ()
) -> tuple[Mark, ...]:
    """As many as the window holds, after those that it holds already. What is read at once doubles
    until that is known.
    """
    batch = _BATCH
    while True:
        rows = (await tx.execute(wanted.limit(batch))).all()
        taken = list(before)
        for row in rows:
            mark = _mark(row)
            if taken and not window.holds_more(taken, mark):
                return tuple(taken)
            taken.append(mark)
        if len(rows) < batch:
            return tuple(taken)
        batch *= 2


async def _one(tx: Transaction, wanted: Select[Any]) -> Mark | None:
    row = (await tx.execute(wanted.limit(1))).first()
    return None if row is None else _mark(row)


def _mark(row: Row[Any]) -> Mark:
    return Mark(
        id=row.id,
        source=row.source,
        key=row.key,
        date=row.date,
        status=row.status,
        completed_at=row.completed_at,
        updated=row.updated_at,
        articles=row.held,
    )
