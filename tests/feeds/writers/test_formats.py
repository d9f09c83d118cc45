"""Each format, read back by the parsers that readers use."""

import io
import json
import re
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from xml.parsers import expat

import feedparser
import pytest
from feedgen.feed import FeedGenerator
from lxml import etree

from feeds.models import ReadCount
from feeds.writers.atom import AtomWriter
from feeds.writers.base import Enclosure, FeedEntry, FeedHead, Origin, Tombstone, Writer
from feeds.writers.opml import write_opml
from feeds.writers.press import Press, print_feed
from feeds.writers.rss import RssWriter
from feeds.writers.table import WRITERS
from tests.fakes.validators import check_feed

ROOT = Path(__file__).parents[3]
CHINA = timezone(timedelta(hours=8))
ATOM = "{http://www.w3.org/2005/Atom}"
XML_WRITERS = [w for w in WRITERS if w.suffix in {"rss", "atom"}]

HEAD = FeedHead(
    id="tag:a.invalid,2026-11-23:huaian",
    title="淮安区报",
    description="淮安区报的最新报纸",
    url="http://news.test/huaian/",
    base="http://news.test/feeds/huaian",
    language="zh-CN",
    updated=datetime(2024, 4, 8, 1, 2, 3, tzinfo=UTC),
    ttl_minutes=10,
    rights="经授权转载",
)


def entry(number: int = 1, **changes: object) -> FeedEntry:
    plain = FeedEntry(
        id=f"tag:a.invalid,2026-11-23:huaian/2024-04-08/{number}",
        title=f"第{number}条 <b>不是粗体</b> & 《春耕》",
        url=f"https://paper.test/a?id={number}&x=1",
        published=datetime(2024, 4, 8, 0, 59, 59, tzinfo=CHINA) - timedelta(seconds=number),
        updated=datetime(2024, 4, 8, 1, 2, 3, 456789, tzinfo=UTC),
        summary="甲 < 乙 & 丙。",
        html="<p>正文 &lt;1&gt; ]]&gt; &amp; 完。</p>",
        author="融媒体记者综合报道",
        categories=("第01版 要闻", "新闻"),
        image=None,
    )
    return replace(plain, **changes)  # type: ignore[arg-type]  # the names are the test's own


# Everything that a head and an entry can say at once.
FULL_HEAD = replace(
    HEAD,
    icon="http://news.test/feeds/icon.png",
    style="http://news.test/feeds/style.css",
    hubs=("http://news.test/hub", "https://hub.test/"),
    previous="http://news.test/feeds/huaian/2024-04-05",
    gone=(
        Tombstone(
            "tag:a.invalid,2026-11-23:huaian/2024-04-08/9", datetime(2024, 4, 8, 3, 0, tzinfo=UTC)
        ),
        Tombstone(
            "tag:a.invalid,2026-11-23:huaian/2024-04-07/3", datetime(2024, 4, 7, 3, 0, tzinfo=UTC)
        ),
    ),
)
FULL = entry(
    7,
    image="https://paper.test/7.jpg?a=1&b=2",
    enclosures=(
        Enclosure("https://paper.test/7.jpg?a=1&b=2", "image/jpeg"),
        Enclosure("https://paper.test/7.pdf", "application/pdf", 123456),
    ),
    origin=Origin("tag:a.invalid,2026-11-23:huaian", "淮安区报", "http://news.test/feeds/huaian"),
    reads=ReadCount(12000, exact=False),
)


def render(writer: Writer, entries: Sequence[FeedEntry], head: FeedHead = HEAD) -> bytes:
    return print_feed(writer, head, [Press(writers=[writer]).set("test", None, entries)])


def channel(data: bytes) -> etree._Element:
    found = etree.fromstring(data).find("channel")
    assert found is not None
    return found


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_feedparser_reads_back_what_was_written(writer: Writer) -> None:
    feed = feedparser.parse(render(writer, [entry(1), entry(2)]))

    assert not feed.bozo
    assert feed.feed.title == "淮安区报"
    assert feed.feed.link == "http://news.test/huaian/"
    assert feed.feed.language == "zh-CN"
    assert feed.feed.rights == "经授权转载"
    assert feed.feed.generator == "baotong"
    assert feed.feed.updated_parsed[:6] == (2024, 4, 8, 1, 2, 3)
    assert [e.id for e in feed.entries] == [entry(1).id, entry(2).id]
    first = feed.entries[0]
    assert first.link == entry(1).url
    assert first.author == "融媒体记者综合报道"
    assert [tag.term for tag in first.tags] == ["第01版 要闻", "新闻"]
    assert first.content[-1].value == entry(1).html
    assert first.published_parsed[:6] == (2024, 4, 7, 16, 59, 58)


