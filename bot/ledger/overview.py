"""How the ledger stands as a whole: counted from indexes alone, so that a million rows are no wait."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select

from bot.ledger.measures import read_queue
from bot.ledger.tables import deliveries, edits, incidents, rewrites
from feeds.store.engine import Transaction
from feeds.store.outbox import State

_ENDS = (State.SENT, State.FAILED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Waiting:
    """What a channel has to send. `oldest_due`: the first of what is due and not sent yet; `stuck`: the
    oldest of what was tried in vain and is tried again.
    """

    pending: int = 0
    sending: int = 0
    oldest_due: datetime | None = None
    stuck: "Stuck | None" = None


@dataclass(frozen=True, slots=True)
class Stuck:
    """Whose message it is, a chat's or a robot's, and what was answered to it."""

    chat: str
    reason: str


@dataclass(frozen=True, slots=True)
class Lately:
    """What a channel sent since some time. `failed_at` and `reason` are of the last failure since then;
    `sent_at` is the last message at all.
    """

    sent: int = 0
    failed: int = 0
    unknown: int = 0
    sent_at: datetime | None = None
    failed_at: datetime | None = None
    reason: str | None = None


@dataclass(frozen=True, slots=True)
class Standing:
    """Something wrong with the worker itself, and since when. `about`: a channel or a robot, or ""."""

    kind: str
    about: str
    since: datetime
    words: str


async def waiting(tx: Transaction, now: datetime) -> Mapping[str, Waiting]:
    """What is not settled, by channel."""
    column = deliveries.c
    queue, _ = await read_queue(tx)
    due = select(column.channel, func.min(column.due_at)).where(column.lane.is_not(None))
    first = await _pairs(tx, due.group_by(column.channel))
    return {
        name: Waiting(
            pending=queue[name, "pending"] + queue[name, "scheduled"],
            sending=queue[name, "sending"],
            oldest_due=first[name] if name in first and first[name] <= now else None,
            stuck=await _stuck(tx, name),
        )
        for name in {channel for channel, _ in queue}
    }


async def _stuck(tx: Transaction, channel: str) -> Stuck | None:
    column = deliveries.c
    tried = (column.settled_at.is_(None), column.reason.is_not(None), column.channel == channel)
    oldest = select(column.chat, column.reason).where(*tried).order_by(column.id).limit(1)
    row = (await tx.execute(oldest)).first()
    return None if row is None else Stuck(row.chat, row.reason)


async def lately(
    tx: Transaction, channels: Collection[str], since: datetime
) -> Mapping[str, Lately]:
    """What these channels sent, and what of it failed."""
    column = deliveries.c
    counted = (
        select(column.channel, column.state, func.count())
        .where(
            column.settled_at.is_not(None),
            column.channel.in_(channels),
            column.state.in_(_ENDS),
            column.settled_at >= since,
        )
        .group_by(column.channel, column.state)
    )
    rows: Any = await tx.execute(counted)
    counts = {(name, state): count for name, state, count in rows}
    return {name: await _lately(tx, name, counts) for name in channels}


async def _lately(tx: Transaction, name: str, counts: Mapping[tuple[str, State], int]) -> Lately:
    number = {state: counts.get((name, state), 0) for state in _ENDS}
    sent = await _last(tx, name, State.SENT)
    failures = [
        last
        for state in (State.FAILED, State.UNKNOWN)
        if number[state] and (last := await _last(tx, name, state)) is not None
    ]
    failure = max(failures, key=lambda row: row.settled_at, default=None)
    return Lately(
        sent=number[State.SENT],
        failed=number[State.FAILED],
        unknown=number[State.UNKNOWN],
        sent_at=sent.settled_at if sent else None,
        failed_at=failure.settled_at if failure else None,
        reason=failure.reason if failure else None,
    )


async def _last(tx: Transaction, channel: str, state: State) -> Any:
    """The row that ended so last."""
    column = deliveries.c
    ended = (column.settled_at.is_not(None), column.channel == channel, column.state == state)
    wanted = select(column.settled_at, column.reason).where(*ended)
    return (await tx.execute(wanted.order_by(column.settled_at.desc()).limit(1))).first()


async def edits_owed(tx: Transaction) -> Mapping[str, int]:
    """Messages that are to be changed, by channel."""
    owed = select(edits.c.channel, func.count()).where(edits.c.settled_at.is_(None))
    return await _pairs(tx, owed.group_by(edits.c.channel))


async def rewrites_due(tx: Transaction, now: datetime) -> int:
    """Issues whose messages are to change now, and are not among the edits yet."""
    due = select(func.count()).select_from(rewrites).where(rewrites.c.due_at <= now)
    return int((await tx.execute(due)).scalar_one())


async def standing(tx: Transaction) -> tuple[Standing, ...]:
    """What is wrong with the worker itself, the oldest first."""
    rows = await tx.execute(select(incidents).order_by(incidents.c.raised_at))
    return tuple(Standing(row.kind, row.about, row.raised_at, row.words) for row in rows)


async def _pairs(tx: Transaction, wanted: Any) -> dict[str, Any]:
    rows: Any = await tx.execute(wanted)
    return dict(iter(rows))
