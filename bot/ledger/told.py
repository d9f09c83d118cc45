"""What a chat was told already: messages that stand in it."""

from collections import defaultdict
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select

from bot.ledger import parts
from bot.ledger.tables import PartState, deliveries, delivery_parts
from bot.message import Part
from feeds.models import Issue
from feeds.store import library
from feeds.store.engine import Transaction
from feeds.store.outbox import State

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


async def count_messages(tx: Transaction, issue: Issue, article: int) -> int:
    """How many messages that were sent tell of this article of the issue: those about it, and those in
    which its title stands, as it is or was.
    """
    column = deliveries.c
    is_about = column.subject.like(f"article:{article}:%") | (
        column.subject == f"article:{article}"
    )
    sent = (
        select(delivery_parts.c.wording, is_about.label("is_about"), func.count().label("messages"))
        .join(deliveries, column.id == delivery_parts.c.delivery_id)
        .where(column.issue_id == issue.id, delivery_parts.c.state == PartState.SENT)
        .group_by(delivery_parts.c.wording, "is_about")
    )
    rows = (await tx.execute(sent)).all()
    said = await parts.contents(tx, {row.wording for row in rows})
    titles = (await library.titles_of(tx, issue))[article]
    return sum(row.messages for row in rows if row.is_about or _shows(said[row.wording], titles))


def _shows(part: Part, titles: Collection[str]) -> bool:
    return any(span.text in titles for line in part.lines for span in line.spans)
