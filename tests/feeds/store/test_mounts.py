"""A data directory on a network share is refused, by what the kernel says is mounted there."""

from pathlib import Path

import pytest

from feeds.errors import StoreError
from feeds.store.build import open_store
from feeds.store.mounts import file_system, is_share, refuse_share

MOUNTS = """\
22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw
30 22 0:40 / {0}/nas rw,relatime shared:9 - nfs4 nas:/export rw,vers=4.2
31 30 8:2 / {0}/nas/local rw shared:10 master:2 - xfs /dev/sdb1 rw
32 22 0:41 / {0}/my\\040share rw - fuse.sshfs me@host: rw
33 22 0:42 / {0}/win rw - cifs //server/papers rw
34 22 8:3 / {0}/twice rw - cifs //server/papers rw
35 34 8:3 / {0}/twice rw - btrfs /dev/sdc rw
"""


@pytest.fixture
def mounts(tmp_path: Path) -> Path:
    file = tmp_path / "mountinfo"
    file.write_text(MOUNTS.format(tmp_path.resolve()), "utf-8")
    return file


@pytest.mark.parametrize(
    ("place", "kind"),
    [
        ("var", "ext4"),
        ("nas/var/deep", "nfs4"),
        ("nasty/var", "ext4"),
        ("nas/local/var", "xfs"),
        ("my share", "fuse.sshfs"),
        ("win/var", "cifs"),
        ("twice/var", "btrfs"),
    ],
)
def test_the_longest_mount_point_tells_the_kind(
    tmp_path: Path, mounts: Path, place: str, kind: str
) -> None:
    assert file_system(tmp_path / place, mounts) == kind


@pytest.mark.parametrize(
    "kind",
    [
        "nfs",
        "nfs4",
        "cifs",
        "smb3",
        "9p",
        "fuse.sshfs",
        "fuse.rclone",
        "glusterfs",
        "fuse.glusterfs",
    ],
)
def test_shares_are_told_from_disks(kind: str) -> None:
    assert is_share(kind)


@pytest.mark.parametrize(
    "kind",
    ["ext4", "xfs", "btrfs", "zfs", "overlay", "tmpfs", "fuseblk", "fuse.ntfs-3g", "apfs", ""],
)
def test_disks_are_no_shares(kind: str) -> None:
    assert not is_share(kind)


def test_a_share_is_refused_in_one_sentence_that_says_what_to_do(
    tmp_path: Path, mounts: Path
) -> None:
    with pytest.raises(StoreError) as caught:
        refuse_share(tmp_path / "nas" / "var", mounts)
    words = str(caught.value)
    assert "nfs4" in words
    assert "network_share: true" in words
    assert "postgresql" in words
    assert "\n" not in words
    refuse_share(tmp_path / "var", mounts)


def test_where_nobody_says_what_is_mounted_nothing_is_refused(tmp_path: Path) -> None:
    refuse_share(tmp_path, tmp_path / "nothing")


async def test_a_share_may_be_overruled(
    tmp_path: Path, mounts: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.store.mounts.MOUNTS", mounts)
    monkeypatch.setattr("feeds.store.mounts.refuse_share.__defaults__", (mounts,))
    place = tmp_path / "win" / "var"
    with pytest.raises(StoreError, match="网络共享"):
        await open_store(place, None)
    assert not place.exists()
    await (await open_store(place, None, on_share=True)).close()
