"""What was owed to a chat and what became of it, for those who ask why."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from bot.ledger.tables import deliveries, delivery_parts
from feeds.store.engine import Transaction
from feeds.store.outbox import State


@dataclass(frozen=True, slots=True)
class Past:
    """A delivery. `reason` says why it was put off or not made; `at` is when it was settled, or is
    due.
    """

    id: int
    subject: str
    form: str
    source: str
    state: State
    reason: str | None
    silent: bool
    at: datetime
    message_ids: tuple[str, ...]
    in_doubt: bool = False  # a copy may have arrived whose id nobody knows


async def history(
    tx: Transaction, chat: str, topic: str, source: str | None = None, limit: int = 10
) -> tuple[Past, ...]:
    """The newest deliveries of a chat and topic, of one paper or of all, the newest first."""
    wanted = select(deliveries).where(deliveries.c.chat == chat, deliveries.c.topic == topic)
    if source is not None:
        wanted = wanted.where(deliveries.c.source == source)
    rows = (await tx.execute(wanted.order_by(deliveries.c.id.desc()).limit(limit))).all()
    messages: defaultdict[int, tuple[str, ...]] = defaultdict(tuple)
    parts = select(delivery_parts.c.delivery_id, delivery_parts.c.message_id).where(
        delivery_parts.c.delivery_id.in_([row.id for row in rows]),
        delivery_parts.c.message_id.is_not(None),
    )
    for part in await tx.execute(parts.order_by(delivery_parts.c.number)):
        messages[part.delivery_id] += (part.message_id,)
    return tuple(
        Past(
            id=row.id,
            subject=row.subject,
            form=row.kind,
            source=row.source,
            state=row.state,
            reason=row.reason,
            silent=row.silent,
            at=row.settled_at or row.due_at,
            message_ids=messages[row.id],
            in_doubt=row.doubts > 0 or row.state in {State.SENDING, State.UNKNOWN},
        )
        for row in rows
    )
