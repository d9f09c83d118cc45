"""An archive filled by hand: papers, issues and articles put straight into the tables, for tests of
whatever reads them.
"""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

from sqlalchemy import func, insert, select, update

from feeds.models import (
    Article,
    ArticleKind,
    EntryKind,
    Issue,
    IssueStatus,
    NewEntry,
    Page,
    Paper,
    WithdrawnBy,
)
from feeds.store import journal, search, tables
from feeds.store.engine import Store, Transaction
from feeds.store.withdrawals import withdraw

SEEN = datetime(2024, 4, 7, 22, 0, tzinfo=UTC)  # 06:00 of the eighth in China
HUAIAN = Paper("huaian", "淮安区报", "http://paper.test/", "Asia/Shanghai")


def make_article(key: str = "a1", **changes: object) -> Article:
    """An article; `fill` settles its ids, its issue and its page."""
    article = Article(
        id=0,
        source="",
        issue="",
        key=key,
        page="",
        order=0,
        url=f"http://paper.test/content?id={key}",
        title=f"春耕新闻{key}",
        kicker=None,
        subtitle=None,
        byline="融媒体记者综合报道",
        published=SEEN,
        published_exact=False,
        body_html=f"<p>全区春耕生产全面展开({key})。</p><p>农户说,今年水足。</p>",
        body_text=f"全区春耕生产全面展开({key})。\n农户说,今年水足。",
        images=(),
        kind=ArticleKind.NEWS,
        reads=None,
        reads_at=None,
        revision=1,
        first_seen=SEEN,
        updated=SEEN,
    )
    return replace(article, **changes)  # type: ignore[arg-type]  # the names are the test's own


def seen_on(day: date) -> datetime:
    """When an issue of that day is read: six in the morning in China."""
    return datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=2)


def make_page(label: str, articles: Sequence[Article], **changes: object) -> Page:
    """A 版; `fill` settles its order."""
    page = Page(label, 0, "要闻", None, None, None, tuple(articles))
    return replace(page, **changes)  # type: ignore[arg-type]  # the names are the test's own


def make_issue(
    day: date, pages: Sequence[Page], source: str = "huaian", **changes: object
) -> Issue:
    """A complete 期 of that day, as it was read at six in the morning."""
    seen = seen_on(day)
    issue = Issue(
        id=0,
        source=source,
        key=day.isoformat(),
        date=day,
        number=None,
        url=f"http://paper.test/{day}/",
        status=IssueStatus.COMPLETE,
        is_first=False,
        completed_at=seen,
        updated=seen,
        pages=tuple(pages),
    )
    return replace(issue, **changes)  # type: ignore[arg-type]  # the names are the test's own


def simple_issue(day: date, articles: int = 3, source: str = "huaian", **changes: object) -> Issue:
    """A complete issue of one page with so many articles, keyed by day and place."""
    seen = seen_on(day)
    made = [
        make_article(f"{day:%m%d}-{n}", first_seen=seen, updated=seen)
        for n in range(1, articles + 1)
    ]
    return make_issue(day, [make_page("01", made)], source, **changes)


async def fill(
    store: Store, papers: Sequence[Paper] = (HUAIAN,), issues: Sequence[Issue] = ()
) -> None:
    """Adds papers that are not there yet, then the issues, each with its journal entry."""
    async with store.write() as tx:
        known = {row.id for row in await tx.execute(tables.sources.select())}
        for paper in papers:
            if paper.id not in known:
                await tx.execute(insert(tables.sources), _paper_row(paper))
        for issue in issues:
            await _add_issue(tx, issue)


async def correct(store: Store, key: str, at: datetime, **values: str) -> None:
    """The article with this key says something else from `at` on, as the watch records it."""
    async with store.write() as tx:
        wanted = tables.articles.select().where(tables.articles.c.key == key)
        row = (await tx.execute(wanted)).one()
        names = ("title", "kicker", "subtitle", "byline", "body_html", "body_text")
        old = {
            "article_id": row.id,
            "revision": row.revision,
            "seen_at": at,
            "content_hash": row.content_hash,
            "content": {name: getattr(row, name) for name in names},
        }
        await tx.execute(insert(tables.revisions).values(**old))
        new = {**values, "revision": row.revision + 1, "updated_at": at}
        await tx.execute(
            update(tables.articles).where(tables.articles.c.id == row.id).values(**new)
        )
        issue = update(tables.issues).where(tables.issues.c.id == row.issue_id)
        await tx.execute(issue.values(updated_at=at))
        news = NewEntry(EntryKind.ARTICLE_CORRECTED, row.source, row.issue_id, row.id)
        await journal.append(tx, [news], at)


