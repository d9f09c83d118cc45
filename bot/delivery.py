"""Deliveries → channels: claim, wait for a turn, mark, send, settle.

    book.claim ──▶ job ──▶ channel.turn ──▶ book.mark ──▶ channel.send ──▶ outcome ──▶ book.settle
     (frozen)               (pacer)         (SENDING)                       (pure)

A row is SENDING only from just before its call until its answer is stored, so after a crash only the
calls in flight are in doubt.
"""

import asyncio
from collections.abc import Awaitable, Mapping
from datetime import datetime

import structlog

from bot.book import Book, Job
from bot.channels.base import Channel, Priority
from bot.errors import ChannelError
from bot.ledger import deliveries
from bot.ledger.deliveries import Claimed, FrozenPart
from bot.message import Limits
from bot.outcome import Outcome, is_plain_possible, refused, sent
from config.models import Settings
from feeds.clock import Clock
from feeds.store.engine import Store
from feeds.store.outbox import State

log = structlog.get_logger(__name__)

AT_ONCE = 64  # jobs in hand
SCAN_SECONDS = 2.0  # due times and other processes ring no bell
FINISH_SECONDS = 7.0  # for calls in flight when we are told to stop


class Delivery:
    """Sends what is owed on these channels. One per channel's token."""

    def __init__(
        self, store: Store, channels: Mapping[str, Channel], settings: Settings, clock: Clock
    ) -> None:
        self._bell = store.bell(deliveries.BELL)
        self._book = Book(store, settings, clock)
        self._channels = channels
        self._clock = clock
        self._in_hand: dict[asyncio.Task[None], Claimed] = {}
        self._calling: set[asyncio.Task[None]] = set()
        self._paused: dict[str, datetime] = {}

    async def run(self) -> None:
        """Sends until cancelled; then finishes or records what is in flight."""
        await self._book.recover()
        try:
            while True:
                heard = self._bell.rung
                if not await self.step():
                    await self._wait(self._bell.wait(heard, SCAN_SECONDS))
        finally:
            await asyncio.shield(self._finish())

    async def step(self) -> int:
        """Claims what there is room for and begins to send it. Returns how much that was."""
        room, limits = AT_ONCE - len(self._in_hand), self._reachable()
        if room <= 0 or not limits:
            return 0
        jobs = await self._book.claim(room, limits)
        for job in jobs:
            task = asyncio.create_task(self._deliver(job), name=f"delivery {job.claim.id}")
            self._in_hand[task] = job.claim
            task.add_done_callback(self._let_go)
        return len(jobs)

    async def drain(self) -> None:
        """Sends until nothing can be claimed now and nothing is in hand."""
        await self._book.recover()
        while await self.step() or self._in_hand:
            if self._in_hand:
                await asyncio.wait(self._in_hand, return_when=asyncio.FIRST_COMPLETED)

    def _reachable(self) -> dict[str, Limits]:
        now = self._clock.now()
        return {
            name: channel.limits
            for name, channel in self._channels.items()
            if self._paused.get(name, now) <= now
        }

    async def _wait(self, bell: Awaitable[int]) -> None:
        """Until something is owed or in hand no more, or it is time to look again."""
        news = asyncio.ensure_future(bell)
        try:
            await asyncio.wait({news, *self._in_hand}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()

    def _let_go(self, task: asyncio.Task[None]) -> None:
        claim = self._in_hand.pop(task)
        self._calling.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row keeps its lease and is claimed again when that ends.
            log.error("delivery failed", delivery=claim.id, exc_info=error)

    async def _finish(self) -> None:
        """What waits for its turn goes back; calls in flight get their time."""
        waiting = {
            task: claim for task, claim in self._in_hand.items() if task not in self._calling
        }
        for task in waiting:
            task.cancel()
        if self._calling:
            await asyncio.wait(self._calling, timeout=FINISH_SECONDS)
        for task in list(self._in_hand):
            task.cancel()
        await asyncio.gather(*self._in_hand, return_exceptions=True)
        await self._book.finish()
        await self._book.give_back(list(waiting.values()))

    # ── one delivery ────────────────────────────────────────────────────────────────────────────

    async def _deliver(self, job: Job) -> None:
        channel = self._channels[job.claim.to.channel]
        first = job.first_message
        for part in job.unsent:
            await channel.turn(job.claim.to)
            if self._is_paused(channel):
                await self._book.give_back([job.claim])
                return
            self._calling.add(_this_task())
            if not await self._book.mark(job.claim, part.number):
                return
            is_last = part.number == len(job.parts)
            outcome = await self._try(channel, job.claim, part, first, is_last)
            await self._book.settle(outcome)
            self._calling.discard(_this_task())
            self._note(outcome)
            if outcome.message_id is None:
                return
            first = first or outcome.message_id

    async def _try(
        self, channel: Channel, claim: Claimed, part: FrozenPart, first: str | None, is_last: bool
    ) -> Outcome:
        try:
            message_id = await self._send(channel, claim, part, first)
        except ChannelError as error:
            return refused(claim, part.number, error, self._clock.now())
        return sent(claim, part.number, message_id, is_last=is_last)

    async def _send(
        self, channel: Channel, claim: Claimed, part: FrozenPart, first: str | None
    ) -> str:
        turn, edits = Priority.HAS_TURN, part.part.edits
        if edits is not None:
            await channel.edit(claim.to, edits, part.part, turn)
            return edits
        reply_to = part.part.answers or (first if part.part.reply else None)
        try:
            return await channel.send(claim.to, part.part, reply_to=reply_to, priority=turn)
        except ChannelError as error:
            if not is_plain_possible(error):
                raise
            log.warning("our markup was refused", delivery=claim.id, reason=str(error))
        return await channel.send(claim.to, part.part, reply_to=reply_to, plain=True)

    def _is_paused(self, channel: Channel) -> bool:
        now = self._clock.now()
        return self._paused.get(channel.name, now) > now

    def _note(self, outcome: Outcome) -> None:
        """Says once what a person should know, and holds a channel that cannot be reached."""
        channel = outcome.claim.to.channel
        if outcome.channel_waits_until is not None:
            if channel not in self._paused:
                log.warning("channel cannot be used", channel=channel, reason=outcome.reason)
            self._paused[channel] = outcome.channel_waits_until
            return
        if outcome.message_id is not None and channel in self._paused:
            del self._paused[channel]
            log.info("channel can be used again", channel=channel)
        if outcome.state not in {None, State.SENT, State.PENDING}:
            log.warning(
                "not delivered",
                to=str(outcome.claim.to),
                subject=outcome.claim.subject,
                state=outcome.state,
                reason=outcome.reason,
            )


def _this_task() -> asyncio.Task[None]:
    task = asyncio.current_task()
    assert task is not None
    return task
