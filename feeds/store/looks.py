"""The diary of looks: when each newspaper was looked at, how that went, and what is still to do."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Select, Text, cast, func, or_, select, update

from feeds.models import IssueStatus
from feeds.schedule import Sighting
from feeds.store.columns import Instant
from feeds.store.engine import Transaction
from feeds.store.rows import Rows
from feeds.store.tables import alarms, articles, gaps, issues, pages, sources

_RECENT = 2  # complete issues that late articles and failed ones are still looked for in
_MOST_DUE = 500
_HISTORY = 60  # issues


@dataclass(frozen=True, slots=True)
class Standing:
    """How a newspaper stood after its last look. `failures` are bad looks in a row; `read_at` was the last
    good one, or, before the first, when the newspaper was first known.
    """

    failures: int = 0
    next_look_at: datetime | None = None
    read_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Agenda:
    """What there is to do for a newspaper besides looking for a new issue. `has_open`: something is still
    to be read; `has_partial`: an issue is not complete. The times are when the next counts, lists,
    closings and gaps are due. `alarms` are those that are raised.
    """

    has_open: bool = False
    has_partial: bool = False
    has_alarms: bool = False
    look_at: datetime | None = None
    recheck_at: datetime | None = None
    close_at: datetime | None = None
    gap_at: datetime | None = None

    @property
    def due_at(self) -> datetime | None:
        """The first of all that is due."""
        return min(
            filter(None, (self.look_at, self.recheck_at, self.close_at, self.gap_at)), default=None
        )


@dataclass(frozen=True, slots=True)
class DueLook:
    """An article whose own document is to be looked at again."""

    issue: str
    page_name: str | None
    article: str
    url: str


@dataclass(frozen=True, slots=True)
class KnownUrl:
    """An issue by its own URL."""

    key: str
    date: date
    url: str
    previous: str | None


async def standing(tx: Transaction, source: str) -> Standing:
    """As after the last look, also after a restart."""
    row = (await tx.execute(select(sources).where(sources.c.id == source))).first()
    if row is None:
        return Standing()
    return Standing(row.failures, row.next_look_at, row.read_at or row.created_at)


async def agenda(tx: Transaction, source: str, most_attempts: int) -> Agenda:
    """What is to do, in one statement."""
    ours = issues.c.source == source
    looks = select(func.min(articles.c.reads_due_at)).where(articles.c.source == source)
    closes = select(func.min(issues.c.closes_at)).where(ours, issues.c.status == IssueStatus.OPEN)
    partial = select(issues.c.id).where(ours, issues.c.status == IssueStatus.PARTIAL)
    rechecks = select(func.min(issues.c.recheck_at)).where(ours)
    missing = select(func.min(gaps.c.due_at)).where(gaps.c.source == source)
    raised = select(alarms.c.kind).where(alarms.c.source == source)
    row = (
        await tx.execute(
            select(
                _open(source, most_attempts).exists().label("has_open"),
                partial.exists().label("has_partial"),
                raised.exists().label("has_alarms"),
                looks.scalar_subquery().label("look_at"),
                rechecks.scalar_subquery().label("recheck_at"),
                closes.scalar_subquery().label("close_at"),
                missing.scalar_subquery().label("gap_at"),
            )
        )
    ).one()
    return Agenda(*row)


async def note_good(tx: Transaction, notes: Sequence[tuple[str, datetime, datetime]]) -> None:
    """Looks that read what they wanted: the newspaper, when that was, and when the next is due."""
    await tx.execute(_NOTE_GOOD, {"notes": notes})


def _note_good() -> Any:
    to = Rows("notes", id=Text(), at=Instant(), again=Instant())
    read = {"looked_at": to.c.at, "read_at": to.c.at, "failures": 0, "reason": None}
    noted = update(sources).where(sources.c.id == to.c.id)
    return noted.values(**read, next_look_at=to.c.again)


_NOTE_GOOD = _note_good()


async def note_failure(
    tx: Transaction, source: str, now: datetime, again: datetime, failures: int, reason: str
) -> None:
    """A look that failed, with the reason for people."""
    values = {"looked_at": now, "failures": failures, "next_look_at": again, "reason": reason[:500]}
    await tx.execute(update(sources).where(sources.c.id == source).values(**values))


async def note_rules(tx: Transaction, source: str, found_by: Mapping[str, str]) -> bool:
    """By which rule each field of the article that was read last was found. False where that is known
    already: then nothing is written.
    """
    text = json.dumps(dict(found_by), sort_keys=True)  # as the column stores it
    is_other = cast(sources.c.found_by, Text).is_distinct_from(text)
    noted = update(sources).where(sources.c.id == source, is_other)
    return bool((await tx.execute(noted.values(found_by=json.loads(text)))).rowcount)


async def issues_by_age(tx: Transaction, source: str, limit: int) -> tuple[KnownUrl, ...]:
    """The newest `limit` issues of any status, oldest first."""
    return await known_urls(tx, select(issues).where(issues.c.source == source).limit(limit))


async def known_urls(tx: Transaction, wanted: Select[Any]) -> tuple[KnownUrl, ...]:
    """The newest of the issues that are wanted, oldest first."""
    rows = await tx.execute(wanted.order_by(issues.c.date.desc(), issues.c.key.desc()))
    found = [KnownUrl(row.key, row.date, row.url, row.previous_url) for row in rows]
    return tuple(reversed(found))


async def key_of(tx: Transaction, source: str, url: str) -> str | None:
    """The key of the issue with this URL, where it is known."""
    wanted = select(issues.c.key).where(issues.c.source == source, issues.c.url == url)
    return (await tx.execute(wanted.limit(1))).scalar_one_or_none()


async def key_on(tx: Transaction, source: str, day: date) -> str | None:
    """The key of the day's issue, where one is known; of several, the last."""
    wanted = select(issues.c.key).where(issues.c.source == source, issues.c.date == day)
    return (await tx.execute(wanted.order_by(issues.c.key.desc()).limit(1))).scalar_one_or_none()


