"""The seam of feed formats: a channel's head and its entries in, bytes out."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class FeedEntry:
    """One entry, the same for every format. `id` is a tag: URI. `html` is sanitised and XML-clean
    and is None where only the summary may be shown. `url` is absolute http(s) or None.
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
    url: str
    base: str
    language: str
    updated: datetime
    ttl_minutes: int
    rights: str | None = None


class Writer(Protocol):
    """One format. Pure and deterministic: the same head and entries give the same bytes."""

    suffix: str
    media_type: str

    def write(self, head: FeedHead, entries: Sequence[FeedEntry]) -> bytes: ...
