"""The seam of feed formats: a channel's head and its entries in, bytes out.

An entry is rendered apart from its feed, so that a fragment can be kept for as long as its entry
does not change; a feed is then its head with the fragments set in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry, the same for every format. `id` is a tag: URI. `html` is sanitised and XML-clean
    and is None where only the summary may be shown. `url` is absolute http(s) or None. All else is
    plain, XML-clean text. Two entries that are equal render to the same bytes.
    """

    id: str
    title: str
    url: str | None
    published: datetime
    updated: datetime
    summary: str
    html: str | None
    author: str | None
    categories: tuple[str, ...]
    image: str | None


@dataclass(frozen=True, slots=True)
class FeedHead:
    """A feed. `url` is the page it stands for, `base` the URL of its files without an ending
    (`{public_url}feeds/{source}`). `updated` comes from the content, never from the clock.
    """

    id: str
    title: str
    description: str
    url: str
    base: str
    language: str
    updated: datetime
    ttl_minutes: int
    rights: str | None = None


class Writer(Protocol):
    """One format. Pure and deterministic: the same head and entries give the same bytes.

    Not to be called from a thread: feedgen sets the process's locale while it writes a date.
    """

    suffix: str
    media_type: str

    def fragment(self, entry: FeedEntry) -> bytes:
        """One entry, to be set into any feed of this format.

        Raises ValueError for an entry that the format cannot hold (illegal characters, a naive
        time), so that one bad entry costs itself and not its feed.
        """

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        """The whole document, its fragments in the order given."""
