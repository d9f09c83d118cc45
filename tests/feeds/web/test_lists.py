"""Search, most read and back issues, as a browser without script uses them."""

from datetime import date, timedelta

import pytest
from lxml import html as lxml_html

from feeds.models import ArticleKind, Paper, ReadCount
from tests.fakes.archive import HUAIAN, SEEN, make_article, make_issue, make_page, simple_issue
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")


def words(page: str) -> str:
    return " ".join(lxml_html.fromstring(page).text_content().split())


# ── search ──────────────────────────────────────────────────────────────────────────────────────


async def test_a_search_marks_its_words_in_title_and_passage(open_site: OpenSite) -> None:
    text = "前情。" * 60 + "今年春耕生产进展顺利。"
    page = make_page("01", [make_article("x1", title="春耕备耕", body_text=text)])
    site = await open_site([make_issue(DAY, [page])])
    tree = lxml_html.fromstring(await site.text("/search?q=%E6%98%A5%E8%80%95"))

    (hit,) = tree.xpath("//ol[@class='found']/li")
    assert hit.xpath(".//h3/a/@href") == ["/huaian/2024-04-08/x1"]
    assert hit.xpath(".//mark/text()") == ["春耕", "春耕"]
    assert "今年春耕生产" in hit.text_content()
    assert "2024年04月08日" in hit.text_content()
    assert tree.xpath("//input[@name='q']/@value") == ["春耕"]


async def test_one_searches_in_one_paper_or_in_all(open_site: OpenSite) -> None:
    issues = [simple_issue(DAY, 1), simple_issue(DAY, 2, source="chuzhou")]
    site = await open_site(issues, papers=[HUAIAN, CHUZHOU])

    async def found(paper: str) -> int:
        tree = lxml_html.fromstring(await site.text(f"/search?q=%E6%98%A5%E8%80%95&paper={paper}"))
        return len(tree.xpath("//ol[@class='found']/li"))

    assert [await found(paper) for paper in ("", "huaian", "chuzhou", "nobody")] == [3, 1, 2, 0]


async def test_a_long_result_is_turned_page_by_page(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, 45)])
    path, keys = "/search?q=%E6%98%A5%E8%80%95", []
    while path:
        tree = lxml_html.fromstring(await site.text(path))
        keys += tree.xpath("//ol[@class='found']//h3/a/@href")
        path = next(iter(tree.xpath("//a[@rel='next']/@href")), "")

    assert len(keys) == len(set(keys)) == 45
    assert tree.xpath("//a[@rel='prev']")


@pytest.mark.parametrize(
    "query",
    [
        "",
        "q=",
        "q=%E3%80%82",
        "q=x&page=0",
        "q=x&page=-1",
        "q=x&page=99999999999999999999",
        "q=x&page=%C2%B2",
        "q=x&paper=%3Cscript%3E",
        "q=%00%ff%ed%a0%80",
        "q=" + "%E6%98%A5" * 800,
        "q='%20OR%201%3D1--&q=x",
        "page=2",
    ],
)
async def test_no_question_is_an_error(open_site: OpenSite, query: str) -> None:
    site = await open_site([simple_issue(DAY)])

    assert "<script" not in await site.text(f"/search?{query}")


@pytest.mark.parametrize("query", ["<script>alert(1)</script>", '"><img src=x onerror=alert(1)>'])
async def test_case_105_a_question_comes_back_as_text(open_site: OpenSite, query: str) -> None:
    site = await open_site([simple_issue(DAY)])
    async with site.client.get(f"{site.base}/search", params={"q": query}) as response:
        tree = lxml_html.fromstring((await response.read()).decode())

    assert not tree.xpath("//script | //img | //*[@onerror]")
    assert tree.xpath("//input[@name='q']/@value") == [query]


