"""Subscriptions: who reads what, and which of several asks for one chat decides."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from operator import attrgetter
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Text,
    and_,
    bindparam,
    func,
    insert,
    select,
    true,
    tuple_,
    union_all,
    update,
)
from sqlalchemy.engine import Row

from bot.address import Address, ChatKind
from bot.ledger import chats
from bot.ledger.tables import Mode, subscriptions
from bot.ledger.tables import chats as chat_table
from config.models import DeliverConfig
from feeds.store.engine import Transaction
from feeds.store.rows import Rows

ALL = "*"
CHAT, CONFIG = "chat", "config"
QUIET = "22:00-07:00"  # of a subscription that nobody changed, as in `deliver:`
FRESH: Mapping[str, Any] = {
    "mode": Mode.ISSUE, "pages": frozenset(), "filter": "", "at": None, "quiet": QUIET, "hold": False,
    "rung": None, "paused": False,
}  # fmt: skip
"""A subscription that nobody changed yet."""


@dataclass(frozen=True, slots=True)
class Subscription:
    """What one chat (and topic) wants of one paper, or of all (`source` "*"). Only journal entries
    behind `since` are owed.

    In `quiet` hours messages are silent, or with `hold` they wait for the end of the hours. An article
    that passes `rung` reads is told once more. One that is `paused` still decides, for nothing.
    `timezone` is that of the chat's clocks, where it chose one.
    """

    id: int
    chat: str
    topic: str
    source: str
    origin: str
    mode: Mode
    pages: frozenset[str]
    filter: str
    at: str | None
    quiet: str | None
    max_messages: int
    since: int
    hold: bool = False
    rung: int | None = None
    paused: bool = False
    timezone: str | None = None

    @property
    def to(self) -> Address:
        return replace(Address.parse(self.chat), topic=self.topic or None)

    @property
    def narrowness(self) -> tuple[bool, bool, bool, int]:
        """Of several for one chat the narrowest decides: one that chooses pages or words, then one
        for this paper rather than for all, then the person's own, then the newest.
        """
        is_choosy = bool(self.pages or self.filter)
        return (is_choosy, self.source != ALL, self.origin == CHAT, self.id)


_ROWS = select(
    *(subscriptions.c[f.name] for f in fields(Subscription) if f.name != "timezone"),
    chat_table.c.timezone,  # the last of the fields
).join(chat_table, chat_table.c.id == subscriptions.c.chat)

_OF_ONE_CHAT = frozenset({"id", "chat", "topic", "source", "origin", "since"})
choice_of = attrgetter(*(f.name for f in fields(Subscription) if f.name not in _OF_ONE_CHAT))
"""What a subscription chooses: two that choose the same are told the same."""


def narrowest(candidates: Iterable[Subscription]) -> Subscription:
    """The one that decides."""
    return max(candidates, key=lambda subscription: subscription.narrowness)


def deciding_of(mine: Iterable[Subscription], source: str) -> Subscription | None:
    """Of one chat's subscriptions the one that decides about this paper, if any asks for it."""
    return max(
        (s for s in mine if s.source in {source, ALL}), key=lambda s: s.narrowness, default=None
    )


async def subscribe(
    tx: Transaction, to: Address, source: str, wish: Mapping[str, Any], since: int, now: datetime
) -> bool:
    """A person's own subscription; begins behind `since`. `wish` are the columns that were asked for;
    where it was there already only they change. Returns False then. The chat must be known.
    """
    mine = _of(to, source, CHAT)
    row = (await tx.execute(select(subscriptions).where(mine))).first()
    if row is not None and row.active:
        await tx.execute(update(subscriptions).where(mine).values(**wish, active=True))
        return False
    values = {**FRESH, **wish, "since": since, "created_at": now, "active": True}
    if row is None:
        key = {"chat": _chat(to), "topic": to.topic or "", "source": source, "origin": CHAT}
        await tx.execute(insert(subscriptions).values(**key, **values))
    else:
        await tx.execute(update(subscriptions).where(mine).values(**values))
    return True


async def change(tx: Transaction, subscription: int, wish: Mapping[str, Any]) -> None:
    """Sets columns of a person's own subscription."""
    mine = and_(subscriptions.c.id == subscription, subscriptions.c.origin == CHAT)
    await tx.execute(update(subscriptions).where(mine).values(**wish))


