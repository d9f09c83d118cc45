"""The seam of feed formats: a channel's head and its entries in, bytes out.

Entries are rendered apart from their feed, so that a fragment can be kept for as long as its entry
does not change; a feed is then its head with the fragments set in.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from feeds.models import ReadCount


@dataclass(frozen=True, slots=True)
class Enclosure:
    """A file that belongs to an entry: an image, a page's PDF. `length` is in bytes and None where
    nobody told us; it is never guessed.
    """

    url: str
    media_type: str
    length: int | None = None


@dataclass(frozen=True, slots=True)
class Origin:
    """The feed that an entry comes from, for feeds of several papers. `base` as in `FeedHead`."""

    id: str
    title: str
    base: str


@dataclass(frozen=True, slots=True)
class Tombstone:
    """An entry that was taken back (RFC 6721): its id, and when that was."""

    id: str
    at: datetime


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry, the same for every format. `id` is a tag: URI. `html` is sanitised and XML-clean
    and is None where only the summary may be shown. `url` is absolute http(s) or None. All else is
    plain, XML-clean text. `reads` is None unless a feed with counts was asked for. Two entries that
    are equal render to the same bytes.
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
    enclosures: tuple[Enclosure, ...] = ()
    origin: Origin | None = None
    reads: ReadCount | None = None


@dataclass(frozen=True, slots=True)
class FeedHead:
    """A feed. `author` is None where that is its title. `url` is the page it stands for, `base` the URL of its files without an ending
    (`{public_url}feeds/{source}`), `query` what follows the ending (`?kind=news`). `updated` comes
    from the content, never from the clock.

    `previous`, `next` and `current` are bases as well: the neighbours in the archive (RFC 5005,
    section 4), and the feed that this document is an archive of; it is an archive where that is known.
    """

    id: str
    title: str
    description: str
    url: str
    base: str
    language: str
    updated: datetime
    ttl_minutes: int
    author: str | None = None
    rights: str | None = None
    query: str = ""
    icon: str | None = None
    style: str | None = None
    hubs: tuple[str, ...] = ()
    previous: str | None = None
    next: str | None = None
    current: str | None = None
    gone: tuple[Tombstone, ...] = ()

    def self_url(self, suffix: str) -> str:
        """The address of this very document in the format with this ending."""
        return f"{self.base}.{suffix}{self.query}"

    def links(self, suffix: str) -> tuple[tuple[str, str], ...]:
        """The relations beside self and alternate, each with its address in this format."""
        hubs = tuple(("hub", hub) for hub in self.hubs)
        pages = (
            ("current", self.current),
            ("prev-archive", self.previous),
            ("next-archive", self.next),
        )
        return hubs + tuple((rel, f"{base}.{suffix}") for rel, base in pages if base)


class Writer(Protocol):
    """One format. Pure and deterministic: the same head and entries give the same bytes.

    Not to be called from a thread: feedgen sets the process's locale while it writes a date.
    """

    suffix: str
    media_type: str

    def fragments(self, entries: Sequence[FeedEntry]) -> list[bytes]:
        """The entries, each to be set into any feed of this format, in order.

        Raises ValueError where the format cannot hold one of them (illegal characters, a naive time).
        """

    def write(self, head: FeedHead, fragments: Sequence[bytes]) -> bytes:
        """The whole document, its fragments in the order given."""
