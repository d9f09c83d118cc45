"""Copies of a SQLite database: whole and of one moment while others write, in place at once or not at all.

    database ──VACUUM INTO──▶ draft beside the copy ──looked through, fsync──▶ rename ──▶ fsync of the folder

`VACUUM INTO` reads one snapshot, so in WAL mode it holds no writer up, and a copy has no free pages.
"""

import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import quote

from feeds.errors import StoreError
from feeds.models import WithdrawnBy
from feeds.store.sqlite import garbled
from feeds.store.withdrawals import Withdrawn

_WAIT = 30.0  # seconds for a lock that another process holds
_STEPS = 200_000  # of SQLite's machine between two looks at Ctrl-C
_MARGIN = 1 << 20  # room that a copy leaves on the disk
_WITHDRAWN = """
    SELECT a.source, i.key, a.key, a.withdrawn_by, a.withdrawn_reason
    FROM articles a JOIN issues i ON i.id = a.issue_id WHERE a.withdrawn_at IS NOT NULL
"""
_BESIDE = ("-wal", "-shm", "-journal")


@dataclass(frozen=True, slots=True)
class Contents:
    """What a database holds: how many, and the date of its newest issue (ISO 8601)."""

    revision: str
    papers: int
    issues: int
    articles: int
    newest: str | None
    bytes: int


def copy_database(source: Path, target: Path) -> None:
    """Copies `source` to `target`, in the place of what was there. Raises `StoreError` where there is no
    room, or where either turns out to be damaged; no half of a copy is ever left.
    """
    _ask_for_room(source, target.parent)
    draft = target.with_name(f".{target.name}.draft")
    try:
        draft.unlink(missing_ok=True)
        # Empty, for SQLite to fill, and nobody else's to read: chats are in it.
        os.close(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
        with open_file(source) as connection:
            connection.execute("VACUUM INTO ?", (str(draft),))
        look_through(draft)
        put_in_place(draft, target)
    except (sqlite3.Error, OSError) as error:
        raise StoreError(f"{source} 没有复制成 {target}:{_words(error)} (not copied)") from error
    finally:
        with suppress(OSError):
            draft.unlink(missing_ok=True)


def _ask_for_room(source: Path, folder: Path) -> None:
    """Beforehand, so that a disk is not filled up to find out. What lies in the WAL counts too."""
    needed = sum(_size(file) for file in (source, Path(f"{source}-wal"))) + _MARGIN
    try:
        free = shutil.disk_usage(folder).free
    except OSError as error:
        raise StoreError(f"{folder} 放不了副本:{_words(error)} (no place for a copy)") from error
    if free < needed:
        raise StoreError(
            f"{folder} 只剩 {in_mib(free)},放不下 {source} 的副本(要 {in_mib(needed)}):"
            "腾出地方再来 (no room for a copy of the database)"
        )


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:
        return 0


def in_mib(size: int) -> str:
    return f"{size / (1 << 20):.1f} MiB"


def look_through(file: Path) -> None:
    """Raises sqlite3.DatabaseError where a database is damaged."""
    with open_file(file) as connection:
        found = connection.execute("PRAGMA quick_check(1)").fetchone()[0]
    if found != "ok":
        raise sqlite3.DatabaseError(f"malformed: {found}")


def contents(file: Path) -> Contents:
    """What is in a database that is ours. Raises `StoreError` where it is none, or damaged."""
    try:
        with open_file(file) as connection:
            return Contents(
                revision=str(_one(connection, "SELECT version_num FROM alembic_version")),
                papers=_one(connection, "SELECT count(*) FROM sources"),
                issues=_one(connection, "SELECT count(*) FROM issues"),
                articles=_one(connection, "SELECT count(*) FROM articles"),
                newest=_one(connection, "SELECT max(date) FROM issues"),
                bytes=_size(file),
            )
    except (sqlite3.Error, OSError, TypeError) as error:
        raise StoreError(
            f"{file} 不是报童的数据库,或者坏了:{_words(error)} (no database of baotong, or damaged)"
        ) from error


def withdrawn(file: Path) -> tuple[Withdrawn, ...] | None:
    """What is taken back in a database, or None where nobody can read it."""
    rows = rows_of(file, _WITHDRAWN)
    if rows is None:
        return None
    return tuple(
        Withdrawn(source, issue, article, WithdrawnBy(by or WithdrawnBy.OPERATOR), reason)
        for source, issue, article, by, reason in rows
    )


def rows_of(file: Path, query: str) -> list[tuple[Any, ...]] | None:
    """What a query finds in a database that nobody need have open, or None where nobody can read it."""
    try:
        with open_file(file) as connection:
            return connection.execute(query).fetchall()
    except (sqlite3.Error, OSError):
        return None


def _one(connection: sqlite3.Connection, query: str) -> Any:
    return connection.execute(query).fetchone()[0]


@contextmanager
def open_file(file: Path) -> Iterator[sqlite3.Connection]:
    """A database that is there already. Ctrl-C ends what it does. Raises sqlite3.Error."""
    address = f"file:{quote(str(file.absolute()))}?mode=rw"
    with closing(sqlite3.connect(address, _WAIT, isolation_level=None, uri=True)) as connection:
        connection.set_progress_handler(lambda: 0, _STEPS)
        try:
            yield connection
        except UnicodeDecodeError as error:
            raise garbled(error) from error


def put_in_place(draft: Path, target: Path) -> None:
    """The draft takes the target's name, and both are on the disk. Raises OSError."""
    with draft.open("rb+") as file:
        os.fsync(file.fileno())
    draft.replace(target)
    sync_folder(target.parent)


def swap(draft: Path, database: Path, kept: Path) -> bool:
    """The draft takes the database's place, which lies under the name `kept` from then on. Nobody has it
    open. False where there was none. Raises OSError.

    Until the last step the database stands where it stood: a log of its own (WAL) that nobody could
    take in would be read into the draft, so it goes to `kept` first.
    """
    with suppress(sqlite3.Error), open_file(database) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{database}{end}").replace(f"{kept}{end}")
    is_there = database.exists()
    if is_there:
        _keep(database, kept)
    put_in_place(draft, database)
    return is_there


def _keep(file: Path, kept: Path) -> None:
    """A second name; a copy where the file system knows none."""
    try:
        kept.hardlink_to(file)
    except FileExistsError:
        raise
    except OSError:
        shutil.copy2(file, kept)


def sync_folder(folder: Path) -> None:
    """So that a power cut does not undo a rename. Windows has no such thing."""
    if os.name == "nt":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _words(error: Exception) -> str:
    said = error.strerror if isinstance(error, OSError) else None
    return (said or str(error)).splitlines()[0][:200]
