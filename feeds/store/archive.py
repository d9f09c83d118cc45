"""Writing the archive: what is known of a source and an issue, and the changes of one document.

`record` writes facts, validators and journal entries in the caller's transaction, so that a crash
leaves either all of a document or nothing of it.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import delete, insert, or_, select, update
from sqlalchemy.engine import Row

from feeds.decide import (
    ArticleChange,
    Attempt,
    Changes,
    IssueChange,
    KnownArticle,
    KnownIssue,
    KnownPage,
    ReadsChange,
)
from feeds.models import ArticleKind, IssueStatus, NewEntry, ReadCount, Validators
from feeds.store import journal
from feeds.store.engine import Transaction
from feeds.store.tables import articles, documents, issues, pages, read_counts, revisions, sources

CONTENT = ("title", "kicker", "subtitle", "byline", "body_html", "body_text")


@dataclass(frozen=True, slots=True)
class KnownSource:
    """How a source stands. `newest` is its newest stored issue's (date, key), whatever its status."""

    failures: int
    next_look_at: datetime | None
    newest: tuple[date, str] | None


@dataclass(frozen=True, slots=True)
class Seen:
    """A document that was read: its validators go with its facts."""

    url: str
    validators: Validators
    body_hash: str


# ── sources ─────────────────────────────────────────────────────────────────────────────────────


async def enrol(
    tx: Transaction, source: str, title: str, url: str, timezone: str, now: datetime
) -> None:
    """Makes or renames a source's row. A new address asks afresh: its old waits are forgotten."""
    old = (await tx.execute(select(sources).where(sources.c.id == source))).first()
    values: dict[str, Any] = {"title": title, "url": url, "timezone": timezone}
    if old is None:
        await tx.execute(insert(sources).values(id=source, created_at=now, **values))
        return
    if old.url != url:
        values |= {"next_look_at": None, "failures": 0}
    await tx.execute(update(sources).where(sources.c.id == source).values(values))


async def known_source(tx: Transaction, source: str) -> KnownSource:
    """The source must have been enrolled."""
    row = (await tx.execute(select(sources).where(sources.c.id == source))).one()
    newest = select(issues.c.date, issues.c.key).where(issues.c.source == source)
    last = (
        await tx.execute(newest.order_by(issues.c.date.desc(), issues.c.key.desc()).limit(1))
    ).first()
    return KnownSource(row.failures, row.next_look_at, (last.date, last.key) if last else None)


async def looked(
    tx: Transaction,
    source: str,
    *,
    now: datetime,
    next_look_at: datetime,
    failures: int,
    reason: str | None,
) -> None:
    """Notes a look and when the next is; a good one (no reason) is also the last time it was read."""
    values: dict[str, Any] = {
        "looked_at": now,
        "next_look_at": next_look_at,
        "failures": failures,
        "reason": reason,
    }
    if reason is None:
        values["read_at"] = now
    await tx.execute(update(sources).where(sources.c.id == source).values(values))


async def validators(tx: Transaction, source: str, url: str) -> Validators | None:
    """What to make a request for this document conditional with."""
    row = (
        await tx.execute(
            select(documents).where(documents.c.source == source, documents.c.url == url)
        )
    ).first()
    return None if row is None else Validators(row.etag, row.last_modified)


# ── what is known ───────────────────────────────────────────────────────────────────────────────


async def known_issue(tx: Transaction, source: str, key: str) -> KnownIssue | None:
    """An issue with all that `decide` needs of it."""
    wanted = select(issues).where(issues.c.source == source, issues.c.key == key)
    row = (await tx.execute(wanted)).first()
    if row is None:
        return None
    page_rows = list(
        await tx.execute(select(pages).where(pages.c.issue_id == row.id).order_by(pages.c.position))
    )
    labels = {page.id: page.label for page in page_rows}
    article_rows = await tx.execute(
        select(articles, _last_sample(articles.c.id))
        .where(articles.c.issue_id == row.id)
        .join(pages, pages.c.id == articles.c.page_id)
        .order_by(pages.c.position, articles.c.position)
    )
    return KnownIssue(
        id=row.id,
        key=row.key,
        date=row.date,
        url=row.url,
        status=row.status,
        push=row.push,
        number=row.number,
        previous=row.previous_url,
        next=row.next_url,
        is_first=row.is_first,
        pages={page.label: _known_page(page) for page in page_rows},
        articles={a.key: _known_article(a, labels[a.page_id]) for a in article_rows},
    )


