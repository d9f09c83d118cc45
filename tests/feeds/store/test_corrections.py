"""What an article said before, and why it was taken back, on each database."""

from datetime import UTC, date, datetime, timedelta

from sqlalchemy import insert

from feeds.models import Article, WithdrawnBy
from feeds.store import corrections, library, tables
from feeds.store.engine import Store
from feeds.store.withdrawals import withdraw
from tests.fakes.archive import fill, simple_issue

NOW = datetime(2024, 4, 9, tzinfo=UTC)


async def the_article(store: Store) -> Article:
    await fill(store, issues=[simple_issue(date(2024, 4, 8), 1)])
    async with store.read() as tx:
        found = await library.article(tx, "huaian", "2024-04-08", "0408-1")
    assert found is not None
    return found


async def test_the_last_correction_is_the_newest_revision(store: Store) -> None:
    article = await the_article(store)
    async with store.write() as tx:
        assert await corrections.last_correction(tx, article.id) is None
        for revision, title in ((1, "第一稿"), (2, "第二稿")):
            row = {
                "article_id": article.id,
                "revision": revision,
                "seen_at": NOW + timedelta(hours=revision),
                "content_hash": title,
                "content": {
                    "title": title,
                    "kicker": None,
                    "subtitle": "副题",
                    "byline": None,
                    "body_html": "",
                    "body_text": "正文",
                },
            }
            await tx.execute(insert(tables.revisions).values(**row))
        found = await corrections.last_correction(tx, article.id)

    assert found == corrections.Correction(
        NOW + timedelta(hours=2), "第二稿", None, "副题", None, "正文"
    )


async def test_a_withdrawal_says_who_and_why(store: Store) -> None:
    article = await the_article(store)
    async with store.write() as tx:
        assert await corrections.withdrawal(tx, article.id) is None
        await withdraw(tx, article.id, WithdrawnBy.OPERATOR, "误登", NOW)
        found = await corrections.withdrawal(tx, article.id)

    assert found == corrections.Withdrawal(NOW, WithdrawnBy.OPERATOR, "误登")
