"""Words for full-text search in a language that writes without spaces: overlapping pairs.

An index of whole words does not find 春耕 in 今年春耕生产, one of trigrams finds nothing shorter than
three characters (measured on FTS5). So a run of Chinese is indexed by its overlapping pairs and its last
character, and 春耕生产 is searched for as the phrase 春耕 耕生 生产.
"""

import re
import unicodedata

LONGEST = 16_000  # characters of one text that are indexed: positions in a tsvector end at 16,383
_RUN = re.compile(r"[a-z0-9]+|[^\W_a-z0-9]+")


def index_words(text: str) -> str:
    """The words of a text in order, apart by spaces."""
    return " ".join(word for run in _runs(text[:LONGEST]) for word in _words(run, whole=True))


def phrases(query: str) -> tuple[tuple[str, ...], ...]:
    """The phrases that a query means, each a run of words that must follow one another. A phrase of
    one Chinese character is the beginning of a pair.
    """
    return tuple(tuple(_words(run, whole=False)) for run in _runs(query))


def _runs(text: str) -> list[str]:
    return _RUN.findall(unicodedata.normalize("NFKC", text).casefold())


def _words(run: str, *, whole: bool) -> list[str]:
    if run.isascii():
        return [run]
    pairs = [run[at : at + 2] for at in range(len(run) - 1)]
    return [*pairs, run[-1]] if whole or not pairs else pairs
