"""Deliveries: what is owed to whom, claimed by lanes, one at a time from each chat's line.

    owe ──▶ line of a chat:  first (has a lane) ◀── second ◀── third       advance: the next is first
                               │
    claim: lanes in turn ──────┘

Whoever changes a chat's line holds the chat (`chats.lock`) and advances the line in the same
transaction.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, bindparam, literal, or_, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from bot.address import Address, ChatKind
from bot.ledger import parts as frozen
from bot.ledger.chats import lock
from bot.ledger.tables import chats, deliveries
from bot.message import Part
from feeds.store.engine import Transaction
from feeds.store.outbox import Outbox, State
from feeds.store.owners import Owner

OUTBOX = Outbox(deliveries, at_end={"lane": None})
MOST_LANES = 16  # that share one claim
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


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to make, until its lease ends."""

    id: int
    fence: int
    state: State
    attempts: int
    doubts: int
    to: Address
    kind: ChatKind
    subject: str
    form: str
    source: str
    issue_id: int | None
    seq: int
    place: int
    entry_at: datetime
    silent: bool
    reason: str | None  # of the last try that did not arrive

    @property
    def chat(self) -> str:
        return f"{self.to.channel}:{self.to.chat}"

    @property
    def topic(self) -> str:
        return self.to.topic or ""


# ── owing ───────────────────────────────────────────────────────────────────────────────────────


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
        rows.append(
            _row(one, now) | {"own_hour": own_hour, "lane": _lane(one) if is_first else None}
        )
    if await _insert(tx, rows) != len(rows):  # what was thought to come first was there already
        await advance(tx, ids)
    for channel in {row["channel"] for row in rows}:
        tx.touch(bell_of(channel))


async def pass_over(
    tx: Transaction, owed: Sequence[Owed], summaries: Sequence[str], reason: str, now: datetime
) -> None:
    """Writes what would have been owed and is not sent by itself: the summary of that subject names
    it.
    """
    rows = [
        _row(one, now)
        | {"state": State.SKIPPED, "settled_at": now, "reason": reason, "told_by": summary}
        for one, summary in zip(owed, summaries, strict=True)
    ]
    if rows:
        await _insert(tx, rows)


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
    first = deliveries.alias()
    in_line = and_(
        first.c.chat == chats.c.id, first.c.settled_at.is_(None), first.c.own_hour.is_(False)
    )
    order = (first.c.seq, first.c.place, first.c.id)
    front = select(first.c.id).where(in_line).order_by(*order).limit(1).scalar_subquery()
    waiting = (
        select(
            deliveries.c.id,
            deliveries.c.channel,
            deliveries.c.source,
            deliveries.c.chat,
            deliveries.c.due_at,
        )
        .select_from(chats.join(deliveries, deliveries.c.id == front))
        .where(chats.c.id.in_(sorted(chat_ids)), deliveries.c.lane.is_(None))
    )
    found = (await tx.execute(waiting)).all()
    if not found:
        return
    times = not_before or {}
    rows = [
        {
            "of_id": row.id,
            "to_lane": row.source or NO_PAPER,
            "to_due_at": max(row.due_at, times.get(row.chat, row.due_at)),
        }
        for row in found
    ]
    await tx.execute(_TO_THE_FRONT, rows)
    for channel in {row.channel for row in found}:
        tx.touch(bell_of(channel))


_TO_THE_FRONT = (
    update(deliveries)
    .where(deliveries.c.id == bindparam("of_id"))
    .values(lane=bindparam("to_lane"), due_at=bindparam("to_due_at"))
)


async def _busy(tx: Transaction, chat_ids: Collection[str]) -> set[str]:
    """The chats that have somebody in their line. Asked with a limit, not by EXISTS: PostgreSQL would
    make a join of that and, as long as it has no statistics, read every pending row.
    """
    somebody = (
        select(deliveries.c.id)
        .where(
            deliveries.c.chat == chats.c.id,
            deliveries.c.settled_at.is_(None),
            deliveries.c.own_hour.is_(False),
        )
        .limit(1)
        .scalar_subquery()
    )
    wanted = select(chats.c.id).where(chats.c.id.in_(sorted(chat_ids)), somebody.is_not(None))
    return {row.id for row in await tx.execute(wanted)}


