"""What the journal says that changes feeds."""

from collections import defaultdict
from collections.abc import Collection, Mapping
from dataclasses import dataclass

from feeds.models import EntryKind
from feeds.store import journal
from feeds.store.engine import Transaction

_BATCH = 1000
# Read counts and alarms change no feed.
_CHANGES = frozenset(
    {
        EntryKind.ISSUE_COMPLETE,
        EntryKind.ARTICLE_ADDED,
        EntryKind.ARTICLE_CORRECTED,
        EntryKind.ARTICLE_WITHDRAWN,
        EntryKind.ARTICLE_RESTORED,
        EntryKind.ISSUE_WITHDRAWN,
        EntryKind.ISSUE_RESTORED,
    }
)


@dataclass(frozen=True, slots=True)
class News:
    """The journal's end, and the issues that changed before it, by paper."""

    end: int
    issues: Mapping[str, Collection[int]]

    @property
    def all_issues(self) -> list[int]:
        """The changed issues of all papers."""
        return [issue for of_paper in self.issues.values() for issue in of_paper]


async def read_news(tx: Transaction, seq: int) -> News:
    """What happened behind the entry `seq`."""
    changed: dict[str, set[int]] = defaultdict(set)
    while batch := await journal.after(tx, seq, _BATCH):
        for entry in batch:
            if entry.kind in _CHANGES:
                changed[entry.source] |= set() if entry.issue_id is None else {entry.issue_id}
        seq = batch[-1].seq
    return News(seq, changed)
