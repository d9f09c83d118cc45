"""On which days a paper came out, on each database."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.models import IssueStatus
from feeds.store import days
from feeds.store.days import next_month
from feeds.store.engine import Store
from tests.fakes.archive import SEEN, fill, make_article, make_issue, make_page, simple_issue

DAY = date(2024, 4, 30)
NEXT = DAY + timedelta(days=1)


async def test_months_are_counted_newest_first_with_their_last_change(store: Store) -> None:
    issues = [
        simple_issue(DAY - timedelta(days=1)),
        simple_issue(DAY, updated=datetime(2024, 6, 1, tzinfo=UTC)),
        simple_issue(NEXT),
        simple_issue(date(2023, 12, 31)),
        simple_issue(date(2024, 7, 1), status=IssueStatus.PARTIAL, completed_at=None),
    ]
    await fill(store, issues=issues)
    async with store.read() as tx:
        months = await days.months(tx, ["huaian"])
        assert await days.months(tx, ["chuzhou"]) == ()

    assert [(m.first, m.issues) for m in months] == [
        (date(2024, 5, 1), 1),
        (date(2024, 4, 1), 2),
        (date(2023, 12, 1), 1),
    ]
    assert months[1].updated == datetime(2024, 6, 1, tzinfo=UTC)


async def test_a_month_lists_its_issues_with_the_first_title_that_stands(store: Store) -> None:
    front = [make_article("gone", withdrawn_at=SEEN), make_article("a", title="头条")]
    pages = [make_page("01", front), make_page("02", [make_article("b", title="其他")])]
    again = simple_issue(DAY, 1, key="2024-04-30-2", number="9")
    await fill(store, issues=[make_issue(DAY, pages), again, simple_issue(NEXT)])
    async with store.read() as tx:
        april = await days.days(tx, "huaian", DAY)

    assert [(d.key, d.number, d.lead) for d in april] == [
        ("2024-04-30", None, "头条"),
        ("2024-04-30-2", "9", "春耕新闻0430-1"),
    ]


async def test_addresses_leave_out_what_was_withdrawn(store: Store) -> None:
    page = make_page("01", [make_article("a"), make_article("gone", withdrawn_at=SEEN)])
    withdrawn = simple_issue(DAY - timedelta(days=1), status=IssueStatus.WITHDRAWN)
    await fill(store, issues=[make_issue(DAY, [page]), withdrawn])
    async with store.read() as tx:
        found = await days.addresses(tx, "huaian", DAY)
        keys = await days.keys(tx, "huaian")

    assert [(a.issue, a.article) for a in found] == [("2024-04-30", None), ("2024-04-30", "a")]
    assert keys == ("2024-04-29", "2024-04-30")


@pytest.mark.parametrize(
    ("first", "after"),
    [(date(2024, 4, 1), date(2024, 5, 1)), (date(2024, 12, 1), date(2025, 1, 1))],
)
def test_a_month_is_followed_by_the_next(first: date, after: date) -> None:
    assert next_month(first) == after
