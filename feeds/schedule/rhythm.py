"""When a paper comes out, learned from its history: pure.

Every issue is an observation: between the last look that did not show it and the first that did, counted
from 00:00 of the day printed on it, in the paper's own zone. So a paper that appears at midnight, or the
evening before, is as regular as any other, and Friday's paper that comes on Monday is no Monday paper.

    sightings ──▶ for each weekday and each issue of a day (the first, the second …):
                    how likely it appears at all, and how its appearance is spread over the hours
    now, what is known ──▶ the issues that are awaited ──▶ looks a second

Looks are spread over the hours in proportion to the square root of the likelihood, which makes the
expected delay least for a given number of looks. A paper gets, for the issues of one day, at most as many
looks more as `check_every` gives a day anyway; once an issue is known, those that were meant for it are
not made. Young observations count more: half as much after 20 issues, so a new hour is learned in days.
"""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

BIN = timedelta(minutes=5)
_BIN_SECONDS = BIN.total_seconds()
_MARGIN = 2  # bins around an observation in which the next may fall
_HALF_LIFE = 20  # issues
_WIDTH = timedelta(minutes=30)
_OTHER_WEEKDAYS = 0.25  # what an issue of another weekday says about this one's hours
_LIKELY = 0.3  # below, a weekday's issue is not awaited
_USUAL = 0.8  # from here on, its absence is worth an alarm
_KNOWN_TWICE = 2  # weekdays of a kind that must have been seen before they are usual
_ENOUGH = 5  # observations
_EARLIEST, _LATEST = timedelta(days=-1), timedelta(days=4)
_DAYS_AGO = range(_LATEST.days, _EARLIEST.days - 1, -1)  # of the issues that may come now
_BINS_A_DAY = timedelta(days=1) // BIN
_WIDE = timedelta(hours=6)  # hours so far apart are no usual time
LATE_AFTER = timedelta(hours=3)

Key = tuple[int, int]  # weekday, and which issue of the day: 0 is the first


@dataclass(frozen=True, slots=True)
class Sighting:
    """An issue and when it was first seen. `unseen_at` is the last look that did not show it, None where
    nobody was looking (a first look, backfill): then it tells the weekday only.
    """

    date: date
    key: str
    seen_at: datetime
    unseen_at: datetime | None


@dataclass(frozen=True, slots=True)
class _Spread:
    """How the looks for one issue are spread: the share of each bin, counted from its day's midnight."""

    shares: Mapping[int, float]


@dataclass(frozen=True, slots=True)
class Rhythm:
    """What was learned. Made by `learn`."""

    zone: ZoneInfo
    spreads: Mapping[Key, _Spread]
    likely: Mapping[Key, float]
    known: Mapping[date, int]  # issues of each day in the history
    deadlines: Mapping[int, timedelta]  # weekday → when its first issue is late

    def heat(self, at: datetime, a_day: float) -> float:
        """How many looks a second the awaited issues are worth at this time, where the issues of one day
        are worth `a_day` looks.
        """
        local = at.astimezone(self.zone).replace(tzinfo=None)
        return sum(a_day * worth * share / _BIN_SECONDS for worth, share in self._awaited(local))

    def missing(self, at: datetime) -> date | None:
        """The first day since the newest issue whose paper is late: usual on its weekday, and not there
        three hours after the time by which nine of ten had come.
        """
        if not self.deadlines:
            return None
        local = at.astimezone(self.zone).replace(tzinfo=None)
        day = max(self.known) + timedelta(days=1)
        while day <= local.date():
            late = self.deadlines.get(day.weekday())
            if late is not None and local > _midnight(day) + late:
                return day
            day += timedelta(days=1)
        return None

    def _awaited(self, local: datetime) -> Iterator[tuple[float, float]]:
        """Of the days whose next issue may come now: which part of a day's looks it is worth, and which
        share of those falls into this bin.
        """
        today = local.date()
        number = (local - _midnight(today)) // BIN
        for ago in _DAYS_AGO:
            day = today - timedelta(days=ago)
            key = day.weekday(), self.known.get(day, 0)
            if (spread := self.spreads.get(key)) is None:
                continue
            share = spread.shares.get(number + ago * _BINS_A_DAY, 0.0)
            if share and not self._is_over(day):
                yield self.likely[key] / _issues_of(self.likely, key[0]), share

    def _is_over(self, day: date) -> bool:
        """Whether a later day's paper is out, so that this one's will not come any more."""
        return bool(self.known) and day < max(self.known) and day not in self.known


def learn(history: Sequence[Sighting], zone: ZoneInfo) -> Rhythm:
    """The rhythm of a paper from its last issues, in any order. Without history nothing is awaited."""
    seen = _ranked(history)
    known: dict[date, int] = defaultdict(int)
    for sighting, _ in seen:
        known[sighting.date] += 1
    likely = _likelihoods(known)
    observed = _observed(seen)
    spreads = {
        key: _spread(_weights(observed, key, zone))
        for key, chance in likely.items()
        if chance >= _LIKELY and any(rank == key[1] for _, rank, _ in observed)
    }
    return Rhythm(zone, spreads, likely, dict(known), _deadlines(observed, known, zone))


