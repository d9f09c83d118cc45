"""Where a channel's queue stands: the first of each lane that should have been sent long ago."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import or_, select

from bot.ledger.claiming import due_lanes
from bot.ledger.tables import chats, deliveries
from feeds.store.engine import Transaction

MOST_LANES = 200


@dataclass(frozen=True, slots=True, order=True)
class Front:
    """The delivery that is claimed next in its lane. One that was tried and put back is due later, and
    is another front then.
    """

    due_at: datetime
    id: int


async def fronts(tx: Transaction, channel: str, before: datetime) -> Mapping[str, Front]:
    """By lane, where that was due before then and its chat neither went away nor had to wait since."""
    found: dict[str, Front] = {}
    lanes = await due_lanes(tx, channel, before, "")
    while lanes and len(found) < MOST_LANES:
        for lane in lanes:
            if front := await _front(tx, channel, lane, before):
                found[lane] = front
        lanes = await due_lanes(tx, channel, before, lanes[-1])
    return found


async def _front(tx: Transaction, channel: str, lane: str, before: datetime) -> Front | None:
    column = deliveries.c
    first = (
        select(column.due_at, column.id)
        .join(chats, chats.c.id == column.chat)
        .where(
            column.channel == channel,
            column.lane == lane,
            column.due_at <= before,
            chats.c.gone_at.is_(None),
            or_(chats.c.retry_at.is_(None), chats.c.retry_at <= before),
        )
        .order_by(column.due_at, column.id)
        .limit(1)
    )
    row = (await tx.execute(first)).first()
    return None if row is None else Front(row.due_at, row.id)
