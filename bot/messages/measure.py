"""How much a part holds, as Telegram counts: the splitter and the renderer must agree on it.

Text is counted in UTF-16 code units after parsing; entities are runs of bold, links and quotes; the
markup in bytes of UTF-8, tags and escapes included (beyond about 8,000 Telegram drops entities).
"""

from collections.abc import Iterable
from dataclasses import dataclass
from html import escape

from bot.message import Block, Limits, Line, Quote, Span

_BOLD = len("<b></b>")
_STRUCK = len("<s></s>")
_LINK = len('<a href=""></a>')
_QUOTE = len("<blockquote expandable></blockquote>")


@dataclass(frozen=True, slots=True)
class Size:
    """Adds up."""

    units: int = 0
    entities: int = 0
    markup_bytes: int = 0

    def __add__(self, other: "Size") -> "Size":
        return Size(
            self.units + other.units,
            self.entities + other.entities,
            self.markup_bytes + other.markup_bytes,
        )

    def fits(self, limits: Limits) -> bool:
        return (
            self.units <= limits.units
            and self.entities <= limits.entities
            and self.markup_bytes <= limits.markup_bytes
        )


QUOTE_SIZE = Size(0, 1, _QUOTE)


def utf16_units(text: str) -> int:
    """Telegram counts a character beyond the basic plane as two."""
    return len(text) + sum(c > "\uffff" for c in text)


def measure(blocks: Iterable[Block]) -> Size:
    """The size of a whole part; each line is counted with its newline."""
    return sum((measure_block(block) for block in blocks), Size())


def measure_block(block: Block) -> Size:
    if isinstance(block, Quote):
        return sum((measure_line(line) for line in block.lines), QUOTE_SIZE)
    return measure_line(block)


def measure_line(line: Line) -> Size:
    return sum((_measure_span(span) for span in line.spans), Size(1, 0, 1))


def _measure_span(span: Span) -> Size:
    markup = len(escape(span.text).encode())
    markup += _BOLD if span.bold else 0
    markup += _STRUCK if span.struck else 0
    markup += _LINK + len(escape(span.url).encode()) if span.url else 0
    return Size(utf16_units(span.text), span.bold + bool(span.url) + span.struck, markup)
