"""When to look at a newspaper again: pure. `check_every` while all is well, further and further apart
while it fails, and never before the time that the server asked for.
"""

from datetime import datetime, timedelta

JITTER = 0.1
_LONGEST_BACK_OFF = timedelta(hours=1)
_LONGEST_WAIT = timedelta(hours=24)
_SOONEST = timedelta(seconds=1)
_MOST_DOUBLINGS = 12  # a second is more than an hour by then


def next_look(
    now: datetime,
    check_every: timedelta,
    failures: int,
    chance: float,
    retry_after: timedelta | None = None,
    reads_due_at: datetime | None = None,
) -> datetime:
    """The instant of the next look. `failures` are the bad looks in a row, `chance` is a random number
    in [0, 1) that spreads looks by ±10 %. Counts that are due at `reads_due_at` bring a good look
    forward; a failing newspaper is not asked more often for them. `retry_after` is a floor.
    """
    wait = back_off(check_every, failures) * (1 + JITTER * (2 * chance - 1))
    at = now + wait
    if reads_due_at is not None and not failures:
        at = min(at, max(reads_due_at, now + _SOONEST))
    return at if retry_after is None else max(at, now + retry_after)


def back_off(check_every: timedelta, failures: int) -> timedelta:
    """Doubled with every failure in a row, up to an hour, or to `check_every` where that is longer."""
    longest = max(_LONGEST_BACK_OFF, check_every)
    doublings = min(failures, _MOST_DOUBLINGS)
    return min(check_every * 2**doublings, longest) if doublings else check_every


def first_look(
    now: datetime, check_every: timedelta, failures: int, planned: datetime | None
) -> datetime:
    """The first look after a start: as planned before, so that a restart never asks a failing server
    earlier. A good newspaper is looked at within `check_every` (which may be shorter than it was), and
    a clock that was far ahead when the plan was made holds nobody up for more than a day.
    """
    if planned is None or planned <= now:
        return now
    longest = _LONGEST_WAIT if failures else check_every * (1 + JITTER)
    return min(planned, now + longest)
