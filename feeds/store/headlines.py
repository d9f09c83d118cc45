"""Issues as pages list them: heads, 版 and headlines, without the articles' bodies.

A stand of fifty papers or an issue of two hundred articles costs a fixed number of statements, and
none of them carries a text longer than its lead.
"""

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Row, func, literal, select

from feeds.models import ArticleKind, Image, Issue, IssueStatus, Page, ReadCount
from feeds.store.engine import Transaction
from feeds.store.tables import articles, issues, pages, sources

SHOWN = (IssueStatus.OPEN, IssueStatus.COMPLETE)
LEAD = 600  # characters of a text that a summary or a sentence may come from
_NEWEST_FIRST = (issues.c.date.desc(), issues.c.key.desc())


@dataclass(frozen=True, slots=True)
class Headline:
    """An article in a list. `body_text` is no more than its lead, or empty where none was asked for."""

    id: int
    key: str
    title: str
    kicker: str | None
    subtitle: str | None
    byline: str | None
    kind: ArticleKind
    images: tuple[Image, ...]
    reads: ReadCount | None
    withdrawn: bool
    body_text: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A 版 with its headlines in order; the page's own `articles` are left empty."""

    page: Page
    headlines: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class Front:
    """A paper's newest issue as a newsstand shows it: the first titles of its first 版, and how much
    there is in all.
    """

    issue: Issue
    headlines: tuple[Headline, ...]
    pages: int
    articles: int


async def head(tx: Transaction, source: str, key: str) -> Issue | None:
    """An issue without its pages, whatever its status."""
    wanted = select(issues).where(issues.c.source == source, issues.c.key == key)
    row = (await tx.execute(wanted)).first()
    return None if row is None else issue_head(row)


async def newest_head(tx: Transaction, source: str) -> Issue | None:
    """The newest issue that is shown, without its pages."""
    wanted = select(issues).where(issues.c.source == source, issues.c.status.in_(SHOWN))
    row = (await tx.execute(wanted.order_by(*_NEWEST_FIRST).limit(1))).first()
    return None if row is None else issue_head(row)


async def sheets(tx: Transaction, issue_id: int, *, leads: bool) -> tuple[Sheet, ...]:
    """The pages of an issue with their headlines, in order."""
    in_order = select(pages).where(pages.c.issue_id == issue_id)
    rows = (await tx.execute(in_order.order_by(pages.c.position, pages.c.id))).all()
    held = await _headlines(tx, articles.c.issue_id == issue_id, leads=leads)
    return tuple(Sheet(_page(row), tuple(held[row.id])) for row in rows)


async def fronts(
    tx: Transaction, papers: Collection[str], titles: int, *, leads: bool
) -> dict[str, Front]:
    """The newest issue of each of these papers that has one, with at most so many titles that stand:
    four statements for any number of papers.
    """
    heads = [issue_head(row) for row in await tx.execute(select(issues).where(_is_newest(papers)))]
    ids = [issue.id for issue in heads]
    held: defaultdict[int, list[int]] = defaultdict(list)
    in_order = select(pages.c.id, pages.c.issue_id).where(pages.c.issue_id.in_(ids))
    for row in await tx.execute(in_order.order_by(pages.c.position, pages.c.id)):
        held[row.issue_id].append(row.id)
    first_pages = [page_ids[0] for page_ids in held.values()]
    headlines = await _headlines(tx, _is_among_first(ids, first_pages, titles), leads=leads)
    counts = await _counts(tx, ids)
    return {
        issue.source: Front(
            issue,
            headlines=tuple(headlines[held[issue.id][0]]) if held[issue.id] else (),
            pages=len(held[issue.id]),
            articles=counts.get(issue.id, 0),
        )
        for issue in heads
    }


def _is_newest(papers: Collection[str]) -> ColumnElement[bool]:
    """An index look-up a paper: (source, date)."""
    newest = (
        select(issues.c.id)
        .where(issues.c.source == sources.c.id, issues.c.status.in_(SHOWN))
        .order_by(*_NEWEST_FIRST)
        .limit(1)
        .correlate(sources)
        .scalar_subquery()
    )
    return issues.c.id.in_(select(newest).where(sources.c.id.in_(papers)))


def _is_among_first(
    issue_ids: Sequence[int], page_ids: Sequence[int], most: int
) -> ColumnElement[bool]:
    """The first articles of each page that were not withdrawn. An index leads from an issue to its
    articles, none from a page.
    """
    place = func.row_number().over(
        partition_by=articles.c.page_id, order_by=(articles.c.position, articles.c.id)
    )
    standing = select(articles.c.id, place.label("place")).where(
        articles.c.issue_id.in_(issue_ids),
        articles.c.page_id.in_(page_ids),
        articles.c.content_hash.is_not(None),
        articles.c.withdrawn_at.is_(None),
    )
    ranked = standing.subquery()
    return articles.c.id.in_(select(ranked.c.id).where(ranked.c.place <= most))


async def _counts(tx: Transaction, ids: Iterable[int]) -> dict[int, int]:
    wanted = (
        select(articles.c.issue_id, func.count().label("articles"))
        .where(articles.c.issue_id.in_(ids), articles.c.content_hash.is_not(None))
        .group_by(articles.c.issue_id)
    )
    return {row.issue_id: row.articles for row in await tx.execute(wanted)}


async def _headlines(
    tx: Transaction, which: ColumnElement[bool], *, leads: bool
) -> defaultdict[int, list[Headline]]:
    """By page, in order."""
    lead = func.substr(articles.c.body_text, 1, LEAD) if leads else literal("")
    wanted = (
        select(
            *(articles.c[name] for name in _COLUMNS),
            lead.label("lead"),
        )
        .where(which, articles.c.content_hash.is_not(None))
        .order_by(articles.c.position, articles.c.id)
    )
    by_page: defaultdict[int, list[Headline]] = defaultdict(list)
    for row in await tx.execute(wanted):
        by_page[row.page_id].append(_headline(row))
    return by_page


_COLUMNS = (
    "id",
    "page_id",
    "key",
    "title",
    "kicker",
    "subtitle",
    "byline",
    "kind",
    "images",
    "reads",
    "reads_exact",
    "withdrawn_at",
)


def _headline(row: Row[Any]) -> Headline:
    return Headline(
        id=row.id,
        key=row.key,
        title=row.title,
        kicker=row.kicker,
        subtitle=row.subtitle,
        byline=row.byline,
        kind=row.kind,
        images=tuple(Image(image["url"], image["caption"]) for image in row.images),
        reads=None if row.reads is None else ReadCount(row.reads, row.reads_exact),
        withdrawn=row.withdrawn_at is not None,
        body_text=row.lead,
    )


def issue_head(row: Row[Any]) -> Issue:
    """An issue as its own row says it, without its pages."""
    return Issue(
        id=row.id,
        source=row.source,
        key=row.key,
        date=row.date,
        number=row.number,
        url=row.url,
        status=row.status,
        is_first=row.is_first,
        completed_at=row.completed_at,
        updated=row.updated_at,
    )


def _page(row: Row[Any]) -> Page:
    return Page(row.label, row.position, row.name, row.url, row.image, row.pdf)
