"""The outbox: rows that are owed, claimed by lease, fenced, and settled. For any table that has
`outbox_columns`: the chats' deliveries, and later the hub's.

    PENDING ──claim──▶ PENDING with owner, lease, fence+1 ──sending──▶ SENDING ──settle──▶ an end
       ▲                                                                  │
       └───────────── settle(PENDING, due_at): later ◀────────────────────┘

A claim is not yet sending: an owner that dies holding a claim has certainly not sent it. Every step
after the claim names its fence, so an owner whose lease ran out changes nothing any more.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    Column,
    ColumnElement,
    Integer,
    String,
    Table,
    Text,
    and_,
    bindparam,
    func,
    or_,
    select,
    true,
    tuple_,
    update,
)
from sqlalchemy.engine import RowMapping

from feeds.store.columns import Instant, Word
from feeds.store.engine import Transaction
from feeds.store.tables import Id


class State(StrEnum):
    """PENDING → SENDING → SENT, or one of the ways in which it ends otherwise."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SKIPPED = "skipped"


UNSETTLED = (State.PENDING, State.SENDING)


@dataclass(frozen=True, slots=True)
class Fenced:
    """A claimed row as its owner must name it."""

    id: int
    fence: int


@dataclass(frozen=True, slots=True)
class Settlement:
    """How a claimed row goes on. PENDING puts it back, to be claimed again at `due_at`; any other
    state is an end.
    """

    id: int
    fence: int
    state: State
    due_at: datetime | None = None
    reason: str | None = None


def outbox_columns() -> tuple[Column[Any], ...]:
    """Fresh columns for a table of owed things."""
    return (
        Column("id", Id, primary_key=True),
        Column("state", Word(State), nullable=False, server_default=State.PENDING),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("due_at", Instant, nullable=False),
        Column("lease_until", Instant),
        Column("owner", String(64)),
        Column("fence", Integer, nullable=False, server_default="0"),
        Column("reason", Text),
        Column("settled_at", Instant),
    )


