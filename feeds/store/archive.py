"""Writing the archive: what the store knows, for a decision, and the rows of what was decided.

The only place that writes facts about newspapers. One transaction a document: `known`, the decision,
`record`, `remember`.
"""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Row, bindparam, delete, insert, select, update

from feeds.decide import Changes, Content, Known, KnownArticle, KnownIssue, KnownPage, Seen
from feeds.models import Document, Image, NewEntry, Paper, ReadCount, Validators
from feeds.store import journal, search
from feeds.store.engine import Transaction
from feeds.store.tables import articles, documents, issues, pages, read_counts, revisions, sources

# ── what is known ───────────────────────────────────────────────────────────────────────────────


async def known(
    tx: Transaction,
    source: str,
    issue_key: str,
    article_key: str | None = None,
    counted: Collection[str] = (),
) -> Known:
    """What the store knows about an issue: `article_key` with its content, and the articles of the
    keys `counted` with the counts seen so far.
    """
    oldest = select(issues.c.date, issues.c.key).where(issues.c.source == source)
    first = (await tx.execute(oldest.order_by(issues.c.date, issues.c.key).limit(1))).first()
    wanted = select(issues).where(issues.c.source == source, issues.c.key == issue_key)
    row = (await tx.execute(wanted)).first()
    if row is None:
        return Known(oldest=(first.date, first.key) if first else None)
    return Known(
        issue=await _known_issue(tx, row, counted),
        oldest=(first.date, first.key) if first else None,
        content=await _content(tx, row.id, article_key) if article_key else None,
    )


async def known_issue(tx: Transaction, source: str, issue_key: str) -> KnownIssue | None:
    """An issue with what was read of it so far."""
    return (await known(tx, source, issue_key)).issue


async def _known_issue(tx: Transaction, row: Row[Any], counted: Collection[str]) -> KnownIssue:
    held = (await tx.execute(select(pages).where(pages.c.issue_id == row.id))).all()
    labels = {page.id: page.label for page in held}
    listed = (await tx.execute(_LISTED.where(articles.c.issue_id == row.id))).all()
    seen = await _seen(tx, [article.id for article in listed if article.key in counted])
    return KnownIssue(
        key=row.key,
        date=row.date,
        url=row.url,
        number=row.number,
        previous=row.previous_url,
        next=row.next_url,
        is_first=row.is_first,
        status=row.status,
        push=row.push,
        first_seen=row.first_seen,
        completed_at=row.completed_at,
        id=row.id,
        pages=tuple(_known_page(page) for page in held),
        articles=tuple(
            _known_article(article, labels[article.page_id], seen.get(article.id, ()))
            for article in listed
        ),
    )


_LISTED = select(
    articles.c.id,
    articles.c.page_id,
    articles.c.key,
    articles.c.position,
    articles.c.url,
    articles.c.title,
    articles.c.content_hash,
    articles.c.revision,
    articles.c.attempts,
    articles.c.given_up,
    articles.c.reads,
    articles.c.reads_exact,
    articles.c.reads_at,
    articles.c.reads_looks,
    articles.c.reads_due_at,
).order_by(articles.c.id)


def _known_page(row: Row[Any]) -> KnownPage:
    return KnownPage(
        label=row.label,
        order=row.position,
        name=row.name,
        url=row.url,
        image=row.image,
        pdf=row.pdf,
        id=row.id,
        is_read=row.read_at is not None,
        attempts=row.attempts,
        given_up=row.given_up,
    )


def _known_article(row: Row[Any], label: str, seen: Sequence[Seen]) -> KnownArticle:
    reads = None if row.reads is None else ReadCount(row.reads, row.reads_exact)
    return KnownArticle(
        key=row.key,
        page=label,
        order=row.position,
        url=row.url,
        title=row.title,
        id=row.id,
        content_hash=row.content_hash,
        revision=row.revision,
        attempts=row.attempts,
        given_up=row.given_up,
        reads=reads,
        reads_at=row.reads_at,
        reads_looks=row.reads_looks,
        reads_due_at=row.reads_due_at,
        sample=seen[-1] if seen else None,
        peak=max((one.count.value for one in seen), default=None),
    )


async def _seen(tx: Transaction, ids: Sequence[int]) -> dict[int, list[Seen]]:
    """The counts seen so far, oldest first, by article."""
    if not ids:
        return {}
    by_article: dict[int, list[Seen]] = {}
    wanted = select(read_counts).where(read_counts.c.article_id.in_(ids))
    for row in await tx.execute(wanted.order_by(read_counts.c.seen_at)):
        count = ReadCount(row.value, row.exact)
        by_article.setdefault(row.article_id, []).append(Seen(count, row.seen_at))
    return by_article


async def _content(tx: Transaction, issue_id: int, key: str) -> Content | None:
    wanted = select(articles).where(articles.c.issue_id == issue_id, articles.c.key == key)
    row = (await tx.execute(wanted)).first()
    if row is None or row.content_hash is None:
        return None
    return Content(
        title=row.title,
        kicker=row.kicker,
        subtitle=row.subtitle,
        byline=row.byline,
        body_html=row.body_html,
        body_text=row.body_text,
        images=tuple(Image(image["url"], image["caption"]) for image in row.images),
        kind=row.kind,
        published=row.published_at,
    )


# ── what was decided ────────────────────────────────────────────────────────────────────────────


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


async def _put_issue(tx: Transaction, changes: Changes, issue: KnownIssue, now: datetime) -> int:
    values = {
        "number": issue.number,
        "previous_url": issue.previous,
        "next_url": issue.next,
        "is_first": issue.is_first,
        "status": issue.status,
        "completed_at": issue.completed_at,
    }
    if issue.id is None:
        fixed = {"key": issue.key, "date": issue.date, "url": issue.url, "push": issue.push}
        statement = insert(issues).values(
            source=changes.source, first_seen=now, updated_at=now, **fixed, **values
        )
        return int((await tx.execute(statement.returning(issues.c.id))).scalar_one())
    if changes.pages or changes.contents or changes.is_issue_changed:
        values["updated_at"] = now
        await tx.execute(update(issues).where(issues.c.id == issue.id).values(**values))
    return issue.id


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
        "content_hash": article.content_hash,
        "revision": article.revision,
        "attempts": article.attempts,
        "given_up": article.given_up,
        "reads": article.reads.value if article.reads else None,
        "reads_exact": article.reads.exact if article.reads else None,
        "reads_at": article.reads_at,
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


async def remember(tx: Transaction, source: str, document: Document, body_hash: str) -> None:
    """Keeps a document's validators, in the transaction that stored its facts. Without validators
    there is nothing to keep, and what was kept before no longer holds.
    """
    url = document.request.url
    where = (documents.c.source == source) & (documents.c.url == url)
    await tx.execute(delete(documents).where(where))
    if document.validators == Validators():
        return
    row = {
        "source": source,
        "url": url,
        "etag": document.validators.etag,
        "last_modified": document.validators.last_modified,
        "body_hash": body_hash,
        "fetched_at": document.fetched_at,
    }
    await tx.execute(insert(documents).values(**row))


async def validators(tx: Transaction, source: str, url: str) -> Validators | None:
    """The validators of a document whose facts are stored."""
    wanted = select(documents.c.etag, documents.c.last_modified).where(
        documents.c.source == source, documents.c.url == url
    )
    row = (await tx.execute(wanted)).first()
    return None if row is None else Validators(row.etag, row.last_modified)
