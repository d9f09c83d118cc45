"""Founder's classic and D110000 pages, and the lists of a month's issues: real pages first."""

from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from config.sources import FounderSource
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, FoundBy, IssueReading, ReadCount, Reading, Request
from feeds.sources.table import build_source, detect
from tests.feeds.sources.founder_pages import (
    TITLES,
    classic_article,
    classic_layout,
    d110000_article,
    period_list,
)
from tests.feeds.sources.shells import document

SAMPLES = Path(__file__).resolve().parents[3].parent / "shared" / "samples"
JXRB = SAMPLES / "founder-classic" / "jxrb-20171009-node187.excerpt.html"
JJJCB = SAMPLES / "founder-classic" / "jjjcb-20170722-node2.excerpt.html"
RMRB = SAMPLES / "founder-d110000" / "rmrb-20171016-nbs01.excerpt.html"
PERIOD = SAMPLES / "derived-from-vendor-code" / "period.xml"
real = pytest.mark.skipif(not JXRB.exists(), reason="the samples lie beside the project")

SITE = "http://paper.example"
DAY = date(2017, 10, 9)
LAYOUT = f"{SITE}/qhrb/html/2017-10/09/node_187.htm"
ARTICLE = f"{SITE}/qhrb/html/2017-10/09/content_401870.htm"
MONTH = f"{SITE}/qhrb/html/2017-10/period.xml"


def look(html: str | bytes, url: str, asked: str = "", **settings: str) -> Reading:
    values = {"id": "p", "kind": "founder", "title": "青禾日报", "url": f"{SITE}/qhrb/"}
    told = document(html, url=url)
    if asked:
        told = replace(told, request=Request(asked))
    return build_source(FounderSource.model_validate(values | settings)).read(told)


def issue_of(html: str | bytes, url: str = LAYOUT) -> IssueReading:
    issue = look(html, url).issue
    assert issue is not None
    return issue


def article_of(html: str | bytes, url: str = ARTICLE) -> ArticleReading:
    article = look(html, url).article
    assert article is not None
    return article


def titles(issue: IssueReading, page: int = 0) -> list[str]:
    return [link.title for link in issue.pages[page].articles or ()]


# ── real pages ──────────────────────────────────────────────────────────────────────────────────


@real
def test_a_classic_page_with_unquoted_attributes_repeated_ids_and_a_map_of_another_case() -> None:
    issue = issue_of(JXRB.read_bytes(), f"{SITE}/jxrb/html/2017-10/09/node_187.htm")
    assert (issue.key, issue.url) == ("2017-10-09", f"{SITE}/jxrb/html/2017-10/09/node_187.htm")
    assert [page.label for page in issue.pages] == [f"{c}0{n}" for c in "ABC" for n in range(1, 5)]
    assert [page.name for page in issue.pages][:3] == ["头版", "要闻", "天下"]
    front = issue.pages[0]
    assert titles(issue) == [
        "站在新的更高起点探索生态文明建设",
        "为美丽中国贡献“江西智慧”",
        "吉安绣好全域脱贫攻坚新画卷",
        "国家有前途 个人才有前途",
        "一片茶叶带富一方百姓",
    ]
    assert [link.key for link in front.articles or ()] == [str(n) for n in range(401862, 401867)]
    assert front.image == f"{SITE}/jxrb/page/186/2017-10-09/A01/58271507497937890.jpg"
    assert front.pdf == f"{SITE}/jxrb/page/186/2017-10-09/A01/51281507497937890.pdf"
    assert issue.pages[1].pdf == f"{SITE}/jxrb/page/186/2017-10-09/A02/54571507497938890.pdf"
    assert issue.pages[1].articles is None


@real
def test_a_classic_page_with_a_static_link_to_the_issue_before_and_a_box_of_other_pages() -> None:
    issue = issue_of(JJJCB.read_bytes(), f"{SITE}/jjjcb/html/2017-07/22/node_2.htm")
    assert issue.previous == f"{SITE}/jjjcb/html/2017-07/21/node_2.htm"
    assert [(page.label, page.name) for page in issue.pages] == [
        ("1", "要闻"),
        ("2", "综合新闻"),
        ("3", "队伍建设"),
        ("4", "反腐观察"),
    ]
    assert [link.key for link in issue.pages[0].articles or ()] == [
        "52014",
        "52016",
        "52020",
        "52018",
        "52019",
        "52015",
        "52017",
    ]
    assert all(page.pdf for page in issue.pages)


