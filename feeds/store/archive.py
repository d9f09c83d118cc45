"""Writing the archive: the rows of what was decided. The only place that writes facts about newspapers.

One transaction a document: `feeds.store.known`, the decision, `record`, `remember`.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from feeds.decide import Changes, Content, KnownArticle, KnownIssue
from feeds.models import Document, EntryKind, NewEntry, Paper, Validators, WithdrawnBy
from feeds.store import journal, search, withdrawals
from feeds.store.engine import Transaction
from feeds.store.tables import articles, documents, issues, pages, read_counts, revisions, sources


async def enrol(tx: Transaction, papers: Sequence[Paper], now: datetime) -> None:
    """Makes a row for every configured newspaper, or brings its row up to date."""
    held = {row.id: row for row in await tx.execute(select(sources))}
    for paper in papers:
        values = {"title": paper.title, "url": paper.url, "timezone": paper.timezone}
        row = held.get(paper.id)
        if row is None:
            await tx.execute(insert(sources).values(id=paper.id, created_at=now, **values))
        elif values != {name: getattr(row, name) for name in values}:
            await tx.execute(update(sources).where(sources.c.id == paper.id).values(**values))


async def record(tx: Transaction, changes: Changes, now: datetime) -> None:
    """Writes a decision: the issue, its pages and articles, old revisions, counts, and the news."""
    if changes.issue is None or changes.is_empty:
        return
    issue_id = await _put_issue(tx, changes, changes.issue, now)
    page_ids = await _put_pages(tx, issue_id, changes, now)
    article_ids = await _put_articles(tx, issue_id, changes, page_ids, now)
    await _put_revisions(tx, changes, article_ids, now)
    await _put_samples(tx, changes, article_ids, now)
    entries = [
        NewEntry(
            kind=news.kind,
            source=changes.source,
            issue_id=issue_id,
            article_id=article_ids[news.article] if news.article else None,
            push=changes.issue.push,
            data=news.data,
        )
        for news in changes.news
    ]
    if entries:
        await journal.append(tx, entries, now)
    if any(news.kind is EntryKind.ISSUE_WITHDRAWN for news in changes.news):
        await _forget_lists(tx, changes.source, changes.issue)
    fresh = {a.key: article_ids[a.key] for a in changes.articles if a.id is None}
    if fresh:
        await withdrawals.withhold(tx, changes.source, changes.issue.key, fresh, now)
    for key in changes.withdrawn:
        await withdrawals.withdraw(tx, article_ids[key], WithdrawnBy.PAPER, None, now)
    for key in changes.restored:
        await withdrawals.restore(tx, article_ids[key], WithdrawnBy.PAPER, now)


async def link(tx: Transaction, issue_id: int, previous: str) -> None:
    """Notes the URL of the issue before this one, which was found by its date."""
    await tx.execute(update(issues).where(issues.c.id == issue_id).values(previous_url=previous))


async def _put_issue(tx: Transaction, changes: Changes, issue: KnownIssue, now: datetime) -> int:
    values = {
        "number": issue.number,
        "previous_url": issue.previous,
        "next_url": issue.next,
        "is_first": issue.is_first,
        "status": issue.status,
        "closes_at": issue.closes_at,
        "completed_at": issue.completed_at,
        "recheck_at": issue.recheck_at,
        "gone_at": issue.gone_at,
        "withdrawn_by": issue.withdrawn_by,
    }
    if issue.id is None:
        fixed = {
            "key": issue.key,
            "date": issue.date,
            "url": issue.url,
            "push": issue.push,
            "unseen_at": issue.unseen_at,
        }
        statement = insert(issues).values(
            source=changes.source, first_seen=now, updated_at=now, **fixed, **values
        )
        return int((await tx.execute(statement.returning(issues.c.id))).scalar_one())
    if _is_content(changes):
        values["updated_at"] = now
    elif not changes.is_issue_changed:
        return issue.id
    await tx.execute(update(issues).where(issues.c.id == issue.id).values(**values))
    return issue.id


def _is_content(changes: Changes) -> bool:
    """Whether readers see something else now. Counts, and our plans to look again, are none of it."""
    told = any(news.kind is not EntryKind.READS_RUNG for news in changes.news)
    return told or bool(changes.pages or changes.contents)


async def _put_pages(
    tx: Transaction, issue_id: int, changes: Changes, now: datetime
) -> dict[str, int]:
    """The ids of all the issue's pages by label."""
    assert changes.issue is not None
    ids = {page.label: page.id for page in changes.issue.pages if page.id is not None}
    for page in changes.pages:
        values = {
            "position": page.order,
            "name": page.name,
            "url": page.url,
            "image": page.image,
            "pdf": page.pdf,
            "read_at": now if page.is_read else None,
            "attempts": page.attempts,
            "given_up": page.given_up,
        }
        if page.id is None:
            statement = insert(pages).values(issue_id=issue_id, label=page.label, **values)
            ids[page.label] = (await tx.execute(statement.returning(pages.c.id))).scalar_one()
        else:
            await tx.execute(update(pages).where(pages.c.id == page.id).values(**values))
    return ids


