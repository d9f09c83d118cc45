"""HTML as a reader sees it: a sequence of lines, each a run of inline text between two breaks.

This is what label reading stands on: tags and classes differ from paper to paper, what stands on a
line of its own for the eye does not.
"""

import re
from dataclasses import dataclass, field
from itertools import pairwise

from selectolax.lexbor import LexborNode

from feeds.text.characters import clean, join_wrapped, words

_SKIPPED = words(
    "head script style noscript template iframe object embed svg math textarea audio video canvas "
    "map select datalist frameset noframes xmp title"
)
_INLINE = words(
    "a abbr acronym b bdi bdo big cite code data del dfn em font i ins kbd label mark nobr q rp rt ruby "
    "s samp small span strike strong sub sup time tt u var wbr img input button picture source"
)
_BREAKS = words("br hr")
_STYLES = {"b": "strong", "strong": "strong", "em": "em", "i": "em", "sub": "sub", "sup": "sup"}
_CHROME_TAGS = words("nav footer aside menu dialog")
_CHROME_CLASS = re.compile(
    r"(?:^|[\s_-])(?:ad|ads|advert|advertisement|guanggao|share|bdsharebuttonbox|related|recommend|"
    r"comments?|nav|navbar|navigation|menu|footer|foot|copyright|breadcrumbs?|crumbs?|modal|dialog|"
    r"popup|pop|toast|mask|toolbar|sidebar|aside|pager|pagination|qrcode)(?=$|[\s_-])",
    re.IGNORECASE,
)
_HIDDEN_STYLE = re.compile(
    r"(?:display\s*:\s*none|visibility\s*:\s*(?:hidden|collapse))", re.IGNORECASE
)
_DISPLAY = re.compile(r"display\s*:\s*([a-z-]+)", re.IGNORECASE)
_PRESERVED = re.compile(r"white-space\s*:\s*(?:pre|break-spaces)", re.IGNORECASE)
_ONCLICK_URL = re.compile(
    r"(?:location(?:\.href)?\s*=|location\.(?:assign|replace)\s*\(|window\.open\s*\()\s*"
    r"[\"']([^\"'<>\s]{1,2000})[\"']"
)
_INDENT = re.compile("[\u3000\u2003]{2,}|\xa0{4,}")
_AFTER_STOP = re.compile("[。！？”」；!?][\u3000\u2003\xa0]{2}")
_STOPS = ("。", "！", "？", "”", "!", "?", "；", "」")
_SOLID = 30
_ENDLESS = 300


@dataclass(slots=True, eq=False)
class Block:
    """A block element around lines. `index` grows in document order; the body is 0."""

    index: int
    parent: "Block | None"
    tag: str
    mark: str
    chrome: bool
    preserved: bool


@dataclass(slots=True, eq=False)
class Link:
    """An `<a>`, or a button that leads somewhere. `href` is raw, None where nothing is linked."""

    href: str | None
    text: str = ""


@dataclass(slots=True, eq=False)
class Run:
    """A piece of a line in one style: one text node, or an image (`image` is its raw `src`)."""

    text: str
    link: Link | None = None
    style: str | None = None
    parent: int = 0
    group: str = ""
    image: str | None = None


@dataclass(slots=True, eq=False)
class Line:
    """One line. `raw` keeps source line breaks; `text` is its text as a paragraph flows. `links` are those
    on it, each once, and `linked` is how many of its characters are inside links.
    """

    block: Block
    runs: list[Run] = field(default_factory=list)
    raw: str = ""
    text: str = ""
    links: list[Link] = field(default_factory=list)
    linked: int = 0

    @property
    def images(self) -> list[Run]:
        return [run for run in self.runs if run.image is not None]

    @property
    def is_blank(self) -> bool:
        """Whether it is nothing but white space, as between two tags of the source."""
        return all(run.text.isspace() for run in self.runs)

    @property
    def is_strong(self) -> bool:
        """Whether all of its text is bold."""
        return all(run.style == "strong" for run in self.runs if run.text.strip())


