"""Long gaps: a worker that was away (or a backup that was put back) must not push what it missed issue
by issue.

A sign of life is stored with the data, so a restored database shows its own age; `baotong restore` takes
it away, so that a backup of this morning is a gap too.
"""

from datetime import UTC, datetime, timedelta

from feeds.clock import Clock
from feeds.models import Entry, EntryKind, Issue
from feeds.store import library, meta
from feeds.store.engine import Store, Transaction

ALIVE, GAP, RESTORED = "fan-out.alive", "fan-out.gap", "fan-out.restored"
_NEVER = datetime(
    1970, 1, 1, tzinfo=UTC
).isoformat()  # the sign of life in a database just restored
ALIVE_EVERY = timedelta(minutes=5)
LONG = timedelta(hours=12)  # away for so long, two issues of a daily may have come out
AFTER = timedelta(hours=24)  # for so long after a gap what is found may be what was missed
MOST_AT_ONCE = 3  # issues of one paper that are pushed where many are found together, gap or not


async def note_restored(tx: Transaction) -> None:
    """What happened since these data were written is not known: the next sign of life begins a gap."""
    await meta.put(tx, ALIVE, _NEVER)


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
            if last == _NEVER:
                await meta.put(tx, RESTORED, now.isoformat())
            await meta.put(tx, ALIVE, now.isoformat())
        self._noted = now

    async def is_missed(self, tx: Transaction, entry: Entry, issue: Issue) -> bool:
        """Whether this issue is named rather than pushed: newer ones of its paper were found with it."""
        if entry.kind is not EntryKind.ISSUE_COMPLETE:
            return False
        newer = await library.count_newer(tx, issue, entry.at)
        if newer >= MOST_AT_ONCE:
            return True
        return newer > 0 and await self._begun_before(GAP, tx, entry.at) is not None

    async def was_told(self, tx: Transaction, entry: Entry, issue: Issue) -> bool:
        """Whether this was most likely told already: a correction, a late article or a count that is
        found anew after a restore, of an issue that the backup has.
        """
        if entry.kind is EntryKind.ISSUE_COMPLETE or issue.completed_at is None:
            return False
        restored = await self._begun_before(RESTORED, tx, entry.at)
        return restored is not None and issue.completed_at < restored

    @staticmethod
    async def _begun_before(name: str, tx: Transaction, at: datetime) -> datetime | None:
        """The time under this name, where `at` lies in the day behind it."""
        stored = await meta.get(tx, name)
        begun = None if stored is None else datetime.fromisoformat(stored)
        return begun if begun is not None and timedelta(0) <= at - begun < AFTER else None
