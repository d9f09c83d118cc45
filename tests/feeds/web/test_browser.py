"""The pages in a real browser, as people use them: reading, turning issues, the dialog, searching,
subscribing. Script is switched off throughout: nothing here may need it.
"""

from collections.abc import AsyncIterator, Sequence
from datetime import date, timedelta

import pytest
from playwright.async_api import Page

from feeds.models import Image, Issue, ReadCount
from tests.fakes.archive import make_article, make_issue, make_page, simple_issue
from tests.fakes.browser import DESK, PHONE, TABLET, needs_browser, open_browser
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
LAST = "这已经是最后一期了哦!"
EARLIER = "更早的报纸还没有收录"

pytestmark = needs_browser


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A phone's page."""
    async with open_browser() as browser:
        context = await browser.new_context(java_script_enabled=False, viewport=PHONE)  # type: ignore[arg-type]  # its own TypedDict
        yield await context.new_page()


def a_long_issue() -> Issue:
    """Titles, tables and words of every length, on pages with pictures."""
    body = (
        f"<p>{'春耕生产全面展开。' * 40}</p><p>http://paper.test/{'a' * 300}</p>"
        f"<table><tr>{'<td>很宽的表格</td>' * 30}</tr></table><pre>{'x' * 300}</pre>"
    )
    articles = [
        make_article(
            f"a{n}",
            title="全区2023年度高质量跨越发展综合考核总结暨2024年工作推进会召开" * (n % 3 + 1),
            kicker="引题" * 20,
            byline="记者 程远舟 通讯员 " * 6,
            body_html=body,
            images=(Image("http://paper.test/1.jpg", "图说" * 30),),
            reads=ReadCount(100_000, exact=False),
        )
        for n in range(8)
    ]
    pages = [
        make_page(
            f"{label:02}",
            articles[label : label + 4],
            image="http://paper.test/p.jpg",
            pdf="http://paper.test/p.pdf",
        )
        for label in (0, 4)
    ]
    return make_issue(DAY, pages, number="第七千二百八十期")


# ── the dialog ──────────────────────────────────────────────────────────────────────────────────


async def test_next_at_the_newest_issue_opens_the_dialog_and_the_button_closes_it(
    open_site: OpenSite, page: Page
) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(f"{site.base}/huaian/")
    dialog = page.get_by_role("dialog").filter(has_text=LAST)
    assert not await dialog.is_visible()

    await page.get_by_role("button", name="下一期").click()
    await dialog.wait_for(state="visible")
    await page.get_by_role("button", name="我知道了").click()
    await dialog.wait_for(state="hidden")


async def test_the_dialog_is_opened_and_closed_by_keyboard_alone(
    open_site: OpenSite, page: Page
) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(f"{site.base}/huaian/2024-04-08/0408-1")
    dialog = page.get_by_role("dialog").filter(has_text=LAST)
    await page.get_by_role("button", name="下一期").focus()

    await page.keyboard.press("Enter")
    await dialog.wait_for(state="visible")
    await page.keyboard.press("Enter")  # the focus is on 我知道了
    await dialog.wait_for(state="hidden")
    await page.keyboard.press("Enter")  # and went back to where it was
    await dialog.wait_for(state="visible")
    await page.keyboard.press("Escape")
    await dialog.wait_for(state="hidden")


async def test_one_turns_back_to_where_the_archive_begins(open_site: OpenSite, page: Page) -> None:
    site = await open_site([simple_issue(DAY), simple_issue(DAY + timedelta(days=1))])
    await page.goto(f"{site.base}/huaian/")
    await page.get_by_role("link", name="上一期").click()
    await page.wait_for_url("**/huaian/2024-04-08/")

    await page.get_by_role("button", name="上一期").click()
    await page.get_by_role("dialog").filter(has_text=EARLIER).wait_for(state="visible")


# ── a reader's way ──────────────────────────────────────────────────────────────────────────────


async def test_a_reader_goes_from_the_stand_to_an_article_and_on_to_its_neighbours(
    open_site: OpenSite, page: Page
) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(site.base)
    await page.get_by_role("link", name="淮安区报").first.click()
    await page.get_by_role("link", name="春耕新闻0408-1").click()

    assert await page.get_by_role("heading", level=1).inner_text() == "春耕新闻0408-1"
    await page.get_by_role("link", name="下一篇").click()
    await page.wait_for_url("**/0408-2")
    await page.get_by_role("link", name="第01版 要闻").first.click()
    await page.wait_for_url("**/huaian/2024-04-08/#page-1")


async def test_a_reader_searches_and_opens_what_was_found(open_site: OpenSite, page: Page) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(site.base)
    await page.get_by_role("searchbox").fill("春耕 0408-2")
    await page.get_by_role("button", name="搜索").click()

    assert await page.locator("mark").first.inner_text() == "春耕"
    await page.get_by_role("link", name="春耕新闻0408-2").click()
    await page.wait_for_url("**/huaian/2024-04-08/0408-2")


async def test_a_reader_finds_an_old_issue_in_the_calendar(open_site: OpenSite, page: Page) -> None:
    site = await open_site([simple_issue(DAY), simple_issue(DAY + timedelta(days=30))])
    await page.goto(f"{site.base}/huaian/")
    await page.get_by_role("link", name="往期").first.click()
    await page.get_by_role("link", name="2024年04月").first.click()
    await page.get_by_role("cell").get_by_role("link", name="8", exact=True).click()
    await page.wait_for_url("**/huaian/2024-04-08/")


async def test_a_reader_subscribes(open_site: OpenSite, page: Page) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(f"{site.base}/huaian/2024-04-08/0408-1")
    await page.get_by_role("link", name="订阅《淮安区报》").click()
    await page.wait_for_url("**/huaian/#subscribe")
    region = page.get_by_role("region", name="订阅《淮安区报》")
    feed = await region.get_by_role("link", name="Atom").get_attribute("href")

    response, body = await site.get(str(feed))
    assert response.status == 200
    assert b"<feed" in body


# ── by keyboard, by screen, by policy ───────────────────────────────────────────────────────────


async def test_the_first_key_skips_to_the_text(open_site: OpenSite, page: Page) -> None:
    site = await open_site([simple_issue(DAY)])
    await page.goto(f"{site.base}/huaian/")
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.wait_for_url("**/#main")


@pytest.mark.parametrize("size", [PHONE, TABLET, DESK, {"width": 320, "height": 600}])
async def test_no_page_is_wider_than_its_screen(
    open_site: OpenSite, page: Page, size: dict[str, int]
) -> None:
    site = await open_site([a_long_issue()])
    await page.set_viewport_size(size)  # type: ignore[arg-type]  # its own TypedDict

    for path in paths("a1"):
        await page.goto(site.base + path)
        width = await page.locator("html").evaluate("element => element.scrollWidth")
        assert width <= size["width"], (path, width)


def paths(key: str) -> Sequence[str]:
    """A page of every kind."""
    article = f"/huaian/2024-04-08/{key}"
    lists = ("/search?q=春耕", "/search?q=无", "/most_read/", "/back_issues/huaian/", "/nothing/")
    return ("/", "/huaian/", article, *lists)


async def test_a_page_breaks_no_rule_of_its_policy_and_asks_nobody_else(
    open_site: OpenSite, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    site = await open_site([simple_issue(DAY, 30)])

    for path in paths("0408-1")[:-1]:
        await page.goto(site.base + path)

    assert not complaints
    assert all(url.startswith(site.base) for url in requests)
    assert not await page.context.cookies()
