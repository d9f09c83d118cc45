"""Deliveries for an operator's eyes: found by what is known of them, and sent once more."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, or_, select, true, update

from bot.ledger.chats import lock
from bot.ledger.deliveries import advance, bell_of, channel_of
from bot.ledger.tables import PartState, chats, deliveries, delivery_parts
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.store.tables import articles, issues

ENDED_BADLY = (State.FAILED, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which deliveries; empty means any. `chat` is an address without topic."""

    source: str | None = None
    chat: str | None = None
    states: Collection[State] = ()

    @property
    def condition(self) -> ColumnElement[bool]:
        column = deliveries.c
        return and_(
            true() if self.source is None else column.source == self.source,
            true() if self.chat is None else column.chat == self.chat,
            column.state.in_(self.states) if self.states else true(),
        )


@dataclass(frozen=True, slots=True)
class Listed:
    """A delivery: where, what, and what became of it when. `title` is the article's, where it is
    about one; `sent` are the times of its messages.
    """

    id: int
    chat: str
    topic: str
    source: str
    issue: str | None
    title: str | None
    form: str
    state: State
    attempts: int
    reason: str | None
    due_at: datetime
    settled_at: datetime | None
    sent: tuple[datetime, ...]


async def knows(tx: Transaction, wanted: Wanted) -> bool:
    """Whether anything was ever owed that these wishes name."""
    found = select(deliveries.c.id).where(wanted.condition).limit(1)
    return (await tx.execute(found)).first() is not None


async def find(tx: Transaction, wanted: Wanted, limit: int) -> tuple[Listed, ...]:
    """At most `limit` of them, the newest first."""
    chosen = (
        select(deliveries, issues.c.key.label("issue_key"))
        .outerjoin(issues, issues.c.id == deliveries.c.issue_id)
        .where(wanted.condition)
        .order_by(deliveries.c.id.desc())
        .limit(limit)
    )
    rows = (await tx.execute(chosen)).all()
    titles = await _titles(tx, [row.subject for row in rows])
    sent = await _sent(tx, [row.id for row in rows])
    return tuple(
        Listed(
            id=row.id,
            chat=row.chat,
            topic=row.topic,
            source=row.source,
            issue=row.issue_key,
            title=titles.get(row.subject),
            form=row.kind,
            state=row.state,
            attempts=row.attempts,
            reason=row.reason,
            due_at=row.due_at,
            settled_at=row.settled_at,
            sent=tuple(sent[row.id]),
        )
        for row in rows
    )


async def _titles(tx: Transaction, subjects: Sequence[str]) -> dict[str, str]:
    """The titles of the articles that these subjects name; a correction's names its entry too."""
    named = {s: int(s.split(":")[1]) for s in subjects if s.startswith("article:")}
    wanted = select(articles.c.id, articles.c.title).where(articles.c.id.in_(named.values()))
    titles = {row.id: row.title for row in await tx.execute(wanted)}
    return {subject: titles[number] for subject, number in named.items() if number in titles}


async def _sent(tx: Transaction, ids: Sequence[int]) -> defaultdict[int, list[datetime]]:
    wanted = select(delivery_parts.c.delivery_id, delivery_parts.c.sent_at).where(
        delivery_parts.c.delivery_id.in_(ids), delivery_parts.c.sent_at.is_not(None)
    )
    times: defaultdict[int, list[datetime]] = defaultdict(list)
    for row in await tx.execute(wanted.order_by(delivery_parts.c.number)):
        times[row.delivery_id].append(row.sent_at)
    return times


async def send_again(tx: Transaction, wanted: Wanted, limit: int, now: datetime) -> int:
    """Owes once more what ended otherwise than sent, as if it were news of now; of several parts
    those that never arrived. Returns how many.
    """
    ended = and_(deliveries.c.settled_at.is_not(None), deliveries.c.state != State.SENT)
    chosen = select(deliveries.c.id, deliveries.c.chat).where(wanted.condition, ended)
    rows = (await tx.execute(chosen.order_by(deliveries.c.id).limit(limit))).all()
    ids, owed_to = [row.id for row in rows], {row.chat for row in rows}
    if not ids:
        return 0
    await lock(tx, owed_to)
    anew: dict[str, Any] = {
        "state": State.PENDING,
        "attempts": 0,
        "doubts": 0,
        "due_at": now,
        "entry_at": now,
        "reason": None,
        "told_by": None,
        "settled_at": None,
        "own_hour": False,
    }
    await tx.execute(update(deliveries).where(deliveries.c.id.in_(ids)).values(**anew))
    unsent = and_(delivery_parts.c.delivery_id.in_(ids), delivery_parts.c.state != PartState.SENT)
    await tx.execute(update(delivery_parts).where(unsent).values(state=PartState.PENDING))
    await advance(tx, owed_to)
    return len(ids)


async def hurry(tx: Transaction, wanted: Wanted, chat: str, now: datetime) -> int:
    """Ends the wait of a chat that was asked to wait or is in trouble: what was tried and is owed to it may
    go now. Returns how many these are.
    """
    await lock(tx, {chat})
    asked = exists().where(chats.c.id == chat, chats.c.retry_at > now)
    waiting = and_(
        deliveries.c.chat == chat,
        deliveries.c.state == State.PENDING,
        deliveries.c.owner.is_(None),
        deliveries.c.attempts > 0,
        or_(deliveries.c.due_at > now, asked),
        replace(wanted, chat=chat, states=()).condition,
    )
    freed = update(deliveries).where(waiting).values(due_at=now)
    count = (await tx.execute(freed)).rowcount
    if count:
        await tx.execute(update(chats).where(chats.c.id == chat).values(retry_at=None))
        tx.touch(bell_of(channel_of(chat)))
    return count