@real
def test_titles_that_a_script_writes_are_read_with_both_their_lines() -> None:
    url = f"{SITE}/rmrb/html/2017-10/16/nbs.D110000renmrb_01.htm"
    issue = issue_of(RMRB.read_bytes(), url)
    assert (issue.key, issue.url) == ("2017-10-16", url)
    assert titles(issue) == [
        "《习近平关于社会主义文化建设论述摘编》出版发行",
        "中共中央召开党外人士座谈会 征求对中共十九大报告的意见",
        "党的十九大代表陆续抵京",
        "砥砺奋进 铸就辉煌",
        "党的十八大以来大事记",
    ]
    front = issue.pages[0]
    assert [link.key for link in front.articles or ()] == [f"{n}-01" for n in range(1, 6)]
    assert front.image == f"{SITE}/rmrb/page/2017-10/16/01/rmrb2017101601_b.jpg"
    assert front.pdf == f"{SITE}/rmrb/page/2017-10/16/01/rmrb2017101601.pdf"
    assert [(page.label, page.name) for page in issue.pages][1:3] == [
        ("02", "要闻"),
        ("08", "广告"),
    ]


@real
@pytest.mark.parametrize("at", ["rmrb2017101608.pdf", "20171016_3-01.htm><script", "版面目录-->"])
def test_a_real_page_that_stops_inside_a_list_is_not_taken_for_whole(at: str) -> None:
    html = RMRB.read_text("utf-8")
    with pytest.raises(NotReadable) as refused:
        look(html[: html.rindex(at)], f"{SITE}/rmrb/html/2017-10/16/nbs.D110000renmrb_01.htm")
    assert refused.value.why is Unreadable.TRUNCATED


@real
@pytest.mark.parametrize("sample", [JXRB, JJJCB, RMRB])
def test_a_real_page_is_known_as_this_familys_wherever_it_lies(sample: Path) -> None:
    assert detect(document(sample.read_bytes(), url=f"{SITE}/x")) == "founder"


@real
def test_a_months_list_leads_to_the_newest_issue_and_to_the_one_before_a_day() -> None:
    month = f"{SITE}/rb/pc/layout/202404/period.xml"
    newest = look(PERIOD.read_bytes(), month)
    assert newest.is_signpost
    assert newest.follow[0].url == f"{SITE}/rb/pc/layout/202404/08/node_01.html"
    before = look(
        PERIOD.read_bytes(), month, f"{month}#before=2024-04-08&page=node_01.html&months=0"
    )
    assert [way.url for way in before.follow] == [f"{SITE}/rb/pc/layout/202404/03/node_01.html"]


# ── pages of our own ────────────────────────────────────────────────────────────────────────────


def test_a_box_of_other_pages_articles_is_not_this_pages() -> None:
    issue = issue_of(classic_layout(DAY))
    assert titles(issue) == list(TITLES)
    assert [(page.label, page.name) for page in issue.pages] == [("A01", "头版"), ("A02", "广告")]


def test_articles_without_an_area_are_the_pages_all_the_same() -> None:
    html = classic_layout(DAY).replace(
        "</table>\n<div class=bm07>",
        "<tr><td><a href=content_409999.htm>没有热区的一篇</a></td></tr></table>\n<div class=bm07>",
    )
    assert "没有热区的一篇" in titles(issue_of(html))


def test_an_arrow_set_in_a_letter_font_does_not_hide_the_issue_before() -> None:
    issue = issue_of(classic_layout(DAY, previous="../../2017-09/29/node_187.htm"))
    assert issue.previous == f"{SITE}/qhrb/html/2017-09/29/node_187.htm"


