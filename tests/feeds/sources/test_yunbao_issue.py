"""An issue of 云报平台 is found and read by its words: pages, titles, neighbours, lists of issues."""

from datetime import date

import pytest

from config.sources import YunbaoSource
from feeds.errors import NotReadable, Unreadable
from feeds.models import IssueReading, ReadCount, Reading
from feeds.sources.table import build_source
from tests.feeds.sources.shells import STORY, Shell, build, document

URL = "https://paper.example/issue/231"


def look(html: str, url: str = URL) -> Reading:
    config = YunbaoSource(id="hsrb", kind="yunbao", title="淮上日报", url="https://paper.example/")
    return build_source(config).read(document(html, url=url))


def issue_of(html: str, url: str = URL) -> IssueReading:
    issue = look(html, url).issue
    assert issue is not None
    return issue


def outline(issue: IssueReading) -> list[tuple[str, str | None, list[str] | None]]:
    return [
        (
            page.label,
            page.name,
            None if page.articles is None else [link.title for link in page.articles],
        )
        for page in issue.pages
    ]


HEAD = "<div>云报平台</div><div style='display:none'>这已经是最后一期了哦!<b>我知道了</b></div><h2>淮上日报</h2><div>2024年03月12日 星期二 第231期</div>"
WAYS = "<div><a href='/issue/230'>上一期</a> <a href='/issue/232'>下一期</a> <a href='/issues'>往期</a> <a href='/'>首页</a></div>"
FOOT = (
    "<div><a href='/about'>关于我们</a> <a href='/contact'>联系我们</a> 版权所有 苏ICP备1号</div>"
)
A1 = (
    "<a href='/detail?id=1'>全县重点项目集中开工</a>",
    "<a href='/detail?id=2'>春季植树活动举行</a>",
)
A2 = "<a href='/detail?id=3'>水厂扩建工程通水</a>", "<a href='/detail?id=4'>渡口</a>"
WHOLE = [
    ("A1", "要闻", ["全县重点项目集中开工", "春季植树活动举行"]),
    ("A2", "副刊", ["水厂扩建工程通水", "渡口"]),
]


@pytest.mark.parametrize(
    "body",
    [
        f"<h3>第A1版:要闻</h3><ul><li>{A1[0]}</li><li>{A1[1]}</li></ul><h3>第A2版:副刊</h3><ul><li>{A2[0]}</li><li>{A2[1]}</li></ul>",
        f"<div>第A1版：要闻</div><p>{A1[0]}</p><p>{A1[1]}</p><div>第A2版：副刊</div><p>{A2[0]}</p><p>{A2[1]}</p>",
        f"A1 要闻<br>{A1[0]}<br>{A1[1]}<br>A2 副刊<br>{A2[0]}<br>{A2[1]}<br>",
        f"<table><tr><td>A1版 要闻</td></tr><tr><td>{A1[0]}</td></tr><tr><td>{A1[1]}</td></tr><tr><td>A2版 副刊</td></tr><tr><td>{A2[0]}</td></tr><tr><td>{A2[1]}</td></tr></table>",
        f"<nav><a href='#a1'>第A1版:要闻</a><a href='#a2'>第A2版:副刊</a></nav><section id=a1><b>第A1版:要闻</b>{A1[0]}{A1[1]}</section><section id=a2><b>第A2版:副刊</b>{A2[0]}{A2[1]}</section>",
        f"<dl><dt><a href='#'>第Ａ１版：要闻</a></dt><dd>{A1[0]}</dd><dd>{A1[1]}</dd><dt><a href='#'>第Ａ２版：副刊</a></dt><dd>{A2[0]}</dd><dd>{A2[1]}</dd></dl>",
        f"<div><span>第A1版</span>:<span>要闻</span> <a href='/a1.pdf'>PDF</a></div><div>· {A1[0]} · {A1[1]}</div><div><span>第A2版</span>:<span>副刊</span></div><div>· {A2[0]} · {A2[1]}</div>",
    ],
)
def test_pages_and_titles_are_read_from_one_document(body: str) -> None:
    issue = issue_of(HEAD + WAYS + body + FOOT)
    assert outline(issue) == WHOLE
    assert (issue.key, issue.date, issue.number) == ("2024-03-12", date(2024, 3, 12), "231")
    assert (issue.previous, issue.next) == (
        "https://paper.example/issue/230",
        "https://paper.example/issue/232",
    )
    assert [link.key for page in issue.pages for link in page.articles or ()] == [
        "1",
        "2",
        "3",
        "4",
    ]


def test_pages_with_documents_of_their_own_are_to_be_fetched() -> None:
    menu = "<ul><li><a href='/page/1'>第01版:要闻</a></li><li><a href='/page/2'>第02版:综合</a></li><li><a href='/page/3'>第03版:副刊</a></li></ul>"
    issue = issue_of(HEAD + WAYS + menu + FOOT)
    assert outline(issue) == [("01", "要闻", None), ("02", "综合", None), ("03", "副刊", None)]
    assert issue.pages[1].url == "https://paper.example/page/2"


