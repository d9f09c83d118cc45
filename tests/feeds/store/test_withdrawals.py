"""Taking an article back and giving it back."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.models import Article, EntryKind, WithdrawnBy
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.store.withdrawals import restore, withdraw
from tests.fakes.archive import fill, simple_issue

NOW = datetime(2024, 4, 9, tzinfo=UTC)
PAPER, OPERATOR = WithdrawnBy.PAPER, WithdrawnBy.OPERATOR


@pytest.fixture
async def article(store: Store) -> Article:
    await fill(store, issues=[simple_issue(date(2024, 4, 8), 1)])
    async with store.read() as tx:
        issue = await library.newest_issue(tx, "huaian")
    assert issue is not None
    return issue.articles[0]


async def told(store: Store) -> list[tuple[EntryKind, object]]:
    async with store.read() as tx:
        entries = await journal.after(tx, 1, 100)  # the first is the issue's
    return [(entry.kind, entry.data["by"]) for entry in entries]


async def stands(store: Store, article: Article) -> datetime | None:
    async with store.read() as tx:
        found = await library.article_by_id(tx, article.id)
    assert found is not None
    return found.withdrawn_at


async def test_a_withdrawal_is_told_once_and_undone_once(store: Store, article: Article) -> None:
    async with store.write() as tx:
        assert await withdraw(tx, article.id, PAPER, None, NOW)
        assert not await withdraw(tx, article.id, PAPER, None, NOW)
    assert await stands(store, article) == NOW
    async with store.write() as tx:
        assert await restore(tx, article.id, PAPER, NOW)
        assert not await restore(tx, article.id, PAPER, NOW)
    assert await stands(store, article) is None
    assert await told(store) == [
        (EntryKind.ARTICLE_WITHDRAWN, "paper"),
        (EntryKind.ARTICLE_RESTORED, "paper"),
    ]


async def test_what_an_operator_took_back_no_newspaper_brings_back(
    store: Store, article: Article
) -> None:
    async with store.write() as tx:
        await withdraw(tx, article.id, PAPER, None, NOW)
        assert not await withdraw(tx, article.id, OPERATOR, "侵权", NOW + timedelta(hours=1))
        assert not await restore(tx, article.id, PAPER, NOW)
    assert await stands(store, article) == NOW
    async with store.write() as tx:
        assert await restore(tx, article.id, OPERATOR, NOW)
    assert await stands(store, article) is None
