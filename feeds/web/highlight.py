"""Where the words of a search stand in a text: runs to be marked, and the passage around the first."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from feeds.text.bigrams import phrases

PASSAGE = 110  # characters
_BEFORE = 24  # of them before the first hit
_GAP = "……"


@dataclass(frozen=True, slots=True)
class Run:
    """A run of text, found or not."""

    text: str
    is_hit: bool


def mark(text: str, query: str) -> tuple[Run, ...]:
    """The text in runs that join back to it; those that the query's words match are hits."""
    runs: list[Run] = []
    at = 0
    for begin, end in _hits(text, query):
        if begin > at:
            runs.append(Run(text[at:begin], is_hit=False))
        runs.append(Run(text[begin:end], is_hit=True))
        at = end
    if at < len(text):
        runs.append(Run(text[at:], is_hit=False))
    return tuple(runs)


def passage(text: str, query: str) -> str:
    """About PASSAGE characters of the text around the first of the query's words, on one line; the
    text's beginning where none of them stands in it.
    """
    line = " ".join(text.split())
    hits = _hits(line, query)
    begin = max(0, hits[0][0] - _BEFORE) if hits else 0
    end = min(len(line), begin + PASSAGE)
    return (_GAP if begin else "") + line[begin:end] + (_GAP if end < len(line) else "")


def _hits(text: str, query: str) -> list[tuple[int, int]]:
    """Begin and end of each hit in order; they neither overlap nor touch."""
    pattern = _pattern(query)
    if pattern is None:
        return []
    folded, places = _fold(text)
    found = [
        (places[match.start()], places[match.end() - 1] + 1) for match in pattern.finditer(folded)
    ]
    return _joined(found)


def _joined(spans: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    joined: list[tuple[int, int]] = []
    for begin, end in spans:
        if joined and begin <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((begin, end))
    return joined


def _pattern(query: str) -> re.Pattern[str] | None:
    """Any of the query's words, the longest first; a word of letters or digits only as a whole, as
    the index has it.
    """
    said = {_word(phrase) for phrase in phrases(query)}
    wanted = sorted(said, key=len, reverse=True)
    parts = [rf"(?<![a-z0-9]){w}(?![a-z0-9])" if w.isascii() else re.escape(w) for w in wanted]
    return re.compile("|".join(parts)) if parts else None


def _word(phrase: Sequence[str]) -> str:
    """A phrase of overlapping pairs as it was written."""
    return phrase[0] + "".join(pair[-1] for pair in phrase[1:])


def _fold(text: str) -> tuple[str, list[int]]:
    """The text as the index compares it, and for each of its characters the place where it came from."""
    folded: list[str] = []
    places: list[int] = []
    for place, character in enumerate(text):
        same = unicodedata.normalize("NFKC", character).casefold()
        folded.append(same)
        places.extend([place] * len(same))
    return "".join(folded), places
