"""An upstream feed's bytes → its entries: RSS and Atom by feedparser, JSON Feed by our own strict JSON.

The only door to feedparser. It is given bytes in a stream, never a string: a string it would take for a
URL to fetch or a file to open. What could make it slow or expand is refused before it sees it.
"""

import io
import re
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, tzinfo
from email.utils import parsedate
from typing import Any
from zoneinfo import ZoneInfo

import feedparser

from feeds.dates import find_dates
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document
from feeds.sources.labels.header import instant
from feeds.sources.strict_json import NotJson, read_json
from feeds.text import TooMuchMarkup, check_markup, decode

MAX_CHARACTERS = 5 * 1024 * 1024
MAX_ENTRIES = 3000  # feedparser takes about 0.1 ms for each
_ROOT = re.compile(
    r"\A\s*(?:<\?xml[^>]{0,500}>\s*|<!--.{0,2000}?-->\s*|<!DOCTYPE[^>[]{0,500}>\s*|<\?xml-stylesheet[^>]{0,500}>\s*){0,8}<(?:rss|feed|rdf:RDF|channel)\b",
    re.IGNORECASE | re.DOTALL,
)
_JSON_FEED = re.compile(r'\A\s*\{[^{}\[\]]{0,4000}?"version"\s*:\s*"https?:\\?/\\?/jsonfeed\.org')
_DECLARATION = re.compile(r"\A\s*<\?xml[^>]{0,500}\?>")
_CDATA = re.compile(r"<!\[CDATA\[.*?\]\]>", re.DOTALL)
_ENTRY = re.compile(r"<(?:item|entry)\b", re.IGNORECASE)
_HAS_ZONE = re.compile(r"(?:Z|GMT|UTC?|[EMP][SD]T|CDT|[+-][0-9]{2}:?[0-9]{2})\s*\Z", re.IGNORECASE)
_REFERENCE = re.compile(r"&#(x[0-9a-f]{1,400}|[0-9]{1,400});?", re.IGNORECASE)
_SURROGATES = range(0xD800, 0xE000)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry as the feed says it. `when` is a date where it gives no time of day."""

    id: str
    url: str
    title: Any
    content: Any
    author: Any = None
    when: date | datetime | None = None
    images: list[Any] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Feed:
    """`site` is the page for people that the feed names."""

    site: str
    entries: tuple[Entry, ...]


def looks_like_feed(text: str) -> bool:
    """Whether a document begins as a feed does."""
    return _ROOT.match(text[:20_000]) is not None or _JSON_FEED.match(text[:5000]) is not None


def read_feed(document: Document, zone: ZoneInfo) -> Feed | None:
    """The feed, or None for a document that is none. Raises `NotReadable` for one that cannot be read."""
    text = decode(document.body, document.content_type).replace("\0", "")
    if not looks_like_feed(text):
        return None
    if len(text) > MAX_CHARACTERS:
        raise NotReadable(document.url, Unreadable.TOO_DEEP, "订阅源太大,超过 5 MiB")
    if text.lstrip().startswith("{"):
        return _json_feed(document, text, zone)
    _refuse_traps(document.url, text)
    return _xml_feed(document.url, text, zone)


def _refuse_traps(url: str, text: str) -> None:
    if re.search(r"<!ENTITY", text, re.IGNORECASE):
        raise NotReadable(url, Unreadable.UNKNOWN, "订阅源里定义了实体(ENTITY),不读")
    if sum(1 for _ in _ENTRY.finditer(text)) > MAX_ENTRIES:
        raise NotReadable(url, Unreadable.TOO_DEEP, f"订阅源的条目超过 {MAX_ENTRIES} 条")
    try:
        check_markup(_CDATA.sub("", text))
    except TooMuchMarkup as error:
        raise NotReadable(url, Unreadable.TOO_DEEP, str(error)) from error


# ── RSS and Atom ────────────────────────────────────────────────────────────────────────────────


def _xml_feed(url: str, text: str, zone: ZoneInfo) -> Feed:
    text = _REFERENCE.sub(_possible, _DECLARATION.sub("", text))
    headers = {"content-type": "application/xml; charset=utf-8"}
    try:
        parsed = feedparser.parse(
            io.BytesIO(text.encode("utf-8", "replace")),
            sanitize_html=False,
            resolve_relative_uris=False,
            response_headers=headers,
        )
    except Exception as error:  # a foreign parser's faults, translated at its door
        raise NotReadable(url, Unreadable.UNKNOWN, "订阅源坏得读不了") from error
    # A plain dict: feedparser's own answers for keys that are not there, and warns about it.
    entries = tuple(_entry(dict(said), zone) for said in parsed.entries)
    return Feed(_string(parsed.feed.get("link")), entries)


def _possible(match: re.Match[str]) -> str:
    """A reference to a character, or U+FFFD where there can be none: feedparser would stumble over it."""
    text = match[1].lower()
    code = int(text[1:], 16) if text[0] == "x" else int(text)
    is_character = 0 < code < _SURROGATES[0] or _SURROGATES[-1] < code <= sys.maxunicode
    return match[0] if is_character else "\ufffd"


def _entry(said: Mapping[str, Any], zone: ZoneInfo) -> Entry:
    link = _string(said.get("link"))
    return Entry(
        id=_string(said.get("id")) or link,
        url=link,
        title=said.get("title"),
        content=_content(said),
        author=said.get("author"),
        when=_when(said, zone),
        images=list(_images(said)),
    )


def _content(said: Mapping[str, Any]) -> Any:
    """content:encoded or Atom's content where there is one, else the summary."""
    whole = [one.get("value") for one in said.get("content") or () if isinstance(one, Mapping)]
    return next((text for text in whole if text), None) or said.get("summary")


