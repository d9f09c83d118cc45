"""Renders feeds and remembers the fragments of entries that have not changed since."""

from collections.abc import Sequence

import structlog

from feeds.writers.base import FeedEntry, FeedHead, Writer

log = structlog.get_logger(__name__)


class Press:
    """One feed's fragments, by format and entry. An entry that equals one rendered before costs a
    look-up; one that is in the feed no longer is forgotten.
    """

    def __init__(self) -> None:
        self._fragments: dict[str, dict[FeedEntry, bytes]] = {}

    def render(self, writer: Writer, head: FeedHead, entries: Sequence[FeedEntry]) -> bytes:
        """The whole feed. An entry that the format cannot hold is left out and logged."""
        known = self._fragments.get(writer.suffix, {})
        fresh = {entry: known.get(entry) or _fragment(writer, entry) for entry in entries}
        self._fragments[writer.suffix] = {e: f for e, f in fresh.items() if f is not None}
        return writer.write(head, [f for e in entries if (f := fresh[e]) is not None])


def _fragment(writer: Writer, entry: FeedEntry) -> bytes | None:
    try:
        return writer.fragment(entry)
    except ValueError as error:
        log.warning("entry left out", feed=writer.suffix, entry=entry.id, reason=str(error))
        return None
