"""Templates in which a family sets its articles: where each keeps title, byline, date and body."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from feeds.dates import find_dates
from feeds.models import FoundBy
from feeds.sources.body import Body, build_body
from feeds.sources.fields import Values
from feeds.sources.labels.header import instant
from feeds.sources.labels.landmarks import narrow, parse_label
from feeds.sources.page import WebPage
from feeds.text import cut, one_line, read_lines, text_of


@dataclass(frozen=True, slots=True)
class Skin:
    """Where one template keeps the parts of an article. A sister template is a row, not code. A page has
    the first skin whose title it has.
    """

    title: str
    kicker: str
    subtitle: str
    byline: str
    date: str
    body: str


_PLACE = re.compile(
    r"(?:《[^》]{1,30}》|[\w·]{2,12}(?:日报|晚报|时报|报))?\s*[(（][^()（）]{0,20}[0-9]{4}年[^()（）]{0,60}[)）]"
)
_LABEL = re.compile(r"第?\s*[A-Z]?[0-9]{1,3}\s*版")


def skin_of(page: WebPage, skins: Sequence[Skin]) -> Skin | None:
    """The template of a page, where it is one of these."""
    return next((skin for skin in skins if page.tree.css_first(skin.title) is not None), None)


def has_body(page: WebPage, skin: Skin) -> bool:
    """Whether there is an element for the body."""
    return _node(page, skin.body) is not None


def by_skin(page: WebPage, skins: Sequence[Skin], zone: ZoneInfo) -> Values:
    """The fields that the page's template shows; of no known one, what the first would."""
    values = Values()
    for name, value in _fields(page, skin_of(page, skins) or skins[0], zone):
        if value:
            values.found[name], values.by[name] = value, FoundBy.SELECTOR
    return values


def _fields(page: WebPage, skin: Skin, zone: ZoneInfo) -> Iterator[tuple[str, Any]]:
    yield "title", cut(_text(page, skin.title))
    yield "kicker", _text(page, skin.kicker)
    yield "subtitle", _text(page, skin.subtitle).lstrip("—- ")
    date_text = _text(page, skin.date)
    place = date_text or _text(page, skin.byline)
    yield "byline", _byline(_text(page, skin.byline), date_text) or _beside(date_text)
    found = next(find_dates(place), None)
    yield "published", instant(found, zone) if found else None
    yield "page", _page_label(place)
    yield "body", _body(page, skin)


def _page_label(place: str) -> str | None:
    match = _LABEL.search(narrow(place))
    label = parse_label(re.sub(r"\s", "", match[0])) if match else None
    return label.label if label else None


def _byline(text: str, date: str) -> str:
    """The byline without the date and page that share its line."""
    return one_line(_PLACE.sub(" ", text.replace(date, " ") if date else text)).strip("()（） ")


def _beside(date_text: str) -> str:
    """What stands with 《光明日报》（2021年03月02日 12版） on one line."""
    return one_line(_PLACE.sub(" ", date_text)).strip("()（） ") if _PLACE.search(date_text) else ""


def _text(page: WebPage, selector: str) -> str:
    node = _node(page, selector)
    return one_line(text_of(node.html or "")) if node is not None else ""


def _node(page: WebPage, selector: str) -> LexborNode | None:
    parts = (part.strip() for part in re.split(r",(?![^(]*\))", selector))
    return next((node for part in parts if (node := page.tree.css_first(part)) is not None), None)


def _body(page: WebPage, skin: Skin) -> Body | None:
    return body_of(_node(page, skin.body), page.base)


def body_of(node: LexborNode | None, base: str) -> Body | None:
    """The body that an element holds, where there is any."""
    body = build_body(read_lines(node), base) if node is not None else None
    return body if body and (body.text or body.images) else None
