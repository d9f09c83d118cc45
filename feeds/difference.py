"""What changed between two texts, by words: for pages and chats that show a correction."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

# A word of letters or digits is one token; every other character, Chinese ones too, is its own.
_TOKEN = re.compile(r"[A-Za-z0-9]+|.", re.DOTALL)
MOST_TOKENS = 4000  # of the differing middle; beyond, difflib could take minutes


class Op(StrEnum):
    """What became of a piece."""

    SAME = "same"
    REMOVED = "removed"
    ADDED = "added"


@dataclass(frozen=True, slots=True)
class Piece:
    """A run of text. All pieces but ADDED join to the text before, all but REMOVED to the one after."""

    op: Op
    text: str


def difference(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces of both texts in order, removed before added; one SAME piece for equal texts. Where
    very long texts differ throughout, the whole of the middle is one removal and one addition.
    """
    old, new = _TOKEN.findall(before), _TOKEN.findall(after)
    head = _common(old, new)
    tail = _common(old[head:][::-1], new[head:][::-1])
    middle = _middle(old[head : len(old) - tail], new[head : len(new) - tail])
    pieces = (
        (Op.SAME, "".join(old[:head])),
        *middle,
        (Op.SAME, "".join(old[len(old) - tail :])),
    )
    return tuple(_merged(pieces))


def _common(old: list[str], new: list[str]) -> int:
    """How many tokens both begin with."""
    length = 0
    for one, other in zip(old, new, strict=False):
        if one != other:
            break
        length += 1
    return length


def _middle(old: list[str], new: list[str]) -> Iterator[tuple[Op, str]]:
    if max(len(old), len(new)) > MOST_TOKENS:
        yield Op.REMOVED, "".join(old)
        yield Op.ADDED, "".join(new)
        return
    matcher = SequenceMatcher(None, old, new, autojunk=False)
    for _tag, begin, end, new_begin, new_end in matcher.get_opcodes():
        removed, added = "".join(old[begin:end]), "".join(new[new_begin:new_end])
        if removed == added:
            yield Op.SAME, removed
        else:
            yield Op.REMOVED, removed
            yield Op.ADDED, added


def _merged(pieces: tuple[tuple[Op, str], ...]) -> Iterator[Piece]:
    """Without empty pieces; neighbours of one kind are one."""
    op, text = Op.SAME, ""
    for next_op, next_text in pieces:
        if not next_text:
            continue
        if next_op is op:
            text += next_text
            continue
        if text:
            yield Piece(op, text)
        op, text = next_op, next_text
    yield Piece(op, text)
