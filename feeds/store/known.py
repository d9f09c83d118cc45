"""What the store knows of an issue, for a decision (`feeds.decide`)."""

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import Row, select

from feeds.decide import Content, Known, KnownArticle, KnownIssue, KnownPage, Seen
from feeds.models import Image, ReadCount, WithdrawnBy
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, pages, read_counts, sources


async def known(
    tx: Transaction,
    source: str,
    issue_key: str,
    whole: Collection[str] = (),
    counted: Collection[str] = (),
) -> Known:
    """What the store knows about an issue: the articles of the keys `whole` with their content, those of
    the keys `counted` with the counts seen so far.
    """
    wanted = select(issues).where(issues.c.source == source, issues.c.key == issue_key)
    row = (await tx.execute(wanted)).first()
    if row is None:
        return await _known_paper(tx, source)
    return Known(
        issue=await _known_issue(tx, row, counted),
        contents=await _contents(tx, row.id, whole),
    )


async def known_issue(tx: Transaction, source: str, issue_key: str) -> KnownIssue | None:
    """An issue with what was read of it so far."""
    return (await known(tx, source, issue_key)).issue


async def homes_elsewhere(
    tx: Transaction, source: str, issue_key: str, keys: Collection[str]
) -> dict[str, str]:
    """Those of the articles' keys that are known in another issue of the newspaper, with the key of the
    issue in which each came first.
    """
    wanted = (
        select(articles.c.key, issues.c.key.label("issue"))
        .join(issues, issues.c.id == articles.c.issue_id)
        .where(articles.c.source == source, articles.c.key.in_(keys), issues.c.key != issue_key)
    )
    found = await tx.execute(wanted.order_by(articles.c.id.desc()))  # the first one's word is last
    return {row.key: row.issue for row in found}


async def _known_paper(tx: Transaction, source: str) -> Known:
    """Where the issue is new: what else there is of the paper."""
    oldest = select(issues.c.date, issues.c.key).where(issues.c.source == source)
    first = (await tx.execute(oldest.order_by(issues.c.date, issues.c.key).limit(1))).first()
    looked = select(sources.c.read_at).where(sources.c.id == source)
    return Known(
        oldest=(first.date, first.key) if first else None,
        looked_at=(await tx.execute(looked)).scalar_one_or_none(),
    )


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
        unseen_at=row.unseen_at,
        closes_at=row.closes_at,
        completed_at=row.completed_at,
        recheck_at=row.recheck_at,
        gone_at=row.gone_at,
        withdrawn_by=row.withdrawn_by,
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
    articles.c.listed_title,
    articles.c.content_hash,
    articles.c.revision,
    articles.c.attempts,
    articles.c.given_up,
    articles.c.withdrawn_at,
    articles.c.withdrawn_by,
    articles.c.unlisted_at,
    articles.c.gone_at,
    articles.c.is_bare,
    articles.c.is_whole,
    articles.c.reads,
    articles.c.reads_exact,
    articles.c.reads_at,
    articles.c.reads_listed,
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
        listed=row.listed_title,
        id=row.id,
        content_hash=row.content_hash,
        revision=row.revision,
        attempts=row.attempts,
        given_up=row.given_up,
        withdrawn=_withdrawn(row),
        unlisted_at=row.unlisted_at,
        gone_at=row.gone_at,
        is_bare=row.is_bare,
        is_whole=row.is_whole,
        reads=reads,
        reads_at=row.reads_at,
        reads_listed=row.reads_listed,
        reads_looks=row.reads_looks,
        reads_due_at=row.reads_due_at,
        sample=seen[-1] if seen else None,
        peak=max((one.count.value for one in seen), default=None),
    )


def _withdrawn(row: Row[Any]) -> WithdrawnBy | None:
    """By whom; an operator's word is the one that no look undoes."""
    return None if row.withdrawn_at is None else row.withdrawn_by or WithdrawnBy.OPERATOR


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


async def _contents(tx: Transaction, issue_id: int, keys: Collection[str]) -> dict[str, Content]:
    if not keys:
        return {}
    wanted = select(articles).where(
        articles.c.issue_id == issue_id,
        articles.c.key.in_(keys),
        articles.c.content_hash.is_not(None),
    )
    return {row.key: _content(row) for row in await tx.execute(wanted)}


def _content(row: Row[Any]) -> Content:
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