async def has_issue_at(tx: Transaction, source: str, url: str) -> bool:
    """Whether an issue of this URL is stored."""
    wanted = select(issues.c.id).where(issues.c.source == source, issues.c.url == url)
    return (await tx.execute(wanted.limit(1))).first() is not None


async def unread_issues(tx: Transaction, source: str, most_attempts: int) -> tuple[str, ...]:
    """The keys of issues with a page or an article still to be read, oldest first."""
    open_page = (
        select(pages.c.id)
        .where(
            pages.c.issue_id == issues.c.id,
            pages.c.read_at.is_(None),
            pages.c.url.is_not(None),
            pages.c.attempts < most_attempts,
        )
        .exists()
    )
    open_article = (
        select(articles.c.id)
        .where(
            articles.c.issue_id == issues.c.id,
            articles.c.content_hash.is_(None),
            articles.c.attempts < most_attempts,
        )
        .exists()
    )
    wanted = (
        select(issues.c.key)
        .where(issues.c.source == source, or_(open_page, open_article))
        .order_by(issues.c.date, issues.c.key)
    )
    return tuple((await tx.execute(wanted)).scalars())


async def fresh_issue(tx: Transaction, source: str, since: datetime) -> str | None:
    """The URL of the newest issue if it was completed after `since`: worth a second look for late
    articles.
    """
    wanted = (
        select(issues.c.url, issues.c.completed_at)
        .where(issues.c.source == source)
        .order_by(issues.c.date.desc(), issues.c.key.desc())
        .limit(1)
    )
    row = (await tx.execute(wanted)).first()
    return row.url if row and row.completed_at and row.completed_at > since else None


async def due_reads(
    tx: Transaction, source: str, now: datetime, limit: int
) -> tuple[tuple[str, str], ...]:
    """(issue key, article key) of counts to be looked at again, longest due first."""
    wanted = (
        select(issues.c.key.label("issue"), articles.c.key.label("article"))
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(articles.c.source == source, articles.c.reads_due_at <= now)
        .order_by(articles.c.reads_due_at, articles.c.id)
        .limit(limit)
    )
    return tuple((row.issue, row.article) for row in await tx.execute(wanted))


def _last_sample(article_id: Any) -> Any:
    newest = (
        select(read_counts.c.value)
        .where(read_counts.c.article_id == article_id)
        .order_by(read_counts.c.seen_at.desc())
        .limit(1)
    )
    return newest.scalar_subquery().label("last_reads")


def _known_page(row: Row[Any]) -> KnownPage:
    return KnownPage(
        label=row.label,
        order=row.position,
        name=row.name,
        url=row.url,
        image=row.image,
        pdf=row.pdf,
        is_read=row.read_at is not None,
        attempts=row.attempts,
        given_up=row.given_up,
    )


def _known_article(row: Row[Any], page: str) -> KnownArticle:
    shown = None if row.reads is None else ReadCount(row.reads, row.reads_exact)
    last = shown
    if row.last_reads is not None and shown is not None and row.last_reads != shown.value:
        last = ReadCount(row.last_reads)
    return KnownArticle(
        id=row.id,
        key=row.key,
        url=row.url,
        title=row.title,
        page=page,
        order=row.position,
        content_hash=row.content_hash,
        revision=row.revision,
        attempts=row.attempts,
        given_up=row.given_up,
        first_seen=row.first_seen,
        reads=shown,
        last_reads=last,
        reads_looks=row.reads_looks,
        content={name: getattr(row, name) for name in CONTENT},
    )