def test_where_a_script_leads_to_the_issue_before_the_months_list_does() -> None:
    previous = issue_of(classic_layout(DAY)).previous or ""
    assert previous.startswith(f"{MONTH}#before=2017-10-09&page=node_187.htm")
    navi = look(classic_layout(DAY), LAYOUT, months="navi.xml").issue
    assert navi is not None
    assert (navi.previous or "").startswith(f"{SITE}/qhrb/html/2017-10/navi.xml#")


def test_a_classic_article_with_the_pages_map_beside_it() -> None:
    article = article_of(classic_article(), f"{ARTICLE}?div=-1")
    assert (article.kicker, article.title, article.subtitle) == (
        "入冬前的一件大事",
        TITLES[0],
        "共计二十六公里",
    )
    assert (article.key, article.url, article.byline) == ("401870", ARTICLE, "何田")
    assert article.body_text.startswith("本报讯（记者 何田）青岗岭新辟三条防火道")
    assert "泄漏" not in article.body_html + article.body_text
    assert [(image.url, image.caption) for image in article.images] == [
        (f"{SITE}/qhrb/images/A01/res1.jpg", "图为施工现场。 陆平 摄")
    ]
    assert article.found_by["title"] is FoundBy.DATA
    assert article.found_by["kicker"] is FoundBy.SELECTOR


def test_an_article_whose_content_is_marked_by_comments_alone() -> None:
    html = """<html><body><!--<npm:article-title>-->老渡口<br>的新<b>码头</b><!--</npm:article-title>--><p>当前版：04版</p>
    <!--<npm:article-author>-->何田<!--</npm:article-author>--><!--<npm:article-content>--><p>老渡口修了新码头。</p><!--</npm:article-content>--></body></html>"""
    article = article_of(html)
    assert (article.title, article.byline, article.body_text) == (
        "老渡口 的新码头",
        "何田",
        "老渡口修了新码头。",
    )
    assert article.found_by["title"] is FoundBy.DATA


def test_a_d110000_article() -> None:
    url = f"{SITE}/qhrb/html/2017-10/16/nw.D110000qhrb_20171016_2-02.htm"
    article = article_of(d110000_article(), f"{url}?div=0")
    assert (article.kicker, article.title, article.subtitle) == (
        "春耕时节",
        "一片茶叶 带富一方",
        "青岗镇见闻",
    )
    assert (article.key, article.url, article.page) == ("2-02", url, "02")
    assert (article.byline, article.published) == ("本报记者 何田", date(2017, 10, 16))
    assert article.body_text == "青岗镇的茶园开采了。"


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("content_401862.htm", "401862"),
        ("content_401862.htm?div=-1", "401862"),
        ("content_401862_3.htm", "401862_3"),
        ("content_20171009_3.htm", "20171009_3"),
        ("nw.D110000gmrb_20121007_7-01.htm?div=-1", "7-01"),
        ("c1234567.html", "1234567"),
        ("con-746458.html", "746458"),
    ],
)
def test_an_articles_key_is_the_publishers_own_number(name: str, key: str) -> None:
    assert article_of(classic_article(), f"{SITE}/qhrb/html/2017-10/09/{name}").key == key


# ── months' lists ───────────────────────────────────────────────────────────────────────────────


def ways(reading: Reading) -> list[str]:
    return [way.url for way in reading.follow]


def test_the_issue_before_the_first_of_a_month_is_in_the_month_before() -> None:
    asked = f"{MONTH}#before=2017-10-09&page=node_187.htm&months=0"
    reading = look(period_list(DAY), MONTH, asked)
    (way,) = ways(reading)
    assert way.startswith(f"{SITE}/qhrb/html/2017-09/period.xml#before=2017-10-09")
    found = look(period_list(date(2017, 9, 29), date(2017, 9, 30)), way.partition("#")[0], way)
    assert ways(found)[0] == f"{SITE}/qhrb/html/2017-09/30/node_187.htm"


def test_a_list_without_first_pages_has_the_same_first_page_as_the_issue_that_asked() -> None:
    asked = f"{MONTH}#before=2017-10-09&page=node_9.htm&months=0"
    reading = look(period_list(date(2017, 10, 8), front=""), MONTH, asked)
    assert ways(reading) == [f"{SITE}/qhrb/html/2017-10/08/node_9.htm"]


