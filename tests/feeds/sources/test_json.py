"""Interfaces described in YAML: their steps, and answers that nobody should trust."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from config.sources import JsonSource, SourceConfig
from feeds.decide import Asked
from feeds.errors import BaotongError, NotReadable, Unreadable
from feeds.models import ReadCount, Reading, Request
from feeds.sources.base import Source
from feeds.sources.presets import NAMES, preset
from feeds.sources.strict_json import NotJson, read_json
from feeds.sources.table import build_source
from tests.fakes.clock import FakeClock
from tests.feeds.sources.shells import document

SITE = "https://paper.example"
NOW = datetime(2024, 4, 8, 6, tzinfo=UTC)

WHOLE: dict[str, Any] = {
    "url": f"{SITE}/index.html",
    "api": f"{SITE}/api/",
    "values": {"site": 7},
    "headers": {"X-Requested-With": "XMLHttpRequest"},
    "issues": {"post": "dates", "payload": {"site": "{site}", "month": "{month:%Y-%m}"}, "list": "data"},
    "pages": {"get": "pages", "query": {"d": "{date:%Y%m%d}"}, "list": "data", "id": "id", "label": "no", "name": "name", "image": "img", "pdf": "pdf",
              "link": "/#/paper?date={date}"},
    "articles": {"post": "list", "form": {"page": "{page_id}"}, "list": "data", "id": "id", "title": "t", "reads": "n", "link": "/#/a/{id}?p={page_label}&n={page_name}"},
    "article": {"get": "article/{id}", "item": "data", "title": "t", "kicker": "k", "subtitle": "s", "byline": "who", "published": "at", "reads": "n", "page": "p",
                "images": "pics", "body": "html"},
}  # fmt: skip


def source(**changes: Any) -> Source:
    values = {"id": "p", "kind": "json", "title": "青禾日报"} | WHOLE | changes
    given = {key: value for key, value in values.items() if value is not None}
    return build_source(JsonSource.model_validate(given), FakeClock(NOW))


def answer(asked: Source, request: Request, told: object) -> Reading:
    body = told if isinstance(told, bytes) else json.dumps(told).encode()
    read = document(body, "application/json", url=request.url.partition("#")[0])
    return asked.read(replace(read, request=request, fetched_at=NOW))


def walk(asked: Source, *answers: object) -> Reading:
    """What the last of these answers says, each to the request that the one before leads to."""
    request, reading = asked.entry(), None
    for told in answers:
        reading = answer(asked, request, told)
        request = reading.follow[0] if reading.follow else request
    assert reading is not None
    return reading


DATES = {"data": ["2024-04-05", "20240408", "2999-01-01", "乱", None]}
PAGES = {"data": [
    {"id": 71, "no": "01", "name": "第01版：要 闻", "img": "/p/1.jpg", "pdf": "/p/1.pdf"},
    "一句话", {"id": 72, "name": "广告"}, {"id": 73, "no": "01", "name": "又一个01"},
]}  # fmt: skip
LIST = {
    "data": [
        {"id": 5, "t": "<b>标题</b>&amp;五", "n": "1.2万"},
        {"id": 5, "t": "重复"},
        {"t": "没有编号"},
        {"id": "a/b", "t": "斜线"},
    ]
}
ARTICLE = {"data": {"t": "标题五", "k": "引题", "s": "副题", "who": "何田", "at": 1712534400000, "n": 231, "p": "第02版：副刊", "html": "<p>正文。</p><script>x</script>",
                    "pics": [{"url": "/i.jpg", "picText": "图注"}]}}  # fmt: skip


def test_what_is_asked_first_is_the_list_of_this_months_issues() -> None:
    entry = source().entry()
    assert (entry.method, entry.url.partition("#")[0]) == ("POST", f"{SITE}/api/dates")
    assert json.loads(entry.body or b"") == {"site": "7", "month": "2024-04"}
    assert entry.headers["Content-Type"] == "application/json"
    assert entry.headers["X-Requested-With"] == "XMLHttpRequest"


def test_the_newest_date_that_is_not_to_come_leads_to_its_pages() -> None:
    reading = walk(source(), DATES)
    assert reading.is_signpost
    urls = [way.url.partition("#")[0] for way in reading.follow]
    assert urls == [f"{SITE}/api/pages?d=20240408", f"{SITE}/api/pages?d=20240405"]


def test_an_issue_has_its_pages_by_label_name_image_and_pdf() -> None:
    issue = walk(source(), DATES, PAGES).issue
    assert issue is not None
    assert (issue.key, issue.date, issue.url) == (
        "2024-04-08",
        date(2024, 4, 8),
        f"{SITE}/#/paper?date=2024-04-08",
    )
    assert [(page.label, page.name) for page in issue.pages] == [
        ("01", "要闻"),
        ("02", "广告"),
        ("01-3", "又一个01"),
    ]
    assert (issue.pages[0].image, issue.pages[0].pdf) == (f"{SITE}/p/1.jpg", f"{SITE}/p/1.pdf")
    assert issue.next is None
    assert (issue.previous or "").startswith(f"{SITE}/api/dates#")


def test_a_pages_own_address_becomes_its_call_again() -> None:
    asked = source()
    issue = walk(asked, DATES, PAGES).issue
    assert issue is not None
    request = asked.ask(Asked(issue.pages[0].url or "", issue.key, page="01"))
    assert (request.method, request.body) == ("POST", b"page=71")
    page = answer(asked, request, LIST).issue
    assert page is not None
    assert (page.key, [one.label for one in page.pages]) == ("2024-04-08", ["01"])
    first, second = page.pages[0].articles or ()
    assert (first.key, first.title, first.reads) == ("5", "标题&五", ReadCount(12000, exact=False))
    assert first.url == f"{SITE}/#/a/5?p=01&n=%E8%A6%81%E9%97%BB"
    assert (second.title, second.key) == ("斜线", "a-b")


def test_an_article_is_asked_for_by_its_key_and_shown_at_its_page_for_people() -> None:
    asked = source()
    human = f"{SITE}/#/a/5?p=01"
    request = asked.ask(Asked(human, "2024-04-08", article="5", page_name="广告"))
    assert request.url.partition("#")[0] == f"{SITE}/api/article/5"
    article = answer(asked, request, ARTICLE).article
    assert article is not None
    assert (article.key, article.url, article.kind) == ("5", human, "ad")
    assert (article.kicker, article.title, article.subtitle) == ("引题", "标题五", "副题")
    assert (article.byline, article.page, article.reads) == ("何田", "02", ReadCount(231))
    assert article.published == datetime(2024, 4, 8, tzinfo=UTC)
    assert (article.body_text, "script" in article.body_html) == ("正文。", False)
    assert [(i.url, i.caption) for i in article.images] == [(f"{SITE}/i.jpg", "图注")]
    assert set(article.found_by) == {
        "title",
        "kicker",
        "subtitle",
        "byline",
        "published",
        "reads",
        "page",
        "images",
        "body",
    }


def test_an_empty_month_leads_to_the_one_before_and_three_to_an_end() -> None:
    asked = source()
    reading = walk(asked, {"data": []})
    assert json.loads(reading.follow[0].body or b"")["month"] == "2024-03"
    with pytest.raises(NotReadable, match="没有要找的一期"):
        walk(asked, *[{"data": []}] * 5)


def test_the_issue_before_a_day_is_found_in_its_month_or_the_one_before() -> None:
    asked = source()
    issue = walk(asked, DATES, PAGES).issue
    assert issue is not None
    before = asked.ask(Asked(issue.previous or ""))
    way = answer(asked, before, DATES).follow[0]
    assert "d=20240405" in way.url
    older = answer(asked, way, PAGES).issue
    assert older is not None
    assert older.key == "2024-04-05"
    assert older.next is not None
    newer = answer(asked, asked.ask(Asked(older.next)), DATES).follow[0]
    assert "d=20240408" in newer.url
    earlier = answer(asked, asked.ask(Asked(older.previous or "")), DATES).follow[0]
    assert json.loads(earlier.body or b"")["month"] == "2024-03"


def test_without_a_list_of_issues_the_days_are_asked_one_by_one() -> None:
    asked = source(issues=None)
    assert "d=20240408" in asked.entry().url
    reading = answer(asked, asked.entry(), {"data": ["该日期没有报纸"]})
    assert (reading.is_signpost, "d=20240407" in reading.follow[0].url) == (True, True)
    request = asked.entry()
    for _ in range(10):
        request = answer(asked, request, {"data": []}).follow[0]
    with pytest.raises(NotReadable, match="还没有这一天"):
        answer(asked, request, {"data": []})


def test_an_answer_about_another_day_is_no_paper_of_this_one() -> None:
    asked = source(issues=None, pages=WHOLE["pages"] | {"date": "day"})
    assert answer(asked, asked.entry(), PAGES | {"day": "2024-04-08"}).issue is not None
    assert answer(asked, asked.entry(), PAGES | {"day": "2024-04-07"}).issue is None


def test_what_an_interface_says_instead_of_a_list_is_told() -> None:
    with pytest.raises(NotReadable, match="no access!") as refused:
        walk(source(), {"status": "500", "msg": "no access!"})
    assert refused.value.why is Unreadable.ERROR_PAGE


def test_a_web_page_instead_of_an_answer_is_told_for_what_it_is() -> None:
    with pytest.raises(NotReadable) as refused:
        walk(
            source(),
            b"<html><body>\xe8\xaf\xb7\xe8\xbe\x93\xe5\x85\xa5\xe9\xaa\x8c\xe8\xaf\x81\xe7\xa0\x81</body></html>",
        )
    assert refused.value.why is Unreadable.CHALLENGE


# ── configuration ───────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"articles": None}, "articles: "),
        ({"pages": {"list": "data"}}, "pages: 要写 get 或 post"),
        ({"pages": {"get": "p"}}, "pages.list: 必须写上"),
        ({"pages": {"get": "p", "list": "data["}}, "pages.list: 不是 JMESPath"),
        ({"pages": {"get": "p/{datum}", "list": "data"}}, "pages.get: 没有 {datum}"),
        ({"articles": {"list": "data", "id": "id", "link": "/{nr}"}}, "articles.link: 没有 {nr}"),
        ({"articles": {"list": "data"}}, "articles.id: 必须写上"),
        ({"article": {"title": "t"}}, "article: 要写 get 或 post"),
        ({"api": None, "url": "https://a.example/", "pages": {"get": "ftp://x/", "list": "d"}}, "pages.get: 要写 http"),
        ({"preset": "qpaper"}, "preset: qpaper 是 kind: html"),
        ({"preset": "nonsense"}, "preset: 没有这个样式"),
    ],
)  # fmt: skip
def test_a_step_that_cannot_be_asked_or_read_is_an_error_at_its_place(
    changes: dict[str, Any], words: str
) -> None:
    with pytest.raises(BaotongError) as refused:
        source(**changes)
    assert str(refused.value).startswith(words)


@pytest.mark.parametrize("name", NAMES)
def test_every_preset_can_be_built_and_says_whose_it_is(name: str) -> None:
    chosen = preset(name)
    assert chosen.about
    values = {"id": "p", "kind": chosen.kind, "title": "x", "url": f"{SITE}/", "preset": name}
    more = {"values": {"site": 1, "paper": 2}} if name == "founder-app" else {}
    adapter: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)
    assert build_source(adapter.validate_python(values | more)).entry().url


def test_what_the_operator_writes_wins_over_the_preset_key_by_key() -> None:
    values = {"id": "p", "kind": "json", "title": "x", "url": f"{SITE}/", "preset": "stdaily"}
    mine = {
        "values": {"code": "KPSB"},
        "articles": {"reads": "clicks"},
        "issues": {"get": "dates", "list": "days"},
    }
    asked = build_source(JsonSource.model_validate(values | mine), FakeClock(NOW))
    assert asked.entry().method == "GET"
    way = answer(asked, asked.entry(), {"days": ["2024-04-08"]}).follow[0]
    assert json.loads(way.body or b"")["code"] == "KPSB"
    assert json.loads(way.body or b"")["siteId"] == "811c18b08cf04e79be3b67d6902ee1a7"


# ── answers that nobody should trust ────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    "text",
    ["NaN", "[Infinity]", "-Infinity", '{"a":1,"a":2}', "1e400", "[1" + "0" * 400 + "]", "9" * 5000, "[" * 100_000, '{"a":' * 100_000, "{} x", "cb({})", "", " ",
     "{'a':1}", '{"a":1,}', "[1,]", "[01]", "[1.]", "[.5]", "[+1]", '["\t"]', '["\\x"]', '["\\u12"]', "[tru]", "{a:1}", '{"a" 1}', '["a', "[1 2]", "\ufeff\ufeff{}", "// x\n{}", "undefined"],
    ids=lambda text: text[:12],
)  # fmt: skip
def test_case_099_what_is_no_json_is_refused(text: str) -> None:
    with pytest.raises(NotJson) as refused:
        read_json(text)
    assert len(str(refused.value)) < 60
    with pytest.raises(NotReadable):
        walk(source(), text.encode() or b" ")


@pytest.mark.parametrize(
    "text",
    ["[]", "{}", "0", "-0", "1e5", "-1.5E-3", '""', '"\\u0000"', '"\\ud834\\udd1e"', '"\\/"', " [ 1 , 2 ] ", "true", "null", '{"":0}', "[[]   ]", '"\u2028"', '{"a":[{"b":null}]}', "[123123123123123123123]"],
)  # fmt: skip
def test_case_099_whatever_is_json_is_read(text: str) -> None:
    assert read_json(text) == json.loads(text)


_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20)
    | st.sampled_from(["2024-04-08", "<p>正文。</p>", "\ud800", "http://[", "javascript:x", "第01版：要闻", "9" * 30]),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["data", "id", "no", "name", "t", "n", "html", "pics", "at", "img", "url"]), inner, max_size=6),
    max_leaves=20,
)  # fmt: skip


@given(
    told=st.fixed_dictionaries({"data": _VALUES}),
    step=st.sampled_from(["issues", "pages", "articles", "article"]),
    inline=st.booleans(),
)
@settings(max_examples=400, deadline=None)
def test_any_answer_is_read_or_not_readable(told: object, step: str, inline: bool) -> None:
    changes: dict[str, Any] = (
        {"article": {"body": "html", "images": "pics", "title": "t"}} if inline else {}
    )
    asked = source(**changes)
    request = Request(
        f"{SITE}/api/x#step={step}&date=2024-04-08&months=x&back=99999999999&number=-1"
    )
    body = json.dumps(told).encode()
    try:
        reading = answer(asked, request, body)
    except NotReadable:
        return
    assert reading.issue or reading.article or reading.follow
    for article in filter(None, (reading.article, *reading.articles)):
        assert article.title.strip()
        assert article.body_text or article.images
    if reading.issue:
        labels = [page.label for page in reading.issue.pages]
        assert len(set(labels)) == len(labels)
