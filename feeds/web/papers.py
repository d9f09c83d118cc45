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
        self._settings = settings

    def all(self, archived: Sequence[Paper]) -> tuple[Paper, ...]:
        """Those of the settings in their order, then those that only the archive remembers."""
        configured = tuple(paper_of(source) for source in self._settings.sources)
        known = {paper.id for paper in configured}
        return configured + tuple(paper for paper in archived if paper.id not in known)

    def configured(self, source: str) -> Paper | None:
        """The paper as the settings name it, or None where they do not."""
        config = self._settings.source(source)
        return None if config is None else paper_of(config)

    def shows_all(self, source: str) -> bool:
        """The content rule (design.md section 5): the whole text, else a summary that no search engine
        shall list. A paper that is no longer configured has no licence to tell of.
        """
        config = self._settings.source(source)
        if config is None:
            return not self._settings.is_public
        return self._settings.content_of(config) == "full"

    def rights(self, source: str) -> str | None:
        """The words of the licence that the operator has."""
        config = self._settings.source(source)
        return None if config is None else config.rights
