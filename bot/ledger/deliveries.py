"""Deliveries: what is owed to whom, its frozen parts, and how it ended."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, insert, or_, select, tuple_, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from bot.address import Address, ChatKind
from bot.ledger.tables import PartState, chats, deliveries, delivery_parts
from bot.message import Part, part_from_json, part_to_json
from feeds.store.engine import Transaction
from feeds.store.outbox import UNSETTLED, Outbox, State

BELL = "deliveries"
OUTBOX = Outbox(deliveries)
UNKNOWN_AFTER_CRASH = "not known whether it arrived: the worker died while sending"


@dataclass(frozen=True, slots=True)
class Owed:
    """A delivery to be made. `subject` is `issue:12` or `article:340`, `kind` the form."""

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


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """One message of a delivery as it was rendered, and what became of it."""

    number: int
    part: Part
    state: PartState
    message_id: str | None


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to make, until its lease ends."""

    id: int
    fence: int
    attempts: int
    to: Address
    kind: ChatKind
    subject: str
    form: str
    source: str
    seq: int
    entry_at: datetime
    silent: bool

    @property
    def chat(self) -> str:
        return f"{self.to.channel}:{self.to.chat}"


async def owe(tx: Transaction, owed: Sequence[Owed], now: datetime) -> None:
    """Writes what is owed; what is owed already stays as it is."""
    if not owed:
        return
    rows = [
        {name: getattr(one, name) for name in Owed.__slots__} | {"created_at": now} for one in owed
    ]
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    await tx.execute(dialect.insert(deliveries).on_conflict_do_nothing(), rows)
    tx.touch(BELL)


async def settled_already(
    tx: Transaction, owed: Owed, parts: Sequence[Part], message_ids: Sequence[str], now: datetime
) -> None:
    """Writes a delivery that was made by answering a command, so that it is never made again."""
    await owe(tx, [owed], now)
    mine = and_(
        deliveries.c.chat == owed.chat,
        deliveries.c.topic == owed.topic,
        deliveries.c.subject == owed.subject,
        deliveries.c.kind == owed.kind,
        deliveries.c.state == State.PENDING,
    )
    taken = update(deliveries).where(mine).values(state=State.SENT, settled_at=now)
    row = (await tx.execute(taken.returning(deliveries.c.id))).first()
    if row is None:
        return
    await tx.execute(
        insert(delivery_parts),
        [
            {"delivery_id": row.id, "number": number, "content": part_to_json(part),
             "state": PartState.SENT, "message_id": message_id, "sent_at": now}
            for number, (part, message_id) in enumerate(zip(parts, message_ids, strict=False), 1)
        ],
    )  # fmt: skip


async def claim(
    tx: Transaction,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channels: Iterable[str],
) -> list[Claimed]:
    """The heads of the chats' lines, at most one a chat, of the channels that can be sent to now."""
    reachable = or_(*(deliveries.c.chat.startswith(f"{name}:") for name in channels))
    where = and_(reachable, _is_head(now), _chat_is_ready(now))
    rows = await OUTBOX.claim(
        tx, owner, now, lease, limit, where, (deliveries.c.seq, deliveries.c.place)
    )
    found = await tx.execute(
        select(chats.c.id, chats.c.kind).where(chats.c.id.in_({row["chat"] for row in rows}))
    )
    kinds = {row.id: ChatKind(row.kind) for row in found}
    return [_claimed(row, kinds[row["chat"]]) for row in rows]


def _is_head(now: datetime) -> ColumnElement[bool]:
    """Nothing earlier for this chat is still on its way. What waits for its own hour (a daily
    digest) and was never tried holds nobody up.
    """
    earlier = deliveries.alias()
    before = tuple_(earlier.c.seq, earlier.c.place, earlier.c.id) < tuple_(
        deliveries.c.seq, deliveries.c.place, deliveries.c.id
    )
    on_its_way = or_(earlier.c.due_at <= now, earlier.c.attempts > 0)
    blocking = select(earlier.c.id).where(
        earlier.c.chat == deliveries.c.chat, earlier.c.state.in_(UNSETTLED), on_its_way, before
    )
    return ~blocking.exists()


