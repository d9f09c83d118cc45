"""What a backup that is put back still owes: nothing that may have been sent since it was made.

what it had not fanned out ──▶ owed ──▶ one summary a chat       the newest issue is looked for anew
what was just being sent   ──▶ unknown                           (bot.gaps: the rest is named)
what was withdrawn since   ──▶ withdrawn here too, where the present database tells
who unsubscribed since     ──▶ unsubscribed here too, likewise
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import and_, exists, or_, select, update

from bot.fanout import FanOut
from bot.gaps import note_restored
from bot.ledger import leavers, summaries
from bot.ledger.deliveries import SUMMARY, ended
from bot.ledger.leavers import Left
from bot.ledger.subscriptions import ALL
from bot.ledger.summaries import GATHER, RESTORED
from bot.ledger.tables import deliveries, delivery_parts, subscriptions
from config.models import Settings
from feeds.clock import Clock
from feeds.store import withdrawals
from feeds.store.engine import Store, Transaction
from feeds.store.outbox import State
from feeds.store.withdrawals import Withdrawn

_FAR = timedelta(days=36500)  # whatever the clocks of that time said


@dataclass(frozen=True, slots=True)
class Settled:
    """`named`: deliveries that became a summary; `doubtful`: those that were being sent; `withdrawn`:
    articles that were taken back since; `left`: subscriptions that ended since.
    """

    named: int
    doubtful: int
    withdrawn: int
    left: int = 0


async def settle_restored(
    store: Store,
    settings: Settings,
    clock: Clock,
    taken: Sequence[Withdrawn],
    gone: Sequence[Left] = (),
) -> Settled:
    """Ends what a restored database owes. Nothing else may work on it."""
    async with store.write() as tx:
        left = await leavers.end(tx, gone)
    fanout = FanOut(store, settings, clock)
    while await fanout.step():
        pass
    now = clock.now()
    async with store.write() as tx:
        doubtful = await _end_begun(tx, now)
        await _end_rest(tx, now)
        await _end_unwanted(tx, now)
        named = 0
        for chat in await _waiting(tx):
            named += await summaries.gather_old(tx, chat, now + _FAR, now, RESTORED, GATHER)
        carried = await withdrawals.carry_over(tx, taken, now)
        await note_restored(tx)
    return Settled(named, doubtful, carried, left)


async def _end_begun(tx: Transaction, now: datetime) -> int:
    """What was being sent, or was sent in part: nobody knows how it went on."""
    arrived = exists().where(
        delivery_parts.c.delivery_id == deliveries.c.id, delivery_parts.c.message_id.is_not(None)
    )
    begun = and_(
        deliveries.c.settled_at.is_(None), or_(deliveries.c.state == State.SENDING, arrived)
    )
    unknown = update(deliveries).where(begun).values(**ended(State.UNKNOWN, now, RESTORED))
    return (await tx.execute(unknown)).rowcount


async def _end_rest(tx: Transaction, now: datetime) -> None:
    """What is about no issue (alarms), and summaries whose words are fixed; one that may still name more
    waits for what is named now.
    """
    fixed = exists().where(delivery_parts.c.delivery_id == deliveries.c.id)
    rest = and_(
        deliveries.c.settled_at.is_(None),
        deliveries.c.issue_id.is_(None),
        or_(deliveries.c.kind != SUMMARY, fixed),
    )
    skipped = update(deliveries).where(rest).values(**ended(State.SKIPPED, now, RESTORED))
    await tx.execute(skipped)


async def _end_unwanted(tx: Transaction, now: datetime) -> None:
    """What nobody there is subscribed to any more goes into no summary either."""
    reader = exists().where(
        subscriptions.c.chat == deliveries.c.chat,
        subscriptions.c.topic == deliveries.c.topic,
        subscriptions.c.source.in_((deliveries.c.source, ALL)),
        subscriptions.c.active,
    )
    unwanted = and_(deliveries.c.settled_at.is_(None), deliveries.c.issue_id.is_not(None), ~reader)
    skipped = update(deliveries).where(unwanted).values(**ended(State.SKIPPED, now, RESTORED))
    await tx.execute(skipped)


async def _waiting(tx: Transaction) -> Sequence[str]:
    wanted = select(deliveries.c.chat).where(
        deliveries.c.settled_at.is_(None), deliveries.c.issue_id.is_not(None)
    )
    return (await tx.execute(wanted.distinct().order_by(deliveries.c.chat))).scalars().all()
