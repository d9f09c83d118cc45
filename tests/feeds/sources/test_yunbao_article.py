"""An article of 云报平台 is read exactly, whatever its page looks like."""

import random
import re
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from config.sources import YunbaoSource
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, FoundBy, ReadCount
from feeds.sources.table import build_source
from tests.feeds.sources.odd_shells import ODD, set_odd
from tests.feeds.sources.shells import AFTER as BEHIND
from tests.feeds.sources.shells import (
    BEFORE,
    BYLINES,
    DATES,
    DIALOGS,
    HEADINGS,
    JOINS,
    PARAGRAPHS,
    READS,
    STORY,
    WRAPPERS,
    Shell,
    Story,
    build,
    document,
    random_shell,
    seed_story,
)

SEED = seed_story()
STORIES = [STORY, SEED] if SEED else [STORY]


def read(
    html: str | bytes, content_type: str = "text/html; charset=utf-8", **rules: dict[str, str]
) -> ArticleReading:
    config = YunbaoSource(
        id="hsrb", kind="yunbao", title="淮上日报", url="https://paper.example/", **rules
    )
    article = build_source(config).read(document(html, content_type)).article
    assert article is not None
    return article


def assert_is(story: Story, article: ArticleReading) -> None:
    assert article.title == story.title
    assert article.published == story.day
    assert article.reads == ReadCount(story.reads)
    assert article.byline == story.byline
    assert article.body_text.split("\n") == list(story.paragraphs)
    assert (article.kicker, article.subtitle) == (None, None)


@pytest.mark.skipif(
    SEED is None, reason="the known article of the platform is not beside the project"
)
def test_the_known_article_is_read_exactly() -> None:
    assert SEED is not None
    assert SEED.title == "全区2023年度高质量跨越发展综合考核总结暨2024年工作推进会召开"
    assert (SEED.reads, SEED.byline, len(SEED.paragraphs)) == (231, "融媒体记者综合报道", 10)
    assert_is(SEED, read(build(SEED, Shell())))


@pytest.mark.parametrize("story", STORIES, ids=["made-up", "known"][: len(STORIES)])
@pytest.mark.parametrize("name", ODD)
def test_an_odd_shell_changes_nothing(name: str, story: Story) -> None:
    assert_is(story, read(set_odd(name, story)))


_EACH = [
    *(Shell(paragraphs=name) for name in PARAGRAPHS),
    *(Shell(heading=name) for name in HEADINGS),
    *(Shell(day=name) for name in DATES),
    *(Shell(reads=name) for name in READS),
    *(Shell(byline=name) for name in BYLINES),
    *(Shell(join=name) for name in JOINS),
    *(Shell(wrapper=name) for name in WRAPPERS),
    *(Shell(dialog=name, dialog_place=place) for name in DIALOGS for place in range(5)),
    *(Shell(before=(name,)) for name in BEFORE),
    *(Shell(after=(name,)) for name in BEHIND),
    *(Shell(after=(name,), paragraphs="br-br", wrapper="none") for name in BEHIND),
]


@pytest.mark.parametrize("shell", _EACH, ids=str)
def test_each_part_of_a_shell_is_understood(shell: Shell) -> None:
    assert_is(STORY, read(build(STORY, shell)))


@given(st.integers(min_value=0, max_value=2**32))
@example(54087709)  # the parser moves the reads and a related list's before the title
@settings(max_examples=200, deadline=None)
def test_any_mixture_of_parts_is_understood(seed: int) -> None:
    dice = random.Random(seed)
    story = dice.choice(STORIES)
    shell = random_shell(dice)
    shell = replace(shell, head_title=shell.head_title.format(title=story.title))
    assert_is(story, read(build(story, shell)))


