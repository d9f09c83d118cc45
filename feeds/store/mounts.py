"""Which kind of file system a folder lies on, and whether SQLite may be trusted to it.

SQLite's log (WAL) needs memory that all its processes share and locks that hold; over a network neither is
certain, and what is lost is lost without a word (sqlite.org/wal.html, sqlite.org/useovernet.html).
"""

import re
from pathlib import Path

from feeds.errors import StoreError

MOUNTS = Path("/proc/self/mountinfo")
SHARES = frozenset(
    {
        "9p", "afs", "afpfs", "beegfs", "ceph", "cifs", "coda", "davfs", "drvfs", "glusterfs", "gpfs",
        "lustre", "ncpfs", "nfs", "nfs4", "orangefs", "smb2", "smb3", "smbfs", "sshfs", "vboxsf",
    }
)  # fmt: skip
_BY_FUSE = frozenset({"davfs2", "gcsfuse", "glusterfs", "rclone", "s3fs", "sshfs", "vmhgfs-fuse"})
_OCTAL = re.compile(r"\\([0-7]{3})")


def refuse_share(folder: Path, mounts: Path = MOUNTS) -> None:
    """Raises `StoreError` where the folder lies on a network share."""
    kind = file_system(folder, mounts)
    if kind is not None and is_share(kind):
        raise StoreError(
            f"data_dir {folder} 在网络共享上({kind}),SQLite 放在那里会丢数据:换成本机的盘,"
            "或用 database: postgresql://…;确实知道没事,写 network_share: true "
            "(data_dir is on a network share, where SQLite loses data)"
        )


def is_share(kind: str) -> bool:
    """Whether this kind of file system, as the kernel names it, is another machine's."""
    _, _, by_fuse = kind.partition("fuse.")
    return kind in SHARES or by_fuse in _BY_FUSE


def file_system(folder: Path, mounts: Path = MOUNTS) -> str | None:
    """The kernel's name for the file system that a folder lies on, or will lie on once it is made; None
    where nobody says. A path of Windows that names another machine is `smb3`.
    """
    place = folder.resolve()
    if str(place).startswith("\\\\"):
        return "smb3"
    try:
        lines = mounts.read_text("utf-8", "surrogateescape").splitlines()
    except OSError:
        return None
    found = [(point, kind) for point, kind in map(_mount, lines) if place.is_relative_to(point)]
    if not found:
        return None
    depth = max(len(point.parts) for point, _ in found)
    return [kind for point, kind in found if len(point.parts) == depth][-1]  # the last lies on top


def _mount(line: str) -> tuple[Path, str]:
    """Where a file system is mounted, and its kind (proc_pid_mountinfo(5))."""
    before, _, after = line.partition(" - ")
    point = _OCTAL.sub(lambda code: chr(int(code[1], 8)), before.split()[4])
    return Path(point), after.split()[0]
