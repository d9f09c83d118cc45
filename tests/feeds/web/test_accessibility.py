"""Every kind of page, by day and by night, before axe-core (https://github.com/dequelabs/axe-core)."""

import shutil
import subprocess
from datetime import date, timedelta
from pathlib import Path

import pytest
from playwright.async_api import Page
from sqlalchemy import insert, update

from feeds.models import ArticleKind, Image, ReadCount, WithdrawnBy
from feeds.store import library, tables
from feeds.store.withdrawals import withdraw
from tests.fakes.archive import SEEN, make_article, make_issue, make_page, simple_issue
from tests.fakes.browser import DESK, PHONE, needs_browser, open_browser
from tests.feeds.web.conftest import OpenSite, Site

DAY = date(2024, 4, 8)
NPM = shutil.which("npm")
AXE = "axe-core@4"
ARTICLE = "/huaian/2024-04-08/x1"
PAGES = (
    "/",
    "/huaian/",
    ARTICLE,
    "/huaian/2024-04-08/gone",
    "/search?q=春耕",
    "/search?q=无此词",
    "/most_read/",
    "/back_issues/huaian/",
    "/chuzhou/",
    "/nothing/",
)

pytestmark = [
    needs_browser,
    pytest.mark.skipif(NPM is None, reason="no npm here to fetch axe-core"),
]


@pytest.fixture(scope="session")
def axe(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The source of axe-core, installed for this session alone."""
    folder = tmp_path_factory.mktemp("axe")
    quiet = ("--no-save", "--ignore-scripts", "--no-audit", "--no-fund", "--silent")
    done = subprocess.run(
        (str(NPM), "install", *quiet, "--prefix", folder, AXE), check=False, capture_output=True
    )
    source = Path(folder, "node_modules", "axe-core", "axe.min.js")
    if done.returncode or not source.exists():
        pytest.skip("axe-core could not be fetched: no registry can be reached")
    return source.read_text(encoding="utf-8")


@pytest.fixture
async def site(open_site: OpenSite) -> Site:
    """An archive in which every page has everything it may have."""
    front = [
        make_article(
            "x1",
            kicker="引题",
            subtitle="副题",
            title="“春耕” 备耕",
            images=(Image("http://127.0.0.1:9/1.jpg", "秧苗"),),
            reads=ReadCount(231),
            reads_at=SEEN,
        ),
        make_article("gone"),
        make_article("x2"),
        make_article("x3"),
        make_article("ad", kind=ArticleKind.AD),
    ]
    pages = [
        make_page("01", front, image="http://127.0.0.1:9/p.jpg", pdf="http://127.0.0.1:9/p.pdf")
    ]
    pages.append(make_page("02", [make_article("y1"), make_article("y2")], name="综合"))
    issues = [make_issue(DAY, pages, number="7"), simple_issue(DAY - timedelta(days=40))]
    site = await open_site(issues)
    async with site.store.write() as tx:
        first = await library.article(tx, "huaian", "2024-04-08", "x1")
        gone = await library.article(tx, "huaian", "2024-04-08", "gone")
        assert first and gone  # noqa: PT018 - one condition: both were stored
        await withdraw(tx, gone.id, WithdrawnBy.PAPER, None, SEEN)
        sample = {"article_id": first.id, "seen_at": SEEN - timedelta(hours=3), "value": 12}
        await tx.execute(insert(tables.read_counts).values(**sample, exact=True))
        content = {"title": "旧题", "kicker": None, "subtitle": None, "byline": None}
        content |= {"body_html": "", "body_text": "旧文"}
        row = {"article_id": first.id, "revision": 1, "content_hash": "", "content": content}
        await tx.execute(insert(tables.revisions).values(**row, seen_at=SEEN + timedelta(days=1)))
        await tx.execute(update(tables.articles).values(revision=2))
    return site


@pytest.mark.parametrize("scheme", ["light", "dark"])
async def test_axe_finds_nothing(site: Site, axe: str, scheme: str) -> None:
    found: list[str] = []
    async with open_browser() as browser:
        for size in (PHONE, DESK):
            context = await browser.new_context(
                viewport=size,  # type: ignore[arg-type]  # its own TypedDict
                color_scheme=scheme,  # type: ignore[arg-type]  # one of its words
                bypass_csp=True,  # axe is a script, and ours lets none run
            )
            page = await context.new_page()
            for path in PAGES:
                await page.goto(site.base + path)
                found += [f"{path} {size['width']}: {one}" for one in await _violations(page, axe)]

    assert not found


@pytest.mark.parametrize("path", ["/huaian/", ARTICLE])
async def test_axe_finds_nothing_in_the_open_dialog(site: Site, axe: str, path: str) -> None:
    async with open_browser() as browser:
        page = await (await browser.new_context(bypass_csp=True)).new_page()
        await page.goto(site.base + path)
        await page.get_by_role("button", name="下一期").click()
        found = await _violations(page, axe)

    assert not found


async def _violations(page: Page, axe: str) -> list[str]:
    await page.evaluate(axe)
    violations = await page.evaluate(
        "async () => (await axe.run(document, {resultTypes: ['violations']})).violations"
    )
    return [
        f"{one['impact']} {one['id']}: {[node['target'] for node in one['nodes']]}"
        for one in violations
    ]
