"""Upstream feeds as newspapers: a day is an issue, and nothing in a feed is trusted."""

import json
import time
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, date, datetime
from html import escape
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from config.sources import FeedSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, FoundBy, IssueReading, Reading, Request
from feeds.sources.base import Source
from feeds.sources.table import build_source, detect
from tests.feeds.sources.shells import document

URL = "https://news.example/rss.xml"
NOW = datetime(2024, 4, 8, 6, tzinfo=UTC)  # 14:00 in China
ITEM = "<item><guid>{id}</guid><title>{title}</title><link>/n/{id}.html</link><pubDate>{when}</pubDate><description>{body}</description></item>"


def source(**more: object) -> Source:
    values = {"id": "p", "kind": "feed", "title": "青禾新闻", "url": URL, "headers": {"X-A": "1"}}
    return build_source(FeedSource.model_validate(values | more))


def item(number: int, when: str, title: str = "", body: str = "") -> str:
    return ITEM.format(
        id=number,
        title=title or f"标题{number}",
        when=when,
        body=escape(body or f"<p>正文{number}。</p>"),
    )


def rss(*items: str) -> str:
    return f'<?xml version="1.0"?><rss version="2.0"><channel><title>x</title><link>https://news.example/</link>{"".join(items)}</channel></rss>'


def look(text: str | bytes, url: str = URL, context: dict[str, str] | None = None) -> Reading:
    told = replace(document(text, "application/rss+xml", url=URL), fetched_at=NOW)
    return source().read(replace(told, request=Request(url, context=context or {})))


def issue_of(text: str | bytes, url: str = URL) -> IssueReading:
    issue = look(text, url).issue
    assert issue is not None
    return issue


def only(text: str | bytes) -> ArticleReading:
    (article,) = look(text).articles
    return article


THREE_DAYS = rss(
    item(4, "Mon, 08 Apr 2024 01:00:00 +0000"),
    item(3, "Mon, 08 Apr 2024 00:10:00 +0800"),
    item(2, "Sun, 07 Apr 2024 23:50:00 +0800"),
    item(1, "Fri, 05 Apr 2024 08:00:00 +0800"),
)


def test_the_entries_of_a_day_are_an_issue_that_closes_when_the_day_is_over() -> None:
    reading = look(THREE_DAYS)
    issue = issue_of(THREE_DAYS)
    assert (issue.key, issue.date, issue.url) == (
        "2024-04-08",
        date(2024, 4, 8),
        "https://news.example/",
    )
    assert issue.closes_at == datetime(2024, 4, 8, 16, tzinfo=UTC)
    assert [(page.label, page.order) for page in issue.pages] == [("01", 1)]
    assert [link.key for link in issue.pages[0].articles or ()] == ["4", "3"]
    assert [article.body_text for article in reading.articles] == ["正文4。", "正文3。"]
    assert (issue.previous, issue.next) == (f"{URL}#day=2024-04-07", None)


def test_other_days_are_found_under_addresses_of_our_own() -> None:
    sunday = issue_of(THREE_DAYS, f"{URL}#day=2024-04-07")
    assert [link.key for link in sunday.pages[0].articles or ()] == ["2"]
    assert (sunday.previous, sunday.next) == (f"{URL}#day=2024-04-05", f"{URL}#day=2024-04-08")
    with pytest.raises(NotReadable, match="没有这一天"):
        look(THREE_DAYS, f"{URL}#day=2024-04-06")


def test_whatever_is_asked_for_is_asked_of_the_feed() -> None:
    asked = source().ask(Asked("https://news.example/n/4.html", "2024-04-08", article="4"))
    assert asked == Request(f"{URL}#day=2024-04-08", headers={"X-A": "1"}, context={"article": "4"})
    assert look(THREE_DAYS, asked.url, dict(asked.context)).article == look(THREE_DAYS).articles[0]
    assert source().ask(Asked(f"{URL}#day=2024-04-07")).url == f"{URL}#day=2024-04-07"
    with pytest.raises(NotReadable, match="没有这一条"):
        look(THREE_DAYS, URL, {"article": "99"})