# ── writing ─────────────────────────────────────────────────────────────────────────────────────


async def record(
    tx: Transaction, source: str, changes: Changes, seen: Sequence[Seen], now: datetime
) -> None:
    """Writes one document's changes, the validators of what was fetched for it, and its entries."""
    issue_id = await _write_issue(tx, source, changes, now)
    labels = await _write_pages(tx, issue_id, changes.pages, now)
    await _list_articles(tx, source, issue_id, labels, changes.listed, now)
    if changes.article is not None:
        await _write_article(tx, issue_id, changes.article, now)
    for reads in changes.reads:
        await _write_reads(tx, issue_id, reads, now)
    if changes.attempt is not None:
        await _write_attempt(tx, issue_id, changes.attempt)
    for document in seen:
        await _write_validators(tx, source, document, now)
    await _write_journal(tx, source, issue_id, changes, now)


async def not_modified(
    tx: Transaction, issue_id: int, key: str, looks: int, due: datetime | None
) -> None:
    """A count's document answered 304: the count is as it was."""
    mine = (articles.c.issue_id == issue_id) & (articles.c.key == key)
    await tx.execute(update(articles).where(mine).values(reads_looks=looks, reads_due_at=due))


async def _write_issue(tx: Transaction, source: str, changes: Changes, now: datetime) -> int:
    wanted = select(issues.c.id).where(issues.c.source == source, issues.c.key == changes.key)
    issue_id: int | None = (await tx.execute(wanted)).scalar_one_or_none()
    values = _issue_values(changes.issue) if changes.issue else {}
    if issue_id is None:
        values |= {"source": source, "status": IssueStatus.PARTIAL}
        values |= {"first_seen": now, "updated_at": now}
        made = await tx.execute(insert(issues).values(values).returning(issues.c.id))
        issue_id = int(made.scalar_one())
        values = {}
    if changes.article is not None or changes.listed:
        values["updated_at"] = now
    if changes.completes:
        values |= {"status": IssueStatus.COMPLETE, "completed_at": now, "updated_at": now}
    if values:
        await tx.execute(update(issues).where(issues.c.id == issue_id).values(values))
    return issue_id


def _issue_values(change: IssueChange) -> dict[str, Any]:
    return {
        "key": change.key,
        "date": change.date,
        "url": change.url,
        "number": change.number,
        "previous_url": change.previous,
        "next_url": change.next,
        "is_first": change.is_first,
        "push": change.push,
    }


async def _write_pages(
    tx: Transaction, issue_id: int, changed: Sequence[KnownPage], now: datetime
) -> dict[str, int]:
    """Returns the row of every page of the issue by its label."""
    rows = await tx.execute(
        select(pages.c.id, pages.c.label, pages.c.read_at).where(pages.c.issue_id == issue_id)
    )
    known = {row.label: row for row in rows}
    labels = {label: row.id for label, row in known.items()}
    for page in changed:
        old = known.get(page.label)
        read_at = (old.read_at if old else None) or (now if page.is_read else None)
        values = _page_values(page) | {"read_at": read_at}
        if old is not None:
            await tx.execute(update(pages).where(pages.c.id == old.id).values(values))
            continue
        statement = insert(pages).values(issue_id=issue_id, label=page.label, **values)
        labels[page.label] = (await tx.execute(statement.returning(pages.c.id))).scalar_one()
    return labels


def _page_values(page: KnownPage) -> dict[str, Any]:
    return {
        "position": page.order,
        "name": page.name,
        "url": page.url,
        "image": page.image,
        "pdf": page.pdf,
        "given_up": page.given_up,
    }


