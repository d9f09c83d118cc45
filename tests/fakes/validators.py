"""Judges of feeds: RFC 4287 as a RELAX NG schema of our own words, RSS 2.0 with the Advisory Board's
Best Practices, JSON Feed 1.1. Each raises AssertionError with what is wrong.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime
from email.utils import parsedate_to_datetime
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

_SCHEMA = Path(__file__).parent / "atom.rng"
_ATOM = "{http://www.w3.org/2005/Atom}"
_TAG = re.compile(r"tag:[a-z0-9.-]+,[0-9-]{4,10}:\S+")


def check_feed(suffix: str, data: bytes) -> None:
    """The judge of the format with this ending."""
    {"rss": check_rss, "atom": check_atom, "json": check_json_feed}[suffix](data)


# ── Atom ────────────────────────────────────────────────────────────────────────────────────────


@cache
def _schema() -> Any:
    return etree.RelaxNG(etree.parse(_SCHEMA))


def check_atom(data: bytes) -> None:
    """RFC 4287, and what its schema cannot say: ids are unique among what is newest (4.1.1)."""
    document = etree.fromstring(data)
    if not _schema().validate(document):
        raise AssertionError(str(_schema().error_log))
    assert _relations(document).count("self") == 1
    assert _relations(document).count("alternate") == 1
    entries = document.findall(f"{_ATOM}entry")
    for entry in entries:
        has_content = entry.find(f"{_ATOM}content") is not None
        assert has_content or "alternate" in _relations(entry), "neither content nor a link (4.1.2)"
        assert _relations(entry).count("alternate") <= 1
    ids = [entry.findtext(f"{_ATOM}id") for entry in entries]
    assert len(ids) == len(set(ids)), "an id stands twice"


def _relations(element: Any) -> list[str]:
    return [link.get("rel", "alternate") for link in element.findall(f"{_ATOM}link")]


# ── RSS ─────────────────────────────────────────────────────────────────────────────────────────

_CHANNEL_ONCE = ("title", "link", "description")
_CHANNEL_AT_MOST_ONCE = (
    "language",
    "lastBuildDate",
    "ttl",
    "generator",
    "docs",
    "copyright",
    "image",
)
_ITEM_AT_MOST_ONCE = ("title", "link", "description", "guid", "pubDate", "enclosure", "source")


def check_rss(data: bytes) -> None:
    """RSS 2.0.11 and the Best Practices Profile, as far as they are rules for a machine."""
    root = etree.fromstring(data)
    assert (root.tag, root.get("version"), len(root)) == ("rss", "2.0", 1)
    channel = root[0]
    for name in _CHANNEL_ONCE:
        assert len(channel.findall(name)) == 1, name
        assert channel.findtext(name), f"{name} is empty"
    for name in _CHANNEL_AT_MOST_ONCE:
        assert len(channel.findall(name)) <= 1, name
    _check_web(channel.findtext("link"))
    _check_date(channel.findtext("lastBuildDate"))
    assert int(channel.findtext("ttl") or "") > 0
    assert [x.get("rel") for x in channel.findall(f"{_ATOM}link")].count("self") == 1
    for image in channel.findall("image"):
        _check_web(image.findtext("url"))
        assert image.findtext("title") == channel.findtext("title")
        assert image.findtext("link") == channel.findtext("link")
        assert int(image.findtext("width") or "88") <= 144
    items = channel.findall("item")
    for item in items:
        _check_item(item)
    guids = [item.findtext("guid") for item in items]
    assert len(guids) == len(set(guids)), "a guid stands twice"


def _check_item(item: Any) -> None:
    for name in _ITEM_AT_MOST_ONCE:
        assert len(item.findall(name)) <= 1, name
    assert item.findtext("title") or item.findtext("description")
    guid = item.find("guid")
    assert guid.get("isPermaLink") == "false"
    assert _TAG.fullmatch(guid.text)
    _check_date(item.findtext("pubDate"))
    if item.find("link") is not None:
        _check_web(item.findtext("link"))
    for enclosure in item.findall("enclosure"):
        _check_web(enclosure.get("url"))
        assert int(enclosure.get("length")) >= 0
        assert re.fullmatch(r"[a-z]+/[a-z0-9+.-]+", enclosure.get("type"))
    for source in item.findall("source"):
        _check_web(source.get("url"))
        assert source.text


def _check_date(text: str | None) -> None:
    assert text, "no date"
    assert parsedate_to_datetime(text).tzinfo is not None, text


def _check_web(text: str | None) -> None:
    parts = urlsplit(text or "")
    assert parts.scheme in {"http", "https"}, f"not an absolute address: {text}"
    assert parts.hostname, f"not an absolute address: {text}"


# ── JSON Feed ───────────────────────────────────────────────────────────────────────────────────

_Check = Callable[[Any], bool]


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and value != ""


def _is_web(value: Any) -> bool:
    return _is_text(value) and urlsplit(value).scheme in {"http", "https"}


def _is_instant(value: Any) -> bool:
    return _is_text(value) and datetime.fromisoformat(value).tzinfo is not None


def _is_size(value: Any) -> bool:
    return type(value) is int and value >= 0


def _is_object(value: Any) -> bool:
    return isinstance(value, dict)


def _all(check: _Check) -> _Check:
    return lambda value: isinstance(value, list) and bool(value) and all(map(check, value))


def _is_author(value: Any) -> bool:
    return _is_object(value) and not list(_faults(value, {"name": _is_text}, {"name"}, "author"))


def _is_hub(value: Any) -> bool:
    known = {"type": _is_text, "url": _is_web}
    return _is_object(value) and not list(_faults(value, known, set(known), "hub"))


def _is_attachment(value: Any) -> bool:
    known: dict[str, _Check] = {"url": _is_web, "mime_type": _is_text, "size_in_bytes": _is_size}
    return _is_object(value) and not list(_faults(value, known, {"url", "mime_type"}, "attachment"))


_FEED: Mapping[str, _Check] = {
    "version": lambda value: value == "https://jsonfeed.org/version/1.1",
    "title": _is_text,
    "home_page_url": _is_web,
    "feed_url": _is_web,
    "next_url": _is_web,
    "description": _is_text,
    "icon": _is_web,
    "language": _is_text,
    "authors": _all(_is_author),
    "hubs": _all(_is_hub),
    "items": lambda value: isinstance(value, list),
}
_ITEM: Mapping[str, _Check] = {
    "id": lambda value: _is_text(value) and bool(_TAG.fullmatch(value)),
    "url": _is_web,
    "title": _is_text,
    "content_html": _is_text,
    "content_text": _is_text,
    "summary": _is_text,
    "image": _is_web,
    "date_published": _is_instant,
    "date_modified": _is_instant,
    "authors": _all(_is_author),
    "tags": _all(_is_text),
    "attachments": _all(_is_attachment),
}


def check_json_feed(data: bytes) -> None:
    """JSON Feed 1.1. Names that it does not know begin with an underscore and hold an object."""
    feed = json.loads(data)
    faults = list(_faults(feed, _FEED, {"version", "title", "items"}, "feed"))
    for number, item in enumerate(feed["items"]):
        faults += _faults(item, _ITEM, {"id"}, f"items[{number}]")
        if not item.keys() & {"content_html", "content_text"}:
            faults.append(f"items[{number}]: no content")
    ids = [item["id"] for item in feed["items"]]
    assert len(ids) == len(set(ids)), "an id stands twice"
    assert not faults, faults


def _faults(
    value: Mapping[str, Any], known: Mapping[str, _Check], needed: set[str], where: str
) -> Iterator[str]:
    yield from (f"{where}: no {name}" for name in needed - value.keys())
    for name, held in value.items():
        if name.startswith("_"):
            if not _is_object(held):
                yield f"{where}.{name}: an extension is an object"
        elif name not in known:
            yield f"{where}.{name}: unknown"
        elif not known[name](held):
            yield f"{where}.{name}: {held!r}"