@pytest.mark.parametrize(
    ("encoding", "content_type", "meta"),
    [
        ("gb18030", "text/html; charset=GBK", ""),
        ("gb18030", "text/html; charset=gb2312", ""),
        ("gb18030", "text/html", "<meta charset=gbk>"),
        ("gb18030", "text/html", ""),
        ("gb18030", "text/html; charset=utf-8", ""),  # case 050
        ("gb18030", "text/html; charset=ISO-8859-1", '<meta content="text/html;charset=gb2312">'),
        ("utf-8", "text/html; charset=gb2312", ""),
        ("utf-8", "text/html", "<meta charset=gb2312>"),
        ("utf-8", "", ""),
        ("utf-8-sig", "text/html", ""),
        ("utf-16", "text/html", ""),
    ],
)
def test_case_049_to_052_bytes_are_read_whatever_their_label(
    encoding: str, content_type: str, meta: str
) -> None:
    html = build(STORY, Shell()).replace("<head>", f"<head>{meta}")
    assert_is(STORY, read(html.encode(encoding), content_type))


def test_html_and_text_of_a_body_say_the_same() -> None:
    article = read(build(STORY, Shell()))
    assert re.sub(r"<[^>]+>", "", article.body_html).split("\n") == list(STORY.paragraphs)


def test_every_found_field_names_its_rule() -> None:
    article = read(build(STORY, Shell()))
    assert article.found_by == dict.fromkeys(
        ("title", "byline", "published", "reads", "body"), FoundBy.LABEL
    )


def test_without_reads_date_and_byline_they_are_unknown() -> None:
    html = f"<div>内容详情</div><h1>{STORY.title}</h1>" + "".join(
        f"<p>{p}</p>" for p in STORY.paragraphs
    )
    article = read(html)
    assert (article.reads, article.published, article.byline) == (None, None, None)
    assert article.body_text.split("\n") == list(STORY.paragraphs)


@pytest.mark.parametrize(
    ("words", "reads"),
    [
        ("阅读数:1.2万", ReadCount(12_000, exact=False)),
        ("阅读数：10万+", ReadCount(100_000, exact=False)),
        ("阅读数:--", None),
        ("阅读数:", None),
        ("阅读数:暂无", None),
        ("阅读数:99999999999999999999", None),
    ],
)
def test_case_079_to_085_a_count_is_read_as_shown_or_unknown(
    words: str, reads: ReadCount | None
) -> None:
    html = build(STORY, Shell(reads="ascii")).replace(f"阅读数:{STORY.reads}", words)
    article = read(html)
    assert article.reads == reads
    assert (article.title, article.byline) == (STORY.title, STORY.byline)
    assert article.body_text.split("\n") == list(STORY.paragraphs)


def test_a_time_of_day_makes_the_date_an_instant_of_the_papers_zone() -> None:
    html = build(STORY, Shell()).replace("2024年03月12日", "2024-03-12 06:12")
    assert read(html).published == datetime(2024, 3, 11, 22, 12, tzinfo=UTC)


def test_case_075_of_two_dates_the_articles_own_is_taken() -> None:
    html = build(STORY, Shell(before=("masthead-date", "today")))
    assert read(html).published == date(2024, 3, 12)


def test_case_074_an_impossible_date_is_unknown() -> None:
    html = build(STORY, Shell()).replace("2024年03月12日", "2024年02月30日")
    assert read(html).published is None


@pytest.mark.parametrize("title", ["", "<h1>　</h1>"])
def test_case_069_without_a_title_the_first_sentence_stands_for_it(title: str) -> None:
    text = "".join(f"<p>{p}</p>" for p in STORY.paragraphs)
    article = read(f"<div>内容详情</div>{title}<div>2024年03月12日 阅读数:5</div>{text}")
    assert article.title.startswith("3月11日上午")
    assert article.body_text.split("\n") == list(STORY.paragraphs)


def test_case_070_a_title_of_ten_thousand_characters_is_cut() -> None:
    article = read(
        f"<div>内容详情</div><h1>{'长' * 10_000}</h1><p>2024年03月12日 阅读数:5</p><p>正文只有这一句话。</p>"
    )
    assert len(article.title) <= 500


def test_case_071_a_title_is_plain_text() -> None:
    html = build(STORY, Shell(heading="h1")).replace(
        STORY.title, "甲<b>乙</b>丙&amp;amp;丁戊己庚辛"
    )
    assert read(html).title == "甲乙丙&amp;丁戊己庚辛"


