"""One worker a data directory; a dead one's lock is free."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from feeds.errors import AlreadyRunning
from feeds.store.lock import NAME, DataLock, holder

HOLD = """
import sys, time
from pathlib import Path
from feeds.store.lock import DataLock
with DataLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
"""

ASK = """
import sys
from pathlib import Path
from feeds.store.lock import holder
print("asking", flush=True)
while True:
    holder(Path(sys.argv[1]))
"""


def test_case_161_a_second_holder_is_told_who_the_first_is(tmp_path: Path) -> None:
    with (
        DataLock(tmp_path),
        pytest.raises(AlreadyRunning, match=str(os.getpid())),
        DataLock(tmp_path),
    ):
        pass


def test_the_lock_is_free_after_its_holder_left(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        pass
    with DataLock(tmp_path):
        pass


def test_case_162_the_lock_of_a_killed_process_is_taken_over(tmp_path: Path) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    assert holder.stdout.readline() == "held\n"
    with pytest.raises(AlreadyRunning, match=str(holder.pid)), DataLock(tmp_path):
        pass
    holder.send_signal(signal.SIGKILL)
    holder.wait()
    holder.stdout.close()
    with DataLock(tmp_path):
        pass


def test_whoever_asks_hears_who_works_here_and_takes_nothing(tmp_path: Path) -> None:
    assert holder(tmp_path / "nowhere") is None
    assert holder(tmp_path) is None
    assert list(tmp_path.iterdir()) == []
    with DataLock(tmp_path):
        assert holder(tmp_path) == str(os.getpid())
        assert holder(tmp_path) == str(os.getpid())
    assert holder(tmp_path) is None  # though the pid still stands in the file


def test_a_worker_that_starts_while_somebody_asks_does_not_give_up(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        pass
    asking = subprocess.Popen(
        [sys.executable, "-c", ASK, str(tmp_path)], stdout=subprocess.PIPE, text=True
    )
    assert asking.stdout is not None
    assert asking.stdout.readline() == "asking\n"
    try:
        for _ in range(50):
            with DataLock(tmp_path):
                pass
    finally:
        asking.kill()
        asking.wait()
        asking.stdout.close()


def test_what_is_no_number_is_no_process(tmp_path: Path) -> None:
    with DataLock(tmp_path):
        (tmp_path / NAME).write_bytes(b"SQLite format 3\x00\x1b[31m")
        assert holder(tmp_path) == "?"
        with pytest.raises(AlreadyRunning, match=r"进程 \?"), DataLock(tmp_path):
            pass
