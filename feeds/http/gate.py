"""One request at a time to a host, and a gap between two, whatever the number of papers on it."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

from yarl import URL

from feeds.clock import Clock
from feeds.http.guard import USUAL_PORTS

_MANY = 1024


class _Turn:
    """A host's lock and the time from which it may be asked again (`clock.monotonic` seconds)."""

    def __init__(self) -> None:
        self.lock = asyncio.Lock()
        self.waiting = 0
        self.free_at = float("-inf")


class Gate:
    """`async with gate.turn(url)` waits for the host's lock and gap. The gap runs from the end of one
    request to the beginning of the next, so that a slow network cannot bring two closer together. A host
    may ask for a longer one.
    """

    def __init__(self, clock: Clock, gap: timedelta) -> None:
        self._clock = clock
        self._gap = gap.total_seconds()
        self._turns: dict[tuple[str, int | None], _Turn] = {}

    @asynccontextmanager
    async def turn(self, url: URL, delay: timedelta = timedelta()) -> AsyncIterator[None]:
        turn = self._turn(url)
        turn.waiting += 1
        try:
            async with turn.lock:
                wait = turn.free_at - self._clock.monotonic()
                if wait > 0:
                    await self._clock.sleep(wait)
                try:
                    yield
                finally:
                    turn.free_at = self._clock.monotonic() + max(self._gap, delay.total_seconds())
        finally:
            turn.waiting -= 1

    def _turn(self, url: URL) -> _Turn:
        """A name is one host by http and by https; another port is another server."""
        port = None if url.port in USUAL_PORTS else url.port
        if len(self._turns) > _MANY:
            self._forget_idle()
        return self._turns.setdefault((url.host or "", port), _Turn())

    def _forget_idle(self) -> None:
        now = self._clock.monotonic()
        idle = [k for k, turn in self._turns.items() if not turn.waiting and turn.free_at <= now]
        for key in idle:
            del self._turns[key]
