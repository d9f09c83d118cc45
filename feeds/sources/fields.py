"""The operator's own rules, field by field: `selectors:` (CSS) win over labels, `data:` (JMESPath over
JSON found in the document) wins over both. A rule that finds nothing leaves the field to the labels.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, get_args
from zoneinfo import ZoneInfo

from config.sources import FieldName
from feeds.errors import BaotongError
from feeds.models import FoundBy
from feeds.sources.convert import convert
from feeds.sources.expressions import compile_css, compile_jmespath
from feeds.sources.page import WebPage
from feeds.sources.strict_json import NotJson, read_json_at
from feeds.text import text_of

FIELDS: tuple[str, ...] = get_args(FieldName)

_ASSIGNMENT = re.compile(r"[\w$.\]]\s*=\s*(?=[{\[])")
_MOST_ROOTS = 50


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
        self._selectors = {
            name: compile_css(f"selectors.{name}", selector) for name, selector in selectors.items()
        }
        self._data = {
            name: compile_jmespath(f"data.{name}", expression) for name, expression in data.items()
        }

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
        value = convert(name, raw, page.base, zone)
        if value is not None:
            values.found[name] = value
            values.by[name] = by


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
    `window.X = {…}`). What is no JSON, or nests too deep, is passed over.
    """
    for text, start in _json_places(page):
        try:
            yield read_json_at(text, start)
        except NotJson:
            continue


def _json_places(page: WebPage) -> Iterator[tuple[str, int]]:
    text = page.html.strip()
    if text[:1] in {"{", "["}:
        yield text, 0
        return
    for node in page.tree.css("script"):
        script = (node.text() or "").strip()
        if script[:1] in {"{", "["}:
            yield script, 0
        else:
            for match, _ in zip(_ASSIGNMENT.finditer(script), range(_MOST_ROOTS), strict=False):
                yield script, match.end()