async def pause(tx: Transaction, to: Address, source: str | None) -> int:
    """Pauses a person's own subscription to a paper, or all of them. Returns how many were not yet."""
    mine = and_(_own(to, source), ~subscriptions.c.paused)
    return (await tx.execute(update(subscriptions).where(mine).values(paused=True))).rowcount


async def resume(tx: Transaction, to: Address, source: str | None, since: int) -> int:
    """Goes on behind `since`: what came out meanwhile is not owed. Returns how many were paused."""
    mine = and_(_own(to, source), subscriptions.c.paused)
    goes_on = update(subscriptions).where(mine).values(paused=False, since=since)
    return (await tx.execute(goes_on)).rowcount


async def unsubscribe(tx: Transaction, to: Address, source: str | None) -> int:
    """Ends a person's own subscription to a paper, or all of them. Returns how many ended."""
    ended = update(subscriptions).where(_own(to, source)).values(active=False, paused=False)
    return (await tx.execute(ended)).rowcount


async def by_id(tx: Transaction, subscription: int) -> Subscription | None:
    """A subscription by its row, as a button names it; None where it ended."""
    wanted = _ROWS.where(subscriptions.c.id == subscription, subscriptions.c.active)
    row = (await tx.execute(wanted)).first()
    return None if row is None else _subscription(row)


async def of_chat(tx: Transaction, to: Address) -> tuple[Subscription, ...]:
    """What this chat (and topic) is subscribed to, its fixed subscriptions too."""
    wanted = _ROWS.where(
        subscriptions.c.chat == _chat(to),
        subscriptions.c.topic == (to.topic or ""),
        subscriptions.c.active,
    )
    rows = await tx.execute(wanted.order_by(subscriptions.c.source, subscriptions.c.id))
    return tuple(_subscription(row) for row in rows)


async def count(tx: Transaction, to: Address) -> int:
    """How many papers the chat subscribed to itself."""
    mine = select(func.count()).where(
        subscriptions.c.chat == _chat(to), subscriptions.c.origin == CHAT, subscriptions.c.active
    )
    return int((await tx.execute(mine)).scalar_one())


async def deciding(
    tx: Transaction, keys: Iterable[tuple[str, str]], source: str, *, also_ended: bool = False
) -> dict[tuple[str, str], Subscription]:
    """For each (chat, topic) that still wants this paper, or `also_ended` once did, the subscription
    that decides how.
    """
    ids = sorted({chat for chat, _ in keys})  # pairs would find no index
    wanted = _DECIDING if also_ended else _DECIDING.where(subscriptions.c.active)
    rows = await tx.execute(wanted, {"ids": [(id_,) for id_ in ids], "papers": [source, ALL]})
    return _decide(_subscription(row) for row in rows)


_IDS = select(Rows("ids", chat=Text()).c.chat)
_DECIDING = _ROWS.where(
    subscriptions.c.chat.in_(_IDS),
    chat_table.c.id.in_(_IDS),  # said of both, or PostgreSQL reads one of them whole
    subscriptions.c.source.in_(bindparam("papers", expanding=True)),
)


async def readers(
    tx: Transaction, source: str, seq: int, after: tuple[str, str], limit: int
) -> tuple[list[Subscription], bool]:
    """The deciding subscriptions that owe journal entry `seq` of this paper, of the chats behind
    `after` in order, and whether there are more. Reads a few times `limit` rows, so that a list of a
    million is many small transactions.
    """
    # Two ranges of one index, each in order: asked for both sources at once, a database would sort
    # all its readers for every chunk.
    both = union_all(*(_next_of(one, seq, after, limit) for one in (source, ALL))).subquery()
    wanted = select(both).order_by(both.c.chat, both.c.topic, both.c.id).limit(limit)
    found = [_subscription(row) for row in await tx.execute(wanted)]
    is_full = len(found) == limit
    if is_full:  # the last chat may have rows beyond the limit: it comes with the next chunk
        last = (found[-1].chat, found[-1].topic)
        whole = [s for s in found if (s.chat, s.topic) != last]
        found = whole or found
    return list(_decide(found).values()), is_full


