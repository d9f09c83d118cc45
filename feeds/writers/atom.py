"""Atom 1.0 (RFC 4287) through feedgen, with its traps stepped around (each has its test)."""

from collections.abc import Sequence
from functools import cache

from feedgen.feed import FeedGenerator

from feeds.writers.base import FeedEntry, FeedHead
from feeds.writers.extras import NAME, EntryExtras, FeedExtras
from feeds.writers.splice import FRAME, cut_out, set_in

_CLOSING = b"</feed>"


class AtomWriter:
    """Atom 1.0. The paper is the feed's author, so that an entry may do without one."""

    suffix = "atom"
    media_type = "application/atom+xml; charset=utf-8"

    def fragments(self, entries: Sequence[FeedEntry]) -> list[bytes]:
        feed = _build_head(FRAME, self.suffix)
        for entry in entries:
            _add_entry(feed, entry)
        return cut_out(feed.atom_str(), _feed_of_none(), _CLOSING, b"entry")

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        return set_in(_build_head(head, self.suffix).atom_str(), fragments, _CLOSING)


@cache
def _feed_of_none() -> bytes:
    return bytes(_build_head(FRAME, AtomWriter.suffix).atom_str())


def _build_head(head: FeedHead, suffix: str) -> FeedGenerator:
    feed = FeedGenerator()
    feed.register_extension(NAME, FeedExtras, EntryExtras)
    feed.extras.head, feed.extras.suffix = head, suffix
    feed.id(head.id)
    feed.title(head.title)
    feed.subtitle(head.description)
    feed.author({"name": head.author or head.title})
    feed.link(href=head.self_url(suffix), rel="self", type="application/atom+xml")
    feed.link(href=head.url, rel="alternate", type="text/html")
    feed.language(head.language)
    feed.updated(head.updated)  # feedgen's default is now, which changes the bytes
    feed.generator("baotong")  # no version: an upgrade is no news
    if head.icon:
        feed.icon(head.icon)
    if head.rights:
        feed.rights(head.rights)
    return feed


def _add_entry(feed: FeedGenerator, entry: FeedEntry) -> None:
    item = feed.add_entry(order="append")
    item.extras.entry = entry
    item.id(entry.id)
    item.title(entry.title)
    item.published(entry.published)
    item.updated(entry.updated)
    if entry.summary:
        item.summary(entry.summary)
    if entry.html is not None:
        item.content(entry.html, type="html")  # CDATA would be written as a type, which is invalid
    elif entry.url is None:
        item.content(entry.summary or entry.title, type="text")  # RFC 4287 4.1.2: one or the other
    if entry.url is not None:
        item.link(href=entry.url)  # alternate; whatever relation is given, feedgen writes none
    if entry.author:
        item.author({"name": entry.author})
    for term in entry.categories:
        item.category(term=term)
