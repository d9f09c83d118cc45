"""Deliveries: what is owed to whom, one at a time from each chat's line.

    owe ──▶ line of a chat:  first (has a lane) ◀── second ◀── third       advance: the next is first
                               │
    bot.ledger.claiming ───────┘

Whoever changes a chat's line holds the chat (`chats.lock`) and advances the line in the same
transaction.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Select,
    Text,
    and_,
    bindparam,
    select,
    true,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite

from bot.figures import OWED, SETTLED
from bot.ledger import parts as frozen
from bot.ledger.chats import lock
from bot.ledger.tables import deliveries
from bot.message import Part
from feeds.store.columns import Instant
from feeds.store.engine import Transaction
from feeds.store.outbox import Outbox, State
from feeds.store.rows import Rows
from feeds.store.tables import Id

OUTBOX = Outbox(deliveries, at_end={"lane": None})
NO_PAPER = "!"  # the lane of what is about no newspaper (alarms, summaries)
SUMMARY = "summary"


def bell_of(channel: str) -> str:
    """The topic that rings when this channel has something to send."""
    return f"deliveries:{channel}"


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery to be made. `subject` is `issue:12` or `article:340`, `kind` the form; `issue_id` the
    issue that it is about, or that its article is in. One that is due later than now comes at an hour
    of its own and holds nobody up.
    """

    chat: str
    topic: str
    subject: str
    kind: str
    source: str
    seq: int
    place: int
    entry_at: datetime
    due_at: datetime
    silent: bool
    issue_id: int | None = None

    @property
    def about(self) -> int | None:
        """The issue's row, said or read from the subject."""
        what, _, number = self.subject.partition(":")
        return int(number) if self.issue_id is None and what == "issue" else self.issue_id


async def owe(tx: Transaction, owed: Sequence[Owed], now: datetime) -> None:
    """Writes what is owed, in this order; what is owed already stays as it is."""
    if not owed:
        return
    ids = {one.chat for one in owed}
    await lock(tx, ids)
    busy = await _busy(tx, ids)
    rows = []
    for one in owed:
        own_hour = one.due_at > now
        is_first = own_hour or one.chat not in busy
        if not own_hour:
            busy.add(one.chat)
        rows.append(_row(one) | {"own_hour": own_hour, "lane": _lane(one) if is_first else None})
    if len(await _insert(tx, rows, now)) != len(rows):
        await advance(tx, ids)  # what was thought to come first was there already
    for channel in {row["channel"] for row in rows}:
        tx.touch(bell_of(channel))


async def pass_over(
    tx: Transaction,
    owed: Sequence[Owed],
    summaries: Sequence[str | None],
    reason: str,
    now: datetime,
) -> None:
    """Writes what would have been owed and is not sent by itself: the summary of that subject names
    it, where there is one.
    """
    rows = [
        _row(one)
        | {"state": State.SKIPPED, "settled_at": now, "reason": reason, "told_by": summary}
        for one, summary in zip(owed, summaries, strict=True)
    ]
    if rows:
        passed = await _insert(tx, rows, now)
        count_settled(tx, passed, State.SKIPPED)


async def owe_said(tx: Transaction, owed: Sequence[Owed], part: Part, now: datetime) -> None:
    """Owes messages whose words are fixed already."""
    await owe(tx, owed, now)
    for one in owed:
        row = (await tx.execute(select(deliveries.c.id).where(_is(one)))).one()
        if not await frozen.load(tx, [row.id]):
            await frozen.freeze(tx, {row.id: (part,)}, now)


async def settled_already(
    tx: Transaction, owed: Owed, parts: Sequence[Part], message_ids: Sequence[str], now: datetime
) -> None:
    """Writes a delivery that was made by answering a command, so that it is never made again."""
    await owe(tx, [owed], now)
    mine = and_(_is(owed), deliveries.c.state == State.PENDING)
    taken = update(deliveries).where(mine).values(**ended(State.SENT, now))
    row = (await tx.execute(taken.returning(deliveries.c.id))).first()
    if row is None:
        return
    count_settled(tx, [owed.chat], State.SENT)
    await frozen.thaw(tx, [row.id])
    await frozen.freeze(tx, {row.id: parts}, now, message_ids)
    await advance(tx, [owed.chat])


async def advance(
    tx: Transaction,
    chat_ids: Collection[str],
    not_before: Mapping[str, datetime] | None = None,
) -> None:
    """Lets the first of each chat's line be claimed, where a time is given not before that. What
    comes at an hour of its own is in no line.
    """
    found = (await tx.execute(_FRONTS, {"chats": [(chat,) for chat in sorted(chat_ids)]})).all()
    if not found:
        return
    times = not_before or {}
    rows = [
        (row.id, row.source or NO_PAPER, max(row.due_at, times.get(row.chat, row.due_at)))
        for row in found
    ]
    await tx.execute(_TO_THE_FRONT, {"fronts": rows})
    for channel in {row.channel for row in found}:
        tx.touch(bell_of(channel))


