"""HTML from outside made safe: sanitised by nh3, its links absolute, then cleaned for XML."""

import re
from collections.abc import Callable
from html import escape
from urllib.parse import urljoin, urlsplit

import nh3
from selectolax.lexbor import LexborHTMLParser

from feeds.text.characters import clean, words
from feeds.text.guard import TooMuchMarkup, check_markup
from feeds.text.lines import read_lines

MAX_IMAGES = 50

_MOST_PASSES = 6  # of 150,000 random soups none took more than three

_TAGS = words(
    "p br hr div span blockquote pre ul ol li dl dt dd h1 h2 h3 h4 h5 h6 figure figcaption "
    "table caption thead tbody tfoot tr td th strong b em i u s sub sup small a img"
)
_ATTRIBUTES = {
    "a": {"href", "title"},
    "img": {"src", "alt", "width", "height"},
    "td": {"colspan", "rowspan"},
    "th": {"colspan", "rowspan"},
}
_URL_DIRT = re.compile(r"[\x00-\x20\x7f-\x9f\ud800-\udfff\ufffe\uffff]")
# nh3 writes every attribute in double quotes, so this reads its output exactly.
_IMAGE_WITHOUT_SOURCE = re.compile(r'<img(?:\s+(?!src=)[a-z-]++="[^"]*+")*+\s*>')


def absolute_url(url: str, base: str) -> str | None:
    """The URL as http(s), resolved against `base` (RFC 3986), or None for anything else:
    `javascript:`, `data:`, a backslash, userinfo, no host.
    """
    url = url.strip()
    if not url or "\\" in url or _URL_DIRT.search(url.replace(" ", "")):
        return None
    try:
        whole = urljoin(base, url.replace(" ", "%20"))
        parts = urlsplit(whole)
        is_web = (
            parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in parts.netloc
        )
        _ = parts.port  # raises for a port that is none
    except ValueError:
        return None
    return whole if is_web else None


def clean_html(html: str, base_url: str) -> str:
    """HTML that may stand in our pages and feeds: a small set of tags, links absolute http(s) with
    rel, at most 50 images, no comments, no characters that XML forbids. Idempotent: what a parser
    would read differently the second time (a list in a table) is settled here.

    What is nested so deep that no parser may see it is given back as nothing.
    """
    for _ in range(_MOST_PASSES):
        before, html = html, _sanitised(html, base_url)
        if html == before:
            return html
    return _only_text(html)


def _sanitised(html: str, base_url: str) -> str:
    html = clean(html)  # before the look: a tag may stand behind an invisible character
    try:
        check_markup(html)
    except TooMuchMarkup:
        return ""
    safe = nh3.clean(
        html,
        tags=set(_TAGS),
        attributes=_ATTRIBUTES,
        attribute_filter=_url_filter(base_url),
        link_rel="noopener noreferrer nofollow",
        url_schemes={"http", "https"},
    )
    return clean(_IMAGE_WITHOUT_SOURCE.sub("", safe)).strip()


def _only_text(html: str) -> str:
    lines = text_of(html).split("\n")
    return "\n".join(f"<p>{escape(line, quote=False)}</p>" for line in lines if line)


def text_of(html: str) -> str:
    """The text of HTML as a reader sees it, a line a paragraph; scripts and comments are none of it."""
    html = clean(html)
    try:
        check_markup(html)
    except TooMuchMarkup:
        return ""
    body = LexborHTMLParser(html).body
    return (
        "\n".join(line.text for line in read_lines(body) if line.text) if body is not None else ""
    )


def _url_filter(base_url: str) -> Callable[[str, str, str], str | None]:
    images = 0

    def keep(tag: str, attribute: str, value: str) -> str | None:
        nonlocal images
        if attribute not in {"href", "src"}:
            return value
        if tag == "img":
            images += 1
            if images > MAX_IMAGES:
                return None
        return absolute_url(value, base_url)

    return keep