def test_an_entrys_fields_and_the_rule_that_found_them() -> None:
    article = only(
        rss(
            '<item><guid isPermaLink="false">tag:x,1</guid><title>A&amp;amp;B &lt;b&gt;春耕&lt;/b&gt;</title><link>https://news.example/a?id=1</link>'
            "<author>a@b.example (何田)</author><pubDate>Mon, 08 Apr 2024 08:00:00 +0800</pubDate>"
            '<description>摘要</description><content:encoded xmlns:content="http://purl.org/rss/1.0/modules/content/"><![CDATA[<p onclick="x()">全文<script>x()</script>。</p><img src="/i.jpg">]]></content:encoded></item>'
        )
    )
    assert (article.title, article.url) == ("A&B 春耕", "https://news.example/a?id=1")
    assert (article.body_text, article.published) == ("全文。", datetime(2024, 4, 8, tzinfo=UTC))
    assert "script" not in article.body_html
    assert [image.url for image in article.images] == ["https://news.example/i.jpg"]
    assert article.byline
    assert article.found_by["body"] is FoundBy.DATA


@pytest.mark.parametrize(
    ("when", "expected"),
    [
        ("Mon, 08 Apr 2024 08:00:00 +0800", datetime(2024, 4, 8, 0, 0, tzinfo=UTC)),
        ("Mon, 08 Apr 2024 00:00:01 GMT", datetime(2024, 4, 8, 0, 0, 1, tzinfo=UTC)),
        ("2024-04-08T08:00:00Z", datetime(2024, 4, 8, 8, 0, tzinfo=UTC)),
        ("2024-04-08 08:00:00", datetime(2024, 4, 8, 0, 0, tzinfo=UTC)),
        ("Mon, 08 Apr 2024 08:00:00 CST", datetime(2024, 4, 8, 0, 0, tzinfo=UTC)),
        ("Mon, 08 Apr 2024 08:00:00", datetime(2024, 4, 8, 0, 0, tzinfo=UTC)),
        ("2024年04月08日", date(2024, 4, 8)),
        ("2024-04-08", date(2024, 4, 8)),
        ("昨天", None),
        ("", None),
        ("Mon, 08 Apr 2999 08:00:00 +0800", None),
    ],
)
def test_case_072_076_a_time_is_read_in_the_papers_zone_or_not_at_all(
    when: str, expected: datetime | date | None
) -> None:
    feed = rss(item(1, when))
    assert only(feed).published == expected
    assert issue_of(feed).key == "2024-04-08"  # what has no day, or one to come, was seen today


def test_without_ids_addresses_tell_entries_apart_and_the_same_one_is_one() -> None:
    plain = "<item><title>图片报道</title><link>{0}</link></item>"
    reading = look(rss(plain.format("/a"), plain.format("/b"), plain.format("/a")))
    assert len({article.key for article in reading.articles}) == 2
    assert all(article.kind == "photo" for article in reading.articles)
    assert all(0 < len(article.key) <= 64 for article in reading.articles)


def test_case_069_an_entry_without_a_title_has_its_first_words() -> None:
    assert (
        only(rss("<item><guid>1</guid><description>只有正文的一条。</description></item>")).title
        == "只有正文的一条。"
    )


ATOM = """<feed xmlns="http://www.w3.org/2005/Atom"><title>x</title><link href="https://news.example/"/>
<entry><id>urn:1</id><title type="html">&lt;i&gt;春耕&lt;/i&gt;</title><link href="/a"/><updated>2024-04-08T08:00:00+08:00</updated><author><name>何田</name></author><content type="html">&lt;p&gt;正文。&lt;/p&gt;</content></entry></feed>"""
RDF = """<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/" xmlns:dc="http://purl.org/dc/elements/1.1/"><channel><link>https://news.example/</link></channel>
<item rdf:about="/a"><title>春耕</title><link>/a</link><description>正文。</description><dc:date>2024-04-08T08:00:00+08:00</dc:date><dc:creator>何田</dc:creator></item></rdf:RDF>"""
JSON_FEED = json.dumps(
    {"version": "https://jsonfeed.org/version/1.1", "title": "x", "home_page_url": "https://news.example/", "items": [
        {"id": 1, "url": "https://news.example/a", "title": "春耕", "content_html": "<p>正文。</p>", "date_published": "2024-04-08T08:00:00+08:00", "authors": [{"name": "何田"}]}
    ]}
)  # fmt: skip


@pytest.mark.parametrize("feed", [ATOM, RDF, JSON_FEED], ids=["Atom", "RSS 1.0", "JSON Feed"])
def test_every_format_says_the_same(feed: str) -> None:
    article = only(feed)
    assert (article.title, article.body_text, article.byline) == ("春耕", "正文。", "何田")
    assert (article.url, article.published) == ("https://news.example/a", NOW.replace(hour=0))
    assert issue_of(feed).url == "https://news.example/"
    assert detect(document(feed)) == "feed"


def test_bytes_labelled_wrongly_are_read_as_what_they_are() -> None:
    told = rss(item(1, "2024-04-08")).replace('version="1.0"?', 'version="1.0" encoding="utf-8"?')
    assert only(told.encode("gb18030")).title == "标题1"
    assert only(("\ufeff" + told).encode()).title == "标题1"


