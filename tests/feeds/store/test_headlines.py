"""Issues as pages list them, on each database."""

from datetime import date, timedelta

from sqlalchemy import event

from feeds.models import Image, IssueStatus, Paper, ReadCount
from feeds.store import headlines
from feeds.store.engine import Store
from tests.fakes.archive import (
    HUAIAN,
    SEEN,
    fill,
    make_article,
    make_issue,
    make_page,
    simple_issue,
)

DAY = date(2024, 4, 8)
LATER = DAY + timedelta(days=1)


async def test_a_sheet_lists_its_articles_in_order_with_no_more_than_their_lead(
    store: Store,
) -> None:
    image = Image("http://paper.test/1.jpg", "秧苗")
    pages = [
        make_page(
            "A1", [make_article("a", body_text="春" * 5000, images=(image,))], pdf="http://p"
        ),
        make_page("A2", [make_article("b", reads=ReadCount(3)), make_article("c")], name="综合"),
    ]
    await fill(store, issues=[make_issue(DAY, pages)])
    async with store.read() as tx:
        issue = await headlines.head(tx, "huaian", "2024-04-08")
        assert issue is not None
        with_leads = await headlines.sheets(tx, issue.id, leads=True)
        without = await headlines.sheets(tx, issue.id, leads=False)

    assert issue.pages == ()
    assert [(s.page.label, s.page.name, s.page.order) for s in with_leads] == [
        ("A1", "要闻", 1),
        ("A2", "综合", 2),
    ]
    assert [[h.key for h in s.headlines] for s in with_leads] == [["a"], ["b", "c"]]
    first = with_leads[0].headlines[0]
    assert (len(first.body_text), first.images) == (headlines.LEAD, (image,))
    assert with_leads[1].headlines[0].reads == ReadCount(3)
    assert without[0].headlines[0].body_text == ""


async def test_the_newest_issue_that_is_shown_may_still_be_open(store: Store) -> None:
    issues = [
        simple_issue(DAY),
        simple_issue(LATER, status=IssueStatus.OPEN, completed_at=None),
        simple_issue(LATER + timedelta(days=1), status=IssueStatus.PARTIAL, completed_at=None),
        simple_issue(LATER + timedelta(days=2), status=IssueStatus.WITHDRAWN),
    ]
    await fill(store, issues=issues)
    async with store.read() as tx:
        newest = await headlines.newest_head(tx, "huaian")
        none = await headlines.newest_head(tx, "chuzhou")

    assert newest is not None
    assert newest.key == LATER.isoformat()
    assert none is None


async def test_a_front_shows_the_first_titles_that_stand_and_how_much_there_is(
    store: Store,
) -> None:
    front = [make_article("gone", withdrawn_at=SEEN), *(make_article(key) for key in "abc")]
    pages = [make_page("01", front), make_page("02", [make_article("d")])]
    await fill(store, issues=[simple_issue(DAY), make_issue(LATER, pages)])
    async with store.read() as tx:
        fronts = await headlines.fronts(tx, ["huaian", "chuzhou"], 2, leads=False)

    assert list(fronts) == ["huaian"]
    found = fronts["huaian"]
    assert (found.issue.key, found.pages, found.articles) == (LATER.isoformat(), 2, 5)
    assert [h.key for h in found.headlines] == ["a", "b"]


async def test_fifty_fronts_cost_as_many_statements_as_two(store: Store) -> None:
    papers = [Paper(f"p{n}", f"报{n}", "http://p.test/", "Asia/Shanghai") for n in range(50)]
    issues = [simple_issue(DAY, source=paper.id) for paper in papers]
    await fill(store, [HUAIAN, *papers], issues)
    statements: list[str] = []
    event.listen(
        store.engine.sync_engine,
        "before_cursor_execute",
        lambda _c, _cursor, statement, *_rest: statements.append(statement),
    )

    async def cost(count: int) -> int:
        statements.clear()
        wanted = [paper.id for paper in papers[:count]]
        async with store.read() as tx:
            assert len(await headlines.fronts(tx, wanted, 3, leads=True)) == count
        return len(statements)

    assert await cost(50) == await cost(2)
