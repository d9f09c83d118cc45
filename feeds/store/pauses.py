"""What operators paused: newspapers that are not looked at, channels that send no pushes. Stored, so that
a restart resumes nothing by itself.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import delete, insert, select

from feeds.models import PauseKind
from feeds.store.engine import Transaction
from feeds.store.tables import pauses

BELL = "pauses"


@dataclass(frozen=True, slots=True)
class Pause:
    """Since when, and by whom (an operator's address)."""

    since: datetime
    by: str


async def standing(tx: Transaction, kind: PauseKind) -> Mapping[str, Pause]:
    """What of this kind is paused now, by name."""
    rows = await tx.execute(select(pauses).where(pauses.c.kind == kind))
    return {row.name: Pause(row.since, row.by) for row in rows}


async def pause(tx: Transaction, kind: PauseKind, name: str, by: str, now: datetime) -> bool:
    """False where it was paused already; it stays as it was."""
    if name in await standing(tx, kind):
        return False
    await tx.execute(insert(pauses).values(kind=kind, name=name, since=now, by=by))
    tx.touch(BELL)
    return True


async def resume(tx: Transaction, kind: PauseKind, name: str) -> bool:
    """False where it was not paused."""
    row = delete(pauses).where(pauses.c.kind == kind, pauses.c.name == name)
    tx.touch(BELL)
    return bool((await tx.execute(row)).rowcount)