def test_a_web_page_that_names_its_feed_leads_there() -> None:
    html = '<html><head><link rel="alternate" type="application/rss+xml" href="/feed"></head><body>新闻</body></html>'
    told = replace(
        document(html, url="https://news.example/"), request=Request(f"{URL}#day=2024-04-07")
    )
    reading = source().read(told)
    assert reading.is_signpost
    assert [way.url for way in reading.follow] == ["https://news.example/feed#day=2024-04-07"]


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("", Unreadable.EMPTY),
        (rss(), Unreadable.EMPTY),
        ("<html><body>没有订阅源</body></html>", Unreadable.UNKNOWN),
        (rss("<item>" * 600), Unreadable.TOO_DEEP),
        (rss("<item/>" * 3001), Unreadable.TOO_DEEP),
        (rss("x" * (5 << 20)), Unreadable.TOO_DEEP),
        ('{"version": "https://jsonfeed.org/version/1", "items": [NaN]}', Unreadable.UNKNOWN),
        ('{"version": "https://jsonfeed.org/version/1", "items": 5}', Unreadable.EMPTY),
    ],
)
def test_what_is_no_feed_of_ours_is_refused(text: str, why: Unreadable) -> None:
    with pytest.raises(NotReadable) as refused:
        look(text)
    assert refused.value.why is why


@pytest.mark.parametrize(
    "trap",
    [
        '<!DOCTYPE rss [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE rss [<!ENTITY a "aa"><!ENTITY b "&a;&a;"><!ENTITY c "&b;&b;">]>',
        '<!doctype rss [<!entity % d SYSTEM "http://127.0.0.1/x.dtd">]>',
    ],
)
def test_case_100_a_feed_with_entities_is_refused(trap: str) -> None:
    with pytest.raises(NotReadable):
        look(rss(item(1, "2024-04-08", body="&c;")).replace("<rss", f"{trap}<rss"))


def test_bytes_that_look_like_a_path_or_an_address_open_nothing(tmp_path: Path) -> None:
    hidden = tmp_path / "secret.xml"
    hidden.write_text(rss(item(1, "2024-04-08", title="不该读到")))
    for text in (str(hidden), "http://127.0.0.1:1/", f"file://{hidden}"):
        with pytest.raises(NotReadable):
            look(text)


@pytest.mark.parametrize(
    "evil",
    [
        "<rss><channel><item><title>" + "&" * 400_000,
        "<rss><channel><item><description><![CDATA[" + "<" * 400_000,
        "<rss><channel><item><description><![CDATA[" + "<div>" * 100_000,
        "<rss><channel>" + "<item><title>a</title></item>" * 2999,
        "<rss " + "a='1' " * 200 + "><channel>" + "<item " * 50_000,
        "<feed><entry><content type='xhtml'>" + "<b>" * 100_000,
        "<rss><channel><item><pubDate>" + "1" * 400_000,
        "<?xml ?>" * 50_000 + "<rss>",
        "<!--" * 100_000,
        '{"version": "https://jsonfeed.org/version/1", "items": [' + "{" * 100_000,
        '{"a' * 100_000,
    ],
    ids=lambda evil: evil[:50],
)
def test_case_101_no_feed_stalls_us(evil: str) -> None:
    begun = time.process_time()
    with suppress(NotReadable):
        look(evil)
    assert time.process_time() - begun < 5


_PARTS = st.sampled_from(
    ["<rss>", "<channel>", "<item>", "</item>", "<title>", "</title>", "<![CDATA[", "]]>", "<guid>", "</guid>", "<link>", "</link>", "<pubDate>",
     "</pubDate>", "2024-04-08", "Mon, 99 Zzz 2024 99:99:99 +9999", "<entry>", "<content type='xhtml'>", "<author>", "&#x0;", "&#xD800;", "\ud800",
     "<enclosure url='x' type='image/png'/>", "<media:content url='http://a/b.png' medium='image'/>", "&lt;script&gt;", "\x00", "春耕", "<?xml version='1.0' encoding='zip'?>"]
)  # fmt: skip


@given(st.lists(_PARTS, max_size=40))
@settings(max_examples=300, deadline=None)
def test_any_soup_of_a_feed_is_read_or_refused(parts: list[str]) -> None:
    text = "<rss><channel>" + "".join(parts)
    try:
        reading = look(text.encode("utf-8", "surrogatepass"))
    except NotReadable:
        return
    assert reading.issue is not None
    assert all(article.title.strip() and article.key for article in reading.articles)
