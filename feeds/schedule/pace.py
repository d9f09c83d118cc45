"""The pace of looks: often when an issue is awaited, at least every `check_every` otherwise, further and
further apart while the newspaper fails, and never before the time that the server asked for.
"""

from collections.abc import Callable
from datetime import datetime, timedelta

from feeds.schedule.rhythm import BIN, Rhythm

JITTER = 0.1
FLOOR = timedelta(seconds=30)
"""No awaited issue makes two looks come closer than this, or than `check_every` where that is less."""
_LONGEST_BACK_OFF = timedelta(hours=1)
_LONGEST_WAIT = timedelta(hours=24)
_SOONEST = timedelta(seconds=1)
_MOST_DOUBLINGS = 12  # a second is more than an hour by then
_DAY = timedelta(days=1)
_SPREAD, _FEW = timedelta(milliseconds=20), 50

Heat = Callable[[datetime], float]
"""Looks a second that the issues awaited at a time are worth."""


def calm(_at: datetime) -> float:
    """The heat of a paper of which nothing is known."""
    return 0.0


def heat_of(rhythm: Rhythm, check_every: timedelta) -> Heat:
    """The heat of a paper whose day is worth as many looks more as `check_every` gives it anyway."""
    if not rhythm.spreads:
        return calm
    a_day = _DAY / check_every
    return lambda at: rhythm.heat(at, a_day)


def next_look(
    now: datetime,
    check_every: timedelta,
    failures: int,
    chance: float,
    retry_after: timedelta | None = None,
    due_at: datetime | None = None,
    heat: Heat = calm,
) -> datetime:
    """The instant of the next look. `failures` are the bad looks in a row, `chance` is a random number
    in [0, 1) that brings good looks forward, and puts others off, by up to 10 %. Work that is due at `due_at` (counts, lists to be
    looked at again) brings a good look forward; a failing newspaper is asked neither for it nor because
    an issue is awaited. `retry_after` is a floor.
    """
    if failures:
        at = now + back_off(check_every, failures) * (1 + JITTER * chance)
    else:
        at = _by_heat(now, check_every, 1 - JITTER * chance, heat)
    if due_at is not None and not failures:
        at = min(at, max(due_at, now + _SOONEST))
    return at if retry_after is None else max(at, now + retry_after)


def _by_heat(now: datetime, check_every: timedelta, thrift: float, heat: Heat) -> datetime:
    """When the looks a second, summed up from now on, come to one whole look (less the jitter)."""
    at, latest = now, now + check_every * thrift
    if heat is calm:
        return latest
    fewest, most = 1 / check_every.total_seconds(), 1 / min(FLOOR, check_every).total_seconds()
    owed = thrift
    while at < latest:
        speed = min(max(fewest, heat(at)), most)
        step = BIN - (at - datetime.min.replace(tzinfo=at.tzinfo)) % BIN
        if speed * step.total_seconds() >= owed:
            return min(at + timedelta(seconds=owed / speed), latest)
        owed -= speed * step.total_seconds()
        at += step
    return latest


def back_off(check_every: timedelta, failures: int) -> timedelta:
    """Doubled with every failure in a row, up to an hour, or to `check_every` where that is longer."""
    longest = max(_LONGEST_BACK_OFF, check_every)
    doublings = min(failures, _MOST_DOUBLINGS)
    return min(check_every * 2**doublings, longest) if doublings else check_every


def first_look(
    now: datetime,
    check_every: timedelta,
    failures: int,
    planned: datetime | None,
    crowd: int = 1,
    chance: float = 0.0,
) -> datetime:
    """The first look after a start: as planned before, so that a restart never asks a failing server
    earlier. A good newspaper is looked at within `check_every` (which may be shorter than it was), and
    a clock that was far ahead when the plan was made holds nobody up for more than a day. Of a large
    `crowd` of papers 50 a second begin.
    """
    turn = min(_SPREAD * max(crowd - _FEW, 0) * chance, check_every)
    if planned is None or planned <= now:
        return now + turn
    longest = _LONGEST_WAIT if failures else check_every
    return min(planned, now + longest)
