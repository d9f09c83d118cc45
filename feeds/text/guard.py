"""A linear look at markup before a parser sees it: parsers go quadratic on deep nests and huge tags
(measured: 100,000 levels take lexbor and nh3 more than 25 s, 50,000 attributes lxml 6 s).
"""

import re

from feeds.errors import BaotongError
from feeds.text.characters import words

MAX_CHARACTERS = 10 * 1024 * 1024
MAX_TAGS = 200_000
MAX_ATTRIBUTES = 256
MAX_DEPTH = 512  # sloppy pages leave many a <font> open; real nests stay below 60

# Possessive throughout: no input makes these step back. Attributes are read as the HTML standard
# reads them (section 13.2.5.32 ff.), for a tag hidden from this scan would be a hole in it.
_TOKEN = re.compile(
    r"""<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?)
      | <(?P<close>/?)(?P<name>[a-zA-Z][^\s/>]*+)
        (?P<attributes>(?:[\s/]++|[^\s/>][^\s/>=]*+(?:\s*+=\s*+(?:"[^"]*+"|'[^']*+'|[^\s>"'][^\s>]*+)?)?)*+)>?
      | <[!?/][^>]*+>?
    """,
    re.VERBOSE,
)
_ATTRIBUTE = re.compile(r"[^\s/>=]++(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>\"'][^\s>]*+)?)?")
_VOID = words(
    "area base br col embed hr img input link meta param source track wbr basefont bgsound frame keygen"
)
# Closed by their neighbours, so they nest only as deep as the containers around them.
_SELF_CLOSING = words("p li dd dt option optgroup tr td th tbody thead tfoot colgroup rp rt")
_RAW = words("script style textarea title xmp iframe noembed noframes")
_SHAPES = words(
    "path circle rect line polyline polygon ellipse stop use g image animate defs text tspan mask"
)
_FORMATTING = words("a b big code em font i nobr s small strike strong tt u")
_ALIKE = 3  # of formatting elements with the same attributes a parser reopens no more than three
_NEAR = 64


class TooMuchMarkup(BaotongError):
    """More depth, tags, attributes or characters than a newspaper page has."""


def check_markup(html: str) -> tuple[str, ...]:
    """The elements still open at the end, outermost first: empty for a whole page.

    Raises `TooMuchMarkup` before a parser could be stalled. Takes about 1 µs a tag.
    """
    if len(html) > MAX_CHARACTERS:
        raise TooMuchMarkup(f"网页超过 {MAX_CHARACTERS} 个字符")
    scan = _Scan()
    at = 0
    while match := _TOKEN.search(html, at):
        at = match.end()
        if name := match["name"]:
            at = scan.take(name.lower(), match, html)
    return tuple(scan.open_tags)


class _Scan:
    """What a parser would hold after the tags so far. `reopened` are the formatting elements that it
    opens anew in every block until they are closed (section 13.2.4.3): a page of 1 MB could grow to
    50 million elements by them.
    """

    def __init__(self) -> None:
        self.open_tags: list[str] = []
        self.reopened: list[tuple[str, str]] = []
        self.elements = 0

    def take(self, name: str, match: re.Match[str], html: str) -> int:
        """Opens or closes one tag and returns where to look on: behind the text of a raw element."""
        self._count(1 if name in _FORMATTING else 1 + len(self.reopened))
        if match["close"]:
            self._close(name)
            return match.end()
        _check_attributes(match["attributes"])
        if name in _RAW:
            end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, match.end())
            return end.start() if end else len(html)
        self._open(name, match["attributes"])
        return match.end()

    def _count(self, elements: int) -> None:
        self.elements += elements
        if self.elements > MAX_TAGS:
            raise TooMuchMarkup(f"网页的标签超过 {MAX_TAGS} 个")

    def _open(self, name: str, attributes: str) -> None:
        if name in _VOID or name in _SELF_CLOSING or self._is_shape(name, attributes):
            return
        if name == "a":
            self._end_link()
        if name in _FORMATTING and self.reopened.count((name, attributes)) < _ALIKE:
            self.reopened.append((name, attributes))
        self.open_tags.append(name)
        if len(self.open_tags) > MAX_DEPTH:
            raise TooMuchMarkup(f"网页的标签嵌套超过 {MAX_DEPTH} 层")

    def _end_link(self) -> None:
        """A link ends the one before: old pages are full of `<a name=…>` that nobody closed."""
        self._forget("a")
        for back, tag in enumerate(reversed(self.open_tags[-_NEAR:]), 1):
            if tag == "a":
                del self.open_tags[-back]
                return

    def _is_shape(self, name: str, attributes: str) -> bool:
        """`<path/>` ends at once, but only inside an SVG; elsewhere the slash means nothing."""
        if name not in _SHAPES or not attributes.endswith("/"):
            return False
        around = (tag for tag in reversed(self.open_tags) if tag in {"svg", "foreignobject"})
        return next(around, None) == "svg"

    def _close(self, name: str) -> None:
        """Closes the nearest such tag, but never one outside the table that this end tag stands in."""
        if name in _FORMATTING:
            self._forget(name)
        near = self.open_tags[-_NEAR:]
        for back, tag in enumerate(reversed(near), 1):
            if tag == name:
                del self.open_tags[-back:]
                return
            if tag == "table":
                return

    def _forget(self, name: str) -> None:
        for place in reversed(range(len(self.reopened))):
            if self.reopened[place][0] == name:
                del self.reopened[place]
                return


def _check_attributes(attributes: str) -> None:
    if len(attributes) <= MAX_ATTRIBUTES:
        return
    if sum(1 for _ in _ATTRIBUTE.finditer(attributes)) > MAX_ATTRIBUTES:
        raise TooMuchMarkup(f"一个标签的属性超过 {MAX_ATTRIBUTES} 个")
