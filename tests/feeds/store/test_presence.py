"""A database, or its lock, that somebody deletes while it is in use."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from feeds.errors import AlreadyRunning, StoreError
from feeds.store import meta
from feeds.store.build import FILE_NAME, MARK_NAME, open_store
from feeds.store.lock import NAME, DataLock
from feeds.store.presence import watch_presence
from tests.fakes.clock import QuickClock
from tests.fakes.disk import small_disk
from tests.feeds.store.test_lock import HOLD


def only_the_file(folder: Path) -> None:
    (folder / FILE_NAME).unlink()


def with_its_log(folder: Path) -> None:
    for file in folder.glob(f"{FILE_NAME}*"):
        file.unlink()


def everything(folder: Path) -> None:
    shutil.rmtree(folder)


def moved_away(folder: Path) -> None:
    (folder / FILE_NAME).rename(folder / "elsewhere")


@pytest.mark.parametrize("lose", [only_the_file, with_its_log, everything, moved_away])
async def test_a_database_that_is_deleted_in_use_is_saved_and_taken_again(
    tmp_path: Path, lose: Callable[[Path], None]
) -> None:
    folder = tmp_path / "var"
    store = await open_store(folder, None)
    async with store.write() as tx:
        await meta.put(tx, "before", "1")
    lose(folder)
    async with store.write() as tx:  # what was in flight
        await meta.put(tx, "after", "2")
    with pytest.raises(StoreError, match="删掉") as caught:
        await watch_presence(store, QuickClock())
    assert "\n" not in str(caught.value)
    await store.close()
    assert not (folder / FILE_NAME).exists()

    with capture_logs() as logs:
        store = await open_store(folder, None)
    assert ["deleted" in line["event"] for line in logs] == [True]
    async with store.read() as tx:
        assert (await meta.get(tx, "before"), await meta.get(tx, "after")) == ("1", "2")
    await store.close()
    with closing(sqlite3.connect(folder / FILE_NAME)) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    assert [path.name for path in folder.iterdir() if "saved" in path.name] == []


async def test_case_151_one_that_cannot_be_saved_is_told_in_a_sentence(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", mib=2) as disk:
        store = await open_store(disk, None)
        (disk / FILE_NAME).unlink()
        (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free))
        with pytest.raises(StoreError, match="没能另存") as caught:
            await store.close()
        assert "\n" not in str(caught.value)
        assert not list(disk.glob("*.saved")) + list(disk.glob(".*draft"))
        await store.engine.dispose()


async def test_a_database_that_another_was_put_in_place_of_is_saved_and_the_other_used(
    tmp_path: Path,
) -> None:
    """A backup was copied over the running worker's database with `cp`-like tools that rename."""
    store = await open_store(tmp_path / "var", None)
    other = await open_store(tmp_path / "other", None)
    async with other.write() as tx:
        await meta.put(tx, "who", "other")
    await other.close()
    shutil.copy(tmp_path / "other" / FILE_NAME, tmp_path / "draft")
    (tmp_path / "draft").replace(tmp_path / "var" / FILE_NAME)
    with pytest.raises(StoreError, match="换掉"):
        await watch_presence(store, QuickClock())
    await store.close()
    store = await open_store(tmp_path / "var", None)
    async with store.read() as tx:
        assert await meta.get(tx, "who") == "other"
    await store.close()
    assert (tmp_path / "var" / f"{FILE_NAME}.saved").exists()


async def test_a_database_that_stands_where_it_stood_is_looked_at_for_ever(tmp_path: Path) -> None:
    store = await open_store(tmp_path, None)

    class Ended(Exception):
        pass

    class Clock(QuickClock):
        async def sleep(self, seconds: float) -> None:
            await super().sleep(seconds)
            if len(self.slept) > 99:
                raise Ended

    with pytest.raises(Ended):
        await watch_presence(store, Clock())
    await store.close()
    assert (tmp_path / MARK_NAME).exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows lets nobody delete an open file")
def test_case_161_a_lock_that_is_deleted_holds_all_the_same(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    (tmp_path / NAME).unlink()
    for _ in range(2):
        with pytest.raises(AlreadyRunning), DataLock(tmp_path):
            pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with DataLock(tmp_path):
        pass


def test_case_151_a_lock_on_a_full_disk_is_held_all_the_same(tmp_path: Path) -> None:
    (tmp_path / NAME).symlink_to("/dev/full")
    with DataLock(tmp_path), pytest.raises(AlreadyRunning), DataLock(tmp_path):
        pass
