"""How each newspaper stands, in a few statements: for whoever wants to see the whole at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from sqlalchemy import Text, func, select, text

from feeds.models import AlarmKind, IssueStatus
from feeds.store.engine import Transaction
from feeds.store.rows import Rows
from feeds.store.tables import alarms, articles, issues, pages, sources


@dataclass(frozen=True, slots=True)
class LastIssue:
    """The newest issue, complete or not. `articles` are those listed and not withdrawn."""

    key: str
    date: date
    number: str | None
    status: IssueStatus
    pages: int
    articles: int


@dataclass(frozen=True, slots=True)
class PaperState:
    """A newspaper's row, and what goes with it. `failures` are bad looks in a row, the last of them for
    `reason`. `found_by`: the rule for each field of the article that was read last; None before the first.
    """

    looked_at: datetime | None = None
    read_at: datetime | None = None
    next_look_at: datetime | None = None
    failures: int = 0
    reason: str | None = None
    issue: LastIssue | None = None
    found_by: Mapping[str, str] | None = None
    alarms: Mapping[AlarmKind, datetime] = field(default_factory=dict)


async def papers(tx: Transaction, ids: Sequence[str]) -> Mapping[str, PaperState]:
    """Those of these newspapers that were ever watched."""
    last = await _last_issues(tx, ids)
    raised = await _raised(tx)
    mine = Rows("ids", id=Text())
    wanted = select(sources).where(sources.c.id.in_(select(mine.c.id)))
    return {
        row.id: PaperState(
            looked_at=row.looked_at,
            read_at=row.read_at,
            next_look_at=row.next_look_at,
            failures=row.failures,
            reason=row.reason,
            issue=last.get(row.id),
            found_by=row.found_by,
            alarms=raised.get(row.id, {}),
        )
        for row in await tx.execute(wanted, {"ids": [(one,) for one in ids]})
    }


async def _last_issues(tx: Transaction, ids: Sequence[str]) -> dict[str, LastIssue]:
    """Each by one step into an index, and its parts counted in theirs."""
    mine, other = Rows("ids", id=Text()), issues.alias()
    newest = (
        select(other.c.id)
        .where(other.c.source == mine.c.id)
        .order_by(other.c.date.desc(), other.c.key.desc())
        .limit(1)
        .scalar_subquery()
    )
    listed = select(func.count()).where(
        articles.c.issue_id == issues.c.id, articles.c.withdrawn_at.is_(None)
    )
    printed = select(func.count()).where(pages.c.issue_id == issues.c.id)
    wanted = select(
        issues.c.source,
        issues.c.key,
        issues.c.date,
        issues.c.number,
        issues.c.status,
        printed.scalar_subquery(),
        listed.scalar_subquery(),
    ).select_from(mine.table.join(issues, issues.c.id == newest))
    rows = await tx.execute(wanted, {"ids": [(one,) for one in ids]})
    return {row[0]: LastIssue(*row[1:]) for row in map(tuple[Any, ...], rows)}


async def _raised(tx: Transaction) -> dict[str, dict[AlarmKind, datetime]]:
    found: dict[str, dict[AlarmKind, datetime]] = {}
    for row in await tx.execute(select(alarms).order_by(alarms.c.raised_at)):
        found.setdefault(row.source, {})[row.kind] = row.raised_at
    return found


async def database_bytes(tx: Transaction) -> int:
    """How large the database is on its disk, as it says itself."""
    if tx.dialect == "postgresql":
        asked = text("SELECT pg_database_size(current_database())")
    else:
        asked = text(
            "SELECT (SELECT page_count FROM pragma_page_count) * (SELECT page_size FROM pragma_page_size)"
        )
    return int((await tx.execute(asked)).scalar_one())


async def revision(tx: Transaction) -> str:
    """Of the schema."""
    return str((await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one())