def test_a_document_of_one_page_holds_that_pages_titles_only() -> None:
    menu = "<ul><li><a href='/page/1'>第01版:要闻</a></li><li><a href='/page/2'>第02版:综合</a></li></ul>"
    titles = "<ul>" + "".join(f"<li>{link}</li>" for link in (*A1, *A2)) + "</ul>"
    issue = issue_of(HEAD + menu + titles, url="https://paper.example/page/2")
    assert [page.articles is None for page in issue.pages] == [True, False]
    assert issue.pages[1].articles is not None
    assert [link.title for link in issue.pages[1].articles] == [t for _, _, ts in WHOLE for t in ts]


def test_an_issue_without_pages_has_one() -> None:
    issue = issue_of(HEAD + WAYS + "".join(f"<p>{link}</p>" for link in (*A1, *A2)) + FOOT)
    assert [(page.label, len(page.articles or ())) for page in issue.pages] == [("01", 4)]


def test_counts_beside_titles_are_theirs() -> None:
    rows = (
        f"<li>{A1[0]}<span>阅读数:58</span></li><li>{A1[1]}<em>1.2万阅读</em></li><li>{A2[0]}</li>"
    )
    issue = issue_of(HEAD + WAYS + f"<h3>第A1版:要闻</h3><ul>{rows}</ul>")
    assert [link.reads for link in issue.pages[0].articles or ()] == [
        ReadCount(58), ReadCount(12_000, exact=False), None,
    ]  # fmt: skip


def test_image_and_pdf_belong_to_their_page() -> None:
    body = f"<h3>第A1版:要闻</h3><a href='/p/a1.jpg'><img src='/p/a1_s.jpg'></a><a href='/p/a1.pdf'>PDF下载</a>{A1[0]}<h3>第A2版:副刊</h3><img src='/p/page_a2.jpg'>{A2[0]}"
    pages = issue_of(HEAD + WAYS + body).pages
    assert [page.image for page in pages] == [
        "https://paper.example/p/a1.jpg",
        "https://paper.example/p/page_a2.jpg",
    ]
    assert [page.pdf for page in pages] == ["https://paper.example/p/a1.pdf", None]


@pytest.mark.parametrize(
    "inert",
    [
        "<a href='#'>{}</a>",
        "<a href='javascript:;'>{}</a>",
        "<a>{}</a>",
        "<span onclick='tip()'>{}</span>",
        "<button>{}</button>",
        "<span>{}</span>",
    ],
)
def test_a_way_that_leads_nowhere_is_no_neighbour(inert: str) -> None:
    ways = "<div><a href='/issue/230'>上一期</a>" + inert.format("下一期") + "</div>"
    issue = issue_of(HEAD + ways + f"<h3>第A1版:要闻</h3>{A1[0]}")
    assert (issue.previous, issue.next, issue.is_first) == (
        "https://paper.example/issue/230",
        None,
        False,
    )
    ways = "<div>" + inert.format("上一期") + "<a href='/issue/232'>下一期</a></div>"
    issue = issue_of(HEAD + ways + f"<h3>第A1版:要闻</h3>{A1[0]}")
    assert (issue.previous, issue.next, issue.is_first) == (
        None,
        "https://paper.example/issue/232",
        True,
    )


def test_a_button_whose_script_names_an_address_leads_there() -> None:
    ways = "<input type=button value='上一期' onclick=\"location.href='/issue/230'\"><button onclick=\"window.open('/issue/232')\">下一期</button>"
    issue = issue_of(HEAD + ways + f"<h3>第A1版:要闻</h3>{A1[0]}")
    assert (issue.previous, issue.next) == (
        "https://paper.example/issue/230",
        "https://paper.example/issue/232",
    )


def test_a_list_of_issues_leads_to_its_newest() -> None:
    shelf = "".join(
        f"<li><a href='/issue/{n}'>2024年03月{d:02}日 第{n}期</a></li>"
        for n, d in ((229, 10), (231, 12), (230, 11))
    )
    reading = look(
        f"<div>云报平台</div><h2>往期回顾</h2><ul>{shelf}</ul>", url="https://paper.example/issues"
    )
    assert reading.issue is None
    assert reading.follow[0].url == "https://paper.example/issue/231"


@pytest.mark.parametrize(
    "door",
    [
        "<meta http-equiv=refresh content='0; url=/issue/231'>",
        "<META HTTP-EQUIV='Refresh' CONTENT=\"0;URL='issue/231'\">",
        "<script>window.location.href = '/issue/231';</script>",
        '<script>location.replace("/issue/231")</script>',
        "<p>云报平台</p><a href='/issue/231'>进入数字报</a>",
        "<p>淮上日报</p><a href='/issue/231'>最新一期</a>",
    ],
)
def test_a_doorway_leads_on(door: str) -> None:
    reading = look(f"<html><head></head><body>{door}</body></html>", url="https://paper.example/")
    assert reading.follow[0].url == "https://paper.example/issue/231"


def test_a_doorway_to_another_site_is_not_followed() -> None:
    with pytest.raises(NotReadable):
        look("<meta http-equiv=refresh content='0; url=https://evil.example/x'>")