def read_lines(root: LexborNode, *, with_hidden: bool = False) -> list[Line]:
    """The lines of a tree in document order, without scripts, templates and what is hidden.

    `with_hidden` reads hidden elements too, for pages that show their text by script.
    """
    walker = _Walker(root, with_hidden=with_hidden)
    walker.walk(root)
    _drop_endless_links(walker.lines)
    parts = [part for line in walker.lines if not line.is_blank for part in _split(line)]
    for part in parts:
        _finish(part)
    return [part for part in parts if part.text or part.images]


def _drop_endless_links(lines: list[Line]) -> None:
    """Forgets a link that holds most of the page: it was never closed, and parsers carry it on."""
    held: dict[str | None, int] = {}
    whole = 0
    for line in lines:
        for run in line.runs:
            whole += len(run.text)
            if run.link is not None:
                held[run.link.href] = held.get(run.link.href, 0) + len(run.text)
    endless = {href for href, length in held.items() if length > _ENDLESS and 2 * length > whole}
    if not endless:
        return
    for line in lines:
        for run in line.runs:
            if run.link is not None and run.link.href in endless:
                run.link = None


class _Walker:
    """One pass without recursion: depth in a page is the page's own affair."""

    def __init__(self, root: LexborNode, *, with_hidden: bool) -> None:
        self.with_hidden = with_hidden
        self.block = Block(0, None, root.tag or "", "", False, False)
        self.blocks = 1
        self.lines: list[Line] = []
        self.line = Line(self.block)
        self.link: Link | None = None
        self.style: str | None = None

    def walk(self, root: LexborNode) -> None:
        stack: list[tuple[LexborNode, Block, Link | None, str | None]] = []
        node = root.first_child
        while True:
            if node is None:
                if not stack:
                    break
                node = self._leave(stack.pop()).next
            elif (child := self._enter(node)) is not None:
                stack.append((node, *self.outer))
                node = child
            else:
                node = node.next
        self._break()

    def _enter(self, node: LexborNode) -> LexborNode | None:
        """Takes a node in and returns its first child where it is to be walked into."""
        tag = node.tag
        if tag == "-text":
            self._text(node.text_content or "", node)
            return None
        if tag is None or tag[0] == "-" or tag in _SKIPPED:
            return None
        if tag in _BREAKS:
            self._break()
            return None
        return self._element(node, tag)

    def _element(self, node: LexborNode, tag: str) -> LexborNode | None:
        attributes = node.attributes
        style = attributes.get("style") or ""
        if not self.with_hidden and is_hidden(tag, attributes, style):
            return None
        if tag in {"img", "input"}:
            self._void(tag, attributes)
            return None
        if (child := node.first_child) is None:
            return None
        self.outer = (self.block, self.link, self.style)
        if _is_block(tag, style):
            self._open_block(tag, attributes, style)
        else:
            self.style = _STYLES.get(tag, self.style)
        if attributes or tag == "button":
            self._open_link(tag, attributes)
        return child

    def _leave(self, frame: tuple[LexborNode, Block, Link | None, str | None]) -> LexborNode:
        node, block, self.link, self.style = frame
        if block is not self.block:
            self._break()
            self.block = block
            self.line.block = block
        return node

    def _open_block(self, tag: str, attributes: dict[str, str | None], style: str) -> None:
        self._break()
        parent, mark = self.block, ""
        if attributes:
            mark = f"{attributes.get('class') or ''} {attributes.get('id') or ''}".strip()
        chrome = parent.chrome or tag in _CHROME_TAGS or bool(mark and _CHROME_CLASS.search(mark))
        preserved = parent.preserved or tag == "pre" or bool(style and _PRESERVED.search(style))
        self.block = Block(self.blocks, parent, tag, mark, chrome, preserved)
        self.blocks += 1
        self.line.block = self.block

    def _open_link(self, tag: str, attributes: dict[str, str | None]) -> None:
        onclick = attributes.get("onclick")
        if tag == "a" and "href" in attributes:
            self.link = Link(_target(attributes.get("href"), onclick))
        elif tag == "button" or (
            onclick and (tag in _INLINE or tag == "li" or _ONCLICK_URL.search(onclick))
        ):
            self.link = Link(_target(None, onclick))

    def _void(self, tag: str, attributes: dict[str, str | None]) -> None:
        if tag == "img":
            source = next((attributes[name] for name in _SOURCES if attributes.get(name)), None)
            self.line.runs.append(
                Run("", self.link, image=source or "", group=attributes.get("alt") or "")
            )
        elif attributes.get("type") in {"button", "submit"} and attributes.get("value"):
            link = Link(_target(None, attributes.get("onclick")))
            self.line.runs.append(Run(attributes["value"] or "", link))

    def _text(self, text: str, node: LexborNode) -> None:
        if not self.block.preserved or "\n" not in text:
            self._run(text, node)
            return
        for number, part in enumerate(text.split("\n")):
            if number:
                self._break()
            self._run(part, node)

    def _run(self, text: str, node: LexborNode) -> None:
        parent = node.parent
        key = parent.mem_id if parent is not None else 0
        self.line.runs.append(Run(text, self.link, self.style, key))

    def _break(self) -> None:
        if self.line.runs:
            self.lines.append(self.line)
            self.line = Line(self.block)


