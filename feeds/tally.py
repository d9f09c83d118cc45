"""What happens, counted in memory, for whoever wants figures of it.

    who does something ──▶ tally.count, tally.observe ──▶ TallySheet ◀── who shows figures

Whoever counts knows nothing of who reads, and counting costs a lookup in a dictionary (about a
microsecond), so that it may stand in the way of every message.
"""

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, eq=False)
class Count:
    """Something that is counted. `labels` are names with the values that each can take, so that a figure
    begins at 0; without values where these are endless or known to the settings only. `name` has no
    prefix and no `_total`.
    """

    name: str
    help: str
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Spread:
    """Something whose sizes are counted: how many were at most each of `bounds`. `name` ends in the unit,
    which is that of the bounds.
    """

    name: str
    help: str
    bounds: tuple[float, ...]
    labels: Mapping[str, tuple[str, ...]] = field(default_factory=dict)


class Tally(Protocol):
    """Where things are counted. Neither method raises; labels are values in the order of their names."""

    def count(self, what: Count, *labels: str, by: float = 1) -> None: ...

    def observe(self, what: Spread, value: float, *labels: str) -> None: ...


class _NoTally:
    """Counts nothing: for commands and tests that nobody asks for figures."""

    def count(self, what: Count, *labels: str, by: float = 1) -> None: ...

    def observe(self, what: Spread, value: float, *labels: str) -> None: ...


NO_TALLY: Tally = _NoTally()


@dataclass(slots=True)
class Seen:
    """How many values fell between each two bounds (the last: beyond all), and their sum."""

    numbers: list[int]
    sum: float = 0.0


class TallySheet:
    """A process's figures since it began. Of one event loop, like everything that counts."""

    def __init__(self) -> None:
        self.counts: dict[tuple[Count, tuple[str, ...]], float] = {}
        self.spreads: dict[tuple[Spread, tuple[str, ...]], Seen] = {}

    def count(self, what: Count, *labels: str, by: float = 1) -> None:
        key = (what, labels)
        self.counts[key] = self.counts.get(key, 0) + by

    def observe(self, what: Spread, value: float, *labels: str) -> None:
        seen = self.spreads.get((what, labels))
        if seen is None:
            seen = self.spreads[what, labels] = Seen([0] * (len(what.bounds) + 1))
        seen.numbers[bisect_left(what.bounds, value)] += 1
        seen.sum += value
