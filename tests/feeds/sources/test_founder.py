"""翔宇 pages are read by the words of their links and the dates in their addresses."""

from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.sources import FounderSource
from feeds.errors import NotReadable
from feeds.models import ArticleReading, FoundBy, IssueReading, Reading
from feeds.sources.founder.comment import properties
from feeds.sources.table import build_source, detect
from tests.feeds.sources.shells import document

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples"
LAYOUT = SAMPLES / "founder-pc-layout" / "rmrb-pc-layout-20241225-node01.html"
VARIANTS = SAMPLES / "derived-from-vendor-code" / "enpproperty-variants.html"
LAYOUT_ROOT = "http://paper.example/rmrb/pc/layout"
NODE = "http://paper.example/rmrb/pc/layout/202412/25/node_01.html"
CONTENT = "http://paper.example/rmrb/pc/content/202412/25/content_30048054.html"

real_page = pytest.mark.skipif(
    not LAYOUT.exists(), reason="the sample pages are not beside the project"
)


def look(html: str | bytes, url: str = NODE) -> Reading:
    config = FounderSource(
        id="rmrb",
        kind="founder",
        title="人民日报",
        url="http://paper.example/rmrb/pc/layout/index.html",
    )
    return build_source(config).read(document(html, url=url))


def issue_of(html: str | bytes, url: str = NODE) -> IssueReading:
    issue = look(html, url).issue
    assert issue is not None
    return issue


def article_of(html: str, url: str = CONTENT) -> ArticleReading:
    article = look(html, url).article
    assert article is not None
    return article


@real_page
def test_a_real_page_gives_its_issue() -> None:
    issue = issue_of(LAYOUT.read_bytes())
    assert (issue.key, issue.date, issue.number) == ("2024-12-25", date(2024, 12, 25), None)
    assert (issue.next, issue.is_first) == (None, False)
    assert (issue.previous or "").startswith(f"{LAYOUT_ROOT}/202412/period.xml#before=2024-12-25")
    assert issue.url == NODE
    assert [page.label for page in issue.pages] == [f"{n:02}" for n in range(1, 21)]
    assert [page.name for page in issue.pages][8:14] == [
        "理论",
        "特别报道",
        "综合",
        "要闻",
        "广告",
        "广告",
    ]
    assert issue.pages[1].url == "http://paper.example/rmrb/pc/layout/202412/25/node_02.html"
    assert all(page.articles is None for page in issue.pages[1:])


@real_page
def test_a_real_page_gives_its_articles_image_and_pdf() -> None:
    front = issue_of(LAYOUT.read_bytes()).pages[0]
    assert front.articles is not None
    assert [link.key for link in front.articles] == [
        str(number) for number in range(30048054, 30048061)
    ]
    assert (
        front.articles[0].title
        == "“为老百姓提供用得上、用得起、用得好的信息服务”（总书记的人民情怀）"
    )
    assert front.articles[5].title == "图片报道"
    assert front.articles[0].url == CONTENT
    assert (
        front.image
        == "http://paper.example/rmrb/pc/pic/202412/25/0f88d5f4-cdbd-4b8b-a600-8b44f707a067.jpg"
    )
    assert (
        front.pdf
        == "http://paper.example/rmrb/pc/attachement/202412/25/58d97d37-6229-4f3b-872d-3911f85cb11b.pdf"
    )


@real_page
def test_a_real_page_is_known_as_this_familys() -> None:
    assert (
        detect(document(LAYOUT.read_bytes(), url="http://paper.example/anything.html")) == "founder"
    )


@real_page
def test_without_a_list_the_areas_of_the_image_name_the_articles() -> None:
    html = LAYOUT.read_text("utf-8")
    start, end = (
        html.index('<ul class="news-list">'),
        html.index("</ul>", html.index('<ul class="news-list">')),
    )
    front = issue_of(html[:start] + html[end:]).pages[0]
    assert front.articles is not None
    assert [link.key for link in front.articles] == [
        str(number) for number in range(30048054, 30048061)
    ]


@real_page
def test_a_page_whose_address_names_another_day_is_not_believed() -> None:
    with pytest.raises(NotReadable, match=r"2024-12-26.*2024-12-25"):
        look(LAYOUT.read_bytes(), url=NODE.replace("/25/", "/26/"))


@pytest.mark.parametrize(
    ("folder", "suffix", "page", "content"),
    [
        ("pc/layout", "html", "node_", "content_"),
        ("pc/col", "html", "node_", "c"),
        ("pad/layout", "html", "node_", "content_"),
        ("html/layout", "shtml", "l", "c"),
    ],
)
def test_prefixes_and_suffixes_are_the_publishers_choice(
    folder: str, suffix: str, page: str, content: str
) -> None:
    pages = "".join(f"<a href={page}{n:02}.{suffix}>{n:02}版：要闻</a> " for n in (1, 2))
    links = "".join(
        f"<p><a href='../../../con/202412/25/{content}{n}.{suffix}'>标题第{n}条新闻</a></p>"
        for n in (777001, 777002)
    )
    html = f"<div>第01版：要闻</div><div>日报 2024年12月25日 Wed</div>{pages}{links}"
    issue = issue_of(html, f"http://paper.example/x/{folder}/202412/25/{page}01.{suffix}")
    assert [link.key for link in issue.pages[0].articles or ()] == ["777001", "777002"]
    assert issue.pages[1].articles is None


