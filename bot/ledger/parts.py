"""The parts of deliveries: what each message says, frozen, and what became of it.

A wording is stored once, however many chats it is said to.
"""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Text, bindparam, delete, exists, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from bot.ledger.tables import PartState, deliveries, delivery_parts, wordings
from bot.message import Part, part_from_json, part_to_json
from feeds.store.columns import Instant, Word
from feeds.store.engine import Transaction
from feeds.store.rows import Rows
from feeds.store.tables import Id, articles


@dataclass(frozen=True, slots=True)
class FrozenPart:
    """One message of a delivery as it was rendered (last), and what became of it."""

    number: int
    part: Part
    wording: str
    state: PartState
    message_id: str | None = None
    frozen_at: datetime | None = None
    turned: bool = False


@dataclass(frozen=True, slots=True)
class Marked:
    """What became of one message."""

    delivery: int
    number: int
    state: PartState
    message_id: str | None = None


class Wordings:
    """The wordings of some parts, each made once: many deliveries hold the very same part."""

    def __init__(self) -> None:
        self._known: dict[int, tuple[Part, str]] = {}
        self.contents: dict[str, Any] = {}

    def of(self, part: Part) -> str:
        """The part's hash; its content is noted."""
        known = self._known.get(id(part))
        if known is None:
            content = part_to_json(part)
            text = json.dumps(content, sort_keys=True, ensure_ascii=True)
            known = part, hashlib.sha256(text.encode()).hexdigest()
            self._known[id(part)] = known  # holds the part, so that its id stays its own
            self.contents[known[1]] = content
        return known[1]


async def freeze(
    tx: Transaction,
    said: Mapping[int, Sequence[Part]],
    now: datetime,
    message_ids: Sequence[str] = (),
) -> dict[int, list[FrozenPart]]:
    """Fixes the words of deliveries that have none. With message ids they were sent already."""
    made = Wordings()
    state = PartState.SENT if message_ids else PartState.PENDING
    of_all: dict[int, list[FrozenPart]] = {}
    for delivery, parts in said.items():
        ids = [*message_ids, *[None] * len(parts)]
        of_all[delivery] = [
            FrozenPart(n, part, made.of(part), state, ids[n - 1], now)
            for n, part in enumerate(parts, 1)
        ]
    await put_wordings(tx, made)
    rows = [
        (delivery, part.number, part.wording, part.state, part.message_id)
        for delivery, parts in of_all.items()
        for part in parts
    ]
    if rows:
        sent_at = now if message_ids else None
        await tx.execute(_FREEZE, {"frozen": rows, "at": now, "when_sent": sent_at})
    return of_all


def _freeze() -> Any:
    frozen = Rows(
        "frozen",
        delivery_id=Id,
        number=Integer(),
        wording=Text(),
        state=Word(PartState),
        message_id=Text(),
    )
    at, sent_at = (bindparam(name, type_=Instant()) for name in ("at", "when_sent"))
    rows = select(*frozen.c, at.label("frozen_at"), sent_at.label("sent_at"))
    return insert(delivery_parts).from_select([*frozen.c.keys(), "frozen_at", "sent_at"], rows)


_FREEZE = _freeze()


async def put_wordings(tx: Transaction, made: Wordings) -> None:
    """Stores the wordings that are new. On PostgreSQL those that are there are held until the end: upkeep
    might be about to drop what nothing named, and one that it dropped just now is stored again.
    """
    rows = [{"hash": hash_, "content": made.contents[hash_]} for hash_ in sorted(made.contents)]
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    for _ in range(2):
        if rows:
            await tx.execute(dialect.insert(wordings).on_conflict_do_nothing(), rows)
        if tx.dialect == "sqlite" or await _hold(tx, made.contents):
            return


async def _hold(tx: Transaction, hashes: Collection[str]) -> bool:
    """Whether all of them are there, and will be until the transaction ends."""
    wanted = select(wordings.c.hash).where(wordings.c.hash.in_(sorted(hashes)))
    held = await tx.execute(
        wanted.order_by(wordings.c.hash).with_for_update(read=True, key_share=True)
    )
    return len(held.all()) == len(hashes)


_WANTED = Rows("wanted", id=Id)
_LOAD = (
    select(delivery_parts)
    .join(_WANTED.table, _WANTED.c.id == delivery_parts.c.delivery_id)
    .order_by(delivery_parts.c.number)
)


