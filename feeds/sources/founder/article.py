"""An article page of Founder's: fields from the publisher's own comment, then by skin, then by labels."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from html import unescape
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.dates import find_dates
from feeds.models import ArticleReading, FoundBy
from feeds.sources.body import Body, build_body
from feeds.sources.fields import Values
from feeds.sources.kinds import kind_of
from feeds.sources.labels.article import read_by_labels
from feeds.sources.labels.header import instant
from feeds.sources.labels.landmarks import narrow, parse_label
from feeds.sources.labels.merge import merge
from feeds.sources.page import WebPage
from feeds.text import clean, cut, one_line, read_lines, text_of


@dataclass(frozen=True, slots=True)
class Skin:
    """Where one template keeps the parts of an article. A sister template is a row, not code."""

    title: str
    kicker: str
    subtitle: str
    byline: str
    date: str
    body: str


SKINS = (
    Skin(".article h1", ".article h3", ".article h2", ".article .sec", ".article .date", "#ozoom, founder-content"),
    Skin("#Title", "#PreTitle", "#SubTitle", "#Author", "#paperdate", "#ozoom, #Content, #content, founder-content"),
    Skin(".newsdetatit h3", ".newsdetatit .intro, .intro", ".newsdetatit .sub, .sub", ".newsdetatit .author", ".newsdetatit .date", ".newsdetatext"),
    Skin(".totalTitle", ".preTitle", ".subTitle", ".author", ".date", "#ozoom, founder-content"),
)  # fmt: skip
_ARTICLE = re.compile(r"enpcontent|founder-content", re.IGNORECASE)
_ARTICLE_ADDRESS = re.compile(r"/(?:content|con)/[0-9]{6}/[0-9]{2}/[^/]+$")
_PROPERTY = re.compile(r"<!--\s*enpproperty(.{0,20000}?)/enpproperty\s*-->", re.DOTALL)
_TAG = re.compile(
    r"<(?P<name>[a-z-]{2,30})>(?P<value>[^<]{0,2000}(?:<br\s*/?>[^<]{0,2000})?)</(?P=name)>",
    re.IGNORECASE,
)
_NAMES = {"title": "title", "introtitle": "kicker", "subtitle": "subtitle", "author": "byline"}
_CONTENT = re.compile(r"<!--\s*enpcontent\s*-->(.*?)<!--\s*/enpcontent\s*-->", re.DOTALL)
_PLACE = re.compile(r"(?:《[^》]{1,30}》)?\s*[(（][^()（）]{0,20}[0-9]{4}年.{0,60}?版?\s*[)）]")
_LABEL = re.compile(r"第\s*[A-Z]?[0-9]{1,3}\s*版")


def is_article(page: WebPage) -> bool:
    """Whether a page holds one article, not a page's list: the article's wrapper or its address. The list
    pages carry #ozoom and enpproperty too; a body in the wrapper is what tells.
    """
    if _ARTICLE_ADDRESS.search(urlsplit(page.url).path):
        return True
    has_map = page.tree.css_first("map area") is not None
    has_skin = any(
        page.tree.css_first(skin.title) is not None and _node(page, skin.body) is not None
        for skin in SKINS
    )
    return not has_map and (_ARTICLE.search(page.html) is not None or has_skin)


def read_article(
    page: WebPage, values: Values, zone: ZoneInfo, page_name: str | None
) -> ArticleReading | None:
    """The article, or None where there is none. `values` are the operator's rules and win; then the
    publisher's comment (DATA), the skin (SELECTOR), and what labels tell.
    """
    known = Values()
    for found in (_by_skin(page, zone), _by_property(page, zone), values):
        known.found |= found.found
        known.by |= found.by
    labels = (
        read_by_labels(page, zone)
        if "body" not in known.found or "title" not in known.found
        else None
    )
    article = merge(page, labels, known)
    if article is None:
        return None
    return replace(article, kind=kind_of(article.title, page_name))


# ── the publisher's comment ─────────────────────────────────────────────────────────────────────


def properties(html: str) -> dict[str, str]:
    """The values of `<!--enpproperty …-->` by tag name; the order differs between versions and values are
    not escaped, so only the names are trusted.
    """
    comment = _PROPERTY.search(html)
    if comment is None:
        return {}
    pairs = ((match["name"].lower(), match["value"]) for match in _TAG.finditer(comment[1]))
    return {name.removeprefix("founder-"): value.strip() for name, value in pairs if value.strip()}


def _by_property(page: WebPage, zone: ZoneInfo) -> Values:
    values = Values()
    told = properties(page.html)
    for name, field in _NAMES.items():
        if text := cut(one_line(unescape(re.sub(r"<br\s*/?>", " ", told.get(name, ""))))):
            values.found[field], values.by[field] = text, FoundBy.DATA
    if found := next(find_dates(told.get("date", "")), None):
        values.found["published"], values.by["published"] = instant(found, zone), FoundBy.DATA
    return values


# ── skins ───────────────────────────────────────────────────────────────────────────────────────


def _by_skin(page: WebPage, zone: ZoneInfo) -> Values:
    values = Values()
    skin = next((skin for skin in SKINS if page.tree.css_first(skin.title) is not None), SKINS[0])
    for name, value in _skin_fields(page, skin, zone):
        if value:
            values.found[name], values.by[name] = value, FoundBy.SELECTOR
    return values


def _skin_fields(page: WebPage, skin: Skin, zone: ZoneInfo) -> Iterator[tuple[str, Any]]:
    yield "title", cut(_text(page, skin.title))
    yield "kicker", _text(page, skin.kicker)
    yield "subtitle", _text(page, skin.subtitle).lstrip("—- ")
    place = _text(page, skin.date) or _text(page, skin.byline)
    yield "byline", _byline(_text(page, skin.byline), _text(page, skin.date))
    found = next(find_dates(place), None)
    yield "published", instant(found, zone) if found else None
    label = _LABEL.search(narrow(place))
    yield (
        "page",
        named.label if label and (named := parse_label(re.sub(r"\s", "", label[0]))) else None,
    )
    yield "body", _body(page, skin)


def _byline(text: str, date: str) -> str:
    """The byline without the date and page that share its line."""
    return one_line(_PLACE.sub(" ", text.replace(date, " ") if date else text)).strip("()（） ")


def _text(page: WebPage, selector: str) -> str:
    node = _node(page, selector)
    return one_line(text_of(node.html or "")) if node is not None else ""


def _node(page: WebPage, selector: str) -> LexborNode | None:
    return next(
        (
            node
            for part in selector.split(",")
            if (node := page.tree.css_first(part.strip())) is not None
        ),
        None,
    )


def _body(page: WebPage, skin: Skin) -> Body | None:
    """The body's element, or what stands between the publisher's comments; never the comments."""
    node = _node(page, skin.body)
    comment = _CONTENT.search(page.html)
    if node is None and comment is not None:
        node = LexborHTMLParser(clean(comment[1])).body
    if node is None:
        return None
    body = build_body(read_lines(node), page.base)
    return body if body.text or body.images else None
