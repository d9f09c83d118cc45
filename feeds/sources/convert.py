"""What a value from outside (JSON, a piece of HTML) means as a field of an article: text, a date, a count, a
body, images. Whatever is of no use is None.
"""

import re
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from html import unescape
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser

from feeds.counts import parse_count
from feeds.dates import find_dates
from feeds.models import Image, ReadCount
from feeds.sources.body import Body, build_body
from feeds.sources.labels.header import instant
from feeds.sources.labels.landmarks import loose_label
from feeds.text import (
    TooMuchMarkup,
    absolute_url,
    check_markup,
    clean,
    cut,
    one_line,
    read_lines,
    text_of,
)

_MILLISECONDS = 10_000_000_000
_LATEST = 4_102_444_800  # 2100, in seconds


def convert(field: str, raw: Any, base: str, zone: ZoneInfo) -> Any:
    """The value of a field, or None. `base` is what links in it are relative to."""
    return _CONVERTERS[field](raw, base, zone) if raw is not None else None


def _text(raw: Any, _base: str, _zone: ZoneInfo) -> str | None:
    """Plain text on one line: markup taken out, entities unescaped once."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    text = clean(str(raw))
    plain = text_of(text) if "<" in text and ">" in text else unescape(text)
    return cut(one_line(plain)) or None


def _page(raw: Any, base: str, zone: ZoneInfo) -> str | None:
    """The label of a page, of 第01版:要闻 too."""
    text = _text(raw, base, zone)
    label = loose_label(text) if text else None
    return label.label if label else text


def _published(raw: Any, base: str, zone: ZoneInfo) -> date | datetime | None:
    """A date in any form the papers print, 20240408 as a number too, or a Unix time in seconds or
    milliseconds.
    """
    if isinstance(raw, int) and (packed := _packed(raw, zone)):
        return packed
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        seconds = raw / 1000 if raw > _MILLISECONDS else raw
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else _packed(raw, zone)
    text = _text(raw, base, zone)
    found = next(find_dates(text), None) if text else None
    return instant(found, zone) if found else None


def _packed(raw: float, zone: ZoneInfo) -> date | datetime | None:
    found = next(find_dates(str(raw)), None)
    return instant(found, zone) if found else None


def _reads(raw: Any, base: str, zone: ZoneInfo) -> ReadCount | None:
    text = _text(raw, base, zone)
    match = re.search(r"[0-9０-９].*", text) if text else None
    return (parse_count(text) or (parse_count(match[0]) if match else None)) if text else None


def _body(raw: Any, base: str, _zone: ZoneInfo) -> Body | None:
    """A body from HTML, or from plain text a paragraph a line."""
    html = "".join(part for part in raw if isinstance(part, str)) if isinstance(raw, list) else raw
    if not isinstance(html, str) or not html.strip():
        return None
    html = clean(html)
    if "<" not in html:
        html = "".join(f"<p>{part}</p>" for part in html.splitlines())
    try:
        check_markup(html)
    except TooMuchMarkup:
        return None
    root = LexborHTMLParser(html).body
    body = build_body(read_lines(root), base) if root is not None else None
    return body if body and (body.text or body.images) else None


def _images(raw: Any, base: str, _zone: ZoneInfo) -> tuple[Image, ...] | None:
    images = [
        image for one in (raw if isinstance(raw, list) else [raw]) if (image := _image(one, base))
    ]
    return tuple(images[:50]) or None


def _image(raw: Any, base: str) -> Image | None:
    if isinstance(raw, str):
        raw = {"url": raw}
    if not isinstance(raw, dict):
        return None
    names = ("url", "src", "picUrl", "imgUrl", "path")
    source = next((raw[name] for name in names if isinstance(raw.get(name), str)), "")
    captions = (raw.get(name) for name in ("caption", "picText", "alt", "title", "desc"))
    caption = next((one for one in captions if isinstance(one, str)), "")
    url = absolute_url(clean(source), base)
    return Image(url, one_line(caption)) if url else None


_CONVERTERS: Mapping[str, Callable[[Any, str, ZoneInfo], Any]] = {
    "title": _text,
    "kicker": _text,
    "subtitle": _text,
    "byline": _text,
    "page": _page,
    "published": _published,
    "reads": _reads,
    "images": _images,
    "body": _body,
}