def _fronts() -> Select[Any]:
    """Of each chat's line the first, where it cannot be claimed yet."""
    of = Rows("chats", id=Text())
    first = deliveries.alias()
    in_line = and_(
        first.c.chat == of.c.id, first.c.settled_at.is_(None), first.c.own_hour.is_(False)
    )
    order = (first.c.seq, first.c.place, first.c.id)
    front = select(first.c.id).where(in_line).order_by(*order).limit(1).scalar_subquery()
    column = deliveries.c
    return (
        select(column.id, column.channel, column.source, column.chat, column.due_at)
        .select_from(of.table.join(deliveries, column.id == front))
        .where(column.lane.is_(None))
    )


def _to_the_front() -> Any:
    to = Rows("fronts", id=Id, lane=Text(), due_at=Instant())
    moved = update(deliveries).where(deliveries.c.id == to.c.id)
    return moved.values(lane=to.c.lane, due_at=to.c.due_at)


_FRONTS, _TO_THE_FRONT = _fronts(), _to_the_front()


async def _busy(tx: Transaction, chat_ids: Collection[str]) -> set[str]:
    """The chats that have somebody in their line."""
    rows = await tx.execute(_BUSY, {"chats": [(chat,) for chat in sorted(chat_ids)]})
    return set(rows.scalars().all())


def _busy_chats() -> Select[Any]:
    """Asked with a limit, not by EXISTS: PostgreSQL would make a join of that and, as long as it has no
    statistics, read every pending row.
    """
    of = Rows("chats", id=Text())
    somebody = (
        select(deliveries.c.id)
        .where(
            deliveries.c.chat == of.c.id,
            deliveries.c.settled_at.is_(None),
            deliveries.c.own_hour.is_(False),
        )
        .limit(1)
        .scalar_subquery()
    )
    return select(of.c.id).where(somebody.is_not(None))


_BUSY = _busy_chats()

_NEW = Rows(
    "owed",
    **{
        name: deliveries.c[name].type
        for name in (
            "chat", "topic", "subject", "kind", "source", "seq", "place", "entry_at", "due_at", "silent",
            "issue_id", "channel", "lane", "own_hour", "state", "reason", "told_by", "settled_at",
        )
    },
)  # fmt: skip


async def _insert(tx: Transaction, rows: Sequence[dict[str, Any]], now: datetime) -> Sequence[str]:
    """The chats of those that were not there yet."""
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    names = _NEW.c.keys()
    chosen = select(*_NEW.c, bindparam("made_at", type_=Instant())).where(true())
    put = dialect.insert(deliveries).from_select([*names, "created_at"], chosen)
    values = [tuple(row.get(name) for name in names) for row in rows]
    put = put.on_conflict_do_nothing().returning(deliveries.c.chat)
    made = (await tx.execute(put, {"owed": values, "made_at": now})).scalars().all()
    for channel, number in Counter(map(channel_of, made)).items():
        tx.count(OWED, channel, by=number)
    return made


def channel_of(chat: str) -> str:
    """`telegram` of `telegram:7`."""
    return chat.partition(":")[0]


def count_settled(tx: Transaction, chats: Collection[str], state: State) -> None:
    """Counts deliveries that came to their end, by the chats that they were owed to."""
    for channel, number in Counter(map(channel_of, chats)).items():
        tx.count(SETTLED, channel, state, by=number)


def _row(one: Owed) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Owed.__slots__} | {
        "channel": channel_of(one.chat),
        "issue_id": one.about,
        "own_hour": False,
        "state": State.PENDING,
    }


def _lane(one: Owed) -> str:
    return one.source or NO_PAPER


def _is(owed: Owed) -> ColumnElement[bool]:
    return and_(
        deliveries.c.chat == owed.chat,
        deliveries.c.topic == owed.topic,
        deliveries.c.subject == owed.subject,
        deliveries.c.kind == owed.kind,
    )


def ended(state: State, now: datetime, reason: str | None = None) -> dict[str, Any]:
    """An end that is not its owner's: whoever holds it is fenced off."""
    free = {"owner": None, "lease_until": None, "lane": None, "fence": deliveries.c.fence + 1}
    return {"state": state, "settled_at": now, "reason": reason, **free}


# ── ends that are not the sender's ──────────────────────────────────────────────────────────────


async def doubt(tx: Transaction, ids: Iterable[int]) -> None:
    """Counts one more try of these whose outcome nobody knows."""
    counted = {"doubts": deliveries.c.doubts + 1}
    await tx.execute(update(deliveries).where(deliveries.c.id.in_(list(ids))).values(counted))


async def skip_all(tx: Transaction, chat: str, reason: str, now: datetime) -> int:
    """Lets go of everything pending for a chat that is gone."""
    pending = and_(
        deliveries.c.chat == chat,
        deliveries.c.settled_at.is_(None),
        deliveries.c.state == State.PENDING,
    )
    skipped = update(deliveries).where(pending).values(**ended(State.SKIPPED, now, reason))
    number = (await tx.execute(skipped)).rowcount
    tx.count(SETTLED, channel_of(chat), State.SKIPPED, by=number)
    return number


async def reline(tx: Transaction, chat: str) -> None:
    """Makes one line of a chat in which two were merged."""
    waiting = and_(
        deliveries.c.chat == chat,
        deliveries.c.settled_at.is_(None),
        deliveries.c.own_hour.is_(False),
        deliveries.c.owner.is_(None),
    )
    await tx.execute(update(deliveries).where(waiting).values(lane=None))
    await advance(tx, [chat])
