"""The operator's own rules, field by field: `selectors:` (CSS) win over labels, `data:` (JMESPath over
JSON found in the document) wins over both. A rule that finds nothing leaves the field to the labels.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from html import unescape
from typing import Any, get_args
from zoneinfo import ZoneInfo

import jmespath
from jmespath.exceptions import JMESPathError
from jmespath.functions import Functions
from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from config.sources import FieldName
from feeds.counts import parse_count
from feeds.dates import find_dates
from feeds.errors import BaotongError
from feeds.models import FoundBy, Image, ReadCount
from feeds.sources.body import Body, build_body
from feeds.sources.header import instant
from feeds.sources.page import WebPage
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

FIELDS: tuple[str, ...] = get_args(FieldName)

_JSON_SCRIPT = re.compile(r"[{\[]")
_ASSIGNMENT = re.compile(r"[\w$.\]]\s*=\s*(?=[{\[])")
_MOST_ROOTS = 50
_MILLISECONDS = 10_000_000_000
_LATEST = 4_102_444_800  # 2100, in seconds


@dataclass(slots=True)
class Values:
    """What the rules found: a value by field, and which rule it was."""

    found: dict[str, Any] = field(default_factory=dict)
    by: dict[str, FoundBy] = field(default_factory=dict)


class Rules:
    """Compiled rules of one source.

    Raises `BaotongError` for a field that there is not, or a selector or expression that is none.
    """

    def __init__(self, selectors: Mapping[FieldName, str], data: Mapping[FieldName, str]) -> None:
        for section, rules in (("selectors", selectors), ("data", data)):
            for name in rules:
                if name not in FIELDS:
                    raise BaotongError(
                        f"{section}.{name}: 没有这个字段,可用的是 {'、'.join(FIELDS)}"
                    )
        for name, selector in selectors.items():
            if fault := fault_in_selector(selector):
                raise BaotongError(f"selectors.{name}: {fault}")
        for name, expression in data.items():
            if fault := fault_in_expression(expression):
                raise BaotongError(f"data.{name}: {fault}")
        self._selectors = dict(selectors)
        self._data = {name: _compiled(expression) for name, expression in data.items()}

    def apply(self, page: WebPage, zone: ZoneInfo) -> Values:
        """The values of all fields that the rules find in a page."""
        values = Values()
        for name, selector in self._selectors.items():
            self._keep(
                values, name, _by_selector(page, name, selector), FoundBy.SELECTOR, page, zone
            )
        if self._data:
            roots = list(find_json(page))
            for name, expression in self._data.items():
                raw = next((one for root in roots if (one := expression(root)) is not None), None)
                self._keep(values, name, raw, FoundBy.DATA, page, zone)
        return values

    def _keep(
        self, values: Values, name: str, raw: Any, by: FoundBy, page: WebPage, zone: ZoneInfo
    ) -> None:
        value = _CONVERTERS[name](raw, page, zone) if raw is not None else None
        if value is not None:
            values.found[name] = value
            values.by[name] = by


def fault_in_selector(selector: str) -> str | None:
    """What is wrong with a CSS selector, or None."""
    try:
        LexborHTMLParser("<p>").css(selector)
    except (SelectolaxError, ValueError):
        return "不是 CSS 选择器,要写成 h1.title 这样 (not a CSS selector)"
    return None


def fault_in_expression(expression: str) -> str | None:
    """What is wrong with a JMESPath expression, or None. A function that there is not would otherwise
    show only where it is called, as a field that is never found.
    """
    try:
        compiled = jmespath.compile(expression)
        called = set(_functions_in(compiled.parsed))
    except (JMESPathError, RecursionError) as error:
        place = getattr(error, "lex_position", None)
        where = f",第 {place + 1} 个字起不对" if place is not None else ""
        return f"不是 JMESPath 表达式{where} (not a JMESPath expression)"
    if called <= set(Functions.FUNCTION_TABLE):
        return None
    return "JMESPath 里没有这个函数 (no such JMESPath function)"


def _functions_in(parsed: Mapping[str, Any]) -> Iterator[str]:
    if parsed["type"] == "function_expression":
        yield parsed["value"]
    for child in parsed["children"]:
        if isinstance(child, Mapping):
            yield from _functions_in(child)


RULE_LANGUAGES: Mapping[str, Callable[[str], str | None]] = {
    "css": fault_in_selector,
    "jmespath": fault_in_expression,
}
"""What the configuration's rules are written in, for its loader to check."""


def _compiled(expression: str) -> Callable[[Any], Any]:
    compiled = jmespath.compile(expression)

    def search(root: Any) -> Any:
        try:
            return compiled.search(root)
        except JMESPathError:  # a function applied to a value of another type: nothing found
            return None

    return search


