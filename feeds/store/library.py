"""Reading the archive: papers, issues and articles as the web, the feeds and the chats show them.

Every function takes an open transaction and costs a fixed number of statements, however many pages
and articles an issue has. Articles that were listed but never read are not shown. Issues are in the
order of (date, key).
"""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement, Row, Select, and_, func, or_, select

from feeds.models import (
    Article,
    Image,
    Issue,
    IssueStatus,
    Neighbours,
    Page,
    Paper,
    ReadCount,
)
from feeds.store.engine import Transaction
from feeds.store.headlines import SHOWN, issue_head
from feeds.store.tables import articles, issues, pages, revisions, sources

_NEWEST_FIRST = (issues.c.date.desc(), issues.c.key.desc())
_OLDEST_FIRST = (issues.c.date, issues.c.key)
_LEAST_ISSUES = 2

_ARTICLES = (
    select(
        articles,
        issues.c.key.label("issue_key"),
        issues.c.date.label("issue_date"),
        sources.c.timezone,
        pages.c.label,
    )
    .join(pages, pages.c.id == articles.c.page_id)
    .join(issues, issues.c.id == articles.c.issue_id)
    .join(sources, sources.c.id == articles.c.source)
    .where(articles.c.content_hash.is_not(None))
)


async def papers(tx: Transaction) -> tuple[Paper, ...]:
    """Every newspaper that was ever configured, by id."""
    rows = await tx.execute(select(sources).order_by(sources.c.id))
    return tuple(_paper(row) for row in rows)


async def paper(tx: Transaction, source: str) -> Paper | None:
    """One newspaper."""
    row = (await tx.execute(select(sources).where(sources.c.id == source))).first()
    return None if row is None else _paper(row)


async def newest_issue(tx: Transaction, source: str) -> Issue | None:
    """The newest issue that is shown; it may still grow."""
    found = await _load(tx, _shown(source).order_by(*_NEWEST_FIRST).limit(1))
    return found[0] if found else None


async def newest_complete(tx: Transaction, source: str) -> Issue | None:
    """The newest issue that grows no more: what a new subscription is given."""
    wanted = _shown(source).where(issues.c.status == IssueStatus.COMPLETE)
    found = await _load(tx, wanted.order_by(*_NEWEST_FIRST).limit(1))
    return found[0] if found else None


async def issue(tx: Transaction, source: str, key: str) -> Issue | None:
    """An issue by its key, whatever its status."""
    wanted = select(issues).where(issues.c.source == source, issues.c.key == key)
    found = await _load(tx, wanted)
    return found[0] if found else None


async def issue_by_id(tx: Transaction, issue_id: int) -> Issue | None:
    """An issue by its row, as the journal names it."""
    found = await _load(tx, select(issues).where(issues.c.id == issue_id))
    return found[0] if found else None


async def issue_keys(tx: Transaction, source: str, limit: int = 100) -> tuple[str, ...]:
    """The keys of at most `limit` issues that are shown, newest first."""
    wanted = _shown(source).with_only_columns(issues.c.key).order_by(*_NEWEST_FIRST)
    return tuple((await tx.execute(wanted.limit(limit))).scalars())


async def neighbours(tx: Transaction, source: str, key: str) -> Neighbours:
    """The shown issues before and after; an unknown key has none."""
    wanted = select(issues.c.date).where(issues.c.source == source, issues.c.key == key)
    day = (await tx.execute(wanted)).scalar_one_or_none()
    if day is None:
        return Neighbours(None, None)
    keys = _shown(source).with_only_columns(issues.c.key)
    before = keys.where(_is_before(day, key)).order_by(*_NEWEST_FIRST).limit(1)
    after = keys.where(_is_after(day, key)).order_by(*_OLDEST_FIRST).limit(1)
    return Neighbours(
        previous=(await tx.execute(before)).scalar_one_or_none(),
        next=(await tx.execute(after)).scalar_one_or_none(),
    )


async def count_newer(tx: Transaction, issue: Issue, found_by: datetime) -> int:
    """How many later issues of the same paper had been found by that time, read whole or not."""
    later = select(func.count()).where(
        issues.c.source == issue.source,
        _is_after(issue.date, issue.key),
        issues.c.first_seen <= found_by,
        issues.c.status != IssueStatus.WITHDRAWN,
    )
    return int((await tx.execute(later)).scalar_one())


async def article(tx: Transaction, source: str, issue_key: str, key: str) -> Article | None:
    """An article by its issue and key; None where it was listed but not read yet."""
    wanted = _ARTICLES.where(
        issues.c.source == source, issues.c.key == issue_key, articles.c.key == key
    )
    row = (await tx.execute(wanted)).first()
    return None if row is None else _article(row)


async def article_by_id(tx: Transaction, article_id: int) -> Article | None:
    """An article by its row, as the journal names it."""
    row = (await tx.execute(_ARTICLES.where(articles.c.id == article_id))).first()
    return None if row is None else _article(row)


async def issue_id_of(tx: Transaction, article_id: int) -> int | None:
    """The row of the issue that an article belongs to."""
    wanted = select(articles.c.issue_id).where(articles.c.id == article_id)
    number: int | None = (await tx.execute(wanted)).scalar()
    return number


async def find_articles(tx: Transaction, source: str, name: str) -> tuple[Article, ...]:
    """The articles that a person means: by the newspaper's URL, by `issue/article` as our own URLs end,
    or by the article's key alone, which several issues may have; newest first, at most 100.
    """
    path = name.rstrip("/").partition("?")[0].split("/")
    by_name = articles.c.key == path[-1]
    if len(path) > 1:
        by_name = and_(by_name, issues.c.key == path[-2])
    wanted = _ARTICLES.where(issues.c.source == source, or_(articles.c.url == name, by_name))
    rows = await tx.execute(wanted.order_by(*_NEWEST_FIRST, articles.c.id).limit(100))
    return tuple(_article(row) for row in rows)


