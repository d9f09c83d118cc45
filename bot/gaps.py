"""Long gaps: a worker that was away (or a backup that was put back) must not push what it missed issue
by issue.

A sign of life is stored with the data, so a restored database shows its own age.
"""

from datetime import datetime, timedelta

from feeds.clock import Clock
from feeds.models import Entry, EntryKind, Issue
from feeds.store import library, meta
from feeds.store.engine import Store, Transaction

ALIVE, GAP = "fan-out.alive", "fan-out.gap"
ALIVE_EVERY = timedelta(minutes=5)
LONG = timedelta(hours=12)  # away for so long, two issues of a daily may have come out
AFTER = timedelta(hours=24)  # for so long after a gap what is found may be what was missed
MOST_AT_ONCE = 3  # issues of one paper that are pushed where many are found together, gap or not


class Gaps:
    """Notes that we live, and knows what was missed while we did not."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._noted: datetime | None = None

    async def note_alive(self) -> None:
        """A sign of life every few minutes. The first after a long time begins the time in which
        only the newest issue of a paper is pushed.
        """
        now = self._clock.now()
        if self._noted is not None and timedelta(0) <= now - self._noted < ALIVE_EVERY:
            return
        async with self._store.write() as tx:
            last = await meta.get(tx, ALIVE)
            if last is not None and now - datetime.fromisoformat(last) > LONG:
                await meta.put(tx, GAP, now.isoformat())
            await meta.put(tx, ALIVE, now.isoformat())
        self._noted = now

    async def is_missed(self, tx: Transaction, entry: Entry, issue: Issue) -> bool:
        """Whether this issue is named rather than pushed: newer ones of its paper were found with it."""
        if entry.kind is not EntryKind.ISSUE_COMPLETE:
            return False
        newer = await library.count_newer(tx, issue, entry.at)
        if newer >= MOST_AT_ONCE:
            return True
        return newer > 0 and await self._is_after_gap(tx, entry.at)

    async def _is_after_gap(self, tx: Transaction, at: datetime) -> bool:
        gap = await meta.get(tx, GAP)
        return gap is not None and timedelta(0) <= at - datetime.fromisoformat(gap) < AFTER
