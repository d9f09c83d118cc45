"""OPML 2.0: a list of feeds, for readers that take many at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from xml.etree import ElementTree as ET  # writes only; nothing foreign is parsed

from feeds.writers.base import FeedHead

MEDIA_TYPE = "text/x-opml; charset=utf-8"


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of the list: its title, its own address and that of the page it stands for. Plain,
    XML-clean text.
    """

    title: str
    feed: str
    page: str
    language: str
    description: str = ""


def write_opml(title: str, heads: Sequence[FeedHead], suffix: str) -> bytes:
    """Our own feeds in the order given; `suffix` is the format that readers are sent to."""
    outlines = [
        Outline(head.title, head.self_url(suffix), head.url, head.language, head.description)
        for head in heads
    ]
    return write_outlines(title, outlines)


def write_outlines(title: str, outlines: Sequence[Outline]) -> bytes:
    """Undated, so that it changes only when the list does."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for outline in outlines:
        ET.SubElement(body, "outline", _attributes(outline))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _attributes(outline: Outline) -> dict[str, str]:
    return {
        "text": outline.title,
        "title": outline.title,
        "type": "rss",  # OPML's word for every syndicated format
        "xmlUrl": outline.feed,
        "htmlUrl": outline.page,
        "language": outline.language,
        **({"description": outline.description} if outline.description else {}),
    }