async def open_issues(tx: Transaction, source: str, most_attempts: int) -> tuple[str, ...]:
    """The keys of the issues of which something is still to be read, oldest first: those that are not
    complete, and the newest complete ones where something failed or came late.
    """
    wanted = _open(source, most_attempts)
    return tuple((await tx.execute(wanted.order_by(issues.c.date, issues.c.key))).scalars())


def _open(source: str, most_attempts: int) -> Select[tuple[str]]:
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
    unfinished = issues.c.status.in_([IssueStatus.PARTIAL, IssueStatus.OPEN])
    is_candidate = or_(unfinished, issues.c.id.in_(recent))
    return select(issues.c.key).where(issues.c.source == source, is_candidate, is_open)


async def due_closings(tx: Transaction, source: str, now: datetime) -> Sequence[tuple[str, str]]:
    """The keys and URLs of the issues that were shown as they grew and whose day is over."""
    wanted = select(issues.c.key, issues.c.url).where(
        issues.c.source == source, issues.c.status == IssueStatus.OPEN, issues.c.closes_at <= now
    )
    return [(row.key, row.url) for row in await tx.execute(wanted.order_by(issues.c.date))]


async def due_rechecks(tx: Transaction, source: str, now: datetime) -> tuple[str, ...]:
    """The keys of the issues whose lists are to be looked at again, newest first."""
    wanted = select(issues.c.key).where(issues.c.source == source, issues.c.recheck_at <= now)
    return tuple(
        (await tx.execute(wanted.order_by(issues.c.date.desc(), issues.c.key.desc()))).scalars()
    )


async def history(tx: Transaction, source: str) -> tuple[Sighting, ...]:
    """The last issues, for what they tell of the paper's hours; newest first."""
    wanted = select(issues.c.date, issues.c.key, issues.c.first_seen, issues.c.unseen_at)
    newest = wanted.where(issues.c.source == source).order_by(
        issues.c.date.desc(), issues.c.key.desc()
    )
    rows = await tx.execute(newest.limit(_HISTORY))
    return tuple(Sighting(r.date, r.key, r.first_seen, r.unseen_at) for r in rows)


async def due_looks(tx: Transaction, source: str, now: datetime) -> Sequence[DueLook]:
    """The articles that are to be looked at again, longest due first; at most 500."""
    wanted = (
        select(
            articles.c.key,
            articles.c.url,
            issues.c.key.label("issue"),
            pages.c.name,
        )
        .join(issues, issues.c.id == articles.c.issue_id)
        .join(pages, pages.c.id == articles.c.page_id)
        .where(articles.c.source == source, articles.c.reads_due_at <= now)
        .order_by(articles.c.reads_due_at, articles.c.id)
        .limit(_MOST_DUE)
    )
    return [DueLook(row.issue, row.name, row.key, row.url) for row in await tx.execute(wanted)]
