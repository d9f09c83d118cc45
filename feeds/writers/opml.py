"""OPML 2.0: the list of our feeds, for readers that take many at once."""

from collections.abc import Sequence
from xml.etree import ElementTree as ET  # writes only; nothing foreign is parsed

from feeds.writers.base import FeedHead

MEDIA_TYPE = "text/x-opml; charset=utf-8"


def write_opml(title: str, heads: Sequence[FeedHead], suffix: str) -> bytes:
    """One outline a feed, in the order given; `suffix` is the format that readers are sent to.
    Undated, so that it changes only when the list does.
    """
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = title
    body = ET.SubElement(root, "body")
    for head in heads:
        ET.SubElement(body, "outline", _outline(head, suffix))
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _outline(head: FeedHead, suffix: str) -> dict[str, str]:
    return {
        "text": head.title,
        "title": head.title,
        "type": "rss",  # OPML's word for every syndicated format
        "xmlUrl": head.self_url(suffix),
        "htmlUrl": head.url,
        "description": head.description,
        "language": head.language,
    }