async def add_late(store: Store, issue_key: str, article: Article, at: datetime) -> None:
    """The newspaper puts one more article on the first page of an issue that is out."""
    async with store.write() as tx:
        wanted = (
            select(tables.pages.c.id, tables.pages.c.issue_id, tables.issues.c.source)
            .join(tables.issues, tables.issues.c.id == tables.pages.c.issue_id)
            .where(tables.issues.c.key == issue_key, tables.pages.c.position == 1)
        )
        page = (await tx.execute(wanted)).one()
        mine = tables.articles.c.page_id == page.id
        place = (await tx.execute(select(func.count()).where(mine))).scalar_one() + 1
        late = replace(article, first_seen=at, updated=at)
        article_id = await _add_article(tx, page.source, page.issue_id, page.id, late, place)
        news = NewEntry(EntryKind.ARTICLE_ADDED, page.source, page.issue_id, article_id)
        await journal.append(tx, [news], at)


async def take_back(store: Store, key: str, at: datetime) -> None:
    """The newspaper takes the article with this key back."""
    async with store.write() as tx:
        wanted = select(tables.articles.c.id).where(tables.articles.c.key == key)
        article_id = (await tx.execute(wanted)).scalar_one()
        await withdraw(tx, article_id, WithdrawnBy.PAPER, None, at)


async def take_back_issue(store: Store, source: str, key: str, at: datetime) -> None:
    """The newspaper takes a whole issue back."""
    async with store.write() as tx:
        mine = (tables.issues.c.source == source) & (tables.issues.c.key == key)
        gone = {"status": IssueStatus.WITHDRAWN, "updated_at": at}
        changed = update(tables.issues).where(mine).values(**gone).returning(tables.issues.c.id)
        issue_id = (await tx.execute(changed)).scalar_one()
        await journal.append(tx, [NewEntry(EntryKind.ISSUE_WITHDRAWN, source, issue_id)], at)


def _paper_row(paper: Paper) -> dict[str, object]:
    return {
        "id": paper.id,
        "title": paper.title,
        "url": paper.url,
        "timezone": paper.timezone,
        "created_at": SEEN,
        "read_at": SEEN,
    }


async def _add_issue(tx: Transaction, issue: Issue) -> None:
    row = {
        "source": issue.source,
        "key": issue.key,
        "date": issue.date,
        "number": issue.number,
        "url": issue.url,
        "is_first": issue.is_first,
        "status": issue.status,
        "push": True,
        "first_seen": SEEN,
        "completed_at": issue.completed_at,
        "updated_at": issue.updated,
    }
    issue_id = await _insert(tx, tables.issues, row)
    for place, page in enumerate(issue.pages, 1):
        await _add_page(tx, issue, issue_id, replace(page, order=place))
    if issue.status is IssueStatus.COMPLETE:
        news = NewEntry(EntryKind.ISSUE_COMPLETE, issue.source, issue_id)
        await journal.append(tx, [news], issue.updated)


async def _add_page(tx: Transaction, issue: Issue, issue_id: int, page: Page) -> None:
    row = {
        "issue_id": issue_id,
        "label": page.label,
        "position": page.order,
        "name": page.name,
        "url": page.url,
        "image": page.image,
        "pdf": page.pdf,
        "read_at": issue.updated,
    }
    page_id = await _insert(tx, tables.pages, row)
    for place, article in enumerate(page.articles, 1):
        await _add_article(tx, issue.source, issue_id, page_id, article, place)


async def _add_article(
    tx: Transaction, source: str, issue_id: int, page_id: int, article: Article, place: int
) -> int:
    row = _article_row(article, place)
    row |= {"source": source, "issue_id": issue_id, "page_id": page_id}
    article_id = await _insert(tx, tables.articles, row)
    if not article.withdrawn:
        await search.add(tx, article_id, article)
    if article.reads and article.reads_at:
        count = {"value": article.reads.value, "exact": article.reads.exact}
        read = {"article_id": article_id, "seen_at": article.reads_at, **count}
        await tx.execute(insert(tables.read_counts).values(**read))
    return article_id


def _article_row(article: Article, place: int) -> dict[str, object]:
    return {
        "key": article.key,
        "position": place,
        "url": article.url,
        "title": article.title,
        "kicker": article.kicker,
        "subtitle": article.subtitle,
        "byline": article.byline,
        "published_at": article.published if article.published_exact else None,
        "body_html": article.body_html,
        "body_text": article.body_text,
        "images": [{"url": i.url, "caption": i.caption} for i in article.images],
        "kind": article.kind,
        "content_hash": f"{article.key}-{article.revision}",
        "revision": article.revision,
        "first_seen": article.first_seen,
        "updated_at": article.updated,
        "withdrawn_at": article.withdrawn_at,
        "reads": article.reads.value if article.reads else None,
        "reads_exact": article.reads.exact if article.reads else None,
        "reads_at": article.reads_at,
    }


async def _insert(tx: Transaction, table: tables.Table, row: dict[str, object]) -> int:
    result = await tx.execute(insert(table).values(row).returning(table.c.id))
    return int(result.scalar_one())
