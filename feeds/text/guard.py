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
MAX_REOPENED = 200_000  # elements: 60 of them open all through a page of 3,000 tags

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
# Left open at the end of their block, they are opened again in the next by every parser (HTML standard,
# section 13.2.4.3): 500 open <font> and 20,000 <p> were ten million elements from 85 KB.
_FORMATTING = words("a b big code em font i nobr s small strike strong tt u")
_RAW = words("script style textarea title xmp iframe noembed noframes")
_SHAPES = words(
    "path circle rect line polyline polygon ellipse stop use g image animate defs text tspan mask"
)
_NEAR = 64


class TooMuchMarkup(BaotongError):
    """More depth, tags, attributes or characters than a newspaper page has."""


def check_markup(html: str) -> tuple[str, ...]:
    """The elements still open at the end, outermost first: empty for a whole page.

    Raises `TooMuchMarkup` before a parser could be stalled. Takes about 1 µs a tag.
    """
    if len(html) > MAX_CHARACTERS:
        raise TooMuchMarkup(f"网页超过 {MAX_CHARACTERS} 个字符")
    open_tags = _OpenTags()
    tags = at = reopened = 0
    while match := _TOKEN.search(html, at):
        at = match.end()
        if not (name := match["name"]):
            continue
        tags += 1
        if tags > MAX_TAGS:
            raise TooMuchMarkup(f"网页的标签超过 {MAX_TAGS} 个")
        at = _follow(html, at, name.lower(), match, open_tags)
        reopened += open_tags.formatting
        if reopened > MAX_REOPENED:
            raise TooMuchMarkup("网页里没有关上的标签太多")
    return tuple(open_tags.names)


class _OpenTags:
    """The names of the open elements, outermost first, and how many of them are formatting."""

    def __init__(self) -> None:
        self.names: list[str] = []
        self.formatting = 0

    def open(self, name: str) -> None:
        self.names.append(name)
        self.formatting += name in _FORMATTING
        if len(self.names) > MAX_DEPTH:
            raise TooMuchMarkup(f"网页的标签嵌套超过 {MAX_DEPTH} 层")

    def close(self, name: str) -> None:
        """Closes the nearest such tag, but never one outside the table that this end tag stands in."""
        near = self.names[-_NEAR:]
        for back, tag in enumerate(reversed(near), 1):
            if tag == name:
                self.formatting -= sum(closed in _FORMATTING for closed in near[-back:])
                del self.names[-back:]
                return
            if tag == "table":
                return


def _follow(html: str, at: int, name: str, match: re.Match[str], open_tags: _OpenTags) -> int:
    """Opens or closes one tag and returns where to look on: behind the text of a raw element."""
    if match["close"]:
        open_tags.close(name)
        return at
    _check_attributes(match["attributes"])
    if name in _RAW:
        end = re.compile(rf"</{name}(?=[\s/>])", re.IGNORECASE).search(html, at)
        return end.start() if end else len(html)
    is_shape = _is_shape(name, match, open_tags.names)
    if name not in _VOID and name not in _SELF_CLOSING and not is_shape:
        open_tags.open(name)
    return at


def _is_shape(name: str, match: re.Match[str], open_tags: list[str]) -> bool:
    """`<path/>` ends at once, but only inside an SVG; elsewhere the slash means nothing."""
    if name not in _SHAPES or not match["attributes"].endswith("/"):
        return False
    around = next((tag for tag in reversed(open_tags) if tag in {"svg", "foreignobject"}), None)
    return around == "svg"


def _check_attributes(attributes: str) -> None:
    if len(attributes) <= MAX_ATTRIBUTES:
        return
    if sum(1 for _ in _ATTRIBUTE.finditer(attributes)) > MAX_ATTRIBUTES:
        raise TooMuchMarkup(f"一个标签的属性超过 {MAX_ATTRIBUTES} 个")
