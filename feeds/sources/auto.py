"""A newspaper whose family nobody named: each document is read by the family that it shows itself to be of.

Only for families whose pages are documents at addresses of their own. A feed or an interface has to be
asked in its own way before there is a document; the error says what to write instead.
"""

from collections.abc import Callable
from datetime import date

from config.sources import AutoSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document, Reading, Request
from feeds.sources.base import Source, plain_request
from feeds.sources.paperindex import doorway
from feeds.sources.web import WebReader

Find = Callable[[Document], tuple[str, Source | None]]
"""The kind of a document, and the source that reads it; None where such a one must be named."""


class Auto:
    """One paper. What it is, is asked of every document anew: nothing is remembered."""

    def __init__(self, config: AutoSource, find: Find) -> None:
        self._web = WebReader(config)
        self._find = find

    def entry(self) -> Request:
        return self._web.entry()

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        return self._web.on_day(doorway(issue_url), day)

    def read(self, document: Document) -> Reading:
        """As the document's family reads it; see `feeds.sources.base.Source`."""
        kind, source = self._find(document)
        if source is None:
            words = f"认出来了,是 {kind}:把 kind: auto 改成 kind: {kind}(baotong add 会替你写好)"
            raise NotReadable(document.url, Unreadable.UNKNOWN, words)
        return source.read(document)