def _chat_is_ready(now: datetime) -> ColumnElement[bool]:
    ready = or_(chats.c.retry_at.is_(None), chats.c.retry_at <= now)
    return (
        select(chats.c.id)
        .where(chats.c.id == deliveries.c.chat, chats.c.gone_at.is_(None), ready)
        .exists()
    )


def _claimed(row: RowMapping, kind: ChatKind) -> Claimed:
    channel, _, chat = row["chat"].partition(":")
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        attempts=row["attempts"],
        to=Address(channel, chat, row["topic"] or None),
        kind=kind,
        subject=row["subject"],
        form=row["kind"],
        source=row["source"],
        seq=row["seq"],
        entry_at=row["entry_at"],
        silent=row["silent"],
    )


# ── parts ───────────────────────────────────────────────────────────────────────────────────────


async def frozen_parts(tx: Transaction, ids: Sequence[int]) -> dict[int, list[FrozenPart]]:
    """The parts of these deliveries, where they were frozen already, in order."""
    wanted = select(delivery_parts).where(delivery_parts.c.delivery_id.in_(ids))
    parts: dict[int, list[FrozenPart]] = {}
    for row in await tx.execute(wanted.order_by(delivery_parts.c.number)):
        frozen = FrozenPart(row.number, part_from_json(row.content), row.state, row.message_id)
        parts.setdefault(row.delivery_id, []).append(frozen)
    return parts


async def freeze(tx: Transaction, parts: dict[int, Sequence[Part]]) -> dict[int, list[FrozenPart]]:
    """Fixes the words of deliveries that were never claimed before."""
    rows = [
        {"delivery_id": id_, "number": n, "content": part_to_json(part), "state": PartState.PENDING}
        for id_, of_one in parts.items()
        for n, part in enumerate(of_one, start=1)
    ]
    if rows:
        await tx.execute(insert(delivery_parts), rows)
    return {
        id_: [FrozenPart(n, p, PartState.PENDING, None) for n, p in enumerate(of_one, start=1)]
        for id_, of_one in parts.items()
    }


async def mark_part(
    tx: Transaction,
    delivery: int,
    number: int,
    state: PartState,
    message_id: str | None,
    now: datetime,
) -> None:
    """What became of one message."""
    mine = (delivery_parts.c.delivery_id == delivery) & (delivery_parts.c.number == number)
    values: dict[str, Any] = {"state": state}
    if state is PartState.SENT:
        values |= {"message_id": message_id, "sent_at": now}
    await tx.execute(update(delivery_parts).where(mine).values(values))


# ── crashes and chats that are gone ─────────────────────────────────────────────────────────────


async def recover(tx: Transaction, now: datetime) -> tuple[int, int]:
    """After a crash (the data lock proves the last owner dead): what was being sent is unknown. It
    is sent again in private chats and groups, where a copy is better than a gap, and not in
    channels, where it is not. Returns how many of each.
    """
    await OUTBOX.recover(tx, now)
    lost = and_(deliveries.c.state == State.UNKNOWN, deliveries.c.reason.is_(None))
    in_channel = (
        select(chats.c.id)
        .where(chats.c.id == deliveries.c.chat, chats.c.kind == ChatKind.CHANNEL)
        .exists()
    )
    kept = await tx.execute(
        update(deliveries).where(lost, in_channel).values(reason=UNKNOWN_AFTER_CRASH)
    )
    again = await tx.execute(
        update(deliveries)
        .where(lost, ~in_channel)
        .values(state=State.PENDING, settled_at=None, due_at=now)
    )
    unsettled = select(deliveries.c.id).where(deliveries.c.state == State.PENDING)
    await tx.execute(
        update(delivery_parts)
        .where(
            delivery_parts.c.state == PartState.SENDING,
            delivery_parts.c.delivery_id.in_(unsettled),
        )
        .values(state=PartState.PENDING)
    )
    return again.rowcount, kept.rowcount


async def skip_all(tx: Transaction, chat: str, reason: str, now: datetime) -> int:
    """Lets go of everything pending for a chat that is gone."""
    pending = and_(deliveries.c.chat == chat, deliveries.c.state == State.PENDING)
    ended = await tx.execute(
        update(deliveries)
        .where(pending)
        .values(state=State.SKIPPED, reason=reason, settled_at=now, owner=None, lease_until=None)
    )
    return ended.rowcount