async def load(tx: Transaction, ids: Sequence[int]) -> dict[int, list[FrozenPart]]:
    """The parts of these deliveries, where they were frozen already, in order."""
    rows = (await tx.execute(_LOAD, {"wanted": [(id_,) for id_ in ids]})).all()
    said = await contents(tx, {row.wording for row in rows})
    parts: dict[int, list[FrozenPart]] = {}
    for row in rows:
        parts.setdefault(row.delivery_id, []).append(
            FrozenPart(
                row.number,
                said[row.wording],
                row.wording,
                row.state,
                row.message_id,
                row.frozen_at,
                row.turned_at is not None,
            )
        )
    return parts


async def contents(tx: Transaction, hashes: Collection[str]) -> dict[str, Part]:
    """What these wordings say, by their hash."""
    if not hashes:
        return {}
    wanted = select(wordings).where(wordings.c.hash.in_(list(hashes)))
    return {row.hash: part_from_json(row.content) for row in await tx.execute(wanted)}


async def mark(tx: Transaction, marked: Sequence[Marked], now: datetime) -> None:
    """Stores what became of messages."""
    rows = [
        (one.delivery, one.number, one.state, one.message_id,
         now if one.state is PartState.SENT else None)
        for one in marked
    ]  # fmt: skip
    if rows:
        await tx.execute(_MARK, {"marked": rows})


def _mark() -> Any:
    to = Rows(
        "marked",
        delivery_id=Id,
        number=Integer(),
        state=Word(PartState),
        message_id=Text(),
        sent_at=Instant(),
    )
    column = delivery_parts.c
    return (
        update(delivery_parts)
        .where(column.delivery_id == to.c.delivery_id, column.number == to.c.number)
        .values(state=to.c.state, message_id=to.c.message_id, sent_at=to.c.sent_at)
    )


_MARK = _mark()


async def reword(tx: Transaction, delivery: int, number: int, part: Part) -> None:
    """A message that was sent says something else now."""
    made = Wordings()
    wording = made.of(part)
    await put_wordings(tx, made)
    this = (delivery_parts.c.delivery_id == delivery) & (delivery_parts.c.number == number)
    await tx.execute(update(delivery_parts).where(this).values(wording=wording))


async def thaw(tx: Transaction, ids: Sequence[int]) -> None:
    """Forgets the words of deliveries of which nothing was sent: they are found anew."""
    await tx.execute(delete(delivery_parts).where(delivery_parts.c.delivery_id.in_(ids)))


async def thaw_waiting(tx: Transaction, ids: Collection[int]) -> set[int]:
    """Thaws those of these deliveries that nobody is sending and nothing of which arrived; returns
    them.
    """
    arrived = delivery_parts.alias()
    waiting = select(deliveries.c.id).where(
        deliveries.c.id.in_(ids),
        deliveries.c.owner.is_(None),
        deliveries.c.settled_at.is_(None),
        ~exists().where(
            arrived.c.delivery_id == deliveries.c.id, arrived.c.message_id.is_not(None)
        ),
    )
    found = list((await tx.execute(waiting.with_for_update())).scalars().all())
    if found:
        await thaw(tx, found)
    return set(found)


async def outdated(tx: Transaction, ids: Collection[int]) -> set[int]:
    """Those of these deliveries whose words are older than the withdrawal of an article of their issue, and
    nothing of which arrived. Whoever plans edits may not have come to them yet.
    """
    if not ids:
        return set()
    arrived = delivery_parts.alias()
    older = (
        select(deliveries.c.id)
        .join(delivery_parts, delivery_parts.c.delivery_id == deliveries.c.id)
        .join(articles, articles.c.issue_id == deliveries.c.issue_id)
        .where(
            deliveries.c.id.in_(ids),
            articles.c.withdrawn_at >= delivery_parts.c.frozen_at,
            ~exists().where(
                arrived.c.delivery_id == deliveries.c.id, arrived.c.message_id.is_not(None)
            ),
        )
    )
    return set((await tx.execute(older.distinct())).scalars().all())


async def turned(tx: Transaction, chat: str, message_id: str, now: datetime) -> None:
    """A reader turned this message to another issue: it is no longer ours to refresh."""
    theirs = select(deliveries.c.id).where(deliveries.c.chat == chat)
    this = delivery_parts.c.delivery_id.in_(theirs) & (delivery_parts.c.message_id == message_id)
    await tx.execute(update(delivery_parts).where(this).values(turned_at=now))
