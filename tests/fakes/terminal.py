"""A person at a terminal: a command in a process of its own whose questions are answered as they come."""

import asyncio
import fcntl
import os
import re
import signal
import struct
import termios
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.fakes.nursery import Born, bear

ROOT = Path(__file__).parents[2]
_CONTROL = re.compile(r"\x1b\[[0-9;?]*[A-Za-z]|\r")


@dataclass
class Terminal:
    """`shown` is everything that stood on the screen, without its control codes."""

    process: Born
    master: int
    raw: bytearray = field(default_factory=bytearray)
    _news: asyncio.Event = field(default_factory=asyncio.Event)
    _seen: int = 0

    @property
    def shown(self) -> str:
        return _CONTROL.sub("", self.raw.decode("utf-8", "replace"))

    async def until(self, words: str, seconds: float = 60) -> None:
        """Returns once these words are shown, behind what was waited for before."""
        async with asyncio.timeout(seconds):
            while (at := self.shown.find(words, self._seen)) < 0:
                if self.process.returncode is not None and not self._news.is_set():
                    raise AssertionError(f"ended without {words!r}:\n{self.shown}")
                await self._news.wait()
                self._news.clear()
        self._seen = at + len(words)

    async def answer(self, question: str, words: str = "") -> None:
        """Waits for a question and types an answer, with the return key."""
        await self.until(question)
        os.write(self.master, f"{words}\n".encode())

    def interrupt(self) -> None:
        """Ctrl-C, as the terminal sends it to the foreground process. A signal that comes between the question and
        its read is seen when the read ends: hence the return key.
        """
        self.press(b"\x03")
        self.press(b"\n")

    def press(self, keys: bytes) -> None:
        os.write(self.master, keys)

    async def ended(self) -> int:
        async with asyncio.timeout(60):
            code = await self.process.wait()
        self.read()
        return code

    def read(self) -> None:
        try:
            while data := os.read(self.master, 65536):
                self.raw += data
                self._news.set()
        except (BlockingIOError, OSError):  # nothing now; or the other end is closed
            self._news.set()


@asynccontextmanager
async def terminal(
    folder: Path, *arguments: str, environ: Mapping[str, str] | None = None
) -> AsyncIterator[Terminal]:
    """`baotong` in this folder, with a terminal of 200 columns."""
    master, slave = os.openpty()
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 50, 200, 0, 0))
    os.set_blocking(master, False)
    kept = {name: value for name, value in os.environ.items() if not name.startswith("BAOTONG_")}
    kept.pop("COLUMNS", None)
    variables = {**kept, "PYTHONPATH": str(ROOT), "PYTHONUTF8": "1", "TERM": "xterm"}
    variables |= dict(environ or {})
    process = bear(arguments, folder, variables, [slave, slave, slave], has_terminal=True)
    os.close(slave)
    shown = Terminal(process, master)
    loop = asyncio.get_running_loop()
    loop.add_reader(master, shown.read)
    watch = asyncio.create_task(_bell(shown))
    try:
        yield shown
    finally:
        loop.remove_reader(master)
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
        await watch
        os.close(master)


async def _bell(shown: Terminal) -> None:
    await shown.process.wait()
    shown._news.set()
