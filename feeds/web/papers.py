"""Which newspapers there are, as the settings name them now, and what may be shown of each."""

from collections.abc import Sequence

from config.models import Settings
from feeds.models import Paper
from feeds.writers.entries import paper_of


class Papers:
    """The settings' view of the archive's papers. An archived one that is no longer configured keeps
    its own name and stays readable.
    """

    def __init__(self, settings: Settings) -> None:
        self._is_public = settings.is_public
        self._content = {source.id: settings.content_of(source) for source in settings.sources}
        self._configs = {source.id: source for source in settings.sources}
        self._papers = {source.id: paper_of(source) for source in settings.sources}

    def all(self, archived: Sequence[Paper]) -> tuple[Paper, ...]:
        """Those of the settings in their order, then those that only the archive remembers."""
        others = (paper for paper in archived if paper.id not in self._papers)
        return (*self._papers.values(), *others)

    def configured(self, source: str) -> Paper | None:
        """The paper as the settings name it, or None where they do not."""
        return self._papers.get(source)

    def shows_all(self, source: str) -> bool:
        """The content rule (design.md section 5): the whole text, else a summary that no search engine
        shall list. A paper that is no longer configured has no licence to tell of.
        """
        content = self._content.get(source)
        return not self._is_public if content is None else content == "full"

    def rights(self, source: str) -> str | None:
        """The words of the licence that the operator has."""
        config = self._configs.get(source)
        return None if config is None else config.rights
