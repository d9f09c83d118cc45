"""The pages in a real browser: the dialog at the end of the row, and what a page costs."""

import shutil
from collections.abc import AsyncIterator
from datetime import date, timedelta

import pytest
from playwright.async_api import Page, async_playwright

from tests.fakes.archive import simple_issue
from tests.feeds.web.conftest import OpenSite

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DAY = date(2024, 4, 8)
LAST = "这已经是最后一期了哦!"
EARLIER = "更早的报纸还没有收录"
QUIET = [
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no chromium on this machine")


@pytest.fixture
async def page() -> AsyncIterator[Page]:
    """A phone's page with script switched off: nothing here may need it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(
            executable_path=CHROMIUM, chromium_sandbox=False, args=QUIET
        )
        context = await browser.new_context(
            java_script_enabled=False, viewport={"width": 390, "height": 844}
        )
        yield await context.new_page()
        await browser.close()


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


async def test_a_page_breaks_no_rule_of_its_policy_and_fits_a_phone(
    open_site: OpenSite, page: Page
) -> None:
    complaints: list[str] = []
    page.on("console", lambda message: complaints.append(message.text))
    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url))
    site = await open_site([simple_issue(DAY, 30)])

    for path in ("/", "/huaian/", "/huaian/2024-04-08/0408-1"):
        await page.goto(site.base + path)
        width = await page.locator("main").evaluate("element => element.scrollWidth")
        assert width <= 390

    assert not complaints
    assert all(url.startswith(site.base) for url in requests)
