"""Where rendered feeds stand: whole bodies in memory for the server, the same bytes in files.

A body is made once per change, never per request: compressed, tagged and dated here.
"""

import gzip
import hashlib
import os
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path


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
        packed=gzip.compress(data, mtime=0),  # the clock stays out of the bytes
        tag=hashlib.sha256(data).hexdigest()[:32],
        modified=modified and modified.astimezone(UTC).replace(microsecond=0),
    )


class Shelf:
    """Bodies by file name (`huaian.rss`), each also a file of that name in `folder`."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._bodies: dict[str, Body] = {}

    def body(self, name: str) -> Body | None:
        return self._bodies.get(name)

    def load(self, name: str, media_type: str) -> bool:
        """Takes up the file as it stands; its time is when its content changed. False: no file."""
        path = self.folder / name
        try:
            data, modified = path.read_bytes(), path.stat().st_mtime
        except OSError:
            return False
        self._bodies[name] = build_body(data, media_type, datetime.fromtimestamp(modified, UTC))
        return True

    def put(
        self, name: str, data: bytes, media_type: str, modified: datetime, now: datetime
    ) -> None:
        """Writes the file, then shows it. The same bytes change nothing, not even the file's time.

        New bytes whose content is not newer (an operator changed a title) are dated `now`, or a
        reader that asks by date alone would never get them. Raises OSError; what was there stays.
        """
        old = self._bodies.get(name)
        if old is not None and old.data == data and (self.folder / name).exists():
            return
        if old is not None and old.data != data and old.modified and modified <= old.modified:
            modified = now
        body = build_body(data, media_type, modified)
        write_atomically(self.folder / name, data, body.modified)
        self._bodies[name] = body

    def files(self, suffix: str) -> Iterator[str]:
        """The names of the files with this ending, whoever wrote them."""
        with suppress(FileNotFoundError):
            yield from sorted(p.name for p in self.folder.iterdir() if p.suffix == f".{suffix}")


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
