"""What a chat was told already: messages that stand in it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import and_, exists, func, or_, select

from bot.ledger import parts
from bot.ledger.edits import CANNOT_EDIT, NEVER_KNOWN, NotEdited
from bot.ledger.tables import PartState, deliveries, delivery_parts
from bot.message import Part
from feeds.models import Issue
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.outbox import State

MOST = 1000  # messages that are named
FORMS = ("issue", "article", "rest", "daily", "reads")
"""Forms that tell articles; the others speak about messages."""


@dataclass(frozen=True, slots=True)
class Standing:
    """A delivery that arrived: its form and its messages, in order."""

    subject: str
    form: str
    message_ids: tuple[str, ...]


async def standing(
    tx: Transaction, chat: str, topic: str, subjects: Sequence[str]
) -> tuple[Standing, ...]:
    """The messages about these subjects that stand in a chat and topic, oldest first."""
    wanted = (
        select(
            deliveries.c.id, deliveries.c.subject, deliveries.c.kind, delivery_parts.c.message_id
        )
        .join(delivery_parts, delivery_parts.c.delivery_id == deliveries.c.id)
        .where(
            deliveries.c.chat == chat,
            deliveries.c.topic == topic,
            deliveries.c.subject.in_(subjects),
            deliveries.c.kind.in_(FORMS),
            deliveries.c.state == State.SENT,
            delivery_parts.c.message_id.is_not(None),
        )
        .order_by(deliveries.c.id, delivery_parts.c.number)
    )
    found: dict[int, Standing] = {}
    for row in await tx.execute(wanted):
        before = found[row.id].message_ids if row.id in found else ()
        found[row.id] = Standing(row.subject, row.kind, (*before, row.message_id))
    return tuple(found.values())


async def singly(
    tx: Transaction, chats: Collection[str], articles: Collection[int]
) -> dict[tuple[str, str], set[int]]:
    """Which of these articles each (chat, topic) got, or is owed, a message of its own about."""
    wanted = select(deliveries.c.chat, deliveries.c.topic, deliveries.c.subject).where(
        deliveries.c.chat.in_(chats),
        deliveries.c.subject.in_([f"article:{article}" for article in articles]),
        deliveries.c.kind == "article",
    )
    told: defaultdict[tuple[str, str], set[int]] = defaultdict(set)
    for row in await tx.execute(wanted):
        told[row.chat, row.topic].add(int(row.subject.removeprefix("article:")))
    return dict(told)


@dataclass(frozen=True, slots=True)
class Telling:
    """Messages that tell of an article: how many can be changed and how many cannot, and the first of
    those.
    """

    changeable: int
    fixed: int
    named: tuple[NotEdited, ...]


async def telling(
    tx: Transaction, issue: Issue, article: int, can_edit: Collection[str], now: datetime
) -> Telling:
    """Messages that were sent, or may have been, and tell of this article of the issue: those about it, and
    those in which its title stands, as it is or was. `can_edit` are channels that change messages.
    """
    found = (await tx.execute(_messages(issue.id, article, can_edit, is_named=False))).all()
    said = await parts.contents(tx, {row.wording for row in found})
    titles = (await library.titles_of(tx, issue))[article]
    wordings = {hash_ for hash_, part in said.items() if _shows(part, titles)}
    tells = [row for row in found if row.is_about or row.wording in wordings]
    named = (await tx.execute(_messages(issue.id, article, can_edit, is_named=True))).all()
    fixed = [row for row in named if row.is_about or row.wording in wordings]
    return Telling(
        sum(row.messages for row in tells if row.is_sent and row.is_editable),
        sum(row.messages for row in tells if not (row.is_sent and row.is_editable))
        + sum(row.messages for row in tells if row.is_sent and row.is_editable and row.is_doubted),
        tuple(
            NotEdited(r.chat, issue.key, r.kind, NEVER_KNOWN if r.is_editable else CANNOT_EDIT, now)
            for r in fixed
        ),
    )


def _messages(issue: int, article: int, can_edit: Collection[str], *, is_named: bool) -> Any:
    """Counted by what they say and whether they can be changed; or, one by one, some that cannot."""
    column, part, earlier = deliveries.c, delivery_parts.c, delivery_parts.alias()
    about = f"article:{article}"
    is_doubted = or_(column.doubts > 0, column.state.in_((State.SENDING, State.UNKNOWN)))
    is_next = ~exists().where(
        earlier.c.delivery_id == part.delivery_id,
        earlier.c.number < part.number,
        earlier.c.state != PartState.SENT,
    )
    is_sent = part.state == PartState.SENT
    kinds = (
        part.wording,
        or_(column.subject.like(f"{about}:%"), column.subject == about).label("is_about"),
        column.channel.in_(can_edit).label("is_editable"),
        is_sent.label("is_sent"),
        is_doubted.label("is_doubted"),
    )
    there = and_(column.issue_id == issue, or_(is_sent, and_(is_doubted, is_next)))
    rows = select(*kinds).join(deliveries, column.id == part.delivery_id).where(there)
    if not is_named:
        return rows.add_columns(func.count().label("messages")).group_by(
            *(kind.name for kind in kinds)
        )
    fixed = or_(column.channel.not_in(can_edit), is_doubted)
    return rows.add_columns(column.chat, column.kind).where(fixed).order_by(column.id).limit(MOST)


def _shows(part: Part, titles: Collection[str]) -> bool:
    return any(span.text in titles for line in part.lines for span in line.spans)
