"""Sheets printed into files: the shelf, as publish uses it."""

from collections.abc import Collection
from pathlib import Path

from feeds.clock import Clock
from feeds.publish.printing import Sheet
from feeds.shelf import Shelf
from feeds.writers.opml import MEDIA_TYPE as OPML_TYPE
from feeds.writers.press import print_feed
from feeds.writers.table import WRITERS

SUFFIXES = tuple(writer.suffix for writer in WRITERS)
TYPES = {writer.suffix: writer.media_type for writer in WRITERS} | {
    "opml": OPML_TYPE,
    "css": "text/css; charset=utf-8",
    "png": "image/png",
}


class Files:
    """Feeds by their names without endings; each is a file in every format."""

    def __init__(self, folder: Path, clock: Clock) -> None:
        self.shelf = Shelf(folder, TYPES)
        self._clock = clock

    async def put(self, sheet: Sheet, *, keep: bool = False) -> bool:
        """Writes a sheet; with `keep` it stays in memory. True where some format has new bytes.

        Rendering stays in the loop (feedgen's setlocale); the disk may take its time over an fsync.
        """
        is_new = False
        for writer in WRITERS:
            data = print_feed(writer, sheet.head, sheet.galleys)
            name, now = f"{sheet.name}.{writer.suffix}", self._clock.now()
            is_new |= await self.shelf.put(name, data, sheet.updated, now, keep=keep)
        return is_new

    async def remove(self, name: str) -> None:
        """Takes a feed away."""
        for suffix in SUFFIXES:
            await self.shelf.remove(f"{name}.{suffix}")

    async def keep_only(self, folder: str, names: Collection[str]) -> None:
        """Takes away what lies in a folder of feeds and is none of these."""
        for name in self._in(folder) - _in_every_format(names):
            await self.shelf.remove(name)

    def has(self, name: str) -> bool:
        """Whether the feed is there in every format."""
        return all(self.shelf.has(f"{name}.{suffix}") for suffix in SUFFIXES)

    def are_exactly(self, folder: str, names: Collection[str]) -> bool:
        """Whether a folder of feeds holds these in every format, and nothing else."""
        return self._in(folder) == _in_every_format(names)

    def _in(self, folder: str) -> set[str]:
        return set(self.shelf.files(folder, SUFFIXES))


def _in_every_format(names: Collection[str]) -> set[str]:
    return {f"{name}.{suffix}" for name in names for suffix in SUFFIXES}