async def articles_by_id(tx: Transaction, ids: Sequence[int]) -> dict[int, Article]:
    """Articles by their rows, as search and rankings name them."""
    rows = await tx.execute(_ARTICLES.where(articles.c.id.in_(ids)))
    return {row.id: _article(row) for row in rows}


async def text_before(tx: Transaction, article_id: int, at: datetime) -> tuple[str, str] | None:
    """The title and text that an article had until the correction of this instant."""
    wanted = select(revisions.c.content).where(
        revisions.c.article_id == article_id, revisions.c.seen_at == at
    )
    content = (await tx.execute(wanted)).scalar()
    return None if content is None else (content["title"], content["body_text"])


async def titles_of(tx: Transaction, issue: Issue) -> dict[int, frozenset[str]]:
    """The titles of an issue's articles, as they are and as they were."""
    titles = {article.id: {article.title} for article in issue.articles}
    revised = [article.id for article in issue.articles if article.revision]
    wanted = select(revisions.c.article_id, revisions.c.content)
    for row in await tx.execute(wanted.where(revisions.c.article_id.in_(revised))):
        titles[row.article_id].add(row.content["title"])
    return {id_: frozenset(known - {""}) for id_, known in titles.items()}


async def newest_days(tx: Transaction, ids: Sequence[str]) -> dict[str, date]:
    """The date of each of these papers' newest issue that is shown."""
    wanted = (
        select(issues.c.source, func.max(issues.c.date).label("day"))
        .where(issues.c.source.in_(ids), issues.c.status.in_(SHOWN))
        .group_by(issues.c.source)
    )
    return {row.source: row.day for row in await tx.execute(wanted)}


async def recent_issues(tx: Transaction, source: str, entries: int) -> tuple[Issue, ...]:
    """The newest issues that are shown, whole, newest first: as few as hold `entries` articles, but at
    least two where there are two.
    """
    held = (
        select(func.count())
        .where(articles.c.issue_id == issues.c.id, articles.c.content_hash.is_not(None))
        .scalar_subquery()
    )
    # A shown issue holds at least one article, so that many issues are always enough.
    most = max(entries, _LEAST_ISSUES)
    counted = _shown(source).with_only_columns(issues.c.id, held.label("articles"))
    chosen: list[int] = []
    total = 0
    for row in await tx.execute(counted.order_by(*_NEWEST_FIRST).limit(most)):
        if total >= entries and len(chosen) >= _LEAST_ISSUES:
            break
        chosen.append(row.id)
        total += row.articles
    return await _load(tx, select(issues).where(issues.c.id.in_(chosen)).order_by(*_NEWEST_FIRST))


def _shown(source: str) -> Select[Any]:
    return select(issues).where(issues.c.source == source, issues.c.status.in_(SHOWN))


def _is_before(day: date, key: str) -> ColumnElement[bool]:
    return or_(issues.c.date < day, and_(issues.c.date == day, issues.c.key < key))


def _is_after(day: date, key: str) -> ColumnElement[bool]:
    return or_(issues.c.date > day, and_(issues.c.date == day, issues.c.key > key))


async def _load(tx: Transaction, wanted: Select[Any]) -> tuple[Issue, ...]:
    """The wanted issues with all below them: three statements, whatever their number."""
    rows = (await tx.execute(wanted)).all()
    ids = [row.id for row in rows]
    if not ids:
        return ()
    held = await _articles_by_page(tx, ids)
    below: dict[int, list[Page]] = defaultdict(list)
    in_order = select(pages).where(pages.c.issue_id.in_(ids)).order_by(pages.c.position, pages.c.id)
    for row in await tx.execute(in_order):
        below[row.issue_id].append(_page(row, held[row.id]))
    return tuple(_issue(row, below[row.id]) for row in rows)


async def _articles_by_page(tx: Transaction, ids: Sequence[int]) -> defaultdict[int, list[Article]]:
    in_order = _ARTICLES.where(articles.c.issue_id.in_(ids))
    by_page: defaultdict[int, list[Article]] = defaultdict(list)
    for row in await tx.execute(in_order.order_by(articles.c.position, articles.c.id)):
        by_page[row.page_id].append(_article(row))
    return by_page


def _paper(row: Row[Any]) -> Paper:
    return Paper(row.id, row.title, row.url, row.timezone)


def _issue(row: Row[Any], held: Sequence[Page]) -> Issue:
    return replace(issue_head(row), pages=tuple(held))


def _page(row: Row[Any], held: Sequence[Article]) -> Page:
    return Page(
        label=row.label,
        order=row.position,
        name=row.name,
        url=row.url,
        image=row.image,
        pdf=row.pdf,
        articles=tuple(held),
    )


def _article(row: Row[Any]) -> Article:
    midnight = datetime.combine(row.issue_date, time(), ZoneInfo(row.timezone)).astimezone(UTC)
    return Article(
        id=row.id,
        source=row.source,
        issue=row.issue_key,
        key=row.key,
        page=row.label,
        order=row.position,
        url=row.url,
        title=row.title,
        kicker=row.kicker,
        subtitle=row.subtitle,
        byline=row.byline,
        published=row.published_at or midnight,
        published_exact=row.published_at is not None,
        body_html=row.body_html,
        body_text=row.body_text,
        images=tuple(Image(image["url"], image["caption"]) for image in row.images),
        kind=row.kind,
        reads=None if row.reads is None else ReadCount(row.reads, row.reads_exact),
        reads_at=row.reads_at,
        revision=row.revision,
        first_seen=row.first_seen,
        updated=row.updated_at,
        withdrawn_at=row.withdrawn_at,
    )
