"""What goes through the pipes between the parser and its child: a length, then a pickle.

Both ends are our own program, and what comes back was made by it; the document itself is only bytes.
"""

import pickle
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from config.sources import BaseSource
from feeds.errors import Unreadable
from feeds.models import Document, Reading

HEAD = struct.Struct(">Q")
_PIECE = 64 * 1024


@dataclass(frozen=True, slots=True)
class Task:
    """A document to be read by the rules of a source. `cpu` are the seconds that this may take."""

    config: BaseSource
    document: Document
    cpu: int


@dataclass(frozen=True, slots=True)
class Answer:
    """What came of it: a reading, or why there is none, or the name of an error that nobody foresaw."""

    reading: Reading | None = None
    why: Unreadable | None = None
    reason: str = ""


class _Pieces(list[bytes]):
    """A file to pickle into. A document's body comes into it as it is, not as a copy."""

    write = list.append


def pack(thing: Task | Answer) -> Iterator[bytes | memoryview]:
    """The frame in small pieces, so that whoever sends it need not hold a large document twice."""
    pieces = _Pieces()
    pickle.dump(thing, pieces, pickle.HIGHEST_PROTOCOL)
    yield HEAD.pack(sum(map(len, pieces)))
    for piece in pieces:
        for start in range(0, len(piece), _PIECE):
            yield memoryview(piece)[start : start + _PIECE]


def unpack(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301 - both ends are ours; see above
