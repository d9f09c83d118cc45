"""The diary of looks: when each newspaper was looked at, how that went, and what is still to do."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, or_, select, update

from feeds.models import IssueStatus
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, pages, sources

_RECENT = 2  # complete issues that late articles and failed ones are still looked for in
_MOST_DUE = 500


@dataclass(frozen=True, slots=True)
class Standing:
    """How a newspaper stood after its last look. `failures` are bad looks in a row."""

    failures: int = 0
    next_look_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class DueLook:
    """An article whose read count is to be looked at, and the documents that may show it. `page_url`
    is that of its page or, where the page has none, of its issue.
    """

    issue: str
    page: str
    page_name: str | None
    article: str
    url: str
    page_url: str


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """An issue by its own URL."""

    key: str
    date: date
    url: str
    previous: str | None
    status: IssueStatus


async def standing(tx: Transaction, source: str) -> Standing:
    """As after the last look, also after a restart."""
    row = (await tx.execute(select(sources).where(sources.c.id == source))).first()
    return Standing() if row is None else Standing(row.failures, row.next_look_at)


async def note_success(tx: Transaction, source: str, now: datetime, again: datetime) -> None:
    """A look that read what it wanted."""
    values = {
        "looked_at": now,
        "read_at": now,
        "failures": 0,
        "next_look_at": again,
        "reason": None,
    }
    await tx.execute(update(sources).where(sources.c.id == source).values(**values))


async def note_failure(
    tx: Transaction, source: str, now: datetime, again: datetime, failures: int, reason: str
) -> None:
    """A look that failed, with the reason for people."""
    values = {"looked_at": now, "failures": failures, "next_look_at": again, "reason": reason[:500]}
    await tx.execute(update(sources).where(sources.c.id == source).values(**values))


async def issues_by_age(tx: Transaction, source: str, limit: int) -> tuple[KnownUrl, ...]:
    """The newest `limit` issues of any status, oldest first."""
    newest = select(issues).where(issues.c.source == source)
    rows = await tx.execute(newest.order_by(issues.c.date.desc(), issues.c.key.desc()).limit(limit))
    found = [KnownUrl(row.key, row.date, row.url, row.previous_url, row.status) for row in rows]
    return tuple(reversed(found))


async def open_issues(tx: Transaction, source: str, most_attempts: int) -> tuple[str, ...]:
    """The keys of the issues of which something is still to be read, oldest first: those that are not
    complete, and the newest complete ones where something failed or came late.
    """
    recent = (
        select(issues.c.id)
        .where(issues.c.source == source, issues.c.status == IssueStatus.COMPLETE)
        .order_by(issues.c.date.desc(), issues.c.key.desc())
        .limit(_RECENT)
    )
    unread_article = articles.c.content_hash.is_(None) & (articles.c.attempts < most_attempts)
    unread_page = pages.c.read_at.is_(None) & (pages.c.attempts < most_attempts)
    is_open = or_(
        select(articles.c.id).where(articles.c.issue_id == issues.c.id, unread_article).exists(),
        select(pages.c.id).where(pages.c.issue_id == issues.c.id, unread_page).exists(),
    )
    is_candidate = or_(issues.c.status == IssueStatus.PARTIAL, issues.c.id.in_(recent))
    wanted = select(issues.c.key).where(issues.c.source == source, is_candidate, is_open)
    return tuple((await tx.execute(wanted.order_by(issues.c.date, issues.c.key))).scalars())


async def due_looks(tx: Transaction, source: str, now: datetime) -> Sequence[DueLook]:
    """The articles whose counts are due, longest due first; at most 500."""
    wanted = (
        select(
            articles.c.key,
            articles.c.url,
            issues.c.key.label("issue"),
            issues.c.url.label("issue_url"),
            pages.c.label,
            pages.c.name,
            pages.c.url.label("page_url"),
        )
        .join(issues, issues.c.id == articles.c.issue_id)
        .join(pages, pages.c.id == articles.c.page_id)
        .where(articles.c.source == source, articles.c.reads_due_at <= now)
        .order_by(articles.c.reads_due_at, articles.c.id)
        .limit(_MOST_DUE)
    )
    return [
        DueLook(row.issue, row.label, row.name, row.key, row.url, row.page_url or row.issue_url)
        for row in await tx.execute(wanted)
    ]


async def next_due(tx: Transaction, source: str) -> datetime | None:
    """When the next count is due."""
    earliest = select(func.min(articles.c.reads_due_at)).where(articles.c.source == source)
    return (await tx.execute(earliest)).scalar_one_or_none()