ARTICLE = """<html><head><title>人民日报</title></head><body><div class="article">
<h3>引题在这里</h3><h1>标题在<br>这里</h1><h2>——副题在这里</h2>
<p class="sec">本报记者 张三 <span class="date">《人民日报》（2024年12月25日 第 01 版）</span></p>
<div id="ozoom"><!--enpcontent--><p>　　第一段。</p><p>　　第二段有<b>重点</b>。</p>
<table><tr><td><img src="../../../pic/202412/25/a.jpg"></td></tr></table><!--/enpcontent-->
<!--enpproperty <articleid>1</articleid><date>2024-12-25 06:30:00:0</date><author></author><title>标题在<br/>这里</title><nodename>人民日报</nodename><url>http://x/泄漏</url>/enpproperty--></div>
</div><div class="copyright">版权所有</div></body></html>"""


def test_an_article_has_kicker_title_subtitle_byline_and_body() -> None:
    article = article_of(ARTICLE)
    assert (article.kicker, article.title, article.subtitle) == (
        "引题在这里",
        "标题在 这里",
        "副题在这里",
    )
    assert (article.byline, article.page) == ("本报记者 张三", "01")
    assert article.body_text == "第一段。\n第二段有重点。"
    assert [image.url for image in article.images] == [
        "http://paper.example/rmrb/pc/pic/202412/25/a.jpg"
    ]
    assert (article.key, article.url) == ("30048054", CONTENT)
    assert article.found_by["title"] is FoundBy.DATA
    assert article.found_by["kicker"] is FoundBy.SELECTOR


@pytest.mark.parametrize(
    ("line", "byline"),
    [("", "中青报·中青网记者 何田"), ("<p class=sec>本报记者 陆平</p>", "本报记者 陆平")],
)
def test_a_reporter_whom_only_the_pages_head_names_is_the_byline(line: str, byline: str) -> None:
    article = article_of(
        "<html><head><meta name=reporter content='中青报·中青网记者 何田'></head><body><div class=article>"
        f"<h3>冰点特稿</h3><h1>渡口</h1><h2></h2>{line}<div id=ozoom><founder-content><p>　　天亮以前，渡口就有人了。</p></founder-content></div></div></body></html>"
    )
    assert article.byline == byline


def test_a_time_in_the_publishers_comment_is_the_articles() -> None:
    assert article_of(ARTICLE).published == datetime(2024, 12, 24, 22, 30, tzinfo=UTC)
    assert article_of(ARTICLE.replace("06:30:00:0", "00:00:00:0")).published == date(2024, 12, 25)


def test_values_of_comments_never_leak_into_a_body() -> None:
    article = article_of(ARTICLE)
    assert "泄漏" not in article.body_text + article.body_html
    assert "enpproperty" not in article.body_html


@pytest.mark.parametrize("suffix", ["?div=-1", "?div=0", ""])
@pytest.mark.parametrize("edition", ["pc", "pad"])
def test_areas_and_the_pad_edition_are_the_same_article(suffix: str, edition: str) -> None:
    article = article_of(ARTICLE, CONTENT.replace("/pc/", f"/{edition}/") + suffix)
    assert (article.key, article.url) == ("30048054", CONTENT)


def test_another_skin_is_a_row_of_a_table() -> None:
    html = "<div id=PreTitle>引题</div><div id=Title>另一种皮肤的标题</div><div id=SubTitle></div><div id=Author>李四</div><div id=paperdate>2024年12月25日</div><div id=ozoom><p>正文一段。</p></div>"
    article = article_of(html)
    assert (article.kicker, article.title, article.byline) == ("引题", "另一种皮肤的标题", "李四")
    assert (article.published, article.body_text) == (date(2024, 12, 25), "正文一段。")


@pytest.mark.parametrize(
    ("title", "page_name", "kind"),
    [
        ("图片报道", None, "photo"),
        ("本版责编：王五 赵六", None, "credits"),
        ("责编：王五", None, "credits"),
        ("广告", None, "ad"),
        ("一个平常的标题", "广告", "ad"),
        ("淮上区自然资源局拍卖公告", None, "notice"),
        ("遗失声明", None, "notice"),
        ("全县召开工作会议", "要闻", "news"),
    ],
)
def test_kinds_are_tagged_and_nothing_is_dropped(
    title: str, page_name: str | None, kind: str
) -> None:
    config = FounderSource(id="x", kind="founder", title="x", url="http://paper.example/")
    told = document(
        f"<div class=article><h1>{title}</h1><div id=ozoom><p>正文一段。</p></div></div>",
        url=CONTENT,
    )
    if page_name:
        told.request.context["page_name"] = page_name  # type: ignore[index]  # a test may write into its own dict
    article = build_source(config).read(told).article
    assert article is not None
    assert article.kind == kind


@pytest.mark.skipif(not VARIANTS.exists(), reason="the sample pages are not beside the project")
def test_the_publishers_comment_is_read_by_tag_name_in_every_version() -> None:
    comments = VARIANTS.read_text("utf-8").split("<!-- ")
    read = [properties("<!-- " + part) for part in comments if "enpproperty" in part]
    assert read[0]["date"] == "2017-10-09 23:59:57"
    assert read[1]["title"] == "茅台三季报：持续两位数增长茅台现象倍受关注"
    assert read[2]["title"] == "示例"


def test_the_entry_page_of_the_newest_issue_names_its_first_page_as_the_issue() -> None:
    html = "<div>日报 2024年12月25日 Wed</div><a href='202412/25/node_01.html'>01版：要闻</a><a href='202412/25/node_02.html'>02版：综合</a>"
    issue = issue_of(html, "http://paper.example/rmrb/pc/layout/index.html")
    assert issue.url == "http://paper.example/rmrb/pc/layout/202412/25/node_01.html"
    assert [page.articles for page in issue.pages] == [None, None]
