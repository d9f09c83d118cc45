"""The outbox: rows that are owed, claimed by lease, fenced, and settled. For any table that has
`outbox_columns`: the chats' deliveries and edits, and the hub's.

    PENDING ──claim──▶ PENDING with owner, lease, fence+1 ──sending──▶ SENDING ──settle──▶ an end
       ▲                                                                  │
       └───────────── settle(PENDING, due_at): later ◀────────────────────┘

A claim is not yet sending: an owner that dies holding a claim has certainly not sent it. Every step
after the claim names its fence, so an owner whose lease ran out changes nothing any more. What a dead
owner left SENDING is adopted: whether it arrived nobody knows, and the table's own rule decides.
"""

from collections.abc import Mapping, Sequence
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
from feeds.store.owners import Owner
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
    """The statements over one table. Stateless; the caller's transaction decides what is kept.
    `at_end` are values that the table's own columns take when a row comes to its end.
    """

    def __init__(self, table: Table, at_end: Mapping[str, Any] | None = None) -> None:
        self._table = table
        self._end, self._put_back = _settle_statements(table, at_end or {})

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
        chosen = (
            select(column.id)
            .where(self.claimable(now), true() if where is None else where)
            .order_by(*order_by, column.due_at, column.id)
            .limit(limit)
            .with_for_update(skip_locked=True, of=self._table)  # SQLite leaves it out
        )
        ids = [row.id for row in await tx.execute(chosen)]
        if not ids:
            return []
        taken = update(self._table).where(column.id.in_(ids))
        taken = taken.values(owner=owner, lease_until=now + lease, fence=column.fence + 1)
        rows = {row["id"]: row for row in (await tx.execute(taken.returning(*column))).mappings()}
        return [rows[id_] for id_ in ids]

    async def adopt(
        self,
        tx: Transaction,
        owner: Owner,
        now: datetime,
        lease: timedelta,
        where: ColumnElement[bool] | None = None,
    ) -> list[RowMapping]:
        """Takes over what others hold: everything of those who are known to be dead, and what no
        lease covers any more. A row that they were SENDING comes as SENDING.
        """
        column = self._table.c
        held = and_(column.owner.is_not(None), true() if where is None else where)
        names = (await tx.execute(select(column.owner).where(held).distinct())).scalars().all()
        dead = await owner.dead(tx, names)
        left = or_(column.owner.in_(dead), column.lease_until <= now)
        taken = update(self._table).where(held, left)
        taken = taken.values(owner=owner.name, lease_until=now + lease, fence=column.fence + 1)
        return list((await tx.execute(taken.returning(*column))).mappings())

    async def sending(
        self,
        tx: Transaction,
        claims: Sequence[Fenced],
        owner: str,
        until: datetime | None = None,
    ) -> set[int]:
        """Marks what is about to be sent, its lease lengthened to `until`; returns the ids that are
        still the owner's to send.
        """
        column = self._table.c
        ours = self._ours(claims, owner, State.PENDING)
        values: dict[str, Any] = {"state": State.SENDING, "attempts": column.attempts + 1}
        if until is not None:
            values["lease_until"] = until
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
        held = await self.held(tx, [Fenced(s.id, s.fence) for s in settlements], owner)
        ours = [s for s in settlements if s.id in held]
        ends = [_bound(s) | {"to_settled_at": now} for s in ours if s.state is not State.PENDING]
        back = [
            _bound(s) | {"to_due_at": s.due_at or now} for s in ours if s.state is State.PENDING
        ]
        if ends:
            await tx.execute(self._end, ends)
        if back:
            await tx.execute(self._put_back, back)
        return held

    async def held(self, tx: Transaction, claims: Sequence[Fenced], owner: str) -> set[int]:
        """Which of these are still the owner's; they stay so until the transaction's end."""
        statement = select(self._table.c.id).where(self._ours(claims, owner, *UNSETTLED))
        return {row.id for row in await tx.execute(statement.with_for_update())}

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
        """By id too: for the pairs alone SQLite would read the whole table."""
        column = self._table.c
        return and_(
            column.id.in_([claim.id for claim in claims]),
            tuple_(column.id, column.fence).in_([(claim.id, claim.fence) for claim in claims]),
            column.owner == owner,
            column.state.in_(states),
        )

    async def _changed(self, tx: Transaction, statement: Any) -> set[int]:
        return {row.id for row in await tx.execute(statement.returning(self._table.c.id))}


def _settle_statements(table: Table, at_end: Mapping[str, Any]) -> tuple[Any, Any]:
    """One statement for the ends and one for what is put back, so that a group of answers is two
    rounds of executemany.
    """
    free: dict[str, Any] = {"reason": bindparam("to_reason"), "owner": None, "lease_until": None}
    one = update(table).where(table.c.id == bindparam("of_id"))
    ended = {"state": bindparam("to_state"), "settled_at": bindparam("to_settled_at"), **at_end}
    waiting = {"state": State.PENDING, "due_at": bindparam("to_due_at")}
    return one.values(**free, **ended), one.values(**free, **waiting)


def _bound(settlement: Settlement) -> dict[str, Any]:
    end = {} if settlement.state is State.PENDING else {"to_state": settlement.state}
    return {"of_id": settlement.id, "to_reason": settlement.reason, **end}