async def test_nothing_found_says_what_to_try(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    page = await site.text("/search?q=%E7%A7%8B%E6%94%B6")

    assert "没有找到「秋收」。" in page
    assert 'href="/most_read/"' in page


async def test_a_paper_without_a_licence_is_found_by_its_text_and_shown_by_its_summary(
    open_site: OpenSite,
) -> None:
    text = "全区春耕生产全面展开，农户都说水足。" * 20 + "藏在最后的海棠大道。"
    page = make_page("01", [make_article("x1", title="要闻", body_text=text)])
    site = await open_site([make_issue(DAY, [page])], public_url="https://news.example.org/")
    found = words(await site.text("/search?q=%E6%B5%B7%E6%A3%A0"))

    assert "要闻" in found
    assert "海棠大道" not in found


# ── most read ───────────────────────────────────────────────────────────────────────────────────


async def test_the_most_read_are_ranked_by_span_and_leave_ads_out(open_site: OpenSite) -> None:
    def page(reads: int, key: str, **more: object) -> object:
        return make_page("01", [make_article(key, reads=ReadCount(reads), reads_at=SEEN, **more)])

    issues = [
        make_issue(DAY, [page(10, "new"), page(9999, "ad", kind=ArticleKind.AD)]),  # type: ignore[list-item]
        make_issue(DAY - timedelta(days=3), [page(50, "week")]),  # type: ignore[list-item]
        make_issue(DAY - timedelta(days=20), [page(90, "month")]),  # type: ignore[list-item]
    ]
    issues[0] = make_issue(
        DAY, [make_page("01", [*issues[0].pages[0].articles, *issues[0].pages[1].articles])]
    )
    site = await open_site(issues)
    tree = lxml_html.fromstring(await site.text("/most_read/huaian/"))
    charts = {
        section.xpath("string(h2)"): [
            str(href).rpartition("/")[2] for href in section.xpath(".//ol/li/a/@href")
        ]
        for section in tree.xpath("//section[h2]")
    }

    assert charts == {
        "最新一天": ["new"],
        "近七天": ["week", "new"],
        "近三十天": ["month", "week", "new"],
    }
    assert "春耕新闻month" in await site.text("/most_read/")
    assert "春耕新闻week" in await site.text("/")  # the stand's own seven days
    assert (await site.get("/most_read/nobody/"))[0].status == 404


async def test_papers_without_counts_say_so(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])

    assert "还没有看到阅读数" in await site.text("/most_read/chuzhou/")


# ── back issues ─────────────────────────────────────────────────────────────────────────────────


async def test_the_calendar_marks_the_days_with_issues_and_leads_to_other_months(
    open_site: OpenSite,
) -> None:
    issues = [
        simple_issue(DAY),
        simple_issue(DAY, 1, key="2024-04-08-2"),
        simple_issue(date(2024, 4, 30)),
        simple_issue(date(2024, 2, 29)),
        simple_issue(date(2023, 12, 31)),
    ]
    site = await open_site(issues)
    page = await site.text("/back_issues/huaian/")
    tree = lxml_html.fromstring(page)

    assert page == await site.text("/back_issues/huaian/2024-04/")
    assert tree.xpath("//td/a/@href") == [
        "/huaian/2024-04-08/",
        "/huaian/2024-04-08-2/",
        "/huaian/2024-04-30/",
    ]
    assert len(tree.xpath("//tbody/tr")) == 5
    assert len(tree.xpath("//td")) == 35
    assert tree.xpath("//a[@rel='prev']/@href") == ["/back_issues/huaian/2024-02/"]
    assert "春耕新闻0430-1" in page
    february = lxml_html.fromstring(await site.text("/back_issues/huaian/2024-02/"))
    assert february.xpath("//a[@rel='prev']/@href") == ["/back_issues/huaian/2023-12/"]
    assert february.xpath("//a[@rel='next']/@href") == ["/back_issues/huaian/2024-04/"]
    assert february.xpath("//tbody/tr[last()]/td[4]/a/@href") == ["/huaian/2024-02-29/"]


@pytest.mark.parametrize(
    "path",
    [
        "/back_issues/",
        "/back_issues/nobody/",
        "/back_issues/huaian/2024-03/",
        "/back_issues/huaian/2024-13/",
        "/back_issues/huaian/0000-01/",
        "/back_issues/huaian/9999-12/",
        "/back_issues/huaian/2024-04-08/",
    ],
)
async def test_a_month_without_issues_is_no_page(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])

    assert (await site.get(path))[0].status == 404


async def test_the_calendar_of_a_paper_that_was_not_read_yet_says_so(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])

    assert "还没有读到第一期" in await site.text("/back_issues/chuzhou/")


@pytest.mark.parametrize("path", ["/most_read", "/most_read/huaian", "/back_issues/huaian/2024-04"])
async def test_a_missing_slash_is_put_right(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])
    response, _ = await site.get(path)

    assert (response.status, response.headers["Location"]) == (308, f"{path}/")
    assert (await site.get("/most_read/", method="HEAD"))[0].status == 200


async def test_no_issue_or_article_ever_stands_where_our_own_pages_are(
    open_site: OpenSite,
) -> None:
    keys = ("search", "most_read", "back_issues", "archive", "index.html", "robots.txt")
    issues = [
        make_issue(DAY + timedelta(days=n), [make_page("01", [make_article(key)])], key=key)
        for n, key in enumerate(keys)
    ]
    site = await open_site(issues)

    for key in keys:
        assert f"春耕新闻{key}" in await site.text(f"/huaian/{key}/{key}")
