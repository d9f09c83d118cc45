"""The pages, as a browser without script reads them."""

import json
from datetime import date, timedelta

import feedparser
import pytest
from lxml import html as lxml_html

from feeds.models import ArticleKind, Image, IssueStatus, Paper, ReadCount
from feeds.text import clean_html, text_of
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page, simple_issue
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
LAST = "这已经是最后一期了哦!"
FIRST = "这已经是最早的一期了哦!"
EARLIER = "更早的报纸还没有收录"


def words(page: str) -> str:
    """The text of a page, on one line."""
    return " ".join(lxml_html.fromstring(page).text_content().split())


async def test_an_article_shows_date_title_reads_byline_and_body(open_site: OpenSite) -> None:
    article = make_article(
        "x1",
        kicker="引题",
        title="全区工作推进会召开",
        subtitle="副题",
        reads=ReadCount(231),
        body_html="<p>会议要求。</p>",
    )
    site = await open_site([make_issue(DAY, [make_page("01", [article])])])
    text = words(await site.text("/huaian/2024-04-08/x1"))

    for part in (
        "内容详情",
        "2024年04月08日",
        "引题",
        "全区工作推进会召开",
        "副题",
        "阅读数:231",
        "融媒体记者综合报道",
        "会议要求。",
        "淮安区报 · 2024年04月08日 · 第01版 要闻 · 融媒体记者综合报道",
        "阅读原文",
    ):
        assert part in text


async def test_an_unknown_count_is_not_shown_and_zero_is(open_site: OpenSite) -> None:
    page = make_page("01", [make_article("a"), make_article("b", reads=ReadCount(0))])
    site = await open_site([make_issue(DAY, [page])])

    assert "阅读数" not in await site.text("/huaian/2024-04-08/a")
    assert "阅读数:0" in await site.text("/huaian/2024-04-08/b")


async def test_an_issue_shows_its_pages_titles_images_and_pdfs(open_site: OpenSite) -> None:
    pages = [
        make_page(
            "A01",
            [make_article("a", reads=ReadCount(100_000, exact=False))],
            image="http://paper.test/a01.jpg",
            pdf="http://paper.test/a01.pdf",
        ),
        make_page("A02", [make_article("b", kind=ArticleKind.AD)], name="综合"),
    ]
    site = await open_site([make_issue(DAY, pages, number="7280")])
    page = await site.text("/huaian/2024-04-08/")
    text = words(page)

    for part in (
        "淮安区报",
        "2024年04月08日 星期一",
        "第7280期",
        "2版 2篇",
        "第A01版 要闻",
        "第A02版 综合",
    ):
        assert part in text
    assert "阅读数:10万+" in text
    assert 'href="http://paper.test/a01.pdf"' in page
    assert 'src="http://paper.test/a01.jpg"' in page
    assert '<meta name="referrer" content="no-referrer">' in page
    assert 'href="/huaian/2024-04-08/b"' in page


async def test_titles_rank_by_their_place_and_notices_are_folded_away(open_site: OpenSite) -> None:
    front = [make_article(key, title=f"题{key}", body_text="全区都在种。") for key in "abcde"]
    front.append(make_article("ad", title="商铺招租", kind=ArticleKind.AD))
    front.append(make_article("n", title="注销公告", kind=ArticleKind.NOTICE))
    inside = [make_article(key, title=f"题{key}", body_text="夜里也在种。") for key in "fg"]
    site = await open_site([make_issue(DAY, [make_page("01", front), make_page("02", inside)])])
    tree = lxml_html.fromstring(await site.text("/huaian/"))

    leads = tree.xpath("//article//h3")
    assert [h.text_content().strip() for h in leads] == ["题a", "题b", "题c", "题f"]
    assert len(tree.xpath("//p[@class='teaser']")) == 4
    folded = tree.xpath("//details")[0].text_content()
    assert "商铺招租" in folded
    assert "注销公告" in folded
    assert "广告、公告 · 2篇" in folded


async def test_the_papers_address_shows_its_newest_issue(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY), simple_issue(DAY + timedelta(days=1))])

    assert await site.text("/huaian/") == await site.text("/huaian/2024-04-09/")


@pytest.mark.parametrize("path", ["/huaian/{}/", "/huaian/{}/{:%m%d}-1"])
async def test_one_turns_from_issue_to_issue_and_meets_the_dialog_at_the_end(
    open_site: OpenSite, path: str
) -> None:
    days = [DAY, DAY + timedelta(days=1), DAY + timedelta(days=2)]
    site = await open_site([simple_issue(day) for day in days])
    first, middle, newest = [await site.text(path.format(day, day)) for day in days]

    assert f'rel="next" href="/huaian/{days[1]}/"' in first
    assert EARLIER in first
    assert LAST not in first
    assert f'rel="prev" href="/huaian/{days[0]}/"' in middle
    assert f'rel="next" href="/huaian/{days[2]}/"' in middle
    assert not any(said in middle for said in (LAST, FIRST, EARLIER))
    assert LAST in newest
    assert "我知道了" in newest
    assert f'rel="prev" href="/huaian/{days[1]}/"' in newest


