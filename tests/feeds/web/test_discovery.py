"""What machines read of the pages: cards, canonical addresses, the sitemap, robots.txt, subscribing."""

from datetime import UTC, date, datetime, timedelta

import pytest
from lxml import etree
from lxml import html as lxml_html

from feeds.clock import Clock
from feeds.models import Paper, ReadCount
from feeds.web.server import build_app
from feeds.web.server import start as start_server
from tests.fakes.archive import HUAIAN, SEEN, make_article, make_issue, make_page, simple_issue
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
PUBLIC = "https://news.example.org/"
LICENSED = "rights: 已授权"
SITEMAP = {"s": "http://www.sitemaps.org/schemas/sitemap/0.9"}


def locations(document: bytes) -> list[str]:
    found = etree.fromstring(document).xpath("//s:loc/text()", namespaces=SITEMAP)
    assert isinstance(found, list)
    return [str(one) for one in found]


async def test_an_article_has_a_card_and_says_what_it_is(open_site: OpenSite) -> None:
    article = make_article("x1", title="春耕开始", reads=ReadCount(3), published=SEEN)
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    tree = lxml_html.fromstring(await site.text("/huaian/2024-04-08/x1"))
    card = {m.get("property"): m.get("content") for m in tree.xpath("//meta[@property]")}

    assert card["og:type"] == "article"
    assert card["og:title"] == "春耕开始"
    assert card["og:url"] == "http://127.0.0.1:8080/huaian/2024-04-08/x1"
    assert card["og:site_name"] == "淮安区报"
    assert card["article:published_time"] == "2024-04-08"
    assert "全区春耕生产全面展开" in str(card["og:description"])
    story = tree.xpath("//*[@itemtype='https://schema.org/NewsArticle']")[0]
    said = {e.get("itemprop") for e in story.xpath(".//*[@itemprop]")}
    assert {"headline", "datePublished", "author", "articleBody", "isBasedOn"} <= said


async def test_the_sitemap_lists_licensed_papers_alone_by_month_with_their_last_change(
    open_site: OpenSite,
) -> None:
    changed = datetime(2024, 4, 9, 1, 2, 3, tzinfo=UTC)
    page = make_page("01", [make_article("a"), make_article("gone", withdrawn_at=SEEN)])
    issues = [
        make_issue(DAY, [page], updated=changed),
        simple_issue(DAY + timedelta(days=30)),
        simple_issue(DAY, source="chuzhou"),
    ]
    site = await open_site(issues, papers=[HUAIAN, CHUZHOU], public_url=PUBLIC, huaian=LICENSED)
    index = (await site.get("/sitemap.xml"))[1]
    part = (await site.get("/sitemap.huaian.2024-04.xml"))[1]

    assert locations(index) == [
        f"{PUBLIC}sitemap.huaian.2024-05.xml",
        f"{PUBLIC}sitemap.huaian.2024-04.xml",
    ]
    assert b"<lastmod>2024-04-09T01:02:03+00:00</lastmod>" in part
    assert locations(part) == [f"{PUBLIC}huaian/2024-04-08/", f"{PUBLIC}huaian/2024-04-08/a"]
    assert (await site.get("/sitemap.chuzhou.2024-04.xml"))[0].status == 404
    assert (await site.get("/sitemap.huaian.1999-01.xml"))[0].status == 404


async def test_robots_txt_names_the_sitemap_and_hides_nothing(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)], public_url=PUBLIC, huaian=LICENSED)
    robots = (await site.get("/robots.txt"))[1].decode()

    assert robots == f"User-agent: *\nDisallow:\n\nSitemap: {PUBLIC}sitemap.xml\n"


async def test_where_nothing_may_be_listed_there_is_no_sitemap(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)], public_url=PUBLIC)

    assert (await site.get("/robots.txt"))[1] == b"User-agent: *\nDisallow:\n"
    assert (await site.get("/sitemap.xml"))[0].status == 404
    assert "noindex" in await site.text("/huaian/")


@pytest.mark.parametrize("path", ["/search?q=%E6%98%A5", "/most_read/", "/back_issues/huaian/"])
async def test_lists_are_not_for_search_engines(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])

    assert '<meta name="robots" content="noindex, follow">' in await site.text(path)


# ── subscribing ─────────────────────────────────────────────────────────────────────────────────


def ways(page: str) -> dict[str, str]:
    links = lxml_html.fromstring(page).xpath("//*[@class='ways']//a")
    return {link.text_content(): str(link.get("href")) for link in links}


async def test_a_public_paper_is_one_click_away_in_the_well_known_readers(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY)], public_url=PUBLIC)
    found = ways(await site.text("/huaian/"))
    feed = "https%3A%2F%2Fnews.example.org%2Ffeeds%2Fhuaian.atom"

    assert found["用我的阅读器打开"] == f"feed:{PUBLIC}feeds/huaian.atom"
    assert found["Inoreader"] == f"https://www.inoreader.com/?add_feed={feed}"
    assert found["Feedly"] == f"https://feedly.com/i/subscription/feed/{feed}"
    assert set(found) >= {"NewsBlur", "Feedbin", "The Old Reader"}


async def test_readers_that_could_not_reach_us_are_not_offered(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])

    assert set(ways(await site.text("/huaian/"))) == {"用我的阅读器打开"}


async def test_a_bot_that_answers_is_linked_with_the_paper_and_one_that_does_not_is_not(
    open_site: OpenSite, clock: Clock
) -> None:
    site = await open_site([simple_issue(DAY)])
    names: list[str | None] = [None, "huaian_bot"]
    app = build_app(site.store, site.publisher, site.settings, clock, lambda: names[0])
    runner = await start_server(app, "127.0.0.1", 0)
    host, port = runner.addresses[0][:2]
    try:
        async with site.client.get(f"http://{host}:{port}/huaian/") as response:
            assert "t.me" not in await response.text()
        names.pop(0)
        async with site.client.get(f"http://{host}:{port}/huaian/") as response:
            page = await response.text()
    finally:
        await runner.cleanup()

    assert ways(page)["在 Telegram 里订阅"] == "https://t.me/huaian_bot?start=huaian"