async def _insert(tx: Transaction, rows: Sequence[dict[str, Any]]) -> int:
    """How many were not there yet."""
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    done = await tx.execute(dialect.insert(deliveries).on_conflict_do_nothing(), rows)
    return done.rowcount


def _row(one: Owed, now: datetime) -> dict[str, Any]:
    return {name: getattr(one, name) for name in Owed.__slots__} | {
        "channel": one.chat.partition(":")[0],
        "issue_id": one.about,
        "created_at": now,
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


# ── claiming ────────────────────────────────────────────────────────────────────────────────────


async def claim(
    tx: Transaction,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channel: str,
    after: str = "",
) -> tuple[list[Claimed], str]:
    """At most `limit` deliveries of this channel that may be made now, an equal share from each of
    the lanes behind `after`; and the last of those lanes, for the next claim.
    """
    lanes = await _lanes(tx, channel, now, after)
    if not lanes and after:
        lanes = await _lanes(tx, channel, now, "")
    share = -(-limit // max(len(lanes), 1))
    rows: list[RowMapping] = []
    for lane in lanes:
        room = min(share, limit - len(rows))
        if room <= 0:
            break
        after = lane
        where = and_(
            deliveries.c.channel == channel, deliveries.c.lane == lane, _chat_is_ready(now)
        )
        rows += await OUTBOX.claim(tx, owner, now, lease, room, where)
    return await _claimed(tx, rows), after


async def is_due(tx: Transaction, channel: str, now: datetime) -> bool:
    """Whether anything of this channel waits to be sent."""
    return bool(await _lanes(tx, channel, now, "", most=1))


async def adopt(
    tx: Transaction, owner: Owner, now: datetime, lease: timedelta, channel: str
) -> list[Claimed]:
    """What dead owners left behind, ours now; see `Outbox.adopt`."""
    mine = deliveries.c.channel == channel
    return await _claimed(tx, await OUTBOX.adopt(tx, owner, now, lease, mine))


async def _lanes(
    tx: Transaction, channel: str, now: datetime, after: str, most: int = MOST_LANES
) -> list[str]:
    """The next lanes that hold something due, by skipping from lane to lane in the index."""
    column = deliveries.c
    least = select(column.lane).where(column.channel == channel).order_by(column.lane).limit(1)
    lanes = select(least.where(column.lane > after).scalar_subquery().label("lane")).cte(
        "lanes", recursive=True
    )
    following = least.where(column.lane > lanes.c.lane).correlate(lanes).scalar_subquery()
    lanes = lanes.union_all(select(following).where(lanes.c.lane.is_not(None)))
    due = (
        select(literal(1))
        .where(column.channel == channel, column.lane == lanes.c.lane, column.due_at <= now)
        .exists()
    )
    found = select(lanes.c.lane).where(lanes.c.lane.is_not(None), due).limit(most)
    return list((await tx.execute(found)).scalars())


def _chat_is_ready(now: datetime) -> ColumnElement[bool]:
    ready = or_(chats.c.retry_at.is_(None), chats.c.retry_at <= now)
    return (
        select(chats.c.id)
        .where(chats.c.id == deliveries.c.chat, chats.c.gone_at.is_(None), ready)
        .exists()
    )


async def _claimed(tx: Transaction, rows: Sequence[RowMapping]) -> list[Claimed]:
    if not rows:
        return []
    ids = {row["chat"] for row in rows}
    found = await tx.execute(select(chats.c.id, chats.c.kind).where(chats.c.id.in_(ids)))
    kinds = {row.id: ChatKind(row.kind) for row in found}
    return [read_claimed(row, kinds[row["chat"]]) for row in rows]


def read_claimed(row: RowMapping, kind: ChatKind) -> Claimed:
    """A row of `deliveries` as the sender sees it."""
    channel, _, chat = row["chat"].partition(":")
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        state=row["state"],
        attempts=row["attempts"],
        doubts=row["doubts"],
        to=Address(channel, chat, row["topic"] or None),
        kind=kind,
        subject=row["subject"],
        form=row["kind"],
        source=row["source"],
        issue_id=row["issue_id"],
        seq=row["seq"],
        place=row["place"],
        entry_at=row["entry_at"],
        silent=row["silent"],
        reason=row["reason"],
    )


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
    return (await tx.execute(skipped)).rowcount


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
