"""A database that is deleted, moved away or replaced while it is in use: it lives on until it is closed, and
whatever is written to it then would be lost without a word. So that is found out, and what it holds is
saved beside where it was; the next start takes it from there.

It is not put back under its name at once: SQLite, closing the deleted one, would delete the log of the new.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy.exc import DBAPIError

from feeds.clock import Clock
from feeds.errors import StoreError, StoreSaved
from feeds.store.copies import put_in_place
from feeds.store.engine import Store

LOOK_EVERY = 10.0  # seconds
_BESIDE = ("-wal", "-shm", "-journal")


class FilePresence:
    """Of a file that is there when this is made."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._identity = _identity(file)

    @property
    def is_lost(self) -> bool:
        """Whether another file, or none, has its name now."""
        return self._identity is not None and _identity(self._file) != self._identity

    @contextmanager
    def saving(self) -> Iterator[Path]:
        """Where to write what is in it. Raises `StoreError` where that cannot be done."""
        saved = saved_beside(self._file)
        draft = saved.with_name(f".{saved.name}.draft")
        try:
            saved.parent.mkdir(parents=True, exist_ok=True)
            draft.unlink(missing_ok=True)
            draft.touch(mode=0o600)
            yield draft
            put_in_place(draft, saved)
        except (OSError, DBAPIError) as error:
            reason = error.orig if isinstance(error, DBAPIError) else error.strerror
            with suppress(OSError):
                draft.unlink(missing_ok=True)
            raise StoreError(
                f"{self._file} 被删掉或换掉了,里面的内容也没能另存成 {saved}({reason}):从备份里放回来 "
                "(the database was deleted while in use and could not be saved)"
            ) from error

    def forget_log(self) -> None:
        """What is left of the log belongs to the database that is gone: SQLite would read it into whatever
        has its name now. Raises OSError.
        """
        _forget_log(self._file)


async def watch_presence(store: Store, clock: Clock) -> None:
    """Looks after the database's file until cancelled. Raises `StoreSaved` once it is gone."""
    while True:
        if store.presence is not None and store.presence.is_lost:
            raise StoreSaved(
                "数据库文件被删掉或换掉了,报童停下;里面的内容另存好了,再启动就接着用 "
                "(the database was deleted while in use; it was saved, start again to go on)"
            )
        await clock.sleep(LOOK_EVERY)


def take_saved(file: Path) -> bool:
    """Gives what was saved of a deleted database its name back. A database that stands there by now is
    somebody's decision: it stays, and so does what was saved. Raises OSError.
    """
    saved = saved_beside(file)
    if file.exists() or not saved.exists():
        return False
    _forget_log(file)
    put_in_place(saved, file)
    return True


def _forget_log(file: Path) -> None:
    for end in _BESIDE:
        with suppress(FileNotFoundError):
            Path(f"{file}{end}").unlink()


def saved_beside(file: Path) -> Path:
    """Where what was saved of a deleted database lies, if any."""
    return file.with_name(f"{file.name}.saved")


def _identity(file: Path) -> tuple[int, int] | None:
    try:
        found = file.stat()
    except OSError:
        return None
    return found.st_dev, found.st_ino
