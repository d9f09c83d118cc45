"""What feedgen has no words for, as extensions of it: the hub and the archive's links, RFC 5005's
mark, RFC 6721's tombstones, enclosures in Atom (feedgen forgets an entry link's relation), thumbnails,
read counts, and the stylesheet.

Only what every entry may need is declared at the root (`media`); what is rare declares its own
namespace where it stands, so that fragments fit any feed. Atom's own elements have no namespace in
feedgen's tree (it writes Atom's as if it were an attribute), so ours have none either.
"""

from typing import Any

from feedgen.ext.base import BaseEntryExtension, BaseExtension
from lxml import etree

from feeds.counts import show
from feeds.writers.base import FeedEntry, FeedHead

ATOM = "http://www.w3.org/2005/Atom"
MEDIA = "http://search.yahoo.com/mrss/"  # Media RSS
HISTORY = "http://purl.org/syndication/history/1.0"  # RFC 5005
TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"  # RFC 6721
READS = "urn:baotong:reads"  # 阅读数: no public vocabulary for it passes the validators

NAME = "extras"


class FeedExtras(BaseExtension):  # type: ignore[misc] # feedgen ships no types
    """What a feed's head says beyond feedgen. Set `head` and `suffix` after it was registered."""

    head: FeedHead
    suffix: str

    def extend_ns(self) -> dict[str, str]:
        return {"media": MEDIA}

    def extend_rss(self, feed: Any) -> Any:
        self._style(feed)
        self._extend(feed.find("channel"), f"{{{ATOM}}}link")
        return feed

    def extend_atom(self, feed: Any) -> Any:
        self._style(feed)
        self._extend(feed, "link")
        for stone in self.head.gone:
            when = {"ref": stone.id, "when": stone.at.isoformat()}
            etree.SubElement(feed, f"{{{TOMBSTONES}}}deleted-entry", when, nsmap={"at": TOMBSTONES})
        return feed

    def _extend(self, parent: Any, link: str) -> None:
        for rel, href in self.head.links(self.suffix):
            etree.SubElement(parent, link, href=href, rel=rel)
        if self.head.current:
            etree.SubElement(parent, f"{{{HISTORY}}}archive", nsmap={"fh": HISTORY})

    def _style(self, root: Any) -> None:
        """A browser shows the feed to a person who opened it. CSS: XSLT is on its way out."""
        if self.head.style:
            words = f'type="text/css" href="{self.head.style}"'
            root.addprevious(etree.ProcessingInstruction("xml-stylesheet", words))


class EntryExtras(BaseEntryExtension):  # type: ignore[misc] # feedgen ships no types
    """What an entry says beyond feedgen. Set `entry` after it was registered."""

    entry: FeedEntry

    def extend_rss(self, item: Any) -> Any:
        return self._extend(item)

    def extend_atom(self, entry: Any) -> Any:
        for file in self.entry.enclosures:
            link = {"href": file.url, "rel": "enclosure", "type": file.media_type}
            if file.length is not None:
                link["length"] = str(file.length)
            etree.SubElement(entry, "link", link)
        self._source(entry)
        return self._extend(entry)

    def _extend(self, parent: Any) -> Any:
        if self.entry.image:
            etree.SubElement(parent, f"{{{MEDIA}}}thumbnail", url=self.entry.image)
        if reads := self.entry.reads:
            element = etree.SubElement(parent, f"{{{READS}}}count", nsmap={"reads": READS})
            element.set("value", str(reads.value))
            element.text = show(reads)
        return parent

    def _source(self, entry: Any) -> None:
        """atom:source of an entry that stands in another feed than its own (RFC 4287, 4.2.11)."""
        if origin := self.entry.origin:
            source = etree.SubElement(entry, "source")
            etree.SubElement(source, "id").text = origin.id
            etree.SubElement(source, "title").text = origin.title
            link = {"href": f"{origin.base}.atom", "rel": "self"}
            etree.SubElement(source, "link", link)
