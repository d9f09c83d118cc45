"""The newsstand: all papers of the settings, found by name in a moment, be they fifty thousand."""

import difflib
import heapq
import unicodedata
from collections.abc import Iterator, Sequence

from bot.messages.actions import about_source
from config.models import SourceConfig

LIKE_ENOUGH = 0.5  # of difflib's ratio, for a name that was misspelt
_COMPARED = 50  # names that difflib looks at: those with most letters in common


class Stand:
    """Built once; holds what every look-up needs."""

    def __init__(self, papers: Sequence[SourceConfig]) -> None:
        self.papers = tuple(papers)
        self._by_id = {paper.id: paper for paper in papers}
        self._by_button = {about_source(paper.id): paper for paper in papers}
        self._names = [(fold_name(paper.id), fold_name(paper.title)) for paper in papers]
        self._exact: dict[str, list[SourceConfig]] = {}
        for paper, names in zip(self.papers, self._names, strict=True):
            for name in set(names):
                self._exact.setdefault(name, []).append(paper)

    def get(self, source: str) -> SourceConfig | None:
        """The paper with this id."""
        return self._by_id.get(source)

    def of_button(self, about: str) -> SourceConfig | None:
        """The paper that a button means."""
        return self._by_button.get(about)

    def exactly(self, name: str) -> SourceConfig | None:
        """The one paper whose id or title this is."""
        found = self._exact.get(fold_name(name), [])
        return found[0] if len(found) == 1 else None

    def find(self, name: str) -> SourceConfig | None:
        """The paper that a person means: its id, its title, a part of it, or nearly so. A name that
        fits two papers equally well means neither.
        """
        wanted = fold_name(name)
        if not wanted:
            return None
        for found in (self._exact.get(wanted, []), self.search(name)):
            if found:
                return found[0] if len(found) == 1 else None
        return self._nearest(wanted)

    def search(self, words: str) -> list[SourceConfig]:
        """Papers whose name holds these words, or is held by them; all, where there are none."""
        wanted = fold_name(words)
        return [
            paper
            for paper, names in zip(self.papers, self._names, strict=True)
            if not wanted or any(wanted in name or name in wanted for name in names)
        ]

    def _nearest(self, wanted: str) -> SourceConfig | None:
        letters = set(wanted)
        names = ((name, at) for at, pair in enumerate(self._names) for name in pair)
        common = heapq.nlargest(
            _COMPARED, names, key=lambda name: len(letters.intersection(name[0]))
        )
        likeness, at = max(
            ((difflib.SequenceMatcher(None, wanted, name).ratio(), at) for name, at in common),
            default=(0.0, -1),
        )
        return self.papers[at] if likeness >= LIKE_ENOUGH else None

    def __iter__(self) -> Iterator[SourceConfig]:
        return iter(self.papers)

    def __len__(self) -> int:
        return len(self.papers)


def fold_name(text: str) -> str:
    """As names are compared: of one width and case, without 《》."""
    return unicodedata.normalize("NFKC", text[:200]).strip().strip("《》").casefold()