async def _list_articles(
    tx: Transaction,
    source: str,
    issue_id: int,
    labels: dict[str, int],
    listed: Sequence[KnownArticle],
    now: datetime,
) -> None:
    rows: list[dict[str, Any]] = [
        {
            "source": source,
            "issue_id": issue_id,
            "page_id": labels[article.page],
            "key": article.key,
            "position": article.order,
            "url": article.url,
            "title": article.title,
            "images": [],
            "kind": ArticleKind.NEWS,
            "first_seen": now,
            "updated_at": now,
            "reads": article.reads.value if article.reads else None,
            "reads_exact": article.reads.exact if article.reads else None,
            "reads_at": now if article.reads else None,
        }
        for article in listed
    ]
    if rows:
        await tx.execute(insert(articles), rows)


async def _write_article(
    tx: Transaction, issue_id: int, change: ArticleChange, now: datetime
) -> None:
    mine = (articles.c.issue_id == issue_id) & (articles.c.key == change.key)
    if change.old is not None:
        await tx.execute(
            insert(revisions).values(
                article_id=change.old.id,
                revision=change.old.revision,
                seen_at=now,
                content_hash=change.old.content_hash,
                content=dict(change.old.content),
            )
        )
    values = {name: getattr(change, name) for name in CONTENT} | {
        "published_at": change.published,
        "images": [{"url": image.url, "caption": image.caption} for image in change.images],
        "kind": change.kind,
        "content_hash": change.content_hash,
        "revision": change.revision,
        "updated_at": now,
        "given_up": None,
    }
    await tx.execute(update(articles).where(mine).values(values))


async def _write_reads(tx: Transaction, issue_id: int, change: ReadsChange, now: datetime) -> None:
    mine = (articles.c.issue_id == issue_id) & (articles.c.key == change.key)
    values: dict[str, Any] = {"reads_looks": change.looks, "reads_due_at": change.due}
    if change.shown is not None:
        values |= {"reads": change.shown.value, "reads_exact": change.shown.exact, "reads_at": now}
    await tx.execute(update(articles).where(mine).values(values))
    if change.sample is not None:
        article_id = (await tx.execute(select(articles.c.id).where(mine))).scalar_one()
        sample = {"value": change.sample.value, "exact": change.sample.exact}
        same = (read_counts.c.article_id == article_id) & (read_counts.c.seen_at == now)
        await tx.execute(delete(read_counts).where(same))
        await tx.execute(insert(read_counts).values(article_id=article_id, seen_at=now, **sample))


async def _write_attempt(tx: Transaction, issue_id: int, attempt: Attempt) -> None:
    table, name = (pages, attempt.page) if attempt.page is not None else (articles, attempt.article)
    named = table.c.label if table is pages else table.c.key
    mine = (table.c.issue_id == issue_id) & (named == name)
    values = {"attempts": attempt.attempts, "given_up": attempt.given_up}
    await tx.execute(update(table).where(mine).values(values))


async def _write_validators(tx: Transaction, source: str, seen: Seen, now: datetime) -> None:
    mine = (documents.c.source == source) & (documents.c.url == seen.url)
    values = {
        "etag": seen.validators.etag,
        "last_modified": seen.validators.last_modified,
        "body_hash": seen.body_hash,
        "fetched_at": now,
    }
    changed = await tx.execute(update(documents).where(mine).values(values))
    if changed.rowcount == 0:
        await tx.execute(insert(documents).values(source=source, url=seen.url, **values))


async def _write_journal(
    tx: Transaction, source: str, issue_id: int, changes: Changes, now: datetime
) -> None:
    if not changes.notes:
        return
    row = (await tx.execute(select(issues.c.push).where(issues.c.id == issue_id))).one()
    keys = {note.article for note in changes.notes if note.article is not None}
    found = await tx.execute(
        select(articles.c.key, articles.c.id).where(
            articles.c.issue_id == issue_id, articles.c.key.in_(keys)
        )
    )
    ids = {article.key: article.id for article in found}
    entries = [
        NewEntry(
            kind=note.kind,
            source=source,
            issue_id=issue_id,
            article_id=ids.get(note.article) if note.article else None,
            push=row.push,
            data=note.data,
        )
        for note in changes.notes
    ]
    await journal.append(tx, entries, now)
