"""A linear look at markup before a parser sees it: parsers go quadratic on deep nests and huge tags
(measured: 100,000 levels take lexbor and nh3 more than 25 s, 50,000 attributes lxml 6 s).
"""

import re

from feeds.errors import BaotongError
from feeds.text.characters import words

MAX_CHARACTERS = 10 * 1024 * 1024
MAX_TAGS = 200_000
MAX_HIDDEN = 10_000
MAX_ATTRIBUTES = 256
MAX_DEPTH = 512  # sloppy pages leave many a <font> open; real nests stay below 60

# Possessive throughout: no input makes these step back. Attributes are read as the HTML standard
# reads them (section 13.2.5.32 ff.), for a tag hidden from this scan would be a hole in it. So white
# space is HTML's alone: U+3000 and the vertical tab are letters to a parser.
_SPACE = r" \t\n\f\r"
_VALUE = rf"""(?:[{_SPACE}]*+=[{_SPACE}]*+(?:"[^"]*+"|'[^']*+'|[^{_SPACE}>"'][^{_SPACE}>]*+)?)?"""
_TOKEN = re.compile(
    rf"""<!--(?:-?>|(?:[^-]++|-(?!-!?>))*+(?:--!?>)?)
      | <(?P<close>/?)(?P<name>[a-zA-Z][^{_SPACE}/>]*+)
        (?P<attributes>(?:[{_SPACE}/]++|[^{_SPACE}/>][^{_SPACE}/>=]*+{_VALUE})*+)>?
      | <[!?/][^>]*+>?
    """,
    re.VERBOSE,
)
_BEGUN = re.compile("</?[a-zA-Z]")
_ATTRIBUTE = re.compile(rf"[^{_SPACE}/>=]++{_VALUE}")
_VOID = words(
    "area base br col embed hr img input link meta param source track wbr basefont bgsound frame keygen"
)
# Closed by their neighbours, so they nest only as deep as the containers around them.
_SELF_CLOSING = words("p li dd dt option optgroup tr td th tbody thead tfoot colgroup rp rt")
_FLAT = _VOID | _SELF_CLOSING
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
        close, name, attributes = match.groups()
        if name is None:
            continue
        if name.isascii():  # else no name that is known: to a parser a Kelvin sign is no k
            name = name.lower()
        scan.count(name)
        if not close and len(attributes) > MAX_ATTRIBUTES:
            _check_attributes(attributes)
        if name in _FLAT:
            continue
        if close:
            scan.close(name)
        elif name in _RAW:
            at = _end_of_raw(name, html, at)
        else:
            scan.open(name, attributes)
    if html.count("<") - scan.tags > MAX_HIDDEN:
        _check_hidden(html, scan.tags)
    return tuple(scan.open_tags)


def _check_hidden(html: str, tags: int) -> None:
    """Not every text that this scan skips is text to a parser: in an SVG or a `<select>` a `<title>` hides
    nothing. Which it is depends on the whole tree, so what is skipped may not hold many tags either.
    """
    if sum(1 for _ in _BEGUN.finditer(html)) - tags > MAX_HIDDEN:
        raise TooMuchMarkup(f"网页的脚本和注释里的标签超过 {MAX_HIDDEN} 个")


def _end_of_raw(name: str, html: str, at: int) -> int:
    """Where to look on behind the text of a raw element."""
    end = re.compile(rf"</{name}(?=[{_SPACE}/>])", re.IGNORECASE | re.ASCII).search(html, at)
    return end.start() if end else len(html)


class _Scan:
    """What a parser would hold after the tags so far. `reopened` are the formatting elements that it
    opens anew in every block until they are closed (section 13.2.4.3): a page of 1 MB could grow to
    50 million elements by them.
    """

    def __init__(self) -> None:
        self.open_tags: list[str] = []
        self.reopened: list[tuple[str, str]] = []
        self.tags = 0
        self.elements = 0

    def count(self, name: str) -> None:
        self.tags += 1
        self.elements += 1 if name in _FORMATTING else 1 + len(self.reopened)
        if self.elements > MAX_TAGS:
            raise TooMuchMarkup(f"网页的标签超过 {MAX_TAGS} 个")

    def open(self, name: str, attributes: str) -> None:
        if name in _FORMATTING:
            self._open_formatting(name, attributes)
        elif name in _SHAPES and self._is_shape(attributes):
            return
        self.open_tags.append(name)
        if len(self.open_tags) > MAX_DEPTH:
            raise TooMuchMarkup(f"网页的标签嵌套超过 {MAX_DEPTH} 层")

    def close(self, name: str) -> None:
        """Closes the nearest such tag, but never one outside the table that this end tag stands in."""
        if name in _FORMATTING:
            self._forget(name)
        if self.open_tags and self.open_tags[-1] == name:  # nearly always
            self.open_tags.pop()
            return
        for back, tag in enumerate(reversed(self.open_tags[-_NEAR:]), 1):
            if tag == name:
                del self.open_tags[-back:]
            if tag in (name, "table"):
                return

    def _open_formatting(self, name: str, attributes: str) -> None:
        if name == "a":
            self._end_link()
        if self.reopened.count((name, attributes)) < _ALIKE:
            self.reopened.append((name, attributes))

    def _end_link(self) -> None:
        """A link ends the one before: old pages are full of `<a name=…>` that nobody closed."""
        self._forget("a")
        for back, tag in enumerate(reversed(self.open_tags[-_NEAR:]), 1):
            if tag == "a":
                del self.open_tags[-back]
                return

    def _is_shape(self, attributes: str) -> bool:
        """`<path/>` ends at once, but only inside an SVG; elsewhere the slash means nothing."""
        if not attributes.endswith("/"):
            return False
        around = (tag for tag in reversed(self.open_tags) if tag in {"svg", "foreignobject"})
        return next(around, None) == "svg"

    def _forget(self, name: str) -> None:
        for place in reversed(range(len(self.reopened))):
            if self.reopened[place][0] == name:
                del self.reopened[place]
                return


def _check_attributes(attributes: str) -> None:
    if sum(1 for _ in _ATTRIBUTE.finditer(attributes)) > MAX_ATTRIBUTES:
        raise TooMuchMarkup(f"一个标签的属性超过 {MAX_ATTRIBUTES} 个")
