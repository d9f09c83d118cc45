"""Where rendered feeds stand: the same bytes in files, and in memory for the server.

A body is made once per change, never per request: compressed, tagged and dated here. Memory holds
what is asked for, up to a budget; the rest is a file until somebody asks.
"""

import asyncio
import gzip
import hashlib
import os
import re
from collections import OrderedDict
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

MiB = 1 << 20
# A file of ours, in the folder or one below it: never hidden, never a way out.
_NAME = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]*(?:/[A-Za-z0-9_-][A-Za-z0-9._-]*)?")
_LEVEL = 6  # of gzip; the last two per cent cost twice the time


@dataclass(frozen=True, slots=True)
class Body:
    """A representation ready to be sent. `tag` is the opaque part of its strong ETag; its gzip form
    is another representation with a tag of its own (RFC 9110 section 8.8.3.3). `modified` is in
    whole seconds, as HTTP dates are, or None where only the tag can tell.
    """

    media_type: str
    data: bytes
    packed: bytes
    tag: str
    modified: datetime | None

    @property
    def packed_tag(self) -> str:
        return f"{self.tag}-gz"


def build_body(data: bytes, media_type: str, modified: datetime | None = None) -> Body:
    """The body of these bytes; `modified` loses its fraction."""
    return Body(
        media_type=media_type,
        data=data,
        packed=gzip.compress(data, _LEVEL, mtime=0),  # the clock stays out of the bytes
        tag=tag_of(data),
        modified=modified and modified.astimezone(UTC).replace(microsecond=0),
    )


def tag_of(data: bytes) -> str:
    """The opaque part of the strong ETag of these bytes."""
    return hashlib.sha256(data).hexdigest()[:32]


class Shelf:
    """Files by name (`huaian.rss`, `huaian/2024-04-08.rss`) in `folder`, and their bodies. `types` are
    the media types by ending; `budget` is how many bytes of bodies stay in memory.
    """

    def __init__(self, folder: Path, types: Mapping[str, str], budget: int = 128 * MiB) -> None:
        self.folder = folder
        self._types = types
        self._budget = budget
        self._bodies: OrderedDict[str, Body] = OrderedDict()
        self._tags: dict[str, str] = {}
        self._size = 0

    def body(self, name: str) -> Body | None:
        """The body, if it is in memory."""
        body = self._bodies.get(name)
        if body is not None:
            self._bodies.move_to_end(name)
        return body

    async def fetch(self, name: str) -> Body | None:
        """The body, from memory or from its file; None where there is neither, and for whatever is
        no name of a file of ours (a hidden one, a path that leads out of the folder).
        """
        body = self.body(name)
        if body is None and _NAME.fullmatch(name):
            body = await asyncio.to_thread(self._load, name)
            if body is not None:
                self._tags[name] = body.tag
                self._keep(name, body)
        return body

    async def tag(self, name: str) -> str | None:
        """The tag of the body, which need not be in memory for it; None where there is none."""
        tag = self._tags.get(name)
        if tag is None:
            body = await self.fetch(name)
            tag = body.tag if body else None
        return tag

    async def put(
        self, name: str, data: bytes, modified: datetime, now: datetime, *, keep: bool = True
    ) -> bool:
        """Writes the file, then shows it; with `keep` it stays in memory. The same bytes change
        nothing, not even the file's time, and are False.

        New bytes whose content is not newer (an operator changed a title) are dated `now`, or a
        reader that asks by date alone would never get them. Raises OSError; what was there stays.
        """
        old = self._bodies.get(name)
        body, is_new = await asyncio.to_thread(self._write, name, data, modified, now, old)
        self._tags[name] = body.tag
        if keep or name in self._bodies:
            self._keep(name, body)
        return is_new

    async def remove(self, name: str) -> bool:
        """Takes the file away, if it is there."""
        self._forget(name)
        self._tags.pop(name, None)
        path = self.folder / name
        try:
            await asyncio.to_thread(path.unlink)
        except FileNotFoundError:
            return False
        return True

    def has(self, name: str) -> bool:
        """Whether the file is there."""
        return (self.folder / name).is_file()

    def files(self, folder: str, suffixes: Collection[str]) -> Iterator[str]:
        """The names of the files with these endings in a folder of ours, whoever wrote them."""
        with suppress(FileNotFoundError, NotADirectoryError):
            for path in sorted((self.folder / folder).iterdir()):
                if path.suffix.removeprefix(".") in suffixes and not path.name.startswith("."):
                    yield path.relative_to(self.folder).as_posix()

    def _load(self, name: str) -> Body | None:
        """The file as it stands; its time is when its content changed."""
        path = self.folder / name
        media_type = self._types.get(path.suffix.removeprefix("."))
        if media_type is None:
            return None
        try:
            data, modified = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return None
        return build_body(data, media_type, datetime.fromtimestamp(modified, UTC))

    def _write(
        self, name: str, data: bytes, modified: datetime, now: datetime, old: Body | None
    ) -> tuple[Body, bool]:
        path = self.folder / name
        if old is None or not path.exists():
            old = self._load(name)
        if old is not None and old.data == data and path.exists():
            return old, False
        if old is not None and old.modified and modified <= old.modified:
            modified = now
        body = build_body(data, self._types[path.suffix.removeprefix(".")], modified)
        write_atomically(path, data, body.modified)
        return body, True

    def _keep(self, name: str, body: Body) -> None:
        self._forget(name)
        self._bodies[name] = body
        self._size += _weight(body)
        while self._size > self._budget and len(self._bodies) > 1:
            self._forget(next(iter(self._bodies)))

    def _forget(self, name: str) -> None:
        old = self._bodies.pop(name, None)
        if old is not None:
            self._size -= _weight(old)


def _weight(body: Body) -> int:
    return len(body.data) + len(body.packed)


def write_atomically(path: Path, data: bytes, modified: datetime | None = None) -> None:
    """A reader sees the old file or the new one, never a part, whatever is pulled out of the wall:
    the bytes are on the disk before the name points at them, and the name before we go on.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_name(f".{path.name}.draft")
    with draft.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())
    if modified is not None:
        os.utime(draft, (modified.timestamp(), modified.timestamp()))
    draft.replace(path)
    _sync_folder(path.parent)


def _sync_folder(folder: Path) -> None:
    if os.name == "nt":
        return  # Windows cannot open a folder; NTFS journals names by itself
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