async def _put_articles(
    tx: Transaction, issue_id: int, changes: Changes, page_ids: dict[str, int], now: datetime
) -> dict[str, int]:
    """The ids of all the issue's articles by key."""
    assert changes.issue is not None
    ids = {a.key: a.id for a in changes.issue.articles if a.id is not None}
    before = await _searchable(tx, changes)
    fresh = [a for a in changes.articles if a.id is None]
    if fresh:
        blank = {
            "source": changes.source,
            "issue_id": issue_id,
            "first_seen": now,
            "updated_at": now,
        }
        kind = Content("").kind
        rows = [
            {**blank, "key": a.key, "images": [], "kind": kind, **_state(a, page_ids)}
            for a in fresh
        ]
        statement = insert(articles).returning(articles.c.key, articles.c.id)
        ids |= {row.key: row.id for row in await tx.execute(statement, rows)}
    known_rows = [
        {"row": a.id, **_state(a, page_ids)} for a in changes.articles if a.id is not None
    ]
    if known_rows:
        await tx.execute(update(articles).where(articles.c.id == bindparam("row")), known_rows)
    for key, content in changes.contents.items():
        values = {**_content_values(content), "updated_at": now}
        await tx.execute(update(articles).where(articles.c.id == ids[key]).values(**values))
    await _index(tx, changes, ids, before)
    return ids


async def _searchable(tx: Transaction, changes: Changes) -> dict[str, Row[Any]]:
    """The rows, as they are now, of articles that are about to change and can be found by search."""
    assert changes.issue is not None
    read = [a.id for a in changes.articles if a.id is not None and a.key in changes.contents]
    if not read:
        return {}
    wanted = select(articles).where(
        articles.c.id.in_(read),
        articles.c.content_hash.is_not(None),
        articles.c.withdrawn_at.is_(None),
    )
    return {row.key: row for row in await tx.execute(wanted)}


async def _index(
    tx: Transaction, changes: Changes, ids: dict[str, int], before: dict[str, Row[Any]]
) -> None:
    """Brings the search index to the new texts. What was taken back stays out of it."""
    fresh = {a.key for a in changes.articles if a.revision == 1}
    for key, content in changes.contents.items():
        if key in before:
            await search.forget(tx, ids[key], before[key])
        if key in before or key in fresh:
            await search.add(tx, ids[key], content)


def _state(article: KnownArticle, page_ids: dict[str, int]) -> dict[str, object]:
    return {
        "page_id": page_ids[article.page],
        "position": article.order,
        "url": article.url,
        "title": article.title,
        "listed_title": article.listed,
        "content_hash": article.content_hash,
        "revision": article.revision,
        "attempts": article.attempts,
        "given_up": article.given_up,
        "unlisted_at": article.unlisted_at,
        "gone_at": article.gone_at,
        "is_bare": article.is_bare,
        "is_whole": article.is_whole,
        "reads": article.reads.value if article.reads else None,
        "reads_exact": article.reads.exact if article.reads else None,
        "reads_at": article.reads_at,
        "reads_listed": article.reads_listed,
        "reads_looks": article.reads_looks,
        "reads_due_at": article.reads_due_at,
    }


def _content_values(content: Content) -> dict[str, object]:
    return {
        "title": content.title,
        "kicker": content.kicker,
        "subtitle": content.subtitle,
        "byline": content.byline,
        "body_html": content.body_html,
        "body_text": content.body_text,
        "images": [{"url": image.url, "caption": image.caption} for image in content.images],
        "kind": content.kind,
        "published_at": content.published,
    }


async def _put_revisions(
    tx: Transaction, changes: Changes, ids: dict[str, int], now: datetime
) -> None:
    for old in changes.revisions:
        values = _content_values(old.content)
        published = old.content.published
        values["published_at"] = published.isoformat() if published else None
        row = {
            "article_id": ids[old.article],
            "revision": old.revision,
            "seen_at": now,
            "content_hash": old.content_hash,
            "content": values,
        }
        await tx.execute(insert(revisions).values(**row))


async def _put_samples(
    tx: Transaction, changes: Changes, ids: dict[str, int], now: datetime
) -> None:
    """A second sample of the same instant replaces the first."""
    rows = [
        {
            "article_id": ids[sample.article],
            "seen_at": now,
            "value": sample.count.value,
            "exact": sample.count.exact,
        }
        for sample in changes.samples
    ]
    if rows:
        same = read_counts.c.article_id.in_([row["article_id"] for row in rows])
        await tx.execute(delete(read_counts).where(same, read_counts.c.seen_at == now))
        await tx.execute(insert(read_counts), rows)


@dataclass(frozen=True, slots=True)
class Memory:
    """What is kept of a document whose facts are stored: its validators, and a hash of its body, which
    decides where validators lie.
    """

    validators: Validators
    body_hash: str


async def remember(tx: Transaction, source: str, document: Document, body_hash: str) -> None:
    """Keeps a document's validators and hash, in the transaction that stored its facts."""
    url = document.request.url
    where = (documents.c.source == source) & (documents.c.url == url)
    await tx.execute(delete(documents).where(where))
    row = {
        "source": source,
        "url": url,
        "etag": document.validators.etag,
        "last_modified": document.validators.last_modified,
        "body_hash": body_hash,
        "fetched_at": document.fetched_at,
    }
    await tx.execute(insert(documents).values(**row))


async def _forget_lists(tx: Transaction, source: str, issue: KnownIssue) -> None:
    """An issue that comes back as it was must not be taken for one of which we know everything."""
    urls = [issue.url, *(page.url for page in issue.pages if page.url)]
    await tx.execute(
        delete(documents).where(documents.c.source == source, documents.c.url.in_(urls))
    )


async def memory(tx: Transaction, source: str, url: str) -> Memory | None:
    """What is kept of a document."""
    wanted = select(documents).where(documents.c.source == source, documents.c.url == url)
    row = (await tx.execute(wanted)).first()
    return None if row is None else Memory(Validators(row.etag, row.last_modified), row.body_hash)
