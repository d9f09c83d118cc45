"""Which of an article's counts may go once it is old: pure. The curve keeps its ends, its top and a point a
day.
"""

from collections.abc import Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

Seen = tuple[datetime, int]


def surplus(seen: Sequence[Seen], timezone: str) -> list[datetime]:
    """The times of those that may go, of all counts of an article, oldest first. The first, the last, the
    most and the least stay (the least says how much a count grew), and of each day of the zone the last.
    """
    if not seen:
        return []
    zone = ZoneInfo(timezone)
    of_days = {at.astimezone(zone).date(): at for at, _ in seen}
    most, least = max(seen, key=_value), min(seen, key=_value)
    kept = {seen[0][0], seen[-1][0], most[0], least[0], *of_days.values()}
    return [at for at, _ in seen if at not in kept]


def _value(one: Seen) -> int:
    return one[1]
