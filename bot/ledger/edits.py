"""Messages that were sent and are to say something else: owed like deliveries, one row a message.

    plan ──▶ rewrite of an issue ──spread, in chunks──▶ an edit a delivery ──claim──▶ composed anew

What they are to say is looked up when it is their turn, so of two that come close together only the
last is made. What could not be edited stays, with its reason.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import IntEnum
from typing import Any

from sqlalchemy import Row, and_, bindparam, delete, func, insert, select, true, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.ledger import parts
from bot.ledger.claiming import Claimed, claims_of
from bot.ledger.tables import (
    deliveries,
    edits,
    rewrites,
)
from feeds.store.engine import Transaction
from feeds.store.outbox import Fenced, Outbox, Settlement, State
from feeds.store.owners import Owner
from feeds.store.tables import issues

BELL = "rewrites"
NEVER_KNOWN = "不知道送到没有，所以找不到它来改 (not known whether it arrived, so it cannot be found to be changed)"
COPY_UNKNOWN = "改好了；可能还送到过同样的一条，找不到它来改 (changed; a copy may have arrived too, which cannot be found)"
CANNOT_EDIT = "这个渠道发出的消息改不了 (messages of this channel cannot be changed)"
OUTBOX = Outbox(edits)
CHUNK = 500  # deliveries a transaction
_OF_COUNTS = ("issue", "rest")  # the forms whose counts are refreshed
_OF_ALL = ("issue", "daily")  # the forms that tell all that their reader wants of an issue


def bell_of(channel: str) -> str:
    """The topic that rings when this channel has something to edit."""
    return f"edits:{channel}"


class Why(IntEnum):
    """Why a message changes; the least goes first."""

    WITHDRAWN = 0
    CORRECTED = 1
    ADDED = 2
    REFRESHED = 3

    @property
    def is_amends(self) -> bool:
        """The message says what is wrong or was taken back: where it cannot be changed, a person should
        know. Without the others it is only not the latest.
        """
        return self <= Why.CORRECTED


@dataclass(frozen=True, slots=True)
class Rewrite:
    """An issue whose messages are to change: those about `article_id` only, where that is given.
    `since`: of a refresh, what was counted later is news.
    """

    id: int
    issue_id: int
    article_id: int | None
    why: Why
    since: datetime
    done: int


@dataclass(frozen=True, slots=True)
class Edit:
    """An edit that is ours to make, with the delivery that it changes."""

    id: int
    fence: int
    attempts: int
    why: Why
    claim: Claimed

    def settled(
        self, state: State, reason: str | None = None, due_at: datetime | None = None
    ) -> Settlement:
        return Settlement(self.id, self.fence, state, due_at, reason)


@dataclass(frozen=True, slots=True)
class NotEdited:
    """A message that could not be changed, and why. `issue` is the key of the one that it is about."""

    chat: str
    issue: str | None
    form: str
    reason: str | None
    at: datetime


# ── what is to change ───────────────────────────────────────────────────────────────────────────


async def plan(
    tx: Transaction,
    issue_id: int,
    article_id: int | None,
    why: Why,
    due_at: datetime,
    since: datetime,
) -> None:
    """Notes that the messages about an issue, or one of its articles, are to change at `due_at`."""
    values = {"issue_id": issue_id, "article_id": article_id, "urgency": why}
    await tx.execute(insert(rewrites).values(**values, due_at=due_at, since=since))
    tx.touch(BELL)


async def is_planned(tx: Transaction, issue_id: int, why: Why) -> bool:
    """Whether all messages about an issue are to change for this reason, and none has begun to."""
    same = (rewrites.c.issue_id == issue_id) & (rewrites.c.urgency == why)
    whole = rewrites.c.article_id.is_(None) & (rewrites.c.done == 0)
    return (await tx.execute(select(rewrites.c.id).where(same, whole).limit(1))).first() is not None


async def next_rewrite(tx: Transaction, now: datetime) -> Rewrite | None:
    """The most urgent that is due."""
    due = select(rewrites).where(rewrites.c.due_at <= now)
    row = (await tx.execute(due.order_by(rewrites.c.urgency, rewrites.c.due_at).limit(1))).first()
    if row is None:
        return None
    why = Why(row.urgency)
    return Rewrite(row.id, row.issue_id, row.article_id, why, row.since, row.done)


async def drop(tx: Transaction, rewrite: Rewrite) -> None:
    """The rewrite is done with."""
    await tx.execute(delete(rewrites).where(rewrites.c.id == rewrite.id))


async def spread(tx: Transaction, rewrite: Rewrite, now: datetime) -> int:
    """Owes the edits of the next chunk of deliveries; 0 at the end. What waits to be sent forgets its
    words instead and finds them anew; where a try of it may have arrived, that is edited too.
    """
    rows = (await tx.execute(_next_deliveries(rewrite))).all()
    if not rows:
        await drop(tx, rewrite)
        return 0
    concerned = [row for row in rows if _concerns(row, rewrite)]
    thawed = await parts.thaw_waiting(tx, [row.id for row in concerned])
    left = [row for row in concerned if row.id not in thawed or row.doubts]
    await _owe(tx, left, rewrite.why, now)
    done = update(rewrites).where(rewrites.c.id == rewrite.id).values(done=rows[-1].id)
    await tx.execute(done)
    return len(rows)


def _next_deliveries(rewrite: Rewrite) -> Any:
    column = deliveries.c
    wanted = select(
        column.id, column.channel, column.subject, column.kind, column.state, column.doubts,
    ).where(column.issue_id == rewrite.issue_id, column.id > rewrite.done)  # fmt: skip
    return wanted.order_by(column.id).limit(CHUNK)


def _concerns(row: Row[Any], rewrite: Rewrite) -> bool:
    """What never was sent, and what speaks of another article only, stays."""
    if row.state in {State.SKIPPED, State.FAILED}:
        return False
    if rewrite.why is Why.REFRESHED:
        return row.state is State.SENT and row.kind in _OF_COUNTS
    if rewrite.why is Why.ADDED:
        return row.state is not State.UNKNOWN and row.kind in _OF_ALL
    other = row.kind == "article" and row.subject != f"article:{rewrite.article_id}"
    return rewrite.article_id is None or not other


async def _owe(tx: Transaction, rows: Sequence[Row[Any]], why: Why, now: datetime) -> None:
    """One row a delivery: a later reason takes over from an earlier one, the more urgent stays. Who
    is at an older edit of it is fenced off.
    """
    if not rows:
        return
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    owed = dialect.insert(edits)
    anew = {
        "urgency": _least(tx, edits.c.urgency, owed.excluded.urgency),
        "state": State.PENDING,
        "due_at": owed.excluded.due_at,
        "attempts": 0,
        "owner": None,
        "lease_until": None,
        "fence": edits.c.fence + 1,
        "reason": None,
        "settled_at": None,
    }
    values = [
        {"delivery_id": row.id, "channel": row.channel, "urgency": why, "due_at": now,
         "created_at": now}
        for row in rows
    ]  # fmt: skip
    await tx.execute(owed.on_conflict_do_update(index_elements=["delivery_id"], set_=anew), values)
    for channel in {row.channel for row in rows}:
        tx.touch(bell_of(channel))


def _least(tx: Transaction, one: Any, other: Any) -> Any:
    return (func.least if tx.dialect == "postgresql" else func.min)(one, other)


# ── making them ─────────────────────────────────────────────────────────────────────────────────


async def claim(
    tx: Transaction,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channel: str,
    least_urgent: Why,
) -> list[Edit]:
    """At most `limit` edits of this channel, the most urgent first."""
    wanted = {"of_channel": channel, "least_urgent": least_urgent}
    rows = await OUTBOX.claim(tx, _CLAIMING, owner, now, lease, limit, **wanted)
    about = await claims_of(tx, [row["delivery_id"] for row in rows])
    return [
        Edit(
            row["id"], row["fence"], row["attempts"], Why(row["urgency"]), about[row["delivery_id"]]
        )
        for row in rows
    ]


_CLAIMING = OUTBOX.claiming(
    and_(
        edits.c.channel == bindparam("of_channel"),
        edits.c.urgency <= bindparam("least_urgent"),
        edits.c.settled_at.is_(None),
    ),
    order_by=(edits.c.urgency,),
)


async def recover(
    tx: Transaction, owner: Owner, now: datetime, lease: timedelta, channel: str
) -> None:
    """Frees what dead owners left behind, whatever they were at: an edit may be made twice."""
    mine = edits.c.channel == channel
    rows = await OUTBOX.adopt(tx, owner, now, lease, mine)
    back = [Settlement(row["id"], row["fence"], State.PENDING, due_at=now) for row in rows]
    await OUTBOX.settle(tx, back, owner.name, now)


async def trying(tx: Transaction, claimed: Sequence[Edit], owner: str) -> set[int]:
    """Notes that these are tried; returns the ids that are still the owner's."""
    fenced = [Fenced(edit.id, edit.fence) for edit in claimed]
    return await OUTBOX.sending(tx, fenced, owner)


