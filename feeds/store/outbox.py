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
    FromClause,
    Integer,
    Select,
    String,
    Table,
    Text,
    and_,
    bindparam,
    case,
    func,
    or_,
    select,
    true,
    update,
)
from sqlalchemy.engine import RowMapping

from feeds.store.columns import Instant, Word
from feeds.store.engine import Transaction
from feeds.store.owners import Owner
from feeds.store.rows import Rows
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
    """The statements over one table, made once. Stateless; the caller's transaction decides what is
    kept. `at_end` are values that the table's own columns take when a row comes to its end.
    """

    def __init__(self, table: Table, at_end: Mapping[str, Any] | None = None) -> None:
        self._table = table
        column = table.c
        claims = Rows("claims", id=Id, fence=Integer())
        ours = _ours(table, claims)
        self._take = (
            update(table)
            .where(column.id == claims.c.id)
            .values(
                owner=bindparam("to_owner"),
                lease_until=bindparam("to_lease", type_=Instant()),
                fence=claims.c.fence,
            )
        )
        self._sending = (
            update(table)
            .where(ours, column.state == State.PENDING)
            .values(
                state=State.SENDING,
                attempts=column.attempts + 1,
                lease_until=func.coalesce(
                    bindparam("to_lease", type_=Instant()), column.lease_until
                ),
            )
            .returning(column.id)
        )
        self._settle = _settle(table, at_end or {})

    def claimable(self) -> ColumnElement[bool]:
        """Rows that may be claimed at `:now`: due, and nobody's or with a lease that ran out."""
        column, now = self._table.c, bindparam("now", type_=Instant())
        free = or_(column.lease_until.is_(None), column.lease_until <= now)
        return and_(column.state == State.PENDING, column.due_at <= now, free)

    def claiming(
        self,
        where: ColumnElement[bool] | None = None,
        order_by: Sequence[ColumnElement[Any]] = (),
        columns: Sequence[ColumnElement[Any]] = (),
        joined: FromClause | None = None,
    ) -> Select[Any]:
        """What `claim` asks: rows as they are once they are claimed, in the order given. `columns` are
        those of the table, or of what it is `joined` to, that are wanted; all of the table's where
        none is named. Made once, for its making costs as much as it does.
        """
        column = self._table.c
        wanted = [one for one in columns or column if one is not column.fence]
        return (
            select(*wanted, (column.fence + 1).label("fence"))
            .select_from(self._table if joined is None else joined)
            .where(self.claimable(), true() if where is None else where)
            .order_by(*order_by, column.due_at, column.id)
            .limit(bindparam("most"))
            .with_for_update(skip_locked=True, of=self._table)  # SQLite leaves it out
        )

    async def claim(
        self,
        tx: Transaction,
        claiming: Select[Any],
        owner: str,
        now: datetime,
        lease: timedelta,
        limit: int,
        **values: Any,
    ) -> list[RowMapping]:
        """Takes at most `limit` rows for `owner` until `now + lease`. `values` are those of the
        parameters in `claiming` that are its maker's own.

        Two claimers never hold one row: SQLite has one writer, PostgreSQL skips locked rows.
        """
        found = await tx.execute(claiming, {"now": now, "most": limit, **values})
        rows = list(found.mappings().all())
        if rows:
            claims = [(row["id"], row["fence"]) for row in rows]
            taken = {"claims": claims, "to_owner": owner, "to_lease": now + lease}
            await tx.execute(self._take, taken)
        return rows

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
        return list((await tx.execute(taken.returning(*column))).mappings().all())

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
        if not claims:
            return set()
        named = {"claims": [(claim.id, claim.fence) for claim in claims], "by_owner": owner}
        return set((await tx.execute(self._sending, named | {"to_lease": until})).scalars().all())

    async def settle(
        self, tx: Transaction, settlements: Sequence[Settlement], owner: str, now: datetime
    ) -> set[int]:
        """Stores how the owner's rows went on; returns the ids that were still the owner's."""
        if not settlements:
            return set()
        rows = [
            (s.id, s.fence, s.state, (s.due_at or now) if s.state is State.PENDING else None, s.reason)
            for s in settlements
        ]  # fmt: skip
        settled = {"settlements": rows, "by_owner": owner, "now": now}
        return set((await tx.execute(self._settle, settled)).scalars().all())


def _ours(table: Table, claims: Rows) -> ColumnElement[bool]:
    """Rows that are still held as these claims say: found by their ids. Asked for the bare owner,
    SQLite would read all that it holds.
    """
    column = table.c
    is_same = and_(column.id == claims.c.id, column.fence == claims.c.fence)
    return and_(is_same, func.coalesce(column.owner, "") == bindparam("by_owner"))


def _settle(table: Table, at_end: Mapping[str, Any]) -> Any:
    """One statement for what ends and for what is put back."""
    column = table.c
    to = Rows(
        "settlements",
        id=Id,
        fence=Integer(),
        state=Word(State),
        due_at=Instant(),
        reason=Text(),
    )
    is_back = to.c.state == State.PENDING
    now = bindparam("now", type_=Instant())
    ends = {name: case((is_back, column[name]), else_=value) for name, value in at_end.items()}
    return (
        update(table)
        .where(_ours(table, to), column.state.in_(UNSETTLED))
        .values(
            state=to.c.state,
            reason=to.c.reason,
            due_at=func.coalesce(to.c.due_at, column.due_at),
            settled_at=case((is_back, None), else_=now),
            owner=None,
            lease_until=None,
            **ends,
        )
        .returning(column.id)
    )
