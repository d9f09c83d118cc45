"""The most read, on each database."""

from datetime import date, timedelta

from sqlalchemy import insert

from feeds.models import Article, ArticleKind, ReadCount
from feeds.store import ranking, tables
from feeds.store.engine import Store
from tests.fakes.archive import SEEN, fill, make_article, make_issue, make_page

DAY = date(2024, 4, 8)


def counted(key: str, reads: int | None, **changes: object) -> Article:
    count = None if reads is None else ReadCount(reads)
    return make_article(key, reads=count, reads_at=SEEN, **changes)


async def archive(store: Store) -> None:
    old = [counted("old", 900), counted("gone", 5000, withdrawn_at=SEEN)]
    new = [
        counted("few", 12),
        counted("many", 231),
        counted("unknown", None),
        counted("nobody", 0),
        counted("ad", 999, kind=ArticleKind.AD),
    ]
    issues = [
        make_issue(DAY - timedelta(days=3), [make_page("01", old)]),
        make_issue(DAY, [make_page("01", new)]),
    ]
    await fill(store, issues=issues)


async def most_read(store: Store, days: int, limit: int = 10) -> list[str]:
    async with store.read() as tx:
        ranked = await ranking.most_read(tx, ["huaian"], days, limit, skip=[ArticleKind.AD])
        return [one.article.key for one in ranked]


async def test_days_count_back_from_the_newest_issue(store: Store) -> None:
    await archive(store)
    assert await most_read(store, 1) == ["many", "few"]
    assert await most_read(store, 7) == ["old", "many", "few"]
    assert await most_read(store, 7, limit=1) == ["old"]


async def test_a_paper_without_issues_has_no_most_read(store: Store) -> None:
    assert await most_read(store, 7) == []


async def test_how_a_count_grew_is_told_where_it_was_seen_twice(store: Store) -> None:
    await archive(store)
    async with store.write() as tx:
        [first, second] = await ranking.most_read(tx, ["huaian"], 1, 2, skip=[ArticleKind.AD])
        row = {"article_id": first.article.id, "seen_at": SEEN - timedelta(hours=1)}
        await tx.execute(insert(tables.read_counts).values(**row, value=100, exact=True))
    async with store.read() as tx:
        [first, second] = await ranking.most_read(tx, ["huaian"], 1, 2, skip=[ArticleKind.AD])
        points = await ranking.curve(tx, first.article.id)
    assert (first.grown, second.grown) == (131, None)
    assert [(point.at, point.count.value) for point in points] == [
        (SEEN - timedelta(hours=1), 100),
        (SEEN, 231),
    ]