def test_case_064_to_067_invisible_and_illegal_characters_are_gone() -> None:
    dirty = STORY.title[:5] + "\u202e\u200b\ufeff\x0b" + STORY.title[5:]
    assert_is(STORY, read(build(STORY, Shell()).replace(STORY.title, dirty)))


def test_kicker_and_subtitle_are_known_by_their_labels_and_ranks() -> None:
    header = "<div>内容详情</div><h3>春季行动系列报道之一</h3><h1>{}</h1><h2>——青岗岭植树活动侧记</h2><p>2024年03月12日 阅读数:5</p>"
    text = "".join(f"<p>{p}</p>" for p in STORY.paragraphs)
    article = read(header.format(STORY.title) + text)
    assert article.title == STORY.title
    assert (article.kicker, article.subtitle) == ("春季行动系列报道之一", "青岗岭植树活动侧记")


def test_a_poem_without_a_sentence_is_a_body_all_the_same() -> None:
    lines = ["渡口的风", "吹过三月的柳", "船还没有来", "我先听见水声"]
    html = f"<div>内容详情</div><div>2024年03月12日</div><div>渡口三月诗二首</div><div>阅读数:7</div><div>作者：林渡</div>{''.join(f'<p>{x}</p>' for x in lines)}"
    article = read(html)
    assert (article.title, article.byline) == ("渡口三月诗二首", "林渡")
    assert article.body_text.split("\n") == lines


def test_a_notices_signature_and_address_stay_in_its_body() -> None:
    text = "<p>因管网改造,3月15日8时至18时停水,请提前储水。</p><p>联系电话:0517-1234567</p><p>淮上区自来水公司</p><p>2024年3月11日</p>"
    html = f"<div>内容详情</div><div>2024年03月12日</div><div>停水公告</div><div>阅读数:7</div><div class=c>{text}</div>"
    article = read(html)
    assert article.body_text.split("\n")[1:] == [
        "联系电话:0517-1234567",
        "淮上区自来水公司",
        "2024年3月11日",
    ]
    assert article.kind == "notice"


def test_images_are_absolute_with_their_captions_and_at_most_fifty() -> None:
    photo = '<figure><img src="../up/1.jpg"><figcaption>图为植树现场。</figcaption></figure>'
    html = build(STORY, Shell()).replace("县长陆平宣布开工。</p>", "县长陆平宣布开工。</p>" + photo)
    article = read(html)
    assert [(i.url, i.caption) for i in article.images] == [
        ("https://paper.example/up/1.jpg", "图为植树现场。")
    ]
    assert article.body_text.split("\n") == list(STORY.paragraphs)
    many = "".join(f'<p><img src="/{n}.jpg"></p>' for n in range(10_000))  # case 095
    article = read(
        build(STORY, Shell()).replace("县长陆平宣布开工。</p>", "县长陆平宣布开工。</p>" + many)
    )
    assert len(article.images) == article.body_html.count("<img") == 50


def test_case_096_links_of_a_body_are_web_links_or_none() -> None:
    links = (
        "<a href='javascript:alert(1)'>甲</a><a href='/x'>乙</a><a href='data:text/html,x'>丙</a>"
    )
    html = build(STORY, Shell()).replace("县长陆平", links + "县长陆平")
    body = read(html).body_html
    assert "javascript" not in body
    assert "data:" not in body
    assert 'href="https://paper.example/x"' in body


def test_a_selector_wins_over_labels_and_falls_back_to_them() -> None:
    html = build(STORY, Shell()).replace("<body>", "<body><b id=t>真正的标题</b>")
    article = read(html, selectors={"title": "#t", "byline": ".nowhere"})
    assert (article.title, article.byline) == ("真正的标题", STORY.byline)
    assert article.found_by["title"] is FoundBy.SELECTOR
    assert article.found_by["byline"] is FoundBy.LABEL


