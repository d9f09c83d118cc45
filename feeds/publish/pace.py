"""How long a copy of a feed stays good: until we look at its newspaper again. Pure.

The looks follow what was learned of the paper's hours, so caches and readers do too.
"""

from datetime import datetime, timedelta

SHORTEST, LONGEST = timedelta(minutes=1), timedelta(hours=1)


def expected_interval(
    check_every: timedelta, next_look_at: datetime | None, now: datetime
) -> timedelta:
    """For how long nothing new can come: until the next look, or between two looks where the next is
    not planned yet. At least a minute (a look takes its time, and so does a paper), at most an hour
    (corrections and other papers of a feed have their own hours).
    """
    wait = check_every if next_look_at is None else next_look_at - now
    return max(SHORTEST, min(LONGEST, wait))
