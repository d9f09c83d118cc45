"""Search over all stored articles, on each database."""

from datetime import UTC, date, datetime

import pytest

from feeds.models import WithdrawnBy
from feeds.store import search
from feeds.store.engine import Store
from feeds.store.search import find
from feeds.store.withdrawals import restore, withdraw
from tests.fakes.archive import fill, make_article, make_issue, make_page

DAY = date(2024, 4, 8)
NOW = datetime(2024, 4, 9, tzinfo=UTC)
TITLES = {
    "a": "全区春耕备耕现场推进会召开",
    "b": "GDP增长6.5% 开局良好",
    "c": "图片报道",
    "d": "耕地保护条例施行",
}


@pytest.fixture
async def archive(store: Store) -> Store:
    articles = [
        make_article(key, title=title, body_text=f"{title}。正文{key}", byline="程远舟 摄")
        for key, title in TITLES.items()
    ]
    await fill(store, issues=[make_issue(DAY, [make_page("01", articles)])])
    return store


async def found(store: Store, query: str) -> list[str]:
    async with store.read() as tx:
        return [article.key for article in (await find(tx, query, ["huaian"], 10)).articles]


@pytest.mark.parametrize(
    ("query", "keys"),
    [
        ("春耕", ["a"]),  # two characters, in the middle of a run
        ("耕", ["a", "d"]),  # one
        ("会召开", ["a"]),
        ("召开", ["a"]),
        ("耕备耕", ["a"]),
        ("春备", []),  # both there, but not side by side
        ("gdp", ["b"]),
        ("ＧＤＰ 开局", ["b"]),
        ("6.5", ["b"]),
        ("程远舟", ["a", "b", "c", "d"]),
        ("春耕 耕地", []),  # every word must be there
        ("报道程远", []),  # the end of one text is no pair with the beginning of the next
        ("正文", ["a", "b", "c", "d"]),
        ("", []),
        ("。，!", []),
        ("' OR 1=1 --", []),
        ('"*" NEAR(', []),
        ("'):* | !", []),
    ],
)
async def test_words_are_found_where_they_stand(
    archive: Store, query: str, keys: list[str]
) -> None:
    assert await found(archive, query) == keys


async def test_what_was_taken_back_is_not_found_until_it_is_given_back(archive: Store) -> None:
    async with archive.read() as tx:
        [article] = (await find(tx, "春耕", ["huaian"], 10)).articles
    async with archive.write() as tx:
        assert await withdraw(tx, article.id, WithdrawnBy.OPERATOR, "误登", NOW)
    assert await found(archive, "春耕") == []
    async with archive.write() as tx:
        assert await restore(tx, article.id, WithdrawnBy.OPERATOR, NOW)
    assert await found(archive, "春耕") == ["a"]


async def test_the_words_before_a_correction_are_forgotten(archive: Store) -> None:
    async with archive.read() as tx:
        [article] = (await find(tx, "春耕", ["huaian"], 10)).articles
    async with archive.write() as tx:
        await search.forget(tx, article.id, article)
        await search.add(tx, article.id, make_article("a", title="秋收", body_text="秋收"))
    assert await found(archive, "春耕") == []
    assert await found(archive, "秋收") == ["a"]


async def test_more_than_a_page_is_told(archive: Store) -> None:
    async with archive.read() as tx:
        first = await find(tx, "正文", ["huaian"], 3)
        rest = await find(tx, "正文", ["huaian"], 3, offset=3)
        none = await find(tx, "正文", ["elsewhere"], 3)
    assert (len(first.articles), first.is_more) == (3, True)
    assert ([a.key for a in rest.articles], rest.is_more) == (["d"], False)
    assert none.articles == ()


async def test_a_very_long_article_is_indexed_as_far_as_a_vector_goes(store: Store) -> None:
    text = "春耕生产全面展开" * 50_000
    issue = make_issue(DAY, [make_page("01", [make_article("long", body_text=text)])])
    await fill(store, issues=[issue])
    assert await found(store, "全面展开") == ["long"]
