"""A clock that stands still until a test moves it."""

import asyncio
import heapq
import time
from datetime import UTC, datetime, timedelta


class FakeClock:
    """Implements `feeds.clock.Clock`. `advance` wakes sleepers in the order of their time."""

    def __init__(self, now: datetime = datetime(2024, 4, 8, 6, 0, tzinfo=UTC)) -> None:
        self._now = now
        self._monotonic = 1000.0
        self._sleepers: list[tuple[float, int, asyncio.Event]] = []
        self._number = 0
        self.slept: list[float] = []

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._monotonic

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        if seconds <= 0:
            await asyncio.sleep(0)
            return
        woken = asyncio.Event()
        self._number += 1
        heapq.heappush(self._sleepers, (self._monotonic + seconds, self._number, woken))
        await woken.wait()

    async def advance(self, seconds: float) -> None:
        """Moves time on, letting everything that wakes on the way run."""
        end = self._monotonic + seconds
        await self._settle()
        while self._sleepers and self._sleepers[0][0] <= end:
            at, _, woken = heapq.heappop(self._sleepers)
            self._move(at)
            woken.set()
            await self._settle()
        self._move(end)
        await self._settle()

    def jump(self, delta: timedelta) -> None:
        """Sets the wall clock only, as an operator or NTP does."""
        self._now += delta

    def _move(self, monotonic: float) -> None:
        self._now += timedelta(seconds=monotonic - self._monotonic)
        self._monotonic = monotonic

    @staticmethod
    async def _settle() -> None:
        for _ in range(20):
            await asyncio.sleep(0)


class QuickClock(FakeClock):
    """A clock for which all waiting is over at once: time is what was slept."""

    async def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self._move(self._monotonic + max(0.0, seconds))
        await asyncio.sleep(0)


class HurriedClock:
    """Implements `feeds.clock.Clock`: `times` as fast as the machine's."""

    def __init__(self, times: float) -> None:
        self._times = times
        self._began, self._wall = time.monotonic(), datetime.now(UTC)

    def now(self) -> datetime:
        return self._wall + timedelta(seconds=self.monotonic())

    def monotonic(self) -> float:
        return (time.monotonic() - self._began) * self._times

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds / self._times)