class Outbox:
    """The statements over one table. Stateless; the caller's transaction decides what is kept."""

    def __init__(self, table: Table) -> None:
        self._table = table
        self._settle = _settle_statement(table)

    def claimable(self, now: datetime) -> ColumnElement[bool]:
        """Rows that may be claimed at `now`: due, and nobody's or with a lease that ran out."""
        column = self._table.c
        free = or_(column.lease_until.is_(None), column.lease_until <= now)
        return and_(column.state == State.PENDING, column.due_at <= now, free)

    async def claim(
        self,
        tx: Transaction,
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        where: ColumnElement[bool] | None = None,
        order_by: Sequence[ColumnElement[Any]] = (),
    ) -> list[RowMapping]:
        """Takes at most `limit` rows for `owner` until `now + lease`, in the order given.

        Two claimers never hold one row: SQLite has one writer, PostgreSQL skips locked rows.
        """
        column = self._table.c
        order = (*order_by, column.due_at, column.id)
        chosen = (
            select(column.id)
            .where(self.claimable(now), true() if where is None else where)
            .order_by(*order)
            .limit(limit)
            .with_for_update(skip_locked=True)  # SQLite leaves it out
        )
        ids = [row.id for row in await tx.execute(chosen)]
        if not ids:
            return []
        taken = update(self._table).where(column.id.in_(ids))
        await tx.execute(taken.values(owner=owner, lease_until=now + lease, fence=column.fence + 1))
        rows = await tx.execute(select(self._table).where(column.id.in_(ids)).order_by(*order))
        return list(rows.mappings())

    async def sending(self, tx: Transaction, claims: Sequence[Fenced], owner: str) -> set[int]:
        """Marks what is about to be sent; returns the ids that are still the owner's to send."""
        column = self._table.c
        ours = self._ours(claims, owner, State.PENDING)
        values = {"state": State.SENDING, "attempts": column.attempts + 1}
        return await self._changed(tx, update(self._table).where(ours).values(values))

    async def renew(
        self, tx: Transaction, claims: Sequence[Fenced], owner: str, until: datetime
    ) -> set[int]:
        """Lengthens the leases of what the owner still holds; returns those ids."""
        ours = self._ours(claims, owner, *UNSETTLED)
        return await self._changed(tx, update(self._table).where(ours).values(lease_until=until))

    async def settle(
        self, tx: Transaction, settlements: Sequence[Settlement], owner: str, now: datetime
    ) -> set[int]:
        """Stores how the owner's rows went on; returns the ids that were still the owner's."""
        if not settlements:
            return set()
        held = await self._held(tx, settlements, owner)
        rows = [_bound(s, now) for s in settlements if s.id in held]
        if rows:
            await tx.execute(self._settle, rows)
        return held

    async def recover(
        self, tx: Transaction, now: datetime, where: ColumnElement[bool] | None = None
    ) -> int:
        """Once the last owner is known to be dead: ends its leases, and what it was sending becomes
        UNKNOWN, for the table's own rule to resolve. Returns how many are unknown.
        """
        column = self._table.c
        scope = true() if where is None else where
        free = {"owner": None, "lease_until": None}
        lost = update(self._table).where(column.state == State.SENDING, scope)
        unknown = await tx.execute(
            lost.values(**free, state=State.UNKNOWN, settled_at=now, fence=column.fence + 1)
        )
        claimed = update(self._table).where(
            column.state == State.PENDING, column.owner.is_not(None), scope
        )
        await tx.execute(claimed.values(**free, fence=column.fence + 1))
        return unknown.rowcount

    async def next_due(
        self, tx: Transaction, where: ColumnElement[bool] | None = None
    ) -> datetime | None:
        """When the next pending row can be claimed (its due time or the end of its lease), or None
        where nothing is owed.
        """
        column = self._table.c
        when: ColumnElement[Any] = func.max(
            column.due_at, func.coalesce(column.lease_until, column.due_at)
        )
        if tx.dialect == "postgresql":
            when = func.greatest(column.due_at, column.lease_until)  # skips nulls
        statement = select(func.min(when, type_=Instant())).where(
            column.state == State.PENDING, true() if where is None else where
        )
        due: datetime | None = (await tx.execute(statement)).scalar_one()
        return due

    def _ours(self, claims: Sequence[Fenced], owner: str, *states: State) -> ColumnElement[bool]:
        column = self._table.c
        named = tuple_(column.id, column.fence).in_([(claim.id, claim.fence) for claim in claims])
        return and_(named, column.owner == owner, column.state.in_(states))

    async def _held(
        self, tx: Transaction, settlements: Sequence[Settlement], owner: str
    ) -> set[int]:
        claims = [Fenced(s.id, s.fence) for s in settlements]
        statement = select(self._table.c.id).where(self._ours(claims, owner, *UNSETTLED))
        return {row.id for row in await tx.execute(statement.with_for_update())}

    async def _changed(self, tx: Transaction, statement: Any) -> set[int]:
        return {row.id for row in await tx.execute(statement.returning(self._table.c.id))}


def _settle_statement(table: Table) -> Any:
    """One statement for every end, so that a group of answers is one round of executemany."""
    return (
        update(table)
        .where(table.c.id == bindparam("of_id"))
        .values(
            state=bindparam("to_state"),
            due_at=func.coalesce(bindparam("to_due_at", type_=Instant()), table.c.due_at),
            reason=bindparam("to_reason"),
            settled_at=bindparam("to_settled_at"),
            owner=None,
            lease_until=None,
        )
    )


def _bound(settlement: Settlement, now: datetime) -> dict[str, Any]:
    is_end = settlement.state is not State.PENDING
    return {
        "of_id": settlement.id,
        "to_state": settlement.state,
        "to_due_at": settlement.due_at,
        "to_reason": settlement.reason,
        "to_settled_at": now if is_end else None,
    }