async def settle(
    tx: Transaction, settlements: Sequence[Settlement], owner: str, now: datetime
) -> set[int]:
    """Stores how edits went on; one that was made leaves no row. Returns what was still the owner's."""
    held = await OUTBOX.settle(tx, settlements, owner, now)
    made = [one.id for one in settlements if one.id in held and one.state is State.SENT]
    if made:
        await tx.execute(delete(edits).where(edits.c.id.in_(made)))
    return held


async def not_edited(
    tx: Transaction, issue_id: int | None = None, limit: int = 1000
) -> tuple[NotEdited, ...]:
    """The messages that could not be changed, the last first; of one issue, where that is given."""
    failed = edits.c.state.in_((State.FAILED, State.SKIPPED, State.UNKNOWN))
    wanted = (
        select(
            deliveries.c.chat, issues.c.key, deliveries.c.kind, edits.c.reason, edits.c.settled_at
        )
        .join(deliveries, deliveries.c.id == edits.c.delivery_id)
        .outerjoin(issues, issues.c.id == deliveries.c.issue_id)
        .where(failed, true() if issue_id is None else deliveries.c.issue_id == issue_id)
    )
    rows = await tx.execute(wanted.order_by(edits.c.settled_at.desc()).limit(limit))
    return tuple(NotEdited(row.chat, row.key, row.kind, row.reason, row.settled_at) for row in rows)
