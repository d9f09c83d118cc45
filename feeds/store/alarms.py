"""Alarms: each is raised once and ended once, in the journal, whatever restarts lie between."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import delete, insert, select

from feeds.models import AlarmKind, EntryKind, NewEntry
from feeds.store import journal
from feeds.store.engine import Transaction
from feeds.store.tables import alarms

UNWATCHED = "unwatched"  # in the data of an entry: ended because nobody looks any more


@dataclass(frozen=True, slots=True)
class Alarm:
    """Something that an operator should know. `words` are a sentence for people; `data` says the same to
    programs.
    """

    kind: AlarmKind
    words: str
    data: Mapping[str, object] = field(default_factory=dict)


async def settle(
    tx: Transaction,
    source: str,
    wanted: Sequence[Alarm],
    endings: Mapping[AlarmKind, str],
    now: datetime,
) -> Sequence[NewEntry]:
    """Raises the wanted alarms that are not raised, and ends those of the kinds in `endings` (with these
    words) that are raised and not wanted. Returns what was told.
    """
    standing = await raised(tx, source)
    fresh = [alarm for alarm in wanted if alarm.kind not in standing]
    over = [k for k in endings if k in standing and k not in {alarm.kind for alarm in wanted}]
    entries = [
        *(_entry(EntryKind.ALARM_RAISED, source, a.kind, a.words, a.data) for a in fresh),
        *(
            _entry(EntryKind.ALARM_ENDED, source, k, endings[k], {"since": standing[k].isoformat()})
            for k in over
        ),
    ]
    await _put(tx, source, [alarm.kind for alarm in fresh], over, now)
    await journal.append(tx, entries, now)
    return entries


async def raised(tx: Transaction, source: str) -> Mapping[AlarmKind, datetime]:
    """The alarms that are raised, and since when."""
    rows = await tx.execute(select(alarms).where(alarms.c.source == source))
    return {row.kind: row.raised_at for row in rows}


async def sources(tx: Transaction) -> Sequence[str]:
    """The newspapers that have alarms."""
    return list((await tx.execute(select(alarms.c.source).distinct())).scalars().all())


async def let_go(tx: Transaction, sources: Collection[str], words: str, now: datetime) -> None:
    """Ends all alarms of newspapers that are not looked at any more: nothing is known to be right again,
    which an entry with `unwatched` says, in these words.
    """
    for source in sorted(sources):
        standing = await raised(tx, source)
        about = {kind: {"since": at.isoformat(), UNWATCHED: True} for kind, at in standing.items()}
        entries = [
            _entry(EntryKind.ALARM_ENDED, source, kind, words, data) for kind, data in about.items()
        ]
        await _put(tx, source, [], list(standing), now)
        await journal.append(tx, entries, now)


async def _put(
    tx: Transaction,
    source: str,
    fresh: Collection[AlarmKind],
    over: Collection[AlarmKind],
    now: datetime,
) -> None:
    if fresh:
        rows = [{"source": source, "kind": kind, "raised_at": now} for kind in fresh]
        await tx.execute(insert(alarms), rows)
    if over:
        await tx.execute(delete(alarms).where(alarms.c.source == source, alarms.c.kind.in_(over)))


def _entry(
    kind: EntryKind, source: str, alarm: AlarmKind, words: str, data: Mapping[str, object]
) -> NewEntry:
    return NewEntry(kind, source, data={"alarm": str(alarm), "words": words, **data})
