"""One worker a data directory: a lock that the kernel takes back when its holder dies.

The directory is locked beside the file: a file that somebody deletes takes its lock along, and a second
worker would make a new one.
"""

import os
import sys
import time
from contextlib import suppress
from pathlib import Path
from types import TracebackType
from typing import IO, Self

from feeds.errors import AlreadyRunning, StoreError

if sys.platform == "win32":
    import msvcrt

    def _lock(file: IO[bytes]) -> None:
        # Far behind the text, so that others can still read who holds it.
        file.seek(1 << 20)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _lock_folder(folder: Path) -> int | None:
        """Windows lets nobody delete a file that is open."""
        del folder
        return None

    def _share(file: IO[bytes]) -> None:
        """There is no shared lock here; closing the file gives this one back."""
        _lock(file)
else:
    import fcntl

    def _lock(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _lock_folder(folder: Path) -> int | None:
        """Its descriptor; None where this kind of file system locks no folders. Raises BlockingIOError
        where it is another's.
        """
        descriptor = os.open(folder, os.O_RDONLY)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise
        except OSError:
            os.close(descriptor)
            return None
        return descriptor

    def _share(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)


NAME = "lock"
TRIES, BETWEEN = 4, 0.05  # seconds: whoever only asks for the holder has it for a moment


class DataLock:
    """Held in a with-statement for as long as this process writes below `data_dir`.

    Entering raises `AlreadyRunning` where another process holds it, and `StoreError` where the
    directory cannot be made or written. A lock left by a killed process is simply taken.
    """

    def __init__(self, data_dir: Path) -> None:
        self._path = data_dir / NAME
        self._file: IO[bytes] | None = None
        self._folder: int | None = None

    def __enter__(self) -> Self:
        file = self._open()
        try:
            _lock_patiently(file)
            self._folder = _lock_folder(self._path.parent)
        except OSError:
            pid = _written(file)
            file.close()
            raise AlreadyRunning(
                f"已有一个报童在用 {self._path.parent}(进程 {pid}) "
                f"(another baotong, pid {pid}, works on this data)"
            ) from None
        self._file = file
        with suppress(OSError):  # a full disk: who holds it is only told to people
            file.seek(0)
            file.truncate()
            file.write(f"{os.getpid()}\n".encode())
            file.flush()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        # The file stays: removing it would let two processes hold locks on two files of one name.
        if self._folder is not None:
            os.close(self._folder)
            self._folder = None
        if self._file is not None:
            with suppress(OSError):  # what could not be written before
                self._file.close()
            self._file = None

    def _open(self) -> IO[bytes]:
        try:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            return os.fdopen(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o644), "r+b")
        except OSError as error:
            raise StoreError(
                f"不能写入数据目录 {self._path.parent}:{error.strerror} (data_dir is not writable)"
            ) from error


def holder(data_dir: Path) -> str | None:
    """The process that works on this data, or None; nothing is written and nothing kept. Several may ask
    at once, and who may only read the file.
    """
    try:
        file = (data_dir / NAME).open("rb")
    except OSError:
        return None
    with file:
        try:
            _share(file)
        except OSError:
            return _written(file)
    return None


def _lock_patiently(file: IO[bytes]) -> None:
    for _ in range(TRIES - 1):
        with suppress(OSError):
            return _lock(file)
        time.sleep(BETWEEN)
    return _lock(file)


def _written(file: IO[bytes]) -> str:
    """A pid; "?" for whatever else somebody wrote there."""
    file.seek(0)
    said = file.read(32).decode("ascii", "replace").strip()
    return said if said.isdecimal() else "?"