@pytest.mark.parametrize(
    "script",
    [
        '<script type="application/json">{}</script>',
        "<script>window.__DATA__ = {};</script>",
        "<script>var x = 1; var page={}; go()</script>",
    ],
)
def test_data_wins_over_selectors_and_labels(script: str) -> None:
    told = '{"article": {"name": "数据里的标题", "hits": "1.5万", "day": 1710201600000, "html": "<p>数据里的第一段。</p><p>第二段。</p>"}}'
    html = build(STORY, Shell()).replace("</body>", script.replace("{}", told) + "</body>")
    rules = {
        "title": "article.name",
        "reads": "article.hits",
        "published": "article.day",
        "body": "article.html",
    }
    article = read(html, data=rules, selectors={"title": "h9"})
    assert (article.title, article.reads) == ("数据里的标题", ReadCount(15_000, exact=False))
    assert article.published == datetime(2024, 3, 12, tzinfo=UTC)
    assert article.body_text == "数据里的第一段。\n第二段。"
    assert article.byline == STORY.byline
    assert {name: rule.value for name, rule in article.found_by.items()} == {
        "title": "data", "reads": "data", "published": "data", "body": "data", "byline": "label",
    }  # fmt: skip


def test_a_document_that_is_json_is_read_by_data_alone() -> None:
    body = '{"obj": {"t": "接口里的标题", "c": "第一段。\\n第二段。", "n": 231, "d": "2024-04-08"}}'
    rules = {"title": "obj.t", "body": "obj.c", "reads": "obj.n", "published": "obj.d"}
    article = read(body, "application/json", data=rules)
    assert (article.title, article.reads, article.published) == (
        "接口里的标题",
        ReadCount(231),
        date(2024, 4, 8),
    )
    assert article.body_text == "第一段。\n第二段。"


@pytest.mark.parametrize(
    ("html", "why"),
    [
        ("", Unreadable.EMPTY),  # case 034
        ("  \n ", Unreadable.EMPTY),
        ("<html><body></body></html>", Unreadable.EMPTY),
        ("<h1>404</h1><p>您访问的页面不存在。</p>", Unreadable.NO_PAGE),  # case 035
        ("<title>提示</title><p>该文章已被删除</p><a href=/>返回首页</a>", Unreadable.NO_PAGE),
        ("<p>系统正在维护,请稍后再来。</p>", Unreadable.ERROR_PAGE),  # case 036
        ("<p>系统正在维护,您访问的页面不存在。</p>", Unreadable.ERROR_PAGE),
        ("<p>请输入验证码以继续访问。</p><img src=/c.png>", Unreadable.CHALLENGE),  # case 037
        ("<title>Just a moment...</title><script>window._cf_chl_opt={}</script>", Unreadable.CHALLENGE),
        ("<div id=app></div><script src=/js/app.3f.js></script>", Unreadable.SCRIPT),
        ("<div>云报平台</div><div hidden>这已经是最后一期了哦!</div><p>加载中...</p><script src=a.js></script>", Unreadable.SCRIPT),
        ("<div>" * 100_000, Unreadable.TOO_DEEP),  # case 059
        ("<p " + "a=1 " * 50_000 + ">", Unreadable.TOO_DEEP),  # case 061
        ("<b></b>" * 1_000_000, Unreadable.TOO_DEEP),  # case 062
        ("<noscript><!--</noscript>" + "<div>" * 1000 + "-->", Unreadable.TOO_DEEP),  # shown when it is taken out
    ],
)  # fmt: skip
def test_what_is_no_newspaper_page_says_why(html: str, why: Unreadable) -> None:
    with pytest.raises(NotReadable) as caught:
        read(html)
    assert caught.value.why is why


def test_a_page_filled_by_script_says_what_to_do_next() -> None:
    with pytest.raises(NotReadable, match=r"这一页的内容由脚本载入,网页里没有正文.*下一步.*data:"):
        read("<div id=app></div><script src=/js/app.js></script>")


@pytest.mark.parametrize("share", [0.35, 0.5, 0.7, 0.9])
def test_case_015_a_page_cut_off_on_the_way_is_refused(share: float) -> None:
    html = build(STORY, Shell(wrapper="deep"))
    with pytest.raises(NotReadable) as caught:
        read(html[: int(len(html) * share)])
    assert caught.value.why is Unreadable.TRUNCATED


def test_case_060_text_below_two_hundred_and_fifty_six_tags_is_found() -> None:
    assert_is(STORY, read("<div>" * 256 + build(STORY, Shell(whole=False)) + "</div>" * 256))
