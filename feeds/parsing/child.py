"""The process that reads large documents: `python -m feeds.parsing.child`, spoken to through its pipes.

It holds no secret and no connection. A document that needs more than its share of time ends it (SIGXCPU,
or its parent's kill), one that needs more memory is answered or ends it too; the next gets a new one.
"""

import os
import signal
import sys
import time
from typing import BinaryIO

from feeds.errors import NotReadable, Unreadable
from feeds.parsing.frames import HEAD, Answer, Task, pack, unpack
from feeds.sources.base import Source
from feeds.sources.table import build_source

# Bytes of its own: what an article of 5 MiB takes, and a page of 10 MiB that is no more than long. With the
# worker's own (some 145 MiB while it hands such a document over) that is less than 256 MiB.
MEMORY = 108 << 20

if sys.platform == "win32":

    def _limit_memory() -> None:
        """Windows has no such limit for a process that is already running; the time limit holds."""

    def _limit_time(seconds: int) -> None:
        """Nor this one; the parent's clock holds."""
else:
    import resource

    def _limit_memory() -> None:
        _, most = resource.getrlimit(resource.RLIMIT_DATA)
        least = MEMORY if most == resource.RLIM_INFINITY else min(MEMORY, most)
        try:
            resource.setrlimit(resource.RLIMIT_DATA, (least, most))
        except (ValueError, OSError):  # macOS knows the name but not the thing
            return

    def _limit_time(seconds: int) -> None:
        """So many seconds of CPU from now on."""
        _, most = resource.getrlimit(resource.RLIMIT_CPU)
        resource.setrlimit(resource.RLIMIT_CPU, (int(time.process_time()) + seconds + 1, most))


def main() -> None:
    """Answers tasks until the pipe closes, which it also does when the parent is killed."""
    tasks, answers = sys.stdin.buffer, os.fdopen(os.dup(sys.stdout.fileno()), "wb")
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # what anything prints is no answer
    # In Windows' console Ctrl-C reaches every process: it is the worker's, which ends us by the pipe.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    _limit_memory()
    built: dict[str, tuple[object, Source]] = {}
    while head := tasks.read(HEAD.size):
        answers.writelines(pack(_answer(_task(tasks, head), built)))
        answers.flush()


def _task(tasks: BinaryIO, head: bytes) -> Task:
    task = unpack(tasks.read(HEAD.unpack(head)[0]))
    assert isinstance(task, Task)
    return task


def _answer(task: Task, built: dict[str, tuple[object, Source]]) -> Answer:
    _limit_time(task.cpu)
    try:
        return Answer(_source(task, built).read(task.document))
    except NotReadable as error:
        return Answer(why=error.why, reason=error.reason)
    except MemoryError:
        return Answer(why=Unreadable.TOO_DEEP, reason="读这一页要的内存太多")
    except Exception as error:  # noqa: BLE001 - whatever it was, the parent must be told
        return Answer(reason=type(error).__name__)


def _source(task: Task, built: dict[str, tuple[object, Source]]) -> Source:
    """The source of these settings, made once."""
    held = built.get(task.config.id)
    if held is None or held[0] != task.config:
        held = built[task.config.id] = (task.config, build_source(task.config))
    return held[1]


if __name__ == "__main__":
    main()
