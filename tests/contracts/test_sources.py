"""What every family of newspapers must keep to, whatever bytes it is given."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import TypeAdapter

from config.sources import KINDS as CONFIGURED_KINDS
from config.sources import SourceConfig
from feeds.errors import NotReadable
from feeds.models import Reading, Request
from feeds.sources.base import Source
from feeds.sources.table import KINDS, build_source, detect
from feeds.text import clean
from tests.feeds.sources.odd_shells import ODD, set_odd
from tests.feeds.sources.shells import STORY, build, document, random_shell

ENTRY = "https://paper.example/"
ADAPTER: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)
TYPES = [
    "",
    "text/html",
    "text/html; charset=gbk",
    "text/html; charset=utf-8",
    "application/json",
    "text/html; charset=zip",
]


NEEDED = {"json": {"preset": "stdaily", "api": ENTRY}, "html": {"preset": "qpaper"}}


def source_of(kind: str) -> Source:
    row = {"id": "paper", "kind": kind, "title": "日报", "url": ENTRY, "headers": {"X-A": "1"}}
    return build_source(ADAPTER.validate_python(row | NEEDED.get(kind, {})))


def assert_keeps_its_word(reading: Reading) -> None:
    """A reading is plain, clean, absolute, and says something."""
    assert reading.issue or reading.article or reading.follow
    assert reading.follow or not reading.is_signpost
    for request in reading.follow:
        assert request.url.startswith(("http://", "https://"))
    for article in filter(None, (reading.article, *reading.articles)):
        assert article.title == clean(article.title).strip() != ""
        assert len(article.title) <= 500
        assert "\n" not in article.title
        assert article.body_text == clean(article.body_text)
        assert article.body_html == clean(article.body_html)
        assert 0 < len(article.key) <= 64
    if issue := reading.issue:
        assert issue.key.startswith(issue.date.isoformat())
        assert [page.order for page in issue.pages] == list(range(1, len(issue.pages) + 1))
        assert len({page.label for page in issue.pages}) == len(issue.pages)


def test_the_table_and_the_configuration_name_the_same_kinds() -> None:
    assert set(KINDS) == set(CONFIGURED_KINDS)


@pytest.mark.parametrize("kind", KINDS)
def test_the_entry_is_the_configured_address_with_its_headers(kind: str) -> None:
    entry = source_of(kind).entry()
    assert entry.url.startswith(ENTRY)
    assert entry.headers["X-A"] == "1"
    if kind != "json":  # an interface is asked in its own way from the start
        assert entry == Request(ENTRY, headers={"X-A": "1"})


@pytest.mark.parametrize("kind", KINDS)
@given(body=st.binary(max_size=2000), content_type=st.sampled_from(TYPES))
@settings(max_examples=150, deadline=None)
def test_arbitrary_bytes_are_read_or_not_readable(
    kind: str, body: bytes, content_type: str
) -> None:
    read_or_refuse(kind, body, content_type)


_WORDS = st.sampled_from(
    ["<div>", "</div>", "<p>", "<td>", "<table>", "</table>", "<a href='/x?id=1'>", "</a>", "<a href=#>", "<script>", "</script>", "<!--", "-->",
     "<h1>", "</h1>", "<br>", "<img src=a.jpg>", "<span hidden>", "内容详情", "阅读数:", "231", "2024年04月08日", "第A1版:要闻", "上一期", "下一期",
     "这已经是最后一期了哦!", "相关阅读", "版权所有", "记者 张三", "一句话。", "很长的一句话,说了许多许多的事情,一直说到这里才停下来。", "&nbsp;", "&#xD800;", "\u202e",
     "\x00", "{", "}", "[", '"a":', "<base href='http://evil.example/'>", "<meta http-equiv=refresh content='0;url=/i'>", "enpproperty", "<div class=article>"]
)  # fmt: skip


@pytest.mark.parametrize("kind", KINDS)
@given(parts=st.lists(_WORDS, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_soup_of_a_newspapers_words_is_read_or_not_readable(
    kind: str, parts: list[str]
) -> None:
    read_or_refuse(kind, "".join(parts).encode(), "text/html; charset=utf-8")


@pytest.mark.parametrize("kind", KINDS)
@given(seed=st.integers(0, 2**32), at=st.integers(0, 100), length=st.integers(0, 400))
@settings(max_examples=150, deadline=None)
def test_a_page_with_a_hole_in_it_is_read_or_not_readable(
    kind: str, seed: int, at: int, length: int
) -> None:
    dice = random.Random(seed)
    html = build(STORY, random_shell(dice)) if seed % 2 else set_odd(dice.choice(list(ODD)), STORY)
    start = len(html) * at // 100
    read_or_refuse(
        kind, (html[:start] + html[start + length :]).encode(), "text/html; charset=utf-8"
    )


def read_or_refuse(kind: str, body: bytes, content_type: str) -> None:
    told = document(body, content_type)
    assert detect(told) in {None, *KINDS}
    try:
        assert_keeps_its_word(source_of(kind).read(told))
    except NotReadable as refusal:
        words = str(refusal)
    else:
        words = ""
    assert "\n" not in words


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "evil",
    [
        "<div>" * 20_000,
        "<p><b a=1>" * 10_000,
        "<a " + "x=1 " * 10_000 + ">",
        "<b></b>" * 60_000,
        "<table><tr><td>" * 12_000,
        "<a href='/x?id=1'>标题" * 6_000,
        "内容详情<br>阅读数:1<br>" * 4_000,
        "第A1版:要闻<br><a href='/a?id=1'>标题一二三</a>" * 1_000,
        "阅" * 200_000,
        "2024年" * 40_000,
        "《" * 100_000,
        " " * 200_000 + "x",
        "<!--" * 60_000,
        "<!--enpproperty" * 20_000,
        "<script>location='" * 10_000,
        "<noscript>" * 20_000,
        "{" * 100_000,
        '{"a":' * 20_000,
        "&nbsp;" * 60_000,
        "<div title='" * 20_000,
    ],
    ids=lambda evil: evil[:16],
)
def test_case_059_to_062_and_101_no_page_stalls_a_family(kind: str, evil: str) -> None:
    read_or_refuse(kind, evil.encode(), "text/html")
