"""Publish's cursor: how far the files in a folder follow which archive. A file beside them, since
it speaks about them: files that are copied, lost or left behind take it along.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from feeds.shelf import write_atomically

NAME = ".cursor.json"


@dataclass(frozen=True, slots=True)
class FileCursor:
    """The feeds hold `archive`'s journal up to `seq`. `recipes` names, by paper, how its newest feeds
    were made, `bound` how its archive was, where that is whole.
    """

    archive: str
    seq: int
    recipes: Mapping[str, str]
    bound: Mapping[str, str] = field(default_factory=dict)


def read_cursor(folder: Path) -> FileCursor | None:
    """The folder's cursor, or None where there is none that makes sense."""
    try:
        data = json.loads((folder / NAME).read_bytes())
        recipes, bound = dict(data["recipes"]), dict(data.get("bound", {}))
        return FileCursor(str(data["archive"]), int(data["seq"]), recipes, bound)
    except (OSError, ValueError, TypeError, KeyError):
        return None


def write_cursor(folder: Path, cursor: FileCursor) -> None:
    """Only after the feeds it speaks of. Raises OSError."""
    write_atomically(folder / NAME, json.dumps(asdict(cursor)).encode())
