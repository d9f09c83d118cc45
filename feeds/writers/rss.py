"""RSS 2.0 through feedgen, with its traps stepped around (each has its test)."""

from collections.abc import Sequence
from functools import cache
from html import escape

import feedgen.feed  # first: feedgen.ext fails alone, for want of lxml.etree
from feedgen.ext.dc import DcEntryExtension, DcExtension

from feeds.writers.base import FeedEntry, FeedHead
from feeds.writers.extras import NAME, EntryExtras, FeedExtras
from feeds.writers.splice import FRAME, cut_out, set_in

_CLOSING = b"</channel></rss>"
_ICON_SIZE = "144"  # pixels; the most that RSS allows


class RssWriter:
    """RSS 2.0 with content:encoded, dc:creator, media:thumbnail and atom:link."""

    suffix = "rss"
    media_type = "application/rss+xml; charset=utf-8"

    def fragments(self, entries: Sequence[FeedEntry]) -> list[bytes]:
        feed = _build_head(FRAME, self.suffix)
        for entry in entries:
            _add_entry(feed, entry)
        return cut_out(feed.rss_str(), _feed_of_none(), _CLOSING, b"item")

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        return set_in(_build_head(head, self.suffix).rss_str(), fragments, _CLOSING)


@cache
def _feed_of_none() -> bytes:
    return bytes(_build_head(FRAME, RssWriter.suffix).rss_str())


def _build_head(head: FeedHead, suffix: str) -> feedgen.feed.FeedGenerator:
    feed = feedgen.feed.FeedGenerator()
    # Not load_extension("dc"): it looks for a module that is not there, at every call.
    feed.register_extension("dc", DcExtension, DcEntryExtension, atom=False)
    feed.register_extension(NAME, FeedExtras, EntryExtras)
    feed.extras.head, feed.extras.suffix = head, suffix
    feed.title(head.title)
    feed.description(head.description)
    feed.link(href=head.self_url(suffix), rel="self", type="application/rss+xml")
    feed.link(href=head.url, rel="alternate")  # last: <link> is the last call, whatever its rel
    feed.language(head.language)
    feed.lastBuildDate(head.updated)  # feedgen's default is now, which changes the bytes
    feed.generator("baotong")  # no version: an upgrade is no news
    feed.ttl(head.ttl_minutes)
    if head.icon:
        feed.image(head.icon, head.title, head.url, _ICON_SIZE, _ICON_SIZE)
    if head.rights:
        feed.rights(head.rights)
    return feed


def _add_entry(feed: feedgen.feed.FeedGenerator, entry: FeedEntry) -> None:
    item = feed.add_entry(order="append")
    item.extras.entry = entry
    item.id(entry.id)  # a guid with isPermaLink=false
    item.title(entry.title)
    # <description> is HTML by custom; ours is text. It is never empty: without it feedgen would
    # put the content there and write no content:encoded.
    item.description(escape(entry.summary or entry.title, quote=False), isSummary=True)
    item.pubDate(entry.published)
    if entry.html is not None:
        item.content(entry.html)
    if entry.url is not None:
        item.link(href=entry.url, rel="alternate")
    if entry.author:
        item.dc.dc_creator(entry.author)  # <author> without an e-mail address is dropped
    for term in entry.categories:
        item.category(term=term)
    if entry.origin:
        item.source(f"{entry.origin.base}.{RssWriter.suffix}", entry.origin.title)
    # One enclosure an item, and its length is required (RSS Advisory Board): the first that has one.
    for file in [file for file in entry.enclosures if file.length is not None][:1]:
        item.enclosure(file.url, str(file.length), file.media_type)
