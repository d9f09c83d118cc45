"""Who ended a subscription of their own: read out of a database that is to be replaced, and ended in the one that
takes its place, for a backup does not know it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy import update

from bot.ledger.subscriptions import CHAT
from bot.ledger.tables import subscriptions
from feeds.store.copies import rows_of
from feeds.store.engine import Transaction

_ENDED = f"SELECT chat, topic, source FROM subscriptions WHERE origin = '{CHAT}' AND NOT active"  # noqa: S608 - a word of ours


@dataclass(frozen=True, slots=True)
class Left:
    """A subscription by its names: rows have other numbers in other databases."""

    chat: str
    topic: str
    source: str


def leavers(file: Path) -> tuple[Left, ...] | None:
    """What ended in this database, or None where nobody can read it."""
    rows = rows_of(file, _ENDED)
    return None if rows is None else tuple(Left(*row) for row in rows)


async def end(tx: Transaction, gone: Iterable[Left]) -> int:
    """Ends those of these subscriptions that stand. Returns how many did."""
    column, count = subscriptions.c, 0
    for one in gone:
        is_theirs = (column.chat == one.chat) & (column.topic == one.topic)
        same = (column.source == one.source) & (column.origin == CHAT)
        ended = update(subscriptions).where(is_theirs, same, column.active)
        count += (await tx.execute(ended.values(active=False, paused=False))).rowcount
    return count