def test_an_article_as_entry_leads_to_its_issue() -> None:
    html = build(STORY, Shell()).replace("</body>", "<a href='/issue/231'>返回目录</a></body>")
    reading = look(html, url="https://paper.example/detail?id=9")
    assert reading.article is not None
    assert reading.article.title == STORY.title
    assert [request.url for request in reading.follow] == ["https://paper.example/issue/231"]


def test_the_same_article_listed_twice_is_one() -> None:
    body = f"<h3>头条</h3>{A1[0]}<h3>第A1版:要闻</h3>{A1[0]}{A1[1]}<h3>第A2版:副刊</h3>{A1[1]}{A2[0]}{A2[1]}"
    assert outline(issue_of(HEAD + WAYS + body)) == WHOLE


def test_the_date_in_the_masthead_of_the_day_is_not_the_issues() -> None:
    today = "<div>今天是2026年11月23日 星期一</div>"
    assert issue_of(today + HEAD + WAYS + f"<h3>第A1版:要闻</h3>{A1[0]}").key == "2024-03-12"


def test_titles_without_any_date_are_no_issue() -> None:
    with pytest.raises(NotReadable) as caught:
        look(f"<h3>第A1版:要闻</h3>{A1[0]}{A1[1]}")
    assert caught.value.why is Unreadable.UNKNOWN


def test_a_list_of_contents_that_was_cut_off_is_refused() -> None:
    html = f"<html><body><div>{HEAD}{WAYS}<ul><li>{A1[0]}</li><li>{A1[1]}</li><li><a href='/deta"
    with pytest.raises(NotReadable) as caught:
        look(html)
    assert caught.value.why is Unreadable.TRUNCATED


def test_titles_that_end_like_sentences_and_teasers_are_still_an_issue() -> None:
    rows = "".join(
        f"<li><a href='/detail?id={n}'>开工了!第{n}个项目今日开工建设</a><p>记者从会上获悉,项目今日开工。</p></li>"
        for n in range(1, 9)
    )
    issue = issue_of(HEAD + WAYS + f"<h3>第A1版:要闻</h3><ul>{rows}</ul>" + FOOT)
    assert len(issue.pages[0].articles or ()) == 8


RANKING = (
    "<h4>新闻点击排行榜</h4><table><tr><td><a href='/detail?id=900'>去年的老新闻还在榜上</a></td><td>[8231]</td></tr>"
    "<tr><td>2</td><td><a href='/detail?id=1'>全县重点项目集中开工</a></td><td>点击量231次</td></tr></table>"
)
PAGES = f"<h3>第A1版:要闻</h3><ul><li>{A1[0]}</li><li>{A1[1]}</li></ul><h3>第A2版:副刊</h3><ul><li>{A2[0]}</li><li>{A2[1]}</li></ul>"


@pytest.mark.parametrize(
    "body",
    [
        PAGES + RANKING,
        RANKING + PAGES,
        RANKING + f"<div>本期文章</div>{PAGES}",
        PAGES.replace("<h3>第A2版", f"{RANKING}<h3>第A2版"),
        PAGES + RANKING.replace("新闻点击排行榜", "【热门推荐】"),
    ],
)
def test_a_ranking_of_all_issues_articles_is_no_part_of_this_one(body: str) -> None:
    issue = issue_of(HEAD + WAYS + body + FOOT)
    assert outline(issue) == WHOLE
    assert all(link.reads is None for page in issue.pages for link in page.articles or ())


def test_articles_that_only_such_a_list_shows_are_better_than_none() -> None:
    issue = issue_of(
        HEAD
        + WAYS
        + f"<h3>精彩推荐</h3><ul><li>{A1[0]}</li><li>{A1[1]}</li><li>{A2[0]}</li></ul>"
        + FOOT
    )
    assert [len(page.articles or ()) for page in issue.pages] == [3]


@pytest.mark.parametrize(
    ("words", "label"), [("第一版:要闻", "1"), ("十版", "10"), ("第二十三版", "23")]
)
def test_a_page_may_be_numbered_in_chinese(words: str, label: str) -> None:
    assert [page.label for page in issue_of(f"{HEAD}<h3>{words}</h3>{A1[0]}").pages] == [label]


@pytest.mark.parametrize("words", ["二一版", "十十版", "四三二版"])
def test_digits_that_are_no_number_name_no_page(words: str) -> None:
    assert outline(issue_of(f"{HEAD}<h3>{words}</h3>{A1[0]}")) == [
        ("01", None, ["全县重点项目集中开工"])
    ]


def test_a_link_to_the_sites_front_is_no_article_even_where_there_are_no_others() -> None:
    scripted = "".join(
        f"<li><a href='#' onclick='show({n})'>全县重点项目开工{n}</a></li>" for n in "123"
    )
    sheet = f"<h3>第01版 要闻</h3><ul>{scripted}</ul>"
    issue = issue_of(f"{HEAD}<a href='/issues'>往期</a>{sheet}<p><a href='/'>淮上日报</a></p>")

    assert outline(issue) == [("01", "要闻", [])]