def _next_of(source: str, seq: int, after: tuple[str, str], limit: int) -> Any:
    key = tuple_(subscriptions.c.chat, subscriptions.c.topic)
    wanted = (
        _ROWS.where(
            subscriptions.c.source == source,
            subscriptions.c.active,
            subscriptions.c.since < seq,
            chat_table.c.gone_at.is_(None),
            key > tuple_(*after),
        )
        .order_by(subscriptions.c.chat, subscriptions.c.topic, subscriptions.c.id)
        .limit(limit)
    )
    return select(wanted.subquery())  # SQLite takes no ORDER BY inside a union


async def sync_config(
    tx: Transaction, deliver: Sequence[DeliverConfig], since: int, now: datetime
) -> None:
    """Makes the fixed subscriptions what the configuration says: matched by `to` and `source`; a new
    one begins behind `since`, one that is no longer there ends.
    """
    rows = await tx.execute(select(subscriptions).where(subscriptions.c.origin == CONFIG))
    known = {(row.chat, row.topic, row.source): row for row in rows}
    seen: set[tuple[str, str, str]] = set()
    for wanted in deliver:
        to = Address.parse(wanted.to)
        chat = await chats.meet(tx, _chat(to), guess_kind(to), now)
        if (chat, to.topic or "", wanted.source) in seen:  # a group by its old and its new id
            continue
        seen.add((chat, to.topic or "", wanted.source))
        row = known.pop((chat, to.topic or "", wanted.source), None)
        values = _configured(wanted)
        if row is None or not row.active:
            values["since"] = since
        if row is None:
            key = {"chat": chat, "topic": to.topic or "", "source": wanted.source}
            await tx.execute(
                insert(subscriptions).values(**key, **values, origin=CONFIG, created_at=now)
            )
        else:
            await tx.execute(
                update(subscriptions).where(subscriptions.c.id == row.id).values(values)
            )
    ended = [row.id for row in known.values()]
    await tx.execute(
        update(subscriptions).where(subscriptions.c.id.in_(ended)).values(active=False)
    )


async def meet_operators(
    tx: Transaction, operators: Sequence[str], now: datetime
) -> list[tuple[str, str]]:
    """The operators' chats and topics, each known from now on."""
    addresses = [Address.parse(text) for text in operators]
    return [
        (await chats.meet(tx, _chat(to), guess_kind(to), now), to.topic or "") for to in addresses
    ]


def guess_kind(to: Address) -> ChatKind:
    """What a configured chat is, until it writes to us: a channel's @name and a group's negative id
    tell them from a person.
    """
    if to.channel != "telegram":
        return ChatKind.CONSOLE if to.channel == ChatKind.CONSOLE else ChatKind.ROBOT
    if to.chat.startswith("@"):
        return ChatKind.CHANNEL
    return ChatKind.GROUP if to.chat.startswith("-") else ChatKind.PRIVATE


def _configured(wanted: DeliverConfig) -> dict[str, Any]:
    return {
        "mode": Mode(wanted.mode),
        "pages": wanted.pages,
        "filter": wanted.filter,
        "at": wanted.at,
        "quiet": wanted.quiet,
        "max_messages": wanted.max_messages,
        "active": True,
    }


def _decide(found: Iterable[Subscription]) -> dict[tuple[str, str], Subscription]:
    by_chat: dict[tuple[str, str], Subscription] = {}
    for subscription in found:
        key = (subscription.chat, subscription.topic)
        other = by_chat.get(key)
        by_chat[key] = narrowest([subscription, other]) if other else subscription
    return by_chat


def _chat(to: Address) -> str:
    return f"{to.channel}:{to.chat}"


def _of(to: Address, source: str | None, origin: str) -> ColumnElement[bool]:
    return and_(
        subscriptions.c.chat == _chat(to),
        subscriptions.c.topic == (to.topic or ""),
        true() if source is None else subscriptions.c.source == source,
        subscriptions.c.origin == origin,
    )


def _own(to: Address, source: str | None) -> ColumnElement[bool]:
    return and_(_of(to, source, CHAT), subscriptions.c.active)


def _subscription(row: Row[Any]) -> Subscription:
    """One of `_ROWS`, whose columns are the fields."""
    values: tuple[Any, ...] = tuple(row)
    return Subscription(*values)
