"""Claims of deliveries: what may be sent now, the lanes (newspapers) in turn, and how the sender sees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import BindParameter, Select, and_, bindparam, literal, or_, select
from sqlalchemy.engine import RowMapping

from bot.address import Address, ChatKind
from bot.ledger.deliveries import OUTBOX
from bot.ledger.tables import chats, deliveries
from feeds.store.columns import Instant
from feeds.store.engine import Transaction
from feeds.store.outbox import State
from feeds.store.owners import Owner

MOST_LANES = 16  # that share one claim
_WITH_CHAT = deliveries.join(chats, chats.c.id == deliveries.c.chat)
_OF_CLAIM = (
    *(
        deliveries.c[name]
        for name in (
            "id", "fence", "state", "attempts", "doubts", "chat", "topic", "subject", "kind", "source",
            "issue_id", "seq", "place", "entry_at", "own_hour", "silent", "reason",
        )
    ),
    chats.c.kind.label("chat_kind"),
    chats.c.language.label("chat_language"),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery that is ours to make, until its lease ends."""

    id: int
    fence: int
    state: State
    attempts: int
    doubts: int
    to: Address
    chat: str
    kind: ChatKind
    language: str | None
    subject: str
    form: str
    source: str
    issue_id: int | None
    seq: int
    place: int
    entry_at: datetime
    silent: bool
    reason: str | None  # of the last try that did not arrive
    own_hour: bool = False  # it was not to come at once

    @property
    def topic(self) -> str:
        return self.to.topic or ""


async def claim(
    tx: Transaction,
    owner: str,
    now: datetime,
    lease: timedelta,
    limit: int,
    channel: str,
    after: str = "",
) -> tuple[list[Claimed], str]:
    """At most `limit` deliveries of this channel that may be made now, an equal share from each of
    the lanes behind `after`; and the last of those lanes, for the next claim.
    """
    lanes = await due_lanes(tx, channel, now, after)
    if not lanes and after:
        lanes = await due_lanes(tx, channel, now, "")
    share = -(-limit // max(len(lanes), 1))
    rows: list[RowMapping] = []
    for lane in lanes:
        room = min(share, limit - len(rows))
        if room <= 0:
            break
        after = lane
        there = {"of_channel": channel, "of_lane": lane}
        rows += await OUTBOX.claim(tx, _CLAIMING, owner, now, lease, room, **there)
    return [_claimed(row) for row in rows], after


def _ready_claims() -> Select[Any]:
    """The first of a lane whose chats may be written to."""
    now = bindparam("now", type_=Instant())
    there = and_(
        deliveries.c.channel == bindparam("of_channel"), deliveries.c.lane == bindparam("of_lane")
    )
    ready = or_(chats.c.retry_at.is_(None), chats.c.retry_at <= now)
    return OUTBOX.claiming(
        and_(there, chats.c.gone_at.is_(None), ready),
        columns=_OF_CLAIM,
        joined=_WITH_CHAT,
    )


_CLAIMING = _ready_claims()


async def is_due(tx: Transaction, channel: str, now: datetime) -> bool:
    """Whether anything of this channel waits to be sent."""
    return bool(await due_lanes(tx, channel, now, ""))


async def adopt(
    tx: Transaction, owner: Owner, now: datetime, lease: timedelta, channel: str
) -> list[Claimed]:
    """What dead owners left behind, ours now; see `Outbox.adopt`."""
    rows = await OUTBOX.adopt(tx, owner, now, lease, deliveries.c.channel == channel)
    return list((await claims_of(tx, [row["id"] for row in rows])).values())


async def claims_of(tx: Transaction, ids: Sequence[int]) -> dict[int, Claimed]:
    """These deliveries as the sender sees them."""
    wanted = select(*_OF_CLAIM).select_from(_WITH_CHAT).where(deliveries.c.id.in_(ids))
    rows = (await tx.execute(wanted.order_by(deliveries.c.id))).mappings().all()
    return {row["id"]: _claimed(row) for row in rows}


async def due_lanes(tx: Transaction, channel: str, now: datetime, after: str) -> list[str]:
    """At most MOST_LANES behind `after` that hold something due, in order."""
    values = {"of_channel": channel, "now": now, "after_lane": after}
    return list((await tx.execute(_LANES, values)).scalars().all())


def _due_lanes() -> Select[Any]:
    """The next lanes that hold something due, by skipping from lane to lane in the index."""
    column = deliveries.c
    channel: BindParameter[str] = bindparam("of_channel")
    least = select(column.lane).where(column.channel == channel).order_by(column.lane).limit(1)
    first = least.where(column.lane > bindparam("after_lane")).scalar_subquery()
    lanes = select(first.label("lane")).cte("lanes", recursive=True)
    following = least.where(column.lane > lanes.c.lane).correlate(lanes).scalar_subquery()
    lanes = lanes.union_all(select(following).where(lanes.c.lane.is_not(None)))
    due = (
        select(literal(1))
        .where(
            column.channel == channel,
            column.lane == lanes.c.lane,
            column.due_at <= bindparam("now", type_=Instant()),
        )
        .exists()
    )
    return select(lanes.c.lane).where(lanes.c.lane.is_not(None), due).limit(MOST_LANES)


_LANES = _due_lanes()


def _claimed(row: RowMapping) -> Claimed:
    channel, _, chat = row["chat"].partition(":")
    return Claimed(
        id=row["id"],
        fence=row["fence"],
        state=row["state"],
        attempts=row["attempts"],
        doubts=row["doubts"],
        to=Address(channel, chat, row["topic"] or None),
        chat=row["chat"],
        kind=ChatKind(row["chat_kind"]),
        language=row["chat_language"],
        subject=row["subject"],
        form=row["kind"],
        source=row["source"],
        issue_id=row["issue_id"],
        seq=row["seq"],
        place=row["place"],
        entry_at=row["entry_at"],
        silent=row["silent"],
        reason=row["reason"],
        own_hour=row["own_hour"],
    )
