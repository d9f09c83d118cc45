"""When to look again: pure arithmetic on the clock."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from random import Random

JITTER = 0.1  # of the interval, either way, so that a thousand papers do not look at once
LONGEST_BACK_OFF = timedelta(hours=1)
RESUME_AFTER = timedelta(minutes=1)  # for a half-read issue, where that is sooner

# After an article was first seen: the count grows fast at first, and our look may itself be counted.
READ_LOOKS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
)


def next_look(
    now: datetime,
    check_every: timedelta,
    random: Random,
    *,
    failures: int = 0,
    is_unfinished: bool = False,
    retry_after: timedelta | None = None,
) -> datetime:
    """The time of the next look.

    `failures` bad looks in a row double the wait each, up to an hour (or the interval itself, if
    that is longer). `is_unfinished`: a half-read issue waits. The server's own `retry_after` is a
    floor under everything (RFC 9110 section 10.2.3).
    """
    wait = min(check_every, RESUME_AFTER) if is_unfinished else check_every
    if failures:
        longest = max(LONGEST_BACK_OFF, check_every)
        wait = min(check_every * 2 ** min(failures, 20), longest)
    wait *= random.uniform(1 - JITTER, 1 + JITTER)
    return now + max(wait, retry_after or timedelta(0))


def next_read_look(
    first_seen: datetime, looks: int, now: datetime, table: Sequence[timedelta] = READ_LOOKS
) -> datetime | None:
    """When to look at a count again after `looks` looks (the first reading is one), or None when it
    was looked at often enough. Looks that were missed are not made up for.
    """
    for delay in table[looks - 1 :]:
        if first_seen + delay > now:
            return first_seen + delay
    return None
