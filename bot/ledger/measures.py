"""What figures show of the stored state: read at once, cheaply, whatever waits in the queue."""

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select, text

from bot.ledger.tables import deliveries, edits, incidents
from feeds.models import AlarmKind
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.store.tables import alarms, sources


@dataclass(frozen=True, slots=True)
class Paper:
    """How the looks at a newspaper stand. `failures` are bad ones in a row."""

    id: str
    read_at: datetime | None
    next_look_at: datetime | None
    failures: int


@dataclass(frozen=True, slots=True)
class Measures:
    """`queue` is how many deliveries wait, by channel and `pending` (in line), `scheduled` (for an hour of
    their own) or `sending`; `oldest` since when the oldest in line does, by channel. `alarms` are those
    raised, of newspapers and kinds; `incidents` are how many stand, by kind.
    """

    papers: Sequence[Paper]
    queue: Mapping[tuple[str, str], int]
    oldest: Mapping[str, datetime]
    edits: Mapping[str, int]
    alarms: Collection[tuple[str, AlarmKind]]
    incidents: Mapping[str, int]
    database_bytes: int


async def read_measures(tx: Transaction) -> Measures:
    """All of it. The queue is counted in an index: a million rows take 0.1 to 0.7 s (tests/bench)."""
    queue, oldest = await read_queue(tx)
    column = sources.c
    papers = await tx.execute(
        select(column.id, column.read_at, column.next_look_at, column.failures)
    )
    waiting = select(edits.c.channel, func.count().label("number"))
    waiting = waiting.where(edits.c.settled_at.is_(None)).group_by(edits.c.channel)
    return Measures(
        papers=[Paper(row.id, row.read_at, row.next_look_at, row.failures) for row in papers],
        queue=queue,
        oldest=oldest,
        edits={row.channel: row.number for row in await tx.execute(waiting)},
        alarms={(row.source, row.kind) for row in await tx.execute(select(alarms))},
        incidents=Counter((await tx.execute(select(incidents.c.kind))).scalars()),
        database_bytes=int((await tx.execute(text(_SIZES[tx.dialect]))).scalar_one()),
    )


async def is_troubled(tx: Transaction, source_ids: Collection[str]) -> bool:
    """Whether an alarm is raised for one of these newspapers, or an incident stands."""
    raised = select(alarms.c.kind).where(alarms.c.source.in_(source_ids)).exists()
    asked = select(or_(raised, select(incidents.c.kind).exists()))
    return bool((await tx.execute(asked)).scalar_one())


async def read_queue(tx: Transaction) -> tuple[Counter[tuple[str, str]], dict[str, datetime]]:
    """Of what is not settled: how much by channel and state, and the time of the first entry in line."""
    column = deliveries.c
    key = (column.channel, column.own_hour)
    number, first = func.count().label("number"), func.min(column.id).label("first")
    unsettled = select(*key, number, first).where(column.settled_at.is_(None)).group_by(*key)
    held = and_(column.owner.is_not(None), column.state == State.SENDING)
    sending = select(*key, number).where(held).group_by(*key)
    queue: Counter[tuple[str, str]] = Counter()
    firsts = []
    for row in await tx.execute(unsettled):
        queue[row.channel, _waiting(row.own_hour)] += row.number
        if not row.own_hour:
            firsts.append(row.first)
    for row in await tx.execute(sending):
        queue[row.channel, _waiting(row.own_hour)] -= row.number
        queue[row.channel, "sending"] += row.number
    oldest = select(column.channel, column.entry_at).where(column.id.in_(firsts))
    return queue, {row.channel: row.entry_at for row in await tx.execute(oldest)}


def _waiting(own_hour: bool) -> str:
    return "scheduled" if own_hour else "pending"


_SIZES = {
    "sqlite": "SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()",
    "postgresql": "SELECT pg_database_size(current_database())",
}
