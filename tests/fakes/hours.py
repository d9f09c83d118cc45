"""Papers that come out by the clock, and a watch of one of them: months in a second, by the pure schedule."""

import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from statistics import median
from zoneinfo import ZoneInfo

from feeds.schedule import Sighting, heat_of, learn, next_look

ZONE = ZoneInfo("Asia/Shanghai")
MONDAY = date(2026, 1, 5)
HISTORY = 60
Issue = tuple[datetime, date, str]
Press = Callable[[date, random.Random], Iterator[Issue]]


def _at(day: date, hours: float) -> datetime:
    return (datetime.combine(day, time(), ZONE) + timedelta(hours=hours)).astimezone(UTC)


def _about(day: date, hour: float, minutes: float, chance: random.Random) -> datetime:
    return _at(day, hour + chance.uniform(-minutes, minutes) / 60)


def daily(day: date, chance: random.Random) -> Iterator[Issue]:
    """At 06:10, give or take 20 minutes."""
    yield _about(day, 6 + 1 / 6, 20, chance), day, day.isoformat()


def weekdays(day: date, chance: random.Random) -> Iterator[Issue]:
    """The same, from Monday to Friday."""
    if day.weekday() < 5:
        yield from daily(day, chance)


def twice(day: date, chance: random.Random) -> Iterator[Issue]:
    """In the morning and in the afternoon."""
    yield from daily(day, chance)
    yield _about(day, 16, 20, chance), day, f"{day.isoformat()}-2"


def irregular(day: date, chance: random.Random) -> Iterator[Issue]:
    """Every other day or so, at any hour."""
    if chance.random() < 0.5:
        yield _at(day, chance.uniform(0, 24)), day, day.isoformat()


def midnight(day: date, chance: random.Random) -> Iterator[Issue]:
    """About midnight: sometimes on the evening before."""
    yield _about(day, 0, 15, chance), day, day.isoformat()


def issues(press: Press, days: int, seed: int = 7) -> list[Issue]:
    """All that comes out in so many days, in order."""
    chance = random.Random(seed)
    return sorted(issue for n in range(days) for issue in press(MONDAY + timedelta(days=n), chance))


@dataclass
class Watched:
    """What a simulated watch did: its looks, and when each issue was first seen."""

    looks: list[datetime] = field(default_factory=list)
    seen: list[tuple[datetime, Issue]] = field(default_factory=list)

    def delays(self, since: datetime) -> list[float]:
        """Seconds from publication to the first look that showed it."""
        return [(at - issue[0]).total_seconds() for at, issue in self.seen if issue[0] >= since]

    def gaps(self) -> list[timedelta]:
        return [after - before for before, after in zip(self.looks, self.looks[1:], strict=False)]


def watch(printed: Sequence[Issue], days: int, every: timedelta, seed: int = 1) -> Watched:
    """A watch that learns as it goes."""
    chance, watched, history = random.Random(seed), Watched(), list[Sighting]()
    now = _at(MONDAY, -5)
    end, last, left = now + timedelta(days=days), None, list(printed)
    heat = heat_of(learn((), ZONE), every)
    while now < end:
        watched.looks.append(now)
        is_new = bool(left) and left[0][0] <= now
        while left and left[0][0] <= now:
            issue = left.pop(0)
            watched.seen.append((now, issue))
            history.append(Sighting(issue[1], issue[2], now, last))
        if is_new:
            heat = heat_of(learn(history[-HISTORY:], ZONE), every)
        last, now = now, next_look(now, every, 0, chance.random(), heat=heat)
    return watched


@dataclass(frozen=True)
class Comparison:
    """Median delays in seconds, and how many looks a day both made."""

    learned: float
    fixed: float
    looks: float

    @property
    def ratio(self) -> float:
        """How many times the fixed interval's delay is ours."""
        return self.fixed / self.learned


def compare(press: Press, every: timedelta, days: int = 240, learning: int = 30) -> Comparison:
    """The watch after a month of learning, against looks at a fixed interval, as many a day."""
    printed = issues(press, days)
    watched = watch(printed, days, every)
    since = _at(MONDAY, 24 * learning)
    looks = [look for look in watched.looks if look >= since]
    span = looks[-1] - looks[0]
    interval = span / (len(looks) - 1)
    waits = [interval - (issue[0] - since) % interval for issue in printed if issue[0] >= since]
    return Comparison(
        learned=median(watched.delays(since)),
        fixed=median(wait.total_seconds() for wait in waits),
        looks=timedelta(days=1) / interval,
    )
