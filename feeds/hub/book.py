"""The hub's rows: intents, subscribers and what they are owed. Every function takes a transaction."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import (
    Table,
    and_,
    case,
    delete,
    func,
    insert,
    or_,
    select,
    update,
)
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import RowMapping

from feeds.hub.requests import Intent
from feeds.hub.tables import Kind, Mode, hub_intents, hub_subscribers
from feeds.store.engine import Transaction
from feeds.store.outbox import UNSETTLED, Fenced, Outbox, Settlement, State

BELL = "feeds"  # rung by the publisher too: both mean that the hub should look
LEASE = timedelta(seconds=90)  # longer than any call
INTENT_LASTS = timedelta(hours=1)
MOST_INTENTS = 20_000
MOST_INTENTS_OF_HOST = 2000


@dataclass(frozen=True, slots=True)
class Queue:
    """Rows that wait for a call. `per_host` is how many calls of theirs one host gets at a time."""

    table: Table
    outbox: Outbox
    per_host: int


# Enough verifications for 120 a minute of a host, even where each takes its ten seconds.
INTENTS = Queue(hub_intents, Outbox(hub_intents), per_host=20)
SUBSCRIBERS = Queue(hub_subscribers, Outbox(hub_subscribers), per_host=4)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A row that is ours until its lease ends."""

    id: int
    fence: int
    attempts: int
    topic: str
    callback: str
    host: str
    row: RowMapping

    @property
    def fenced(self) -> Fenced:
        return Fenced(self.id, self.fence)


# ── intents ─────────────────────────────────────────────────────────────────────────────────────


async def is_crowded(tx: Transaction, host: str) -> bool:
    """Whether so many requests wait for their confirmation that one more would be one too many."""
    waiting = select(func.count()).select_from(hub_intents)
    all_ = (await tx.execute(waiting)).scalar_one()
    of_host = (await tx.execute(waiting.where(hub_intents.c.host == host))).scalar_one()
    return bool(all_ >= MOST_INTENTS or of_host >= MOST_INTENTS_OF_HOST)


async def intend(tx: Transaction, intent: Intent, seen: str, now: datetime) -> bool:
    """Keeps a request until its callback confirmed it; it replaces an earlier one that waits. False
    where one for the same topic and callback is just being confirmed.
    """
    asked = {
        "host": intent.callback.host,
        "mode": intent.mode,
        "secret": intent.secret,
        "lease_seconds": int(intent.lease.total_seconds()),
        "seen": seen,
        "created_at": now,
        "due_at": now,
    }
    dialect: Any = postgresql if tx.dialect == "postgresql" else sqlite
    statement = dialect.insert(hub_intents).values(
        topic=intent.topic, callback=intent.callback.url, **asked
    )
    kept = await tx.execute(
        statement.on_conflict_do_update(
            index_elements=[hub_intents.c.topic, hub_intents.c.callback],
            set_=asked,
            where=hub_intents.c.owner.is_(None),
        ).returning(hub_intents.c.id)
    )
    tx.touch(BELL)
    return kept.first() is not None


async def confirmed(tx: Transaction, claim: Claimed, owner: str, now: datetime) -> bool:
    """Does what a confirmed intent asks for. False where it was no longer ours to confirm."""
    if not await _end(tx, claim, owner, now):
        return False
    row = claim.row
    same = and_(
        hub_subscribers.c.topic == row["topic"], hub_subscribers.c.callback == row["callback"]
    )
    if row["mode"] is Mode.UNSUBSCRIBE:
        await tx.execute(delete(hub_subscribers).where(same))
        return True
    terms = {
        "secret": row["secret"],
        "expires_at": now + timedelta(seconds=row["lease_seconds"]),
    }
    renewed = await tx.execute(update(hub_subscribers).where(same).values(**terms))
    if renewed.rowcount == 0:
        fresh = {
            "topic": row["topic"],
            "callback": row["callback"],
            "host": row["host"],
            "kind": Kind.CONTENT,
            "state": State.SENT,
            "wanted": row["seen"],
            "due_at": now,
            "created_at": now,
        }
        await tx.execute(insert(hub_subscribers).values(**fresh, **terms))
    return True


async def refused(tx: Transaction, claim: Claimed, owner: str, now: datetime) -> None:
    """Forgets an intent that its callback did not confirm; whatever held before still holds."""
    await _end(tx, claim, owner, now)


async def _end(tx: Transaction, claim: Claimed, owner: str, now: datetime) -> bool:
    ended = Settlement(claim.id, claim.fence, State.SENT)
    if not await INTENTS.outbox.settle(tx, [ended], owner, now):
        return False
    await tx.execute(delete(hub_intents).where(hub_intents.c.id == claim.id))
    return True


# ── subscribers ─────────────────────────────────────────────────────────────────────────────────


async def is_empty(tx: Transaction) -> bool:
    """Whether nobody subscribed, nor asked to."""
    anybody = select(hub_subscribers.c.id).exists() | select(hub_intents.c.id).exists()
    return not (await tx.execute(select(anybody))).scalar_one()


async def topics(tx: Transaction) -> tuple[str, ...]:
    """The topics that anybody subscribed to."""
    return tuple((await tx.execute(select(hub_subscribers.c.topic).distinct())).scalars())


