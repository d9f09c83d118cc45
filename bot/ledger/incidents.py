"""What is wrong with the worker itself: each is raised once and ended once, across restarts, and the
operators' messages about it are owed in the same transaction.

    raised ──▶ row ──▶ operators whose channel is not the one that failed: a delivery each
    ended ──▶ row gone ──▶ those same operators: another, that is sent where the first one was
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import and_, delete, insert, or_, select

from bot.incident import IncidentKind, Key
from bot.ledger import deliveries, subscriptions
from bot.ledger.deliveries import Owed
from bot.ledger.tables import deliveries as owed_table
from bot.ledger.tables import incidents
from bot.message import Part
from feeds.models import EntryKind
from feeds.store import journal
from feeds.store.engine import Transaction
from feeds.store.outbox import State

BEGAN, ENDED = "incident", "recovery"  # forms of deliveries
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MICROSECOND = timedelta(microseconds=1)
_ARRIVED = or_(owed_table.c.state.in_((State.SENT, State.UNKNOWN)), owed_table.c.doubts > 0).label(
    "arrived"
)


@dataclass(frozen=True, slots=True)
class Incident:
    """One that stands: since when, and what was said of it."""

    key: Key
    raised_at: datetime
    words: str

    @property
    def subject(self) -> str:
        """Of its deliveries: of this time that it was raised, and no other."""
        moment = (self.raised_at - _EPOCH) // _MICROSECOND
        return f"incident:{self.key.kind}:{self.key.about}:{moment}"


def key_of(subject: str) -> Key | None:
    """What a delivery's subject is about; None for a kind that only a newer program knows."""
    _, kind, rest = subject.split(":", 2)
    if kind not in set(IncidentKind):
        return None
    return Key(IncidentKind(kind), rest.rpartition(":")[0])


def raised_at(subject: str) -> datetime:
    """Since when the incident of this subject stood."""
    return _EPOCH + int(subject.rpartition(":")[2]) * _MICROSECOND


async def standing(tx: Transaction) -> Mapping[Key, Incident]:
    """All that stand. Of kinds that a newer program raised nothing is said."""
    kinds = [str(kind) for kind in IncidentKind]
    rows = await tx.execute(select(incidents).where(incidents.c.kind.in_(kinds)))
    keys = ((Key(IncidentKind(row.kind), row.about), row) for row in rows)
    return {key: Incident(key, row.raised_at, row.words) for key, row in keys}


async def raise_(tx: Transaction, key: Key, words: str, now: datetime) -> Incident:
    """Notes one that does not stand yet."""
    row = {"kind": str(key.kind), "about": key.about, "raised_at": now, "words": words}
    await tx.execute(insert(incidents).values(row))
    return Incident(key, now, words)


async def end(tx: Transaction, ended: Collection[Key]) -> None:
    """These do not stand any more."""
    for key in ended:
        this = and_(incidents.c.kind == str(key.kind), incidents.c.about == key.about)
        await tx.execute(delete(incidents).where(this))


async def tell(
    tx: Transaction, incident: Incident, operators: Sequence[str], now: datetime
) -> None:
    """Owes these operators a message that it began; whoever was owed it already is owed no other."""
    chats = await subscriptions.meet_operators(tx, operators, now)
    owed = [_owed(incident, BEGAN, chat, topic, incident.raised_at, now) for chat, topic in chats]
    await deliveries.owe(tx, owed, now)


async def tell_end(
    tx: Transaction, incident: Incident, operators: Sequence[str], now: datetime
) -> int:
    """Owes a message that it is over to those of these operators who were owed its beginning. Returns
    how many they are.
    """
    chats = await subscriptions.meet_operators(tx, operators, now)
    heard = [key for key in chats if await _state(tx, *key, incident.subject) is not None]
    owed = [_owed(incident, ENDED, chat, topic, now, now) for chat, topic in heard]
    await deliveries.owe(tx, owed, now)
    return len(owed)


async def say(
    tx: Transaction, operators: Sequence[str], subject: str, part: Part, now: datetime
) -> None:
    """Owes operators a message whose words are fixed, once for each subject."""
    owed = [
        Owed(
            chat=chat, topic=topic, subject=subject, kind="said", source="", seq=0, place=0,
            entry_at=now, due_at=now, silent=False,
        )
        for chat, topic in await subscriptions.meet_operators(tx, operators, now)
    ]  # fmt: skip
    await deliveries.owe_said(tx, owed, part, now)


def _owed(
    incident: Incident, form: str, chat: str, topic: str, at: datetime, now: datetime
) -> Owed:
    return Owed(
        chat=chat, topic=topic, subject=incident.subject, kind=form, source="", seq=0, place=0,
        entry_at=at, due_at=now, silent=False,
    )  # fmt: skip


# ── what was told ───────────────────────────────────────────────────────────────────────────────


async def never_heard(tx: Transaction, chat: str, topic: str, subject: str) -> bool:
    """Whether this chat certainly did not get the message that the incident began."""
    return await _state(tx, chat, topic, subject) is False


async def never_heard_alarm(
    tx: Transaction, chat: str, topic: str, source: str, alarm: str, since: datetime
) -> bool:
    """Whether this chat certainly did not get the message that a newspaper's alarm began then. Of one
    that began so long ago that nothing of it is kept, it may have.
    """
    column = owed_table.c
    mine = and_(column.chat == chat, column.topic == topic, column.kind == "alarm")
    then = and_(column.source == source, column.entry_at == since)
    for row in (await tx.execute(select(column.seq, _ARRIVED).where(mine, then))).all():
        entry = await journal.entry(tx, row.seq)
        if entry and entry.kind is EntryKind.ALARM_RAISED and entry.data.get("alarm") == alarm:
            return not row.arrived
    return False


async def _state(tx: Transaction, chat: str, topic: str, subject: str) -> bool | None:
    """Whether the beginning may have arrived there; None where it was never owed."""
    column = owed_table.c
    mine = and_(column.chat == chat, column.topic == topic, column.subject == subject)
    row = (await tx.execute(select(_ARRIVED).where(mine, column.kind == BEGAN))).first()
    return None if row is None else bool(row.arrived)
