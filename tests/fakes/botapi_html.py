"""Telegram's reading of HTML parse mode: what it refuses, and the text and entities that remain."""

import re
from dataclasses import dataclass, field
from html import unescape

ALLOWED = frozenset(
    [
        "b",
        "strong",
        "i",
        "em",
        "u",
        "ins",
        "s",
        "strike",
        "del",
        "a",
        "code",
        "pre",
        "blockquote",
        "tg-spoiler",
        "span",
        "tg-emoji",
    ]
)
_TOKEN = re.compile(r"<(/?)([a-zA-Z-]+)([^<>]*)>|<")
_REFERENCE = re.compile(r"&(?!(?:lt|gt|amp|quot|#[0-9]+|#x[0-9a-fA-F]+);)")
MOST_ENTITIES, MOST_UNITS = 100, 4096


class Refused(Exception):
    """400, with Telegram's words."""


@dataclass
class Parsed:
    text: str = ""
    entities: list[tuple[str, str]] = field(default_factory=list)  # tag, attributes

    @property
    def units(self) -> int:
        return len(self.text.encode("utf-16-le")) // 2


def parse_html(source: str) -> Parsed:
    """Raises `Refused` for what Telegram cannot parse."""
    parsed, open_tags, at = Parsed(), [], 0
    for match in _TOKEN.finditer(source):
        _add_text(parsed, source[at : match.start()])
        at = match.end()
        closing, tag, attributes = match[1], (match[2] or "").lower(), match[3] or ""
        if tag not in ALLOWED:
            raise Refused(f'can\'t parse entities: Unsupported start tag "{tag}"')
        if closing:
            if not open_tags or open_tags.pop() != tag:
                raise Refused("can't parse entities: Unmatched end tag")
            continue
        if tag == "blockquote" and "blockquote" in open_tags:
            raise Refused("can't parse entities: blockquotes cannot be nested")
        if tag == "a" and not re.fullmatch(r'\s+href="[^"]*"', attributes):
            raise Refused("can't parse entities: a link without href")
        open_tags.append(tag)
        parsed.entities.append((tag, unescape(attributes.strip())))
    _add_text(parsed, source[at:])
    if open_tags:
        raise Refused("can't parse entities: Can't find end tag")
    return parsed


def check_lengths(parsed: Parsed) -> None:
    """What a message may hold after parsing."""
    if not parsed.text.strip():
        raise Refused("message text is empty")
    if parsed.units > MOST_UNITS:
        raise Refused("message is too long")
    if len(parsed.entities) > MOST_ENTITIES:
        raise Refused("too many entities: Telegram would drop some silently")


def _add_text(parsed: Parsed, raw: str) -> None:
    if _REFERENCE.search(raw):
        raise Refused("can't parse entities: an ampersand that is no reference")
    parsed.text += unescape(raw)