def usual_time(history: Sequence[Sighting], zone: ZoneInfo) -> timedelta | None:
    """When a day's first issue is usually there, counted from 00:00 of the day printed on it (so the
    evening before is negative): by then half of the last ones had come. None where too few were seen
    coming, or their hours are too far apart.
    """
    firsts = [one for one, rank, _ in _observed(_ranked(history)) if rank == 0]
    hours = sorted(_offset(sighting.seen_at, sighting.date, zone) for sighting in firsts)
    if (
        len(hours) < _ENOUGH
        or hours[math.ceil(0.9 * len(hours)) - 1] - hours[len(hours) // 10] > _WIDE
    ):
        return None
    return hours[len(hours) // 2]


def _observed(seen: Sequence[tuple[Sighting, int]]) -> list[tuple[Sighting, int, float]]:
    """The sightings that tell the hour, youngest first, with their weight. One between two looks much
    farther apart than usual (we were not running) tells nothing.
    """
    timed = [(one, rank) for one, rank in reversed(seen) if one.unseen_at is not None]
    widths = sorted(_width(sighting) for sighting, _ in timed)
    widest = 3 * widths[len(widths) // 2] + _WIDTH if widths else _WIDTH
    return [
        (sighting, rank, 0.5 ** (age / _HALF_LIFE))
        for age, (sighting, rank) in enumerate(timed)
        if _width(sighting) <= widest
    ]


def _width(sighting: Sighting) -> timedelta:
    return sighting.seen_at - (sighting.unseen_at or sighting.seen_at)


def _ranked(history: Sequence[Sighting]) -> list[tuple[Sighting, int]]:
    """The sightings in order, each with its place among those of its day."""
    ranks: dict[date, int] = defaultdict(int)
    ranked = []
    for sighting in sorted(history, key=lambda one: (one.date, one.key)):
        ranked.append((sighting, ranks[sighting.date]))
        ranks[sighting.date] += 1
    return ranked


def _likelihoods(known: Mapping[date, int]) -> dict[Key, float]:
    """How likely a weekday has so many issues. A weekday that was seldom seen is thought to be like the
    others.
    """
    if not known:
        return {}
    days = list(_days(min(known), max(known)))
    likely = {}
    for rank in range(max(known.values())):
        overall = sum(known.get(day, 0) > rank for day in days) / len(days)
        for weekday in range(7):
            same = [day for day in days if day.weekday() == weekday]
            hits = sum(known.get(day, 0) > rank for day in same)
            likely[weekday, rank] = (hits + overall) / (len(same) + 1)
    return likely


def _days(first: date, last: date) -> Iterator[date]:
    for number in range((last - first).days + 1):
        yield first + timedelta(days=number)


def _weights(
    observed: Iterable[tuple[Sighting, int, float]], key: Key, zone: ZoneInfo
) -> dict[int, float]:
    """The likelihood of each bin, not normalised. An observation says nothing of where between its two
    looks the issue came, so it is spread over all of it.
    """
    weekday, wanted = key
    weights: dict[int, float] = defaultdict(float)
    for sighting, rank, weight in observed:
        if rank == wanted:
            first, last = _bins(sighting, zone)
            same = sighting.date.weekday() == weekday
            share = weight * (1.0 if same else _OTHER_WEEKDAYS) / (last - first + 1)
            for number in range(first, last + 1):
                weights[number] += share
    return weights


def _bins(sighting: Sighting, zone: ZoneInfo) -> tuple[int, int]:
    begin = _offset(sighting.unseen_at or sighting.seen_at, sighting.date, zone)
    end = _offset(sighting.seen_at, sighting.date, zone)
    first = max(begin, _EARLIEST) // BIN - _MARGIN
    last = min(end, _LATEST) // BIN + _MARGIN
    return first, max(first, last)


def _offset(at: datetime, day: date, zone: ZoneInfo) -> timedelta:
    """The wall clock's time since the day's midnight, whatever summer time does."""
    return at.astimezone(zone).replace(tzinfo=None) - _midnight(day)


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time())


def _spread(weights: Mapping[int, float]) -> _Spread:
    roots = {number: math.sqrt(weight) for number, weight in weights.items()}
    whole = sum(roots.values())
    return _Spread({number: root / whole for number, root in roots.items()})


def _issues_of(likely: Mapping[Key, float], weekday: int) -> int:
    """How many issues such a day has."""
    held = sum(1 for (day, _), chance in likely.items() if day == weekday and chance >= _LIKELY)
    return max(1, held)


def _deadlines(
    observed: Sequence[tuple[Sighting, int, float]], known: Mapping[date, int], zone: ZoneInfo
) -> dict[int, timedelta]:
    """When the first issue of a usual weekday is late; nothing where the hours are too far apart."""
    firsts = [s for s, rank, _ in observed if rank == 0]
    hours = sorted(_offset(sighting.seen_at, sighting.date, zone) for sighting in firsts)
    if len(hours) < _ENOUGH:
        return {}
    late = hours[math.ceil(0.9 * len(hours)) - 1]
    if late - hours[len(hours) // 10] > _WIDE:
        return {}
    days = list(_days(min(known), max(known)))
    usual = {}
    for weekday in range(7):
        same = [day in known for day in days if day.weekday() == weekday]
        if len(same) >= _KNOWN_TWICE and sum(same) >= _USUAL * len(same):
            usual[weekday] = late + LATE_AFTER
    return usual