def _by_selector(page: WebPage, name: str, selector: str) -> Any:
    nodes = page.tree.css(selector)
    if not nodes:
        return None
    if name == "images":
        inside = [
            node if node.tag == "img" else image
            for node in nodes
            for image in (node.css("img") or [node])
        ]
        return [
            {"url": node.attributes.get("src"), "caption": node.attributes.get("alt")}
            for node in inside
        ]
    if name == "body":
        return "".join(node.html or "" for node in nodes)
    return nodes[0].attributes.get("content") or text_of(nodes[0].html or "")


# ── JSON in a document ──────────────────────────────────────────────────────────────────────────


def find_json(page: WebPage) -> Iterator[Any]:
    """The JSON values of a document: the whole of it, or those in its scripts (`<script type=…json>`,
    `window.X = {…}`). NaN and Infinity are no JSON, and what nests too deep is passed over.
    """
    text = page.html.strip()
    if text[:1] in {"{", "["}:
        yield from _decoded(text, 0)
        return
    for node in page.tree.css("script"):
        script = (node.text() or "").strip()
        if script[:1] in {"{", "["}:
            yield from _decoded(script, 0)
        else:
            for match, _ in zip(_ASSIGNMENT.finditer(script), range(_MOST_ROOTS), strict=False):
                yield from _decoded(script, match.end())


def _decoded(text: str, at: int) -> Iterator[Any]:
    try:
        value, _ = json.JSONDecoder(parse_constant=_refuse).raw_decode(text, at)
    except (ValueError, RecursionError):
        return
    yield value


def _refuse(constant: str) -> None:
    raise ValueError(constant)


# ── values ──────────────────────────────────────────────────────────────────────────────────────


def _text(raw: Any, _page: WebPage, _zone: ZoneInfo) -> str | None:
    """Plain text on one line: markup taken out, entities unescaped once."""
    if isinstance(raw, bool) or not isinstance(raw, str | int | float):
        return None
    text = clean(str(raw))
    plain = text_of(text) if "<" in text and ">" in text else unescape(text)
    return cut(one_line(plain)) or None


def _published(raw: Any, page: WebPage, zone: ZoneInfo) -> date | datetime | None:
    """A date in any form the papers print, or a Unix time in seconds or milliseconds."""
    if isinstance(raw, int | float) and not isinstance(raw, bool):
        seconds = raw / 1000 if raw > _MILLISECONDS else raw
        return datetime.fromtimestamp(seconds, UTC) if 0 < seconds < _LATEST else _packed(raw, zone)
    text = _text(raw, page, zone)
    found = next(find_dates(text), None) if text else None
    return instant(found, zone) if found else None


def _packed(raw: float, zone: ZoneInfo) -> date | datetime | None:
    found = next(find_dates(str(raw)), None)
    return instant(found, zone) if found else None


def _reads(raw: Any, page: WebPage, zone: ZoneInfo) -> ReadCount | None:
    text = _text(raw, page, zone)
    match = re.search(r"[0-9０-９].*", text) if text else None
    return (parse_count(text) or (parse_count(match[0]) if match else None)) if text else None


def _body(raw: Any, page: WebPage, _zone: ZoneInfo) -> Body | None:
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
    body = build_body(read_lines(root), page.base) if root is not None else None
    return body if body and (body.text or body.images) else None


def _images(raw: Any, page: WebPage, _zone: ZoneInfo) -> tuple[Image, ...] | None:
    images = [
        image for one in (raw if isinstance(raw, list) else [raw]) if (image := _image(one, page))
    ]
    return tuple(images[:50]) or None


def _image(raw: Any, page: WebPage) -> Image | None:
    if isinstance(raw, str):
        raw = {"url": raw}
    if not isinstance(raw, dict):
        return None
    names = ("url", "src", "picUrl", "imgUrl", "path")
    source = next((raw[name] for name in names if isinstance(raw.get(name), str)), "")
    captions = (raw.get(name) for name in ("caption", "picText", "alt", "title", "desc"))
    caption = next((one for one in captions if isinstance(one, str)), "")
    url = absolute_url(clean(source), page.base)
    return Image(url, one_line(caption)) if url else None


_CONVERTERS: dict[str, Callable[[Any, WebPage, ZoneInfo], Any]] = {
    "title": _text,
    "kicker": _text,
    "subtitle": _text,
    "byline": _text,
    "page": _text,
    "published": _published,
    "reads": _reads,
    "images": _images,
    "body": _body,
}
