"""Neutral parts → the small markdown that group robots understand: bold, links, quotes.

None of them knows an escape, so what would be markup in a text becomes its full-width twin.
"""

from collections.abc import Iterator

from bot.message import Line, Part, Quote, Span

_TWINS = str.maketrans("*[]<>`_~#\\", "＊［］＜＞｀＿～＃＼")
_IN_URL = str.maketrans({"(": "%28", ")": "%29", " ": "%20", "<": "%3C", ">": "%3E"})
MORE = "……"


def render_markdown(part: Part, most_bytes: int, newline: str = "\n") -> str:
    """At most `most_bytes` of UTF-8: whole lines, as many as fit, and a sign where some did not.
    Buttons that open a page are a last line of links.
    """
    lines = list(_lines(part))
    if _size(lines, newline) <= most_bytes:
        return newline.join(lines)
    while lines and _size([*lines, MORE], newline) > most_bytes:
        lines.pop()
    return newline.join([*lines, MORE])


def render_text(part: Part, most_bytes: int) -> str:
    """The words alone, cut between two characters where they are too long."""
    text = "\n".join("".join(span.text for span in line.spans) for line in lines_of(part))
    return text.encode("utf-8", "replace")[:most_bytes].decode("utf-8", "ignore")


def lines_of(part: Part) -> Iterator[Line]:
    """All lines, those of quotes too."""
    for block in part.blocks:
        yield from block.lines if isinstance(block, Quote) else (block,)


def first_line(part: Part) -> str:
    """The first line's words, for a title."""
    return render_text(part, 1 << 16).partition("\n")[0]


def link_buttons(part: Part) -> list[tuple[str, str]]:
    """The words and pages of the buttons that open one."""
    return [(b.text, b.url) for row in part.buttons for b in row if b.url is not None]


def _lines(part: Part) -> Iterator[str]:
    for block in part.blocks:
        if isinstance(block, Quote):
            yield from ("> " + _spans(line.spans) for line in block.lines)
        else:
            yield _spans(block.spans)
    if buttons := link_buttons(part):
        yield " · ".join(_span(Span(text, url=url)) for text, url in buttons)


def _spans(spans: tuple[Span, ...]) -> str:
    return "".join(_span(span) for span in spans)


def _span(span: Span) -> str:
    text = span.text.translate(_TWINS)
    if span.url:
        text = f"[{text}]({span.url.translate(_IN_URL)})"
    return f"**{text}**" if span.bold and text.strip() else text


def _size(lines: list[str], newline: str) -> int:
    return len(newline.join(lines).encode("utf-8", "replace"))
