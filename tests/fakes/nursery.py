"""Commands that are born quickly. One process has the whole program imported and forks itself for each command: what
begins there is what `python -m bot` begins, without a second of imports. Tests of the start itself, and of memory,
begin a process of their own.

    test ──order, its files──▶ nursery ──fork──▶ command
      ◀──────pid, exit code──────┘
"""

import asyncio
import fcntl
import importlib
import json
import os
import runpy
import select
import signal
import socket
import subprocess
import sys
import termios
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
_MOST = 1 << 16  # bytes of an order: its variables


# ── the test's side ─────────────────────────────────────────────────────────────────────────────


class Born:
    """A command at work, as `asyncio.subprocess.Process` shows one."""

    def __init__(self, pid: int) -> None:
        self.pid = pid
        self.returncode: int | None = None
        self._ended = asyncio.Event()
        self._loop = asyncio.get_running_loop()

    async def wait(self) -> int:
        await self._ended.wait()
        assert self.returncode is not None
        return self.returncode

    def send_signal(self, number: int) -> None:
        if self.returncode is None:
            os.kill(self.pid, number)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def ended(self, code: int) -> None:
        """Called by the thread that listens to the nursery."""
        self.returncode = code
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ended.set)


class _Nursery:
    def __init__(self) -> None:
        self._line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        environ = {**os.environ, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"}
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.fakes.nursery", str(theirs.fileno())],
            cwd=ROOT, env=environ, stdin=subprocess.DEVNULL, pass_fds=[theirs.fileno()],
        )  # fmt: skip
        theirs.close()
        self._children: dict[int, Born] = {}
        self._early: dict[int, int] = {}  # that ended before they were known
        self._born: list[int] = []
        self._news = threading.Condition()
        threading.Thread(target=self._listen, daemon=True, name="nursery").start()

    def bear(
        self,
        arguments: Sequence[str],
        folder: Path,
        environ: Mapping[str, str],
        files: Sequence[int],
        *,
        has_terminal: bool,
        module: str | None,
    ) -> Born:
        order = {
            "argv": arguments,
            "cwd": str(folder),
            "env": dict(environ),
            "tty": has_terminal,
            "module": module,
        }
        socket.send_fds(self._line, [json.dumps(order).encode()], list(files))
        with self._news:
            assert self._news.wait_for(lambda: self._born, 60), "the nursery does not answer"
            child = Born(self._born.pop(0))
            if (code := self._early.pop(child.pid, None)) is not None:
                child.ended(code)
            else:
                self._children[child.pid] = child
        return child

    def _listen(self) -> None:
        while said := self._line.recv(_MOST):
            news = json.loads(said)
            with self._news:
                if "code" not in news:
                    self._born.append(news["pid"])
                elif (child := self._children.pop(news["pid"], None)) is not None:
                    child.ended(news["code"])
                else:
                    self._early[news["pid"]] = news["code"]
                self._news.notify_all()


_nurseries: list[_Nursery] = []  # one a test process


def bear(
    arguments: Sequence[str | Path],
    folder: Path,
    environ: Mapping[str, str],
    files: Sequence[int],
    *,
    has_terminal: bool = False,
    module: str | None = None,
) -> Born:
    """Begins `baotong`, or another module's program, with these arguments, variables and files (0, 1, 2) in a
    folder. With a terminal it leads a session of its own.
    """
    if not _nurseries:
        _nurseries.append(_Nursery())
    words = [str(one) for one in arguments]
    return _nurseries[0].bear(
        words, folder, environ, files, has_terminal=has_terminal, module=module
    )


# ── the nursery's side ──────────────────────────────────────────────────────────────────────────


def main() -> None:
    """Bears commands until nobody orders any."""
    line = socket.socket(fileno=int(sys.argv[1]))
    _learn()
    ended, heard = os.pipe2(os.O_NONBLOCK | os.O_CLOEXEC)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    signal.set_wakeup_fd(heard)
    living: set[int] = set()
    while True:
        ready, _, _ = select.select([line, ended], [], [])
        if ended in ready:
            os.read(ended, 4096)
            _bury(line, living)
        if line in ready:
            said, files, _, _ = socket.recv_fds(line, _MOST, 3)
            if not said:
                break
            pid = os.fork()
            if pid == 0:
                line.close()
                signal.set_wakeup_fd(-1)
                os.close(ended)
                os.close(heard)
                _live(json.loads(said), files)
            living.add(pid)
            for file in files:
                os.close(file)
            line.send(json.dumps({"pid": pid}).encode())
    for pid in living:
        os.kill(pid, signal.SIGKILL)


def _learn() -> None:
    from bot.cli.main import COMMANDS  # noqa: PLC0415 - only the nursery's process needs all that

    for module, _ in COMMANDS.values():
        importlib.import_module(module)
        importlib.import_module(module.replace(".usage.", "."))
    for module in ("uvloop", "psycopg", "sqlalchemy.dialects.postgresql.psycopg"):
        importlib.import_module(module)


def _bury(line: socket.socket, living: set[int]) -> None:
    while living:
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            return
        living.discard(pid)
        line.send(json.dumps({"pid": pid, "code": os.waitstatus_to_exitcode(status)}).encode())


def _live(order: dict[str, Any], files: Sequence[int]) -> None:
    """Becomes the command; never returns."""
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(
        signal.SIGINT, signal.default_int_handler
    )  # ignored where the tests run in the background
    for place, file in enumerate(files):
        os.dup2(file, place)
        os.close(file)
    if order["tty"]:
        os.setsid()
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    os.chdir(order["cwd"])
    os.environ.clear()
    os.environ.update(order["env"])
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(line_buffering=True)  # type: ignore[union-attr]
    if order["module"]:
        sys.argv[1:] = order["argv"]
        runpy.run_module(order["module"], run_name="__main__", alter_sys=True)
        sys.exit()
    from bot.cli.main import main as command  # noqa: PLC0415 - imported already

    command(order["argv"], prog_name="baotong")


if __name__ == "__main__":
    main()