def test_json_feed_holds_the_same_items() -> None:
    feed = json.loads(render(WRITERS[2], [entry(1), entry(2, url=None, author=None)]))

    assert feed["version"] == "https://jsonfeed.org/version/1.1"
    assert feed["feed_url"] == "http://news.test/feeds/huaian.json"
    assert feed["home_page_url"] == "http://news.test/huaian/"
    assert [item["id"] for item in feed["items"]] == [entry(1).id, entry(2).id]
    assert feed["items"][0]["content_html"] == entry(1).html
    assert feed["items"][0]["authors"] == [{"name": "融媒体记者综合报道"}]
    assert "url" not in feed["items"][1]
    assert "authors" not in feed["items"][1]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_the_same_input_gives_the_same_bytes_at_any_time(writer: Writer) -> None:
    assert render(writer, [entry(1)]) == render(writer, [entry(1)])


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_spliced_bytes_equal_what_feedgen_writes_in_one_go(
    writer: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = __import__(f"feeds.writers.{writer.suffix}", fromlist=["_"])
    feed: FeedGenerator = module._build_head(FULL_HEAD, writer.suffix)
    entries = [
        entry(1),
        FULL,
        entry(2, html=None),
        entry(3, author=None),
        entry(4, title="</item><item>"),
    ]
    for one in entries:
        module._add_entry(feed, one)
    whole = feed.rss_str() if writer.suffix == "rss" else feed.atom_str()

    assert render(writer, entries, FULL_HEAD) == whole


@pytest.mark.parametrize("head", [HEAD, FULL_HEAD], ids=["plain", "full"])
@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_every_format_is_valid_whatever_it_has_to_say(writer: Writer, head: FeedHead) -> None:
    archive = replace(
        head, current=head.base, base=f"{head.base}/2024-04-05", next=f"{head.base}/x"
    )
    for one in (head, replace(head, query="?kind=news&limit=5"), archive):
        check_feed(writer.suffix, render(writer, [], one))
        check_feed(
            writer.suffix, render(writer, [entry(1), FULL, entry(2, html=None, author=None)], one)
        )


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_hub_archive_and_thumbnail_are_where_readers_look(writer: Writer) -> None:
    feed = feedparser.parse(render(writer, [FULL], FULL_HEAD))

    links = [(link.rel, link.href) for link in feed.feed.links]
    assert ("hub", "http://news.test/hub") in links
    assert ("hub", "https://hub.test/") in links
    assert ("prev-archive", f"http://news.test/feeds/huaian/2024-04-05.{writer.suffix}") in links
    assert feed.feed.link == "http://news.test/huaian/"
    assert feed.entries[0].media_thumbnail == [{"url": "https://paper.test/7.jpg?a=1&b=2"}]
    assert feed.entries[0].source.title == "淮安区报"


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_an_archive_document_says_so_and_leads_both_ways(writer: Writer) -> None:
    head = replace(
        HEAD,
        base="http://news.test/feeds/huaian/2024-04-05",
        current=HEAD.base,
        next="http://news.test/feeds/huaian/2024-04-06",
    )
    data = render(writer, [entry()], head)
    links = {link.rel: link.href for link in feedparser.parse(data).feed.links}

    assert b"<fh:archive xmlns:fh=" in data
    assert links["current"] == f"http://news.test/feeds/huaian.{writer.suffix}"
    assert links["next-archive"] == f"http://news.test/feeds/huaian/2024-04-06.{writer.suffix}"
    assert links["self"] == f"http://news.test/feeds/huaian/2024-04-05.{writer.suffix}"
    assert "prev-archive" not in links


def test_an_enclosure_has_a_length_only_where_it_is_known() -> None:
    rss = feedparser.parse(render(RssWriter(), [FULL, entry(1, enclosures=FULL.enclosures[:1])]))
    atom = feedparser.parse(render(AtomWriter(), [FULL]))
    item = json.loads(render(WRITERS[2], [FULL]))["items"][0]

    assert [(e.href, e.length) for e in rss.entries[0].enclosures] == [
        ("https://paper.test/7.pdf", "123456")
    ]
    assert rss.entries[1].enclosures == []
    assert [(e.type, e.get("length")) for e in atom.entries[0].enclosures] == [
        ("image/jpeg", None),
        ("application/pdf", "123456"),
    ]
    assert item["attachments"] == [
        {"url": "https://paper.test/7.jpg?a=1&b=2", "mime_type": "image/jpeg"},
        {
            "url": "https://paper.test/7.pdf",
            "mime_type": "application/pdf",
            "size_in_bytes": 123456,
        },
    ]


def test_what_was_taken_back_is_told_where_a_format_has_words_for_it() -> None:
    atom = etree.fromstring(render(AtomWriter(), [entry()], FULL_HEAD))
    stones = atom.findall("{http://purl.org/atompub/tombstones/1.0}deleted-entry")
    own = json.loads(render(WRITERS[2], [entry()], FULL_HEAD))["_baotong"]

    assert [(stone.get("ref"), stone.get("when")) for stone in stones] == [
        (stone.id, stone.at.isoformat()) for stone in FULL_HEAD.gone
    ]
    assert [stone["id"] for stone in own["deleted"]] == [stone.id for stone in FULL_HEAD.gone]


def test_read_counts_stand_apart_from_the_words_in_every_format() -> None:
    for writer in XML_WRITERS:
        root = etree.fromstring(render(writer, [FULL]))
        (count,) = root.iter("{urn:baotong:reads}count")
        assert (count.get("value"), count.text) == ("12000", "1.2万")
    item = json.loads(render(WRITERS[2], [FULL]))["items"][0]
    assert item["_baotong"]["reads"] == {"value": 12000, "exact": False}


def test_json_feed_names_hubs_and_the_page_that_follows() -> None:
    feed = json.loads(render(WRITERS[2], [entry()], FULL_HEAD))

    assert [hub["url"] for hub in feed["hubs"]] == ["http://news.test/hub", "https://hub.test/"]
    assert feed["next_url"] == "http://news.test/feeds/huaian/2024-04-05.json"
    assert feed["icon"] == "http://news.test/feeds/icon.png"


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_a_browser_finds_the_stylesheet_before_the_root(writer: Writer) -> None:
    data = render(writer, [entry()], FULL_HEAD)

    instruction = b'<?xml-stylesheet type="text/css" href="http://news.test/feeds/style.css"?>'
    assert data.index(instruction) < data.index(b"<rss" if writer.suffix == "rss" else b"<feed")


def test_rss_link_is_the_page_and_self_is_the_feed() -> None:
    found = channel(render(RssWriter(), [entry()]))

    assert found.findtext("link") == "http://news.test/huaian/"
    links = found.findall(f"{ATOM}link")
    assert [(x.get("rel"), x.get("href")) for x in links] == [
        ("self", "http://news.test/feeds/huaian.rss")
    ]


def test_atom_links_are_the_feed_itself_and_the_page() -> None:
    root = etree.fromstring(render(AtomWriter(), [entry()]))

    assert {x.get("rel"): x.get("href") for x in root.findall(f"{ATOM}link")} == {
        "self": "http://news.test/feeds/huaian.atom",
        "alternate": "http://news.test/huaian/",
    }


def test_rss_guid_is_no_permalink_and_the_content_has_its_own_element() -> None:
    item = channel(render(RssWriter(), [entry()])).find("item")

    assert item is not None
    guid = item.find("guid")
    assert guid is not None
    assert (guid.text, guid.get("isPermaLink")) == (entry().id, "false")
    assert item.findtext("description") == "甲 &lt; 乙 &amp; 丙。"
    assert item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") == entry().html
    assert item.findtext("{http://purl.org/dc/elements/1.1/}creator") == entry().author


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_a_format_can_be_imported_alone(writer: Writer) -> None:
    command = [sys.executable, "-c", f"import feeds.writers.{writer.suffix}"]

    assert subprocess.run(command, check=False, cwd=ROOT).returncode == 0


def test_rss_dates_and_ttl_come_from_the_content() -> None:
    found = channel(render(RssWriter(), [entry()]))

    assert found.findtext("lastBuildDate") == "Mon, 08 Apr 2024 01:02:03 +0000"
    assert found.findtext("ttl") == "10"
    assert found.findtext("item/pubDate") == "Mon, 08 Apr 2024 00:59:58 +0800"


def test_atom_content_is_of_type_html_and_dates_keep_the_papers_zone() -> None:
    found = etree.fromstring(render(AtomWriter(), [entry()])).find(f"{ATOM}entry")

    assert found is not None
    content = found.find(f"{ATOM}content")
    assert content is not None
    assert content.get("type") == "html"
    assert found.findtext(f"{ATOM}summary") == "甲 < 乙 & 丙。"
    assert found.findtext(f"{ATOM}published") == "2024-04-08T00:59:58+08:00"


@pytest.mark.parametrize("writer", XML_WRITERS, ids=lambda w: w.suffix)
def test_prefixes_are_clean_and_declared_once(writer: Writer) -> None:
    archive = replace(FULL_HEAD, current=FULL_HEAD.base)
    for head, entries in ((HEAD, [entry(1), entry(2)]), (archive, [entry(1), FULL])):
        data = render(writer, entries, head)
        assert not re.search(rb"ns[0-9]+:", data)
        assert data.count(b"xmlns:dc=") <= 1
        assert data.count(b"xmlns:media=") == 1
        assert data.count(b"xmlns=") <= 1


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_entries_stay_in_the_order_given(writer: Writer) -> None:
    data = render(writer, [entry(n) for n in (3, 1, 2)]).decode()

    assert sorted((3, 1, 2), key=lambda n: data.index(entry(n).id)) == [3, 1, 2]


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_no_entries_are_no_fragments(writer: Writer) -> None:
    assert writer.fragments([]) == []


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_case_109_a_feed_of_nothing_is_valid_and_dated(writer: Writer) -> None:
    data = render(writer, [])

    assert feedparser.parse(data).entries == []
    if writer.suffix == "json":
        assert json.loads(data)["items"] == []
    else:
        assert b"2024" in data
        expat.ParserCreate().Parse(data, True)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
@pytest.mark.parametrize(
    "bad",
    [{"title": "坏\x00字"}, {"html": "<p>\x0b</p>"}, {"summary": "\ud800"}, {"author": "\ufffe"}],
    ids=["nul", "control", "surrogate", "noncharacter"],
)
def test_case_102_an_entry_that_cannot_be_written_costs_only_itself(
    writer: Writer, bad: dict[str, str]
) -> None:
    data = render(
        writer, [*map(entry, range(1, 100)), entry(100, **bad), *map(entry, range(101, 201))]
    )

    if writer.suffix == "json":
        assert len(json.loads(data)["items"]) in {199, 200}  # JSON can hold what XML cannot
        return
    feed = feedparser.parse(data)
    assert not feed.bozo
    assert len(feed.entries) == 199
    etree.parse(io.BytesIO(data))
    expat.ParserCreate().Parse(data, True)


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_case_107_a_naive_time_costs_only_its_entry(writer: Writer) -> None:
    naive = entry(1, published=datetime(2024, 4, 8), updated=datetime(2024, 4, 8))  # noqa: DTZ001 - the case itself
    data = render(writer, [naive, entry(2)])

    assert entry(2).id.encode() in data
    assert b"/1<" not in data
    assert b'/1"' not in data


@pytest.mark.parametrize("writer", WRITERS, ids=lambda w: w.suffix)
def test_case_106_an_entry_without_a_link_keeps_its_id(writer: Writer) -> None:
    data = render(writer, [entry(1, url=None, html=None), entry(2, url=None)])

    assert entry(1).id.encode() in data
    assert entry(2).id.encode() in data


def test_a_summary_feed_has_no_content_in_any_format() -> None:
    for writer in WRITERS:
        data = render(writer, [entry(1, html=None)]).decode()
        assert "正文" not in data
        assert "content:encoded>" not in data
        assert "content_html" not in data


def test_an_empty_summary_leaves_the_content_in_its_element() -> None:
    item = channel(render(RssWriter(), [entry(1, summary="")])).find("item")

    assert item is not None
    assert item.findtext("{http://purl.org/rss/1.0/modules/content/}encoded") == entry().html


def test_opml_lists_feeds_and_case_114_quotes_what_looks_like_a_formula() -> None:
    data = write_opml("报纸", [HEAD, replace(HEAD, title='=HYPERLINK("x")&<a>')], "rss")

    outlines = etree.fromstring(data).findall("body/outline")
    assert [o.get("text") for o in outlines] == ["淮安区报", '=HYPERLINK("x")&<a>']
    assert outlines[0].get("xmlUrl") == "http://news.test/feeds/huaian.rss"
    assert outlines[0].get("htmlUrl") == "http://news.test/huaian/"
    assert outlines[0].get("type") == "rss"


def test_an_unchanged_entry_is_not_rendered_twice() -> None:
    class Counting(RssWriter):
        count = 0

        def fragments(self, entries: Sequence[FeedEntry]) -> list[bytes]:
            self.count += len(entries)
            return super().fragments(entries)

    writer = Counting()
    press = Press(writers=[writer])
    press.set("issue", 1, [entry(1), entry(2)])
    press.set("issue", 2, [entry(1), entry(2, title="更正"), entry(3)])

    assert writer.count == 4
    assert press.standing("issue", 1) is None
    assert press.standing("issue", 2) is not None