def _images(said: Mapping[str, Any]) -> Iterator[str]:
    enclosed = [one for one in said.get("links") or () if one.get("rel") == "enclosure"]
    for one in [*enclosed, *(said.get("media_content") or ())]:
        kind = f"{one.get('type') or ''}{one.get('medium') or ''}"
        if "image" in kind and (url := one.get("href") or one.get("url")):
            yield url


def _when(said: Mapping[str, Any], zone: ZoneInfo) -> date | datetime | None:
    """When it was published, or else updated. A time without a zone is the paper's own, and so is CST, which
    feedparser takes for America's.
    """
    for name in ("published", "updated"):
        raw, parsed = _string(said.get(name)), said.get(f"{name}_parsed")
        if not _HAS_ZONE.search(raw):
            found = next(find_dates(raw), None)
            moment = instant(found, zone) if found else _moment(parsedate(raw), zone)
        else:
            moment = _moment(parsed, UTC)
        if moment is not None:
            return moment
    return None


def _moment(parts: Sequence[int] | None, zone: tzinfo) -> datetime | None:
    """An instant from a broken-down time, or None where there is none such."""
    if parts is None:
        return None
    try:
        year, month, day, hour, minute, second = parts[:6]
        return datetime(year, month, day, hour, minute, min(second, 59), tzinfo=zone).astimezone(
            UTC
        )
    except (ValueError, OverflowError):
        return None


def _string(value: Any) -> str:
    return value.strip() if isinstance(value, str) else ""


# ── JSON Feed ───────────────────────────────────────────────────────────────────────────────────


def _json_feed(document: Document, text: str, zone: ZoneInfo) -> Feed:
    """JSON Feed 1.0 and 1.1 (jsonfeed.org)."""
    try:
        said = read_json(text.strip())
    except NotJson as error:
        raise NotReadable(
            document.url, Unreadable.UNKNOWN, f"订阅源不是合格的 JSON:{error}"
        ) from error
    items = said.get("items") if isinstance(said, dict) else None
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    entries = tuple(_json_entry(item, zone) for item in listed[:MAX_ENTRIES])
    return Feed(_string(said.get("home_page_url")), entries)


def _json_entry(item: Mapping[str, Any], zone: ZoneInfo) -> Entry:
    url = _string(item.get("url")) or _string(item.get("external_url"))
    authors = item.get("authors") or [item.get("author")]
    names = (
        [one.get("name") for one in authors if isinstance(one, dict)]
        if isinstance(authors, list)
        else []
    )
    raw = _string(item.get("date_published")) or _string(item.get("date_modified"))
    number = item.get("id")
    return Entry(
        id=str(number).strip() if isinstance(number, str | int) and str(number).strip() else url,
        url=url,
        title=item.get("title"),
        content=item.get("content_html") or item.get("content_text") or item.get("summary"),
        author="、".join(name for name in names if isinstance(name, str)),
        when=_iso(raw, zone),
        images=[item["image"]] if isinstance(item.get("image"), str) else [],
    )


def _iso(raw: str, zone: ZoneInfo) -> date | datetime | None:
    """RFC 3339; a date that says no more is a date."""
    try:
        moment = datetime.fromisoformat(raw)
    except ValueError:
        found = next(find_dates(raw), None)
        return instant(found, zone) if found else None
    if re.fullmatch(r"[0-9-]{8,10}", raw):
        return moment.date()
    return (moment if moment.tzinfo else moment.replace(tzinfo=zone)).astimezone(UTC)