def test_in_january_the_month_before_is_last_years() -> None:
    month = f"{SITE}/qhrb/pc/layout/202401/period.xml"
    (way,) = ways(
        look(period_list(), month, f"{month}#before=2024-01-01&page=node_01.html&months=0")
    )
    assert way.startswith(f"{SITE}/qhrb/pc/layout/202312/period.xml#")


def test_after_three_empty_months_there_is_nothing_older() -> None:
    with pytest.raises(NotReadable):
        look(period_list(), MONTH, f"{MONTH}#before=2017-10-09&page=node_187.htm&months=3")


def test_days_to_come_and_days_of_other_months_are_no_issues() -> None:
    told = replace(
        document(period_list(date(2017, 10, 8), date(2017, 10, 20), date(2017, 11, 1)), url=MONTH),
        fetched_at=datetime(2017, 10, 9, tzinfo=UTC),
    )
    values = {"id": "p", "kind": "founder", "title": "x", "url": f"{SITE}/"}
    reading = build_source(FounderSource.model_validate(values)).read(told)
    assert ways(reading) == [f"{SITE}/qhrb/html/2017-10/08/node_187.htm"]


def test_case_100_a_list_with_entities_is_read_without_them() -> None:
    bomb = '<!DOCTYPE x [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;"><!ENTITY f SYSTEM "file:///etc/passwd">]>'
    xml = period_list(date(2017, 10, 8)).replace("<periodlist>", f"{bomb}<periodlist>")
    assert ways(look(xml, MONTH)) == [f"{SITE}/qhrb/html/2017-10/08/node_187.htm"]


def test_a_paper_without_a_way_to_its_newest_issue_is_guessed_by_date_last() -> None:
    told = document(
        "<html><body><a href=/about>关于数字报</a><p>欢迎</p></body></html>", url=f"{SITE}/qhrb/"
    )
    told = replace(told, fetched_at=datetime(2017, 10, 9, 18, tzinfo=UTC))  # the 10th in China
    values = {
        "id": "p",
        "kind": "founder",
        "title": "x",
        "url": f"{SITE}/qhrb/",
        "guess": f"{SITE}/qhrb/html/{{date:%Y-%m/%d}}/node_187.htm",
    }
    reading = build_source(FounderSource.model_validate(values)).read(told)
    assert ways(reading)[-4:-2] == [
        f"{SITE}/qhrb/html/2017-10/10/node_187.htm",
        f"{SITE}/qhrb/html/2017-10/09/node_187.htm",
    ]
    with pytest.raises(NotReadable, match=r"2017-10-10.*2017-10-09"):
        look(classic_layout(DAY), LAYOUT.replace("/09/", "/10/"))


def test_months_without_an_issue_are_the_newspapers_beginning() -> None:
    asked = f"{MONTH}#before=2017-10-09&page=node_187.htm&months=3"
    with pytest.raises(NotReadable) as caught:
        look(period_list(DAY), MONTH, asked)
    assert caught.value.why is Unreadable.NO_ISSUE


def test_reads_that_a_page_shows_beside_a_known_title_and_body_are_read() -> None:
    shown = classic_article().replace("<div id=ozoom>", "<div>阅读数：1,234</div><div id=ozoom>")
    article = article_of(shown)
    assert article.reads == ReadCount(1234)
    assert article.found_by["reads"] is FoundBy.LABEL
    assert article.found_by["title"] is not FoundBy.LABEL
    assert "阅读数" not in article.body_text


def test_labels_guess_nothing_beside_a_known_title_and_body() -> None:
    known = article_of(classic_article())
    marked = article_of(
        classic_article().replace(
            "<div id=ozoom>", "<h1>今日推荐</h1><div>记者 别人</div><div id=ozoom>"
        )
    )
    assert (marked.title, marked.kicker, marked.subtitle, marked.byline) == (
        known.title, known.kicker, known.subtitle, known.byline,
    )  # fmt: skip
