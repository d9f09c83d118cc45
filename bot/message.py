"""A message as every channel understands it: parts of lines of spans, frozen before it is sent.

Text is plain here; the channel escapes it. A part is one message in the chat; it becomes JSON when
its delivery is first claimed, so that a retry sends the same words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Span:
    """A run of text: bold, linked, struck out, or plain. `url` is absolute http(s)."""

    text: str
    bold: bool = False
    url: str | None = None
    struck: bool = False


@dataclass(frozen=True, slots=True)
class Line:
    """One line of spans; no newline within."""

    spans: tuple[Span, ...]


@dataclass(frozen=True, slots=True)
class Quote:
    """Lines that a client shows folded."""

    lines: tuple[Line, ...]


Block = Line | Quote


@dataclass(frozen=True, slots=True)
class Button:
    """`url` opens a page; `action` comes back to us (at most 64 bytes; see bot.commands)."""

    text: str
    url: str | None = None
    action: str | None = None


@dataclass(frozen=True, slots=True)
class Part:
    """One message. `reply` makes it answer the first part of its delivery; `answers` names another
    message of the chat that it answers.
    """

    blocks: tuple[Block, ...]
    silent: bool = False
    reply: bool = False
    buttons: tuple[tuple[Button, ...], ...] = ()
    answers: str | None = None

    @property
    def lines(self) -> Iterator[Line]:
        """All lines, those of quotes too."""
        for block in self.blocks:
            yield from block.lines if isinstance(block, Quote) else (block,)


@dataclass(frozen=True, slots=True)
class Limits:
    """What one part may hold: UTF-16 code units and entities of the shown text, bytes of markup."""

    units: int = 4000
    entities: int = 95
    markup_bytes: int = 8000


def part_to_json(part: Part) -> dict[str, Any]:
    """The part as JSON that `part_from_json` gives back whole."""
    return {
        "blocks": [_block_to_json(block) for block in part.blocks],
        "silent": part.silent,
        "reply": part.reply,
        "buttons": [
            [{"text": b.text, "url": b.url, "action": b.action} for b in row]
            for row in part.buttons
        ],
        "answers": part.answers,
    }


def part_from_json(data: Mapping[str, Any]) -> Part:
    """The part that `part_to_json` wrote."""
    return Part(
        blocks=tuple(_block_from_json(block) for block in data["blocks"]),
        silent=data["silent"],
        reply=data["reply"],
        buttons=tuple(tuple(Button(**b) for b in row) for row in data["buttons"]),
        answers=data["answers"],
    )


def _block_to_json(block: Block) -> Any:
    if isinstance(block, Quote):
        return {"quote": [_line_to_json(line) for line in block.lines]}
    return _line_to_json(block)


def _block_from_json(data: Any) -> Block:
    if isinstance(data, dict):
        return Quote(tuple(_line_from_json(line) for line in data["quote"]))
    return _line_from_json(data)


def _line_to_json(line: Line) -> list[list[Any]]:
    return [[span.text, span.bold, span.url, span.struck] for span in line.spans]


def _line_from_json(data: list[list[Any]]) -> Line:
    return Line(tuple(Span(*span) for span in data))
