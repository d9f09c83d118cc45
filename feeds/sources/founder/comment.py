"""What Founder's publisher says of an article in comments: `<!--enpproperty <date>…/enpproperty-->` at the end
of the page, in older templates `<!--<npm:article-title>-->…` around the words themselves.
"""

import re
from html import unescape
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborHTMLParser, LexborNode

from feeds.dates import find_dates
from feeds.models import FoundBy
from feeds.sources.fields import Values
from feeds.sources.labels.header import instant
from feeds.sources.page import WebPage
from feeds.text import clean, cut, one_line, text_of

_PROPERTY = re.compile(r"<!--\s*enpproperty(.{0,20000}?)/enpproperty\s*-->", re.DOTALL)
_TAG = re.compile(
    r"<(?P<name>[a-z-]{2,30})>(?P<value>[^<]{0,2000}(?:<br\s*/?>[^<]{0,2000})?)</(?P=name)>",
    re.IGNORECASE,
)
_NAMES = {"title": "title", "introtitle": "kicker", "subtitle": "subtitle", "author": "byline"}
_MARKED = re.compile(
    r"<!--\s*<npm:article-(?P<name>title|pretitle|subtitle|author)>\s*-->(?P<value>.{0,2000}?)<!--\s*</npm:article-(?P=name)>\s*-->",
    re.DOTALL | re.IGNORECASE,
)
_MARKED_NAMES = {"title": "title", "pretitle": "kicker", "subtitle": "subtitle", "author": "byline"}
_CONTENT = re.compile(
    r"<!--\s*(?:enpcontent|<npm:article-content>)\s*-->(.*?)<!--\s*(?:/enpcontent|</npm:article-content>)\s*-->",
    re.DOTALL | re.IGNORECASE,
)
_BREAK = re.compile(r"<br\s*/?>", re.IGNORECASE)


def properties(html: str) -> dict[str, str]:
    """The values of `<!--enpproperty …-->` by tag name; the order differs between versions and values are
    not escaped, so only the names are trusted.
    """
    comment = _PROPERTY.search(html)
    if comment is None:
        return {}
    pairs = ((match["name"].lower(), match["value"]) for match in _TAG.finditer(comment[1]))
    return {name.removeprefix("founder-"): value.strip() for name, value in pairs if value.strip()}


def by_comment(page: WebPage, zone: ZoneInfo) -> Values:
    """The fields that the comments say."""
    values = Values()
    for match in _MARKED.finditer(page.html):
        field = _MARKED_NAMES[match["name"].lower()]
        _keep(values, field, one_line(text_of(_BREAK.sub(" ", match["value"]))))
    told = properties(page.html)
    for name, field in _NAMES.items():
        _keep(values, field, one_line(unescape(_BREAK.sub(" ", told.get(name, "")))))
    if found := next(find_dates(told.get("date", "")), None):
        values.found["published"], values.by["published"] = instant(found, zone), FoundBy.DATA
    return values


def marked_body(page: WebPage) -> LexborNode | None:
    """What stands between the publisher's marks of the content."""
    content = _CONTENT.search(page.html)
    return LexborHTMLParser(clean(content[1])).body if content else None


def _keep(values: Values, field: str, text: str) -> None:
    if text := cut(text):
        values.found[field], values.by[field] = text, FoundBy.DATA
