"""Files that an operator names: read with a limit, and why one could not be."""

import errno
import os
from pathlib import Path

DEFAULT_FILE = "baotong.yaml"

_REASONS = {
    errno.ENOENT: "不存在 (does not exist)",
    errno.ENOTDIR: "不存在 (does not exist)",
    errno.EISDIR: "是一个目录 (is a directory)",
    errno.ESPIPE: "是一个管道,不是文件 (is a pipe)",
    errno.EACCES: "没有权限 (permission denied)",
    errno.EPERM: "没有权限 (permission denied)",
    errno.EROFS: "在只读的文件系统上 (read-only file system)",
    errno.ENOSPC: "写不下,磁盘满了 (no space left)",
}


def read_at_most(path: Path, count: int) -> bytes:
    """The first bytes of a file, one more than `count` where it has more. Raises OSError, also for a named
    pipe, which would be waited at for ever; one that was opened for us (`/dev/stdin`, `<(…)`) has no name.
    """
    if path.is_fifo() and Path(os.path.realpath(path)).exists():
        raise OSError(errno.ESPIPE, os.strerror(errno.ESPIPE))
    with path.open("rb") as file:
        return file.read(count + 1)


def explain(error: OSError) -> str:
    """Why a file could not be used, as the end of a sentence."""
    return _REASONS.get(error.errno or 0, "用不了 (cannot be used)")
