"""Manners and patience: how much we call one host, and when we try again. Pure but for its memory."""

from collections import deque
from datetime import timedelta

_MINUTE = 60.0
_MOST_KEYS = 10_000  # from here on, each new one has those of long ago forgotten

# After each failure in a row; the last for as long as the lease runs.
PATIENCE = (
    timedelta(seconds=10),
    timedelta(seconds=30),
    timedelta(minutes=2),
    timedelta(minutes=10),
    timedelta(minutes=30),
    timedelta(hours=1),
    timedelta(hours=3),
    timedelta(hours=6),
)


def wait_after(attempts: int, asked: timedelta | None = None) -> timedelta:
    """How long to wait after so many failures. The server's own wait is a floor, up to a day."""
    wait = PATIENCE[min(max(attempts, 1), len(PATIENCE)) - 1]
    return wait if asked is None else max(wait, min(asked, timedelta(days=1)))


class PerMinute:
    """At most so many events a minute, by key. Times are a clock's monotonic seconds."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._seen: dict[str, deque[float]] = {}

    def take(self, key: str, now: float) -> bool:
        """Notes one event; False, and nothing is noted, where there were enough."""
        if self.is_full(key, now):
            return False
        if len(self._seen) >= _MOST_KEYS:
            self.full(now)
        self._seen.setdefault(key, deque()).append(now)
        return True

    def is_full(self, key: str, now: float) -> bool:
        """Whether there were enough in the minute before `now`."""
        seen = self._seen.get(key)
        if seen is None:
            return False
        while seen and seen[0] <= now - _MINUTE:
            seen.popleft()
        if not seen:
            del self._seen[key]
            return False
        return len(seen) >= self._most

    def full(self, now: float) -> list[str]:
        """The keys of which there were enough; what is long past is forgotten."""
        return [key for key in list(self._seen) if self.is_full(key, now)]
