"""Whatever a newspaper sends, a feed stays a feed and nothing in it runs."""

import json
from collections.abc import Sequence
from datetime import date
from itertools import islice

import feedparser
import pytest
from lxml import etree
from lxml import html as lxml_html

from feeds.models import Article, Image
from feeds.text import clean, clean_html, one_line, text_of
from feeds.writers.base import FeedEntry
from feeds.writers.digest import Digest
from feeds.writers.entries import Desk
from feeds.writers.heads import FeedRules, build_head
from feeds.writers.opml import write_opml
from feeds.writers.press import Press, print_feed
from feeds.writers.table import WRITERS
from tests.fakes.archive import HUAIAN, SEEN, make_article, make_issue, make_page
from tests.fakes.payloads import payloads
from tests.fakes.validators import check_feed

DAY = date(2024, 4, 8)
AUTHORITY = "a.invalid,2026-11-23"
ACTIVE = "//script|//iframe|//object|//embed|//base|//form|//svg|//math|//style|//meta|//template"
ODD = (
    [chr(n) for n in range(0xA0) if chr(n) not in "\t\n\r"]
    + ["\ufffe", "\uffff", "\ufdd0", "\ufeff", "\u202e", "\u2066", "\u200b", "\u00ad", "\u2028"]
    + ["\ud800", "\udfff", "\U0001fffe", "\U0010ffff", "]]>", "&#0;", "&#xD800;", "&nbsp;"]
)


def test_there_are_thousands_of_payloads() -> None:
    assert sum(1 for _ in payloads()) > 4000


def article(number: int, payload: str) -> Article:
    """As the sources make it: text cleaned, markup sanitised, addresses as they came."""
    line = one_line(payload)
    return make_article(
        f"x{number}",
        source="huaian",
        issue=str(DAY),
        title=line,
        kicker=line,
        subtitle=line,
        byline=line,
        url=payload,
        images=(Image(payload, line), Image("http://paper.test/1.jpg", line)),
        body_html=clean_html(f"<p>{payload}</p>", "http://paper.test/"),
        body_text=text_of(payload),
    )


def entries_of(batch: Sequence[str]) -> list[FeedEntry]:
    rules = FeedRules("http://news.test/", "zh-CN", full=True)
    desk = Desk(HUAIAN, rules, AUTHORITY)
    articles = [article(number, payload) for number, payload in enumerate(batch)]
    name = one_line(batch[0])
    page = make_page("01", articles, name=name, image=batch[0], pdf=batch[-1])
    issue = make_issue(DAY, [page], number=name, url=batch[0])
    digest = Digest(desk, whole=True).entry(issue)
    assert digest is not None
    return [*desk.entries(issue), digest]


def assert_harmless(markup: str) -> None:
    """No active element, no handler, no address but a web page's, nor a style."""
    tree = lxml_html.fromstring(f"<div>{markup}</div>")
    assert not tree.xpath(ACTIVE)
    for element in tree.iter():
        for name, value in element.attrib.items():
            assert not name.lower().startswith("on"), (name, value)
            assert name.lower() not in {"style", "srcdoc", "formaction", "background"}
            if name in {"href", "src"}:
                assert value.startswith(("http://", "https://")), value


@pytest.mark.parametrize("part", range(8))
def test_case_104_no_payload_runs_from_any_field_of_any_format(part: int) -> None:
    batch = list(islice(payloads(), part, None, 8))
    entries = entries_of(batch)
    head = build_head(HUAIAN, FeedRules("http://news.test/", "zh-CN", full=True), AUTHORITY, SEEN)
    galley = Press().set("", None, entries)
    for writer in WRITERS:
        data = print_feed(writer, head, [galley])
        check_feed(writer.suffix, data)
        if writer.suffix == "json":
            items = json.loads(data)["items"]
            assert len(items) == len(entries)
            shown = [item["content_html"] for item in items]
        else:
            feed = feedparser.parse(data, sanitize_html=False)
            assert not feed.bozo
            shown = [entry.content[-1].value for entry in feed.entries]
            # feedparser takes the id for the link where there is none
            assert all(e.get("link", "tag:").startswith(("http", "tag:")) for e in feed.entries)
        assert len(shown) == len(entries)
        for markup in shown:
            assert_harmless(markup)


@pytest.mark.parametrize("payload", list(islice(payloads(), 0, None, 97)))
def test_case_105_a_paper_may_be_called_anything(payload: str) -> None:
    paper = HUAIAN.__class__("huaian", payload, "http://paper.test/", "Asia/Shanghai")
    head = build_head(paper, FeedRules("http://news.test/", "zh-CN", full=True), AUTHORITY, SEEN)
    title = clean(payload)
    for writer in WRITERS:
        data = writer.write(head, [])
        if writer.suffix == "json":
            assert json.loads(data)["title"] == title
        else:
            root = etree.fromstring(data)
            titles = [e.text for e in root.iter() if etree.QName(e).localname == "title"]
            assert set(titles) == {title}
    (outline,) = etree.fromstring(write_opml("报纸", [head], "rss")).findall("body/outline")
    assert outline.get("title") == title


@pytest.mark.parametrize("number", range(len(ODD)))
def test_case_102_odd_characters_cost_no_entry_once_they_are_cleaned(number: int) -> None:
    payload = f"前{ODD[number]}后"
    entries = entries_of([payload, "好"])
    head = build_head(HUAIAN, FeedRules("http://news.test/", "zh-CN", full=True), AUTHORITY, SEEN)
    galley = Press().set("", None, entries)
    for writer in WRITERS:
        data = print_feed(writer, head, [galley])
        check_feed(writer.suffix, data)
        assert data.count(b"huaian/2024-04-08") >= 3
