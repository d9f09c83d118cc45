"""What is typed at a terminal, line by line, read by a thread that nobody waits for: a read of the keyboard has no end,
and a program that is told to stop must not need the return key.
"""

import asyncio
import threading
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, TextIO

_MOST = 4096  # bytes; a terminal gives a line at a time


class Keyboard:
    """The lines of a stream; whoever asks later goes on where the last one stopped."""

    def __init__(self, keys: TextIO) -> None:
        self._keys = keys
        self._typed: asyncio.Queue[str | None] = asyncio.Queue()
        self._is_read = False

    @property
    def is_there(self) -> bool:
        """Whether somebody can type."""
        return self._keys.isatty()

    async def lines(self) -> AsyncIterator[str]:
        """Without their ends, until there are no more."""
        if not self._is_read:
            self._is_read = True
            loop = asyncio.get_running_loop()
            threading.Thread(target=self._read, args=(loop,), daemon=True, name="keyboard").start()
        while (line := await self._typed.get()) is not None:
            yield line

    def _read(self, loop: asyncio.AbstractEventLoop) -> None:
        # Below the buffer: whose lock this thread holds at the end, the interpreter cannot end.
        raw: Any = getattr(self._keys, "buffer", self._keys)
        raw = getattr(raw, "raw", raw)
        rest = b""
        with suppress(RuntimeError, OSError):  # the loop is over, or the terminal
            while data := raw.read(_MOST):
                *lines, rest = (rest + data).split(b"\n")
                for line in lines:
                    text = line.decode("utf-8", "replace").strip()
                    loop.call_soon_threadsafe(self._typed.put_nowait, text)
            loop.call_soon_threadsafe(self._typed.put_nowait, None)