async def owe(tx: Transaction, topic: str, tag: str, now: datetime) -> int:
    """The topic's content is now the one with this tag: who has another is owed it. Returns to how
    many that is news. One that waits after a failure goes on waiting; one that is being told is told
    again afterwards.
    """
    column = hub_subscribers.c
    is_waiting, is_busy = column.state == State.PENDING, column.state == State.SENDING
    statement = (
        update(hub_subscribers)
        .where(column.topic == topic, column.wanted != tag)
        .values(
            wanted=tag,
            state=case((is_busy, State.SENDING), else_=State.PENDING),
            due_at=case((is_waiting, column.due_at), else_=now),
            attempts=case((or_(is_waiting, is_busy), column.attempts), else_=0),
        )
    )
    return int((await tx.execute(statement)).rowcount)


async def told(tx: Transaction, claim: Claimed, owner: str, tag: str, now: datetime) -> None:
    """The subscriber has the content with this tag; if there is newer, it is owed that."""
    done = Settlement(claim.id, claim.fence, State.SENT)
    if await SUBSCRIBERS.outbox.settle(tx, [done], owner, now):
        column = hub_subscribers.c
        behind = and_(column.id == claim.id, column.wanted != tag)
        again = {"state": State.PENDING, "due_at": now, "settled_at": None}
        await tx.execute(update(hub_subscribers).where(behind).values(**again))
        await tx.execute(update(hub_subscribers).where(column.id == claim.id).values(attempts=0))


async def later(
    tx: Transaction, claim: Claimed, owner: str, due_at: datetime, reason: str, now: datetime
) -> None:
    """The subscriber could not be told; it is tried again at `due_at`."""
    back = Settlement(claim.id, claim.fence, State.PENDING, due_at=due_at, reason=reason)
    await SUBSCRIBERS.outbox.settle(tx, [back], owner, now)


async def give_up(tx: Transaction, claim: Claimed, owner: str, reason: str, now: datetime) -> None:
    """Nothing is tried again until there is other content."""
    end = Settlement(claim.id, claim.fence, State.FAILED, reason=reason)
    await SUBSCRIBERS.outbox.settle(tx, [end], owner, now)


async def remove(tx: Transaction, claim: Claimed) -> None:
    """The subscriber does not want to hear of it any more (410)."""
    mine = and_(hub_subscribers.c.id == claim.id, hub_subscribers.c.fence == claim.fence)
    await tx.execute(delete(hub_subscribers).where(mine))


async def name_hubs(
    tx: Transaction, hubs: Collection[tuple[str, str]], names: Collection[str], now: datetime
) -> None:
    """Matches the rows of other hubs to the settings. `hubs` are URLs with their `host:port`."""
    column = hub_subscribers.c
    held = set(
        await tx.execute(select(column.topic, column.callback).where(column.kind == Kind.PING))
    )
    wanted = {(topic, url): host for url, host in hubs for topic in names}
    for topic, url in {(row.topic, row.callback) for row in held} - wanted.keys():
        gone = and_(column.topic == topic, column.callback == url, column.kind == Kind.PING)
        await tx.execute(delete(hub_subscribers).where(gone))
    known = {(row.topic, row.callback) for row in held}
    rows = [
        {
            "topic": topic,
            "callback": url,
            "host": host,
            "kind": Kind.PING,
            "state": State.SENT,
            "wanted": "",
            "due_at": now,
            "created_at": now,
        }
        for (topic, url), host in wanted.items()
        if (topic, url) not in known
    ]
    if rows:
        await tx.execute(insert(hub_subscribers), rows)


# ── claims ──────────────────────────────────────────────────────────────────────────────────────


async def claim(
    tx: Transaction, queue: Queue, owner: str, now: datetime, limit: int, busy: Collection[str]
) -> list[Claimed]:
    """At most `limit` rows that are due, few of each host and none of a `busy` one; marked as begun."""
    column = queue.table.c
    place = func.row_number().over(partition_by=column.host, order_by=(column.due_at, column.id))
    due = select(column.id, place.label("place")).where(
        queue.outbox.claimable(), column.host.not_in(busy)
    )
    spread = due.subquery()
    fair = column.id.in_(select(spread.c.id).where(spread.c.place <= queue.per_host))
    rows = await queue.outbox.claim(tx, queue.outbox.claiming(fair), owner, now, LEASE, limit)
    claims = [_claimed(row) for row in rows]
    ours = await queue.outbox.sending(tx, [claim.fenced for claim in claims], owner)
    return [claim for claim in claims if claim.id in ours]


def _claimed(row: RowMapping) -> Claimed:
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        attempts=row["attempts"],
        topic=row["topic"],
        callback=row["callback"],
        host=row["host"],
        row=row,
    )


async def sweep(tx: Transaction, now: datetime, *, is_alone: bool) -> None:
    """Ends leases and intents that ran out. What somebody was doing when it died is done again: its
    lease is over, or (with `is_alone`) there is nobody else who could be doing it.
    """
    expired = hub_subscribers.c.expires_at <= now
    await tx.execute(delete(hub_subscribers).where(expired))
    await tx.execute(delete(hub_intents).where(hub_intents.c.created_at <= now - INTENT_LASTS))
    for table in (hub_subscribers, hub_intents):
        is_over = table.c.owner.is_not(None) if is_alone else table.c.lease_until <= now
        lost = and_(table.c.state.in_(UNSETTLED), is_over)
        free = {"state": State.PENDING, "owner": None, "lease_until": None}
        await tx.execute(update(table).where(lost).values(fence=table.c.fence + 1, **free))


async def give_back(
    tx: Transaction, queue: Queue, claims: Sequence[Claimed], owner: str, now: datetime
) -> None:
    """Frees what was claimed and is not finished, for whoever comes next."""
    back = [Settlement(one.id, one.fence, State.PENDING, due_at=now) for one in claims]
    await queue.outbox.settle(tx, back, owner, now)