async def test_the_papers_own_first_issue_says_so(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, is_first=True)])
    page = await site.text("/huaian/")

    assert FIRST in page
    assert EARLIER not in page


async def test_articles_lead_to_the_ones_before_and_after_across_pages(open_site: OpenSite) -> None:
    pages = [
        make_page("01", [make_article("a"), make_article("b")]),
        make_page("02", [make_article("c")]),
    ]
    site = await open_site([make_issue(DAY, pages)])
    page = await site.text("/huaian/2024-04-08/b")

    assert 'rel="prev" href="/huaian/2024-04-08/a"' in page
    assert 'rel="next" href="/huaian/2024-04-08/c"' in page


async def test_the_stand_shows_every_paper_and_tells_feed_readers_where_to_look(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY)])
    page = await site.text("/")

    assert "淮安区报" in page
    assert "楚州晚报" in page
    assert "春耕新闻0408-1" in page
    for suffix in ("rss", "atom", "json"):
        assert f'href="http://127.0.0.1:8080/feeds/huaian.{suffix}"' in page
    assert "还没有读到第一期" in page


async def test_every_page_of_a_paper_offers_its_feeds(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])

    for path in ("/huaian/", "/huaian/2024-04-08/", "/huaian/2024-04-08/0408-1"):
        links = lxml_html.fromstring(await site.text(path)).xpath("//link[@rel='alternate']/@type")
        assert links == ["application/rss+xml", "application/atom+xml", "application/feed+json"]


async def test_where_the_whole_text_may_be_shown_we_are_canonical(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    page = await site.text("/huaian/2024-04-08/0408-1")

    assert 'rel="canonical" href="http://127.0.0.1:8080/huaian/2024-04-08/0408-1"' in page
    assert "noindex" not in page


async def test_a_public_site_without_a_licence_shows_a_summary_and_points_to_the_newspaper(
    open_site: OpenSite,
) -> None:
    long = "春耕备耕进展顺利,种子化肥供应充足。" * 60
    article = make_article("x1", body_html=f"<p>{long}</p>", body_text=long)
    site = await open_site(
        [make_issue(DAY, [make_page("01", [article])])], public_url="https://news.example.org/"
    )
    page = await site.text("/huaian/2024-04-08/x1")

    assert long not in page
    assert "noindex" in page
    assert 'rel="canonical" href="http://paper.test/content?id=x1"' in page
    assert "到报纸网站读全文" in page
    feed = (await site.get("/feeds/huaian.rss"))[1].decode()
    assert long not in feed
    assert "content:encoded>" not in feed


async def test_an_issue_that_is_still_being_read_is_not_shown(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, status=IssueStatus.PARTIAL, completed_at=None)])

    assert (await site.get("/huaian/2024-04-08/"))[0].status == 404


async def test_a_withdrawn_issue_is_gone(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, status=IssueStatus.WITHDRAWN)])
    response, body = await site.get("/huaian/2024-04-08/", Accept="text/html")

    assert response.status == 410
    assert "报纸已撤下这一期" in body.decode()
    below, body = await site.get("/huaian/2024-04-08/0408-1", Accept="text/html")
    assert below.status == 410
    assert "春耕新闻" not in body.decode()


async def test_an_issue_that_still_grows_is_shown_and_says_so(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, status=IssueStatus.OPEN, completed_at=None)])

    assert "今天还在更新" in await site.text("/huaian/")
    assert "春耕新闻0408-1" in words(await site.text("/search?q=%E6%98%A5%E8%80%95"))
    assert "春耕新闻0408-1" in await site.text("/huaian/2024-04-08/0408-1")
    assert "春耕新闻0408-1" in await site.text("/")


async def test_a_paper_no_longer_configured_stays_readable(open_site: OpenSite) -> None:
    old = Paper("old", "旧报", "http://old.test/", "Asia/Shanghai")
    site = await open_site([simple_issue(DAY, source="old")], papers=[HUAIAN, old])

    assert "旧报" in await site.text("/old/")
    assert "旧报" in await site.text("/")


async def test_the_pages_speak_english_where_asked(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)], more="language: en")
    page = await site.text("/huaian/")

    assert '<html lang="en">' in page
    assert "Next issue" in page
    assert "This is the latest issue." in page


async def test_a_page_is_small_and_loads_nothing_from_elsewhere(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, 60)])
    page = await site.text("/huaian/")
    tree = lxml_html.fromstring(page)

    assert not tree.xpath("//script | //iframe | //object | //*[@style] | //style")
    (style,) = tree.xpath("//link[@rel='stylesheet']/@href")
    assert style.startswith("/static/")
    response, css = await site.get(style)
    assert response.status == 200
    assert b"url(" not in css
    assert b"@import" not in css