_SOURCES = ("data-original", "data-src", "data-lazy-src", "src")


def is_hidden(tag: str, attributes: dict[str, str | None], style: str) -> bool:
    """Whether a browser without the page's own style sheet would not show the element."""
    return (
        "hidden" in attributes
        or (bool(style) and _HIDDEN_STYLE.search(style) is not None)
        or (tag == "dialog" and "open" not in attributes)
        or (tag == "input" and attributes.get("type") == "hidden")
    )


def _is_block(tag: str, style: str) -> bool:
    if style and (display := _DISPLAY.search(style)):
        return not display[1].lower().startswith(("inline", "contents", "none"))
    if "-" in tag:  # custom elements: uni-app's <uni-view> is a block, <uni-text> is not
        return not tag.endswith(("-text", "-span", "-link", "-icon", "-label"))
    return tag not in _INLINE


def _target(href: str | None, onclick: str | None) -> str | None:
    """Where a link leads, or None: `#`, `javascript:` and nothing lead nowhere unless its script
    plainly names an address.
    """
    href = (href or "").strip()
    if href and not href.lower().startswith(("#", "javascript:", "void(")):
        return href
    match = _ONCLICK_URL.search(onclick or href)
    return match[1] if match else None


def _split(line: Line) -> list[Line]:
    """A line, or the paragraphs in it where a page sets them without breaks: one `<span>` each (made
    blocks by a style sheet), or one after the other with an indent of U+3000.
    """
    if sum([len(run.text) for run in line.runs]) < 3 * _SOLID:
        return [line]
    parts = _split_spans(line) if len(line.runs) > 2 else [line]  # noqa: PLR2004 - three make a row
    return [piece for part in parts for piece in _split_indents(part)]


def _finish(line: Line) -> None:
    """Fills in what its runs say."""
    line.raw = clean("".join([run.text for run in line.runs]))
    line.text = join_wrapped(line.raw)
    texts: dict[Link, list[str]] = {}
    for run in line.runs:
        if run.link is not None:
            line.linked += len(run.text.strip())
            texts.setdefault(run.link, []).append(run.text)
    line.links = list(texts)
    for link, parts in texts.items():
        link.text = link.text or join_wrapped(clean("".join(parts)))


def _split_spans(line: Line) -> list[Line]:
    groups: list[list[Run]] = []
    for run in line.runs:
        if groups and (run.parent == groups[-1][-1].parent or not run.text.strip()):
            groups[-1].append(run)
        else:
            groups.append([run])
    if sum(map(_is_paragraph, groups)) < 3:  # noqa: PLR2004 - two may be one paragraph in two styles
        return [line]
    if any(not _is_paragraph(left) and _length(left) > 2 * _SOLID for left, _ in pairwise(groups)):
        return [line]
    return [Line(line.block, group) for group in groups]


def _is_paragraph(runs: list[Run]) -> bool:
    text = "".join(run.text for run in runs).strip()
    return len(text) > _SOLID and text.endswith(_STOPS)


def _length(runs: list[Run]) -> int:
    return sum(len(run.text.strip()) for run in runs)


def _split_indents(line: Line) -> list[Line]:
    if not any(_AFTER_STOP.search(run.text) for run in line.runs):
        return [line]
    lines = [Line(line.block)]
    for run in line.runs:
        for number, text in enumerate(_INDENT.split(run.text)):
            if number:
                lines.append(Line(line.block))
            lines[-1].runs.append(Run(text, run.link, run.style, run.parent, run.group, run.image))
    return lines
