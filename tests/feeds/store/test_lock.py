"""One worker a data directory; a dead one's lock is free."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from feeds.errors import AlreadyRunning
from feeds.store.lock import DataLock

HOLD = """
import sys, time
from pathlib import Path
from feeds.store.lock import DataLock
with DataLock(Path(sys.argv[1])):
    print("held", flush=True)
    time.sleep(60)
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
