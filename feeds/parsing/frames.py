"""What goes through the pipes between the parser and its child: a length, then a pickle.

Both ends are our own program, and what comes back was made by it; the document itself is only bytes.
"""

import pickle
import struct
from dataclasses import dataclass
from typing import Any

from config.sources import BaseSource
from feeds.errors import Unreadable
from feeds.models import Document, Reading

HEAD = struct.Struct(">Q")


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


def pack(thing: Task | Answer) -> bytes:
    body = pickle.dumps(thing, pickle.HIGHEST_PROTOCOL)
    return HEAD.pack(len(body)) + body


def unpack(body: bytes) -> Any:
    return pickle.loads(body)  # noqa: S301 - both ends are ours; see above
