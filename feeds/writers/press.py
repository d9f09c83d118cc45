"""Sets entries in type, and keeps the type of issues that may be printed again.

A feed is printed from galleys, one an issue: the fragments of its entries in every format. A galley
whose issue did not change is used as it stands; one whose issue did keeps the type of every entry
that reads as before, so that an entry is rendered once per revision.
"""

import hashlib
from collections import OrderedDict
from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from feeds.writers.base import FeedEntry, FeedHead, Writer
from feeds.writers.table import WRITERS

log = structlog.get_logger(__name__)

MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class Galley:
    """An issue set in type. `fragments` are by format, in the order of the entries; an entry that a
    format cannot hold is missing from it. `moments` are when each entry was updated.
    """

    stamp: Hashable
    digests: tuple[bytes, ...]
    moments: tuple[datetime, ...]
    fragments: Mapping[str, Mapping[bytes, bytes]]

    def lines(self, suffix: str) -> list[bytes]:
        """The fragments of one format."""
        held = self.fragments[suffix]
        return [held[digest] for digest in self.digests if digest in held]

    @property
    def size(self) -> int:
        """Bytes of type."""
        return sum(len(one) for held in self.fragments.values() for one in held.values())


class Press:
    """Galleys by key, at most `budget` bytes of them: those used least recently are melted down."""

    def __init__(self, budget: int = 32 * MiB, writers: Sequence[Writer] = WRITERS) -> None:
        self._budget = budget
        self._writers = writers
        self._galleys: OrderedDict[Hashable, Galley] = OrderedDict()
        self._size = 0

    def standing(self, key: Hashable, stamp: Hashable) -> Galley | None:
        """The galley of this key, if it was set with this very stamp."""
        galley = self._galleys.get(key)
        if galley is None or galley.stamp != stamp:
            return None
        self._galleys.move_to_end(key)
        return galley

    def set(self, key: Hashable, stamp: Hashable, entries: Sequence[FeedEntry]) -> Galley:
        """Sets these entries, using what stands of them. `stamp` names their state."""
        old = self._galleys.pop(key, None)
        if old is not None:
            self._size -= old.size
        digests = tuple(_digest(entry) for entry in entries)
        fragments = {
            writer.suffix: _set(
                writer, dict(zip(digests, entries, strict=True)), _held(old, writer)
            )
            for writer in self._writers
        }
        galley = Galley(stamp, digests, tuple(entry.updated for entry in entries), fragments)
        self._keep(key, galley)
        return galley

    def _keep(self, key: Hashable, galley: Galley) -> None:
        self._galleys[key] = galley
        self._size += galley.size
        while self._size > self._budget and len(self._galleys) > 1:
            _, melted = self._galleys.popitem(last=False)
            self._size -= melted.size


def print_feed(writer: Writer, head: FeedHead, galleys: Sequence[Galley]) -> bytes:
    """The feed with this head and these issues, in order."""
    lines = [line for galley in galleys for line in galley.lines(writer.suffix)]
    return writer.write(head, lines)


def _held(old: Galley | None, writer: Writer) -> Mapping[bytes, bytes]:
    return old.fragments[writer.suffix] if old else {}


def _set(
    writer: Writer, entries: Mapping[bytes, FeedEntry], held: Mapping[bytes, bytes]
) -> dict[bytes, bytes]:
    fresh = {digest: entry for digest, entry in entries.items() if digest not in held}
    return {digest: held[digest] for digest in entries if digest in held} | _each(
        writer.fragments, fresh, writer.suffix
    )


def _each(
    render: Callable[[Sequence[FeedEntry]], list[bytes]],
    entries: Mapping[bytes, FeedEntry],
    suffix: str,
) -> dict[bytes, bytes]:
    """All fragments at one go. Where that fails, half by half, until what cannot be written is
    found: it is left out and logged, and costs nobody else.
    """
    if not entries:
        return {}
    try:
        return dict(zip(entries, render(list(entries.values())), strict=True))
    except ValueError as error:
        if len(entries) == 1:
            (entry,) = entries.values()
            log.warning("entry left out", feed=suffix, entry=entry.id, reason=str(error))
            return {}
    items = list(entries.items())
    half = len(items) // 2
    first, second = dict(items[:half]), dict(items[half:])
    return _each(render, first, suffix) | _each(render, second, suffix)


def _digest(entry: FeedEntry) -> bytes:
    """Equal entries have equal digests; no two others ever had."""
    return hashlib.blake2b(repr(entry).encode("utf-8", "surrogatepass"), digest_size=16).digest()
