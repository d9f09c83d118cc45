"""What the ledger lets go in time: deliveries that are over, and wordings that nothing names any more.

A message that stands in a chat and can be changed is kept much longer than what never arrived: without its
row a withdrawal would not find it. A row that went is never owed again: fan-out's cursor is behind nothing
that made it.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, delete, exists, func, or_, select

from bot.ledger.questions import OPEN_FOR
from bot.ledger.tables import chats, deliveries, delivery_parts, edits, questions, wordings
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.store.rows import Rows
from feeds.store.tables import Id

_WINDOW = 5000  # rows looked through at a time: a millisecond or two

_OF_ISSUES = (State.SENT, State.UNKNOWN)


@dataclass(frozen=True, slots=True)
class Rule:
    """What was settled before these times goes: whatever is of no use any more, and messages that stand.
    `fixed` are the channels whose messages cannot be changed.
    """

    over: datetime
    standing: datetime
    fixed: Collection[str]

    @property
    def may_go(self) -> ColumnElement[bool]:
        column = deliveries.c
        left = select(chats.c.id).where(chats.c.gone_at < self.over)
        stands = and_(
            column.issue_id.is_not(None),
            column.state.in_(_OF_ISSUES),
            column.channel.not_in(sorted(self.fixed)),
            column.chat.not_in(left),
        )
        return and_(column.settled_at < self.over, or_(~stands, column.settled_at < self.standing))


async def old_deliveries(
    tx: Transaction, after: int, rule: Rule, most: int
) -> tuple[list[int], int | None]:
    """At most so many deliveries behind `after` that may go, and how far was looked; None at the end."""
    column = deliveries.c
    first = (await tx.execute(select(func.min(column.id)).where(column.id > after))).scalar_one()
    if first is None:
        return [], None
    here = and_(column.id >= first, column.id < first + _WINDOW)
    wanted = select(column.id).where(here, rule.may_go).order_by(column.id).limit(most)
    ids = list((await tx.execute(wanted)).scalars().all())
    return ids, ids[-1] if len(ids) == most else first + _WINDOW - 1


_GONE = Rows("gone", id=Id)


async def drop_deliveries(tx: Transaction, ids: Sequence[int], rule: Rule) -> int:
    """Lets go of these, with their parts and edits, unless they are owed again meanwhile."""
    chosen = deliveries.c.id.in_(select(_GONE.c.id))
    gone = delete(deliveries).where(chosen, rule.may_go)
    return (await tx.execute(gone, {"gone": [(id_,) for id_ in ids]})).rowcount


_IS_NAMED = exists().where(delivery_parts.c.wording == wordings.c.hash)


async def unnamed_wordings(tx: Transaction, after: str, most: int) -> tuple[list[str], str | None]:
    """Which of the next wordings nothing names, and the last of these; None at the end."""
    window = select(wordings.c.hash).where(wordings.c.hash > after).order_by(wordings.c.hash)
    hashes = (await tx.execute(window.limit(most))).scalars().all()
    if not hashes:
        return [], None
    here = wordings.c.hash.between(hashes[0], hashes[-1])
    unnamed = (await tx.execute(select(wordings.c.hash).where(here, ~_IS_NAMED))).scalars().all()
    return list(unnamed), hashes[-1]


async def drop_wordings(tx: Transaction, hashes: Sequence[str]) -> int:
    """Lets go of these, unless something names them meanwhile: whoever holds one to name it is waited for."""
    mine = select(wordings.c.hash).where(wordings.c.hash.in_(hashes)).order_by(wordings.c.hash)
    await tx.execute(mine.with_for_update())
    gone = delete(wordings).where(wordings.c.hash.in_(hashes), ~_IS_NAMED)
    return (await tx.execute(gone)).rowcount


async def drop_edits(tx: Transaction, before: datetime, most: int) -> int:
    """Lets go of edits that could not be made; of those that were made there is no row."""
    old = select(edits.c.id).where(edits.c.settled_at < before).limit(most)
    return (await tx.execute(delete(edits).where(edits.c.id.in_(old)))).rowcount


async def drop_questions(tx: Transaction, now: datetime, most: int) -> int:
    """Lets go of questions that nobody may answer any more."""
    old = select(questions.c.id).where(questions.c.asked_at < now - OPEN_FOR).limit(most)
    return (await tx.execute(delete(questions).where(questions.c.id.in_(old)))).rowcount
