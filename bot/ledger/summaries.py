"""What is not sent by itself any more, and the one message that names it instead."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta

from sqlalchemy import and_, select, update

from bot.ledger.deliveries import (
    SUMMARY,
    Owed,
    advance,
    count_settled,
    ended,
    owe,
    pass_over,
)
from bot.ledger.tables import deliveries, delivery_parts
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.store.tables import issues

TOO_OLD = "too old when its turn came; named in a summary"
MISSED = "not the newest after a long gap; named in a summary"
RESTORED = "a backup was restored: most likely it was sent before that"
GATHER = timedelta(minutes=15)  # how long a summary waits for what other papers missed


@dataclass(frozen=True, slots=True)
class Named:
    """An issue that a summary names."""

    source: str
    date: date
    url: str


async def gather_old(
    tx: Transaction,
    chat: str,
    before: datetime,
    now: datetime,
    reason: str = TOO_OLD,
    wait: timedelta = timedelta(0),
) -> int:
    """Lets go of everything pending for this chat that became news before that time, and owes it a
    summary instead, at once or after a wait for more. Returns how much that was.
    """
    old = and_(
        deliveries.c.chat == chat,
        deliveries.c.settled_at.is_(None),
        deliveries.c.state == State.PENDING,
        deliveries.c.issue_id.is_not(None),
        deliveries.c.entry_at < before,
    )
    rows = (await tx.execute(select(deliveries).where(old).order_by(deliveries.c.seq))).all()
    by_topic: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        by_topic[row.topic].append(row.id)
    open_ones = await _open(tx, {chat})
    for topic, ids in by_topic.items():
        subject = open_ones.get((chat, topic)) or f"{SUMMARY}:{ids[0]}"
        skipped = ended(State.SKIPPED, now, reason) | {"told_by": subject}
        await tx.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**skipped))
        last = next(row for row in rows if row.id == ids[-1])
        summary = _summary(chat, topic, subject, last.seq, now)
        await owe(tx, [replace(summary, due_at=now + wait)], now)
    count_settled(tx, [chat] * len(rows), State.SKIPPED)
    await advance(tx, [chat])
    return len(rows)


async def name_missed(tx: Transaction, owed: Sequence[Owed], now: datetime) -> None:
    """Owes these as names in each chat's summary, which waits a while for more."""
    open_ones = await _open(tx, {one.chat for one in owed})
    subjects = [
        open_ones.get((one.chat, one.topic)) or f"{SUMMARY}:missed-{one.seq}" for one in owed
    ]
    await pass_over(tx, owed, subjects, MISSED, now)
    summaries = {
        (one.chat, one.topic): replace(
            _summary(one.chat, one.topic, subject, one.seq, now), due_at=now + GATHER
        )
        for one, subject in zip(owed, subjects, strict=True)
        if (one.chat, one.topic) not in open_ones
    }
    await owe(tx, list(summaries.values()), now)


async def named(tx: Transaction, chat: str, topic: str, subject: str) -> tuple[Named, ...]:
    """The issues that this summary names, by newspaper, oldest first."""
    wanted = (
        select(issues.c.source, issues.c.date, issues.c.key, issues.c.url)
        .join(deliveries, deliveries.c.issue_id == issues.c.id)
        .where(
            deliveries.c.chat == chat,
            deliveries.c.topic == topic,
            deliveries.c.told_by == subject,
        )
        .distinct()
        .order_by(issues.c.source, issues.c.date, issues.c.key)
    )
    return tuple(Named(row.source, row.date, row.url) for row in await tx.execute(wanted))


async def _open(tx: Transaction, chats: Collection[str]) -> dict[tuple[str, str], str]:
    """The summaries that wait to be said and may still name more, by chat and topic."""
    wanted = select(deliveries.c.chat, deliveries.c.topic, deliveries.c.subject).where(
        deliveries.c.chat.in_(chats),
        deliveries.c.settled_at.is_(None),
        deliveries.c.kind == SUMMARY,
        ~select(delivery_parts.c.number)
        .where(delivery_parts.c.delivery_id == deliveries.c.id)
        .exists(),
    )
    return {(row.chat, row.topic): row.subject for row in await tx.execute(wanted)}


def _summary(chat: str, topic: str, subject: str, seq: int, now: datetime) -> Owed:
    return Owed(
        chat=chat,
        topic=topic,
        subject=subject,
        kind=SUMMARY,
        source="",
        seq=seq,
        place=0,
        entry_at=now,
        due_at=now,
        silent=True,
    )