async def test_a_page_of_the_largest_paper_is_below_fifty_kilobytes(open_site: OpenSite) -> None:
    """人民日报 has printed 213 items on one day (facts/newspapers.md section 4)."""
    title = "全区2023年度高质量跨越发展综合考核总结会召开"
    pages = [
        make_page(
            f"{page:02}",
            [
                make_article(
                    f"nw.D110000renmrb_20240408_{place}-{page:02}",
                    title=title,
                    body_text="与会人员先后来到育秧中心、农机服务站和高标准农田项目区，看秧苗长势。"
                    * 20,
                    reads=ReadCount(1234),
                )
                for place in range(1, 12)
            ],
            name="要闻",
            image=f"http://paper.test/images/2024-04/08/{page:02}/page.jpg",
        )
        for page in range(1, 21)
    ]
    site = await open_site([make_issue(DAY, pages)])

    for path in ("/huaian/", "/huaian/2024-04-08/nw.D110000renmrb_20240408_1-01", "/"):
        assert len((await site.text(path)).encode()) < 50_000, path


async def test_a_stand_of_hundreds_of_papers_stays_small(open_site: OpenSite) -> None:
    papers = [Paper(f"p{n}", f"第{n}报", "http://p.test/", "Asia/Shanghai") for n in range(300)]
    issues = [simple_issue(DAY, 8, source=paper.id) for paper in papers]
    site = await open_site(issues, papers=[HUAIAN, *papers])
    page = await site.text("/")

    assert len(page.encode()) < 50_000
    assert all(f'href="/{paper.id}/"' in page for paper in papers)


async def test_an_unchanged_page_is_a_304(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    first, _ = await site.get("/huaian/")

    assert (await site.get("/huaian/", If_None_Match=first.headers["ETag"]))[0].status == 304


PAYLOADS = [
    "<script>alert(1)</script>",
    '"><script>alert(1)</script>',
    "'><img src=x onerror=alert(1)>",
    "<svg/onload=alert(1)>",
    "<img src=javascript:alert(1)>",
    "<a href=javascript:alert(1)>x</a>",
    '<a href="jav&#x09;ascript:alert(1)">x</a>',
    "<iframe srcdoc='<script>alert(1)</script>'>",
    '<math><mi//xlink:href="data:x,<script>alert(1)</script>">',
    "<style>@import 'javascript:alert(1)'</style>",
    "<body onload=alert(1)>",
    "]]><script>alert(1)</script>",
    "--><script>alert(1)</script>",
    "{{ 7 * 7 }}{% raw %}",
    "</title><script>alert(1)</script>",
    "</textarea><script>alert(1)</script>",
    '<noscript><p title="</noscript><img src=x onerror=alert(1)>">',
    "<form><button formaction=javascript:alert(1)>x",
    "<object data=javascript:alert(1)>",
    "<base href=//evil.test/>",
    "<meta http-equiv=refresh content='0;url=//evil.test'>",
    "javascript:alert(1)",
    "\u202e<script>\u2028alert(1)</script>",
]
ACTIVE = "//script | //iframe | //object | //embed | //base | //svg | //math | //style"
ACTIVE += " | //form[not(@role = 'search')]"  # our own


def assert_harmless(markup: str, inner: str = "") -> None:
    """No active element, no handler, no script address, nor a style."""
    tree = lxml_html.fromstring(f"<div>{markup}</div>" if inner else markup)
    assert not tree.xpath(ACTIVE)
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (name, value)
            if name in {"href", "src", "action", "formaction"}:
                assert value.split(":", 1)[0].strip().lower() not in {
                    "javascript",
                    "data",
                    "vbscript",
                }


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_case_104_a_payload_in_any_field_stays_text(
    open_site: OpenSite, payload: str
) -> None:
    article = make_article(
        "x1",
        title=payload,
        kicker=payload,
        subtitle=payload,
        byline=payload,
        url=payload,
        images=(Image(payload, payload), Image("http://paper.test/1.jpg", payload)),
        body_html=clean_html(f"<p>{payload}</p>", "http://paper.test/"),
        body_text=text_of(payload),
    )
    page = make_page("01", [article], name=payload, image=payload, pdf=payload, url=payload)
    paper = Paper("old", payload, payload, "Asia/Shanghai")
    site = await open_site(
        [
            make_issue(DAY, [page], number=payload, url=payload),
            make_issue(DAY, [page], source="old", url=payload),
        ],
        papers=[HUAIAN, paper],
    )

    below = ("", "2024-04-08/", "2024-04-08/x1")
    paths = [f"/{source}/{path}" for source in ("huaian", "old") for path in below]
    lists = ["/", "/search?q=alert", "/most_read/old/", "/back_issues/old/"]
    for path in (*paths, *lists):
        assert_harmless(await site.text(path))
    for suffix in ("rss", "atom"):
        feed = feedparser.parse((await site.get(f"/feeds/huaian.{suffix}"))[1], sanitize_html=False)
        assert not feed.bozo
        assert_harmless(feed.entries[0].content[-1].value, "div")
        assert not feed.entries[0].get("link", "").startswith("javascript")
    (item,) = json.loads((await site.get("/feeds/huaian.json"))[1])["items"]
    assert_harmless(item["content_html"], "div")
