"""A fetched document opened for reading: decoded, guarded, parsed, and laid out in lines."""

import re
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from urllib.parse import urlsplit

from selectolax.lexbor import LexborHTMLParser, LexborNode, SelectolaxError

from feeds.errors import NotReadable, Unreadable
from feeds.models import Document
from feeds.sources.links import is_same_site, resolve
from feeds.text import Line, TooMuchMarkup, absolute_url, check_markup, decode, one_line, read_lines

_UNFINISHED = re.compile(r"<(?:[a-zA-Z/!][^<>]{0,2000})?\Z")
_END = re.compile("</(?ai:html|body)")
_CONTAINERS = frozenset(
    {"div", "table", "section", "article", "main", "ul", "ol", "dl", "form", "script"}
)


@dataclass(slots=True)
class WebPage:
    """`base` is what links are relative to; `unclosed` are the elements left open at the end; `title` is
    the `<title>`, which often names the site and not the article.
    """

    url: str
    base: str
    html: str
    tree: LexborHTMLParser
    unclosed: tuple[str, ...]
    title: str = ""
    lines: list[Line] = field(default_factory=list)
    _links: dict[str, str | None] = field(default_factory=dict, init=False, repr=False)

    @property
    def body(self) -> LexborNode | None:
        return self.tree.body or self.tree.root

    def with_hidden(self) -> "WebPage":
        """The page as its scripts may show it: with the elements that are hidden at first."""
        lines = read_lines(self.body, with_hidden=True) if self.body is not None else []
        return replace(self, lines=lines)

    def meta(self, *names: str) -> str | None:
        """The content of the first `<meta>` of one of these names (in lower case), where not blank."""
        for node in self.tree.tags("meta"):
            told = node.attributes
            if any((told.get(key) or "").lower() in names for key in ("name", "property")):
                return one_line(told.get("content") or "") or None
        return None

    def link(self, href: str | None) -> str | None:
        """Where a raw `href` leads, absolute and without fragment; None where nowhere on the web."""
        if href is None:
            return None
        if href not in self._links:  # each is asked for several times, and is dear to resolve
            self._links[href] = resolve(href, self.base)
        return self._links[href]

    @property
    def is_cut(self) -> bool:
        """Whether the document stops before its end: inside a tag, or, though it began as a whole
        page, without an end tag and with containers still open.
        """
        if _UNFINISHED.match(self.html, max(self.html.rfind("<"), 0)):
            return True
        begins = "<html" in self.html[:2000].lower()
        return begins and not self.has_end and not _CONTAINERS.isdisjoint(self.unclosed)

    @property
    def has_end(self) -> bool:
        """Whether the end tag of the whole page or its body is there."""
        return _END.search(self.html, max(len(self.html) - 2000, 0)) is not None


def open_page(document: Document, prepare: Callable[[str], str] | None = None) -> WebPage:
    """The page of a document. `prepare` changes its markup before it is parsed (`feeds.sources.prepare`).

    Raises `NotReadable`: EMPTY for no bytes, TOO_DEEP for what no parser may see, UNKNOWN for
    what is no text (a PDF, an image).
    """
    if not document.body.strip():
        raise NotReadable(document.url, Unreadable.EMPTY, "网页是空的")
    if document.body.startswith(_BINARY):
        raise NotReadable(
            document.url, Unreadable.UNKNOWN, "这不是网页,是一个文件(PDF、图片或压缩包)"
        )
    html = decode(document.body, document.content_type).replace("\0", "")
    if prepare is not None:
        html = prepare(html)
    shown = _without_noscript(html)
    try:
        unclosed = check_markup(shown)
    except TooMuchMarkup as error:
        raise NotReadable(document.url, Unreadable.TOO_DEEP, str(error)) from error
    try:
        tree = LexborHTMLParser(shown)
    except SelectolaxError as error:  # what it says where it is given no more memory
        raise NotReadable(document.url, Unreadable.TOO_DEEP, "读这一页要的内存太多") from error
    page = WebPage(document.url, _base(document.url, tree), html, tree, unclosed, _title(tree))
    if (body := page.body) is not None:
        page.lines = read_lines(body)
    return page


def _title(tree: LexborHTMLParser) -> str:
    node = next(iter(tree.tags("title")), None)
    return one_line(node.text()) if node is not None else ""


def _without_noscript(html: str) -> str:
    """Takes out what a browser with scripts never shows; a parser without them spills it from a head."""
    kept, at = list[str](), 0
    while start := _NOSCRIPT.search(html, at):
        end = _NOSCRIPT_END.search(html, start.end())
        if end is None:
            break
        kept.append(html[at : start.start()])
        at = end.end()
    return "".join(kept) + html[at:]


_NOSCRIPT = re.compile("<noscript", re.IGNORECASE | re.ASCII)
_NOSCRIPT_END = re.compile("</noscript[^>]*+>?", re.IGNORECASE | re.ASCII)
_BINARY = (b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"PK\x03\x04", b"\x1f\x8b", b"RIFF")


def _base(url: str, tree: LexborHTMLParser) -> str:
    """`<base href>` is honoured only where it stays on the page's own host."""
    hrefs = [node.attributes["href"] for node in tree.tags("base") if "href" in node.attributes]
    href = hrefs[0] if hrefs else None
    base = absolute_url(href, url) if href else None
    return base if base and is_same_site(base, url) and urlsplit(base).scheme else url
