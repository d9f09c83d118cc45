"""How often one person may ask."""

from collections import defaultdict, deque

from feeds.clock import Clock

MINUTE = 60.0  # seconds
MOST_PEOPLE = 10_000


class Pace:
    """At most so many commands and buttons of one person a minute."""

    def __init__(self, most: int, clock: Clock) -> None:
        self._most = most
        self._clock = clock
        self._times: defaultdict[str, deque[float]] = defaultdict(deque)
        self._told: dict[str, float] = {}

    def allows(self, person: str) -> bool:
        """Counts one more, if it is allowed."""
        now = self._clock.monotonic()
        times = self._times[person]
        while times and now - times[0] >= MINUTE:
            times.popleft()
        if len(times) >= self._most:
            return False
        times.append(now)
        if len(self._times) > MOST_PEOPLE:
            self._forget(now)
        return True

    def is_to_be_told(self, person: str) -> bool:
        """Whether the person is to hear that it was too much: once a minute."""
        now = self._clock.monotonic()
        if now - self._told.get(person, -MINUTE) < MINUTE:
            return False
        self._told[person] = now
        return True

    def _forget(self, now: float) -> None:
        """Who asked long ago needs no memory."""
        recent = {p: t for p, t in self._times.items() if t and now - t[-1] < MINUTE}
        self._times = defaultdict(deque, recent)
        self._told = {p: at for p, at in self._told.items() if now - at < MINUTE}
