"""Deliveries → one channel: claim, wait for a turn, mark, send, settle.

    book.claim ──▶ job ──▶ channel.turn ──▶ book.mark ──▶ channel.send ──▶ outcome ──▶ book.settle
     (frozen)               (pacer)         (SENDING)                       (pure)

A job is one message. A row is SENDING only from just before its call until its answer is stored, so
after a crash only the calls in flight are in doubt. A chat that must wait longer than a moment goes
back to the ledger: its wait holds nobody else's place.
"""

import asyncio
import heapq
from datetime import datetime, timedelta

import structlog

from bot.book import Book, Job
from bot.channels.base import Channel, Priority
from bot.errors import ChannelError, TryLater, Unknown, is_asked_to_wait
from bot.figures import ASKED_TO_WAIT
from bot.ledger import deliveries
from bot.ledger.claiming import Claimed
from bot.ledger.parts import FrozenPart
from bot.outcome import Outcome, is_plain_possible, refused, sent
from bot.reach import Reach
from bot.troubles import Troubles
from config.models import Settings
from feeds.clock import Clock
from feeds.store.engine import Store
from feeds.store.outbox import State
from feeds.store.owners import Owner
from feeds.words import N_, translator

log = structlog.get_logger(__name__)

SCAN_SECONDS = 2.0  # due times of long ago and other processes ring no bell
RECOVER_SECONDS = 15.0
PATIENCE = 1.5  # seconds that a job in hand may wait for its chat
FINISH_SECONDS = 7.0  # for calls in flight when we are told to stop
STOPPED = "not known whether it arrived: the worker stopped while sending"
NOT_KNOWN = N_(
    "{channel} 有消息不知道送到没有\n先是 {to}。用 baotong deliveries --state unknown 看是哪些，加 --retry 再送一次。\n{reason}"
)


class Delivery:
    """Sends what is owed on one channel. One per channel and store."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        reach: Reach,
        owner: Owner,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._bell = store.bell(deliveries.bell_of(channel.name))
        self._book = Book(store, channel.name, channel.limits, owner, settings, clock)
        self._channel = channel
        self._reach = reach
        self._troubles = Troubles(channel.name)
        self._rule = settings.push.unknown
        self._translate = translator(settings.language)
        self._clock = clock
        self._in_hand: dict[asyncio.Task[None], Claimed] = {}
        self._calling: set[asyncio.Task[None]] = set()
        self._busy: dict[str, asyncio.Task[None]] = {}  # chats, until their call has been answered
        self._freed = asyncio.Event()
        self._alarms: list[datetime] = []  # when something that was put back is due
        self._is_stopping = False
        self._has_begun = False

    async def run(self) -> None:
        """Sends until cancelled; then finishes or records what is in flight."""
        self._is_stopping = False
        await self._take_over()
        recovered = self._clock.monotonic()
        try:
            while True:
                heard = self._bell.rung
                if self._clock.monotonic() - recovered > RECOVER_SECONDS:
                    await self._book.recover()
                    recovered = self._clock.monotonic()
                if not await self.step():
                    await self._wait(heard)
        finally:
            await asyncio.shield(self._finish())

    async def step(self) -> int:
        """Claims what there is room for and begins to send it. Returns how much that was."""
        room = self._room()
        if room <= 0:
            return 0
        jobs, claimed = await self._book.claim(room)
        for job in jobs:
            self._begin(job)
        return claimed

    async def drain(self) -> None:
        """Sends until nothing can be claimed now and nothing is in hand."""
        await self._take_over()
        while True:
            self._freed.clear()
            if not await self.step():
                if not self._in_hand:
                    return
                await self._freed.wait()

    async def _take_over(self) -> None:
        """What dead owners left; and whoever starts may have another key, so that the old one's refusal is
        no reason to wait.
        """
        await self._book.recover()
        if not self._has_begun:
            self._has_begun = True
            await self._book.forget_refusals()

    def _room(self) -> int:
        """Nothing until half the places are free: a claim costs much the same for one as for many."""
        if not self._reach.is_open:
            return 0
        most = 1 if self._reach.is_in_doubt else self._channel.at_once
        room = most - len(self._in_hand)
        return room if 2 * room >= most else 0

    def _begin(self, job: Job) -> None:
        """Of one chat only one at a time, also where something came at an hour of its own."""
        claim = job.claim
        is_alone = claim.chat not in self._busy
        work = self._deliver(job) if is_alone else self._put_back(claim, PATIENCE)
        task = asyncio.create_task(work, name=f"delivery {claim.id}")
        if is_alone:
            self._busy[claim.chat] = task
        self._in_hand[task] = claim
        task.add_done_callback(self._let_go)

    async def _wait(self, heard: int) -> None:
        """Until something is owed or in hand no more, or it is time to look again."""
        self._freed.clear()
        news = asyncio.ensure_future(self._bell.wait(heard, self._seconds()))
        freed = asyncio.ensure_future(self._freed.wait())
        try:
            await asyncio.wait({news, freed}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            news.cancel()
            freed.cancel()

    def _seconds(self) -> float:
        now = self._clock.now()
        while self._alarms and self._alarms[0] <= now:
            heapq.heappop(self._alarms)
        if not self._alarms:
            return SCAN_SECONDS
        return min(SCAN_SECONDS, (self._alarms[0] - now).total_seconds())

    def _let_go(self, task: asyncio.Task[None]) -> None:
        claim = self._in_hand.pop(task)
        self._calling.discard(task)
        if self._busy.get(claim.chat) is task:
            del self._busy[claim.chat]
        if self._room() > 0 or not self._in_hand:
            self._freed.set()
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row keeps its lease and is claimed again when that ends.
            log.error("delivery failed", delivery=claim.id, exc_info=error)

    async def _finish(self) -> None:
        """What waits for its turn goes back; calls in flight get their time."""
        self._is_stopping = True
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
        now = self._clock.now()
        await asyncio.gather(*(self._book.later(claim, now) for claim in waiting.values()))
        await self._book.finish()
        # Who takes over tries these at once, and learns it from here: the caretaker may not have looked yet.
        await self._book.end_waits(
            [chat for chat, fault in self._reach.faults.items() if fault.is_refused]
        )

    # ── one message ─────────────────────────────────────────────────────────────────────────────

    async def _deliver(self, job: Job) -> None:
        if not await self._has_turn(job.claim):
            return
        self._calling.add(_this_task())
        if not await self._book.mark(job.claim):
            return
        outcome = await self._try(job)
        del self._busy[job.claim.chat]  # once this is stored, the chat's next may be claimed
        await self._book.settle(outcome)
        await self._note(outcome)

    async def _has_turn(self, claim: Claimed) -> bool:
        """Waits for the channel's pace; a wait that is long, or turns out so, is the ledger's."""
        wait = self._channel.wait(claim.to)
        if wait > PATIENCE:
            await self._put_back(claim, wait)
            return False
        try:
            await self._channel.turn(claim.to)
        except TryLater as later:
            await self._put_back(claim, later.after.total_seconds())
            return False
        if not self._reach.is_open:
            await self._put_back(claim, 0)
            return False
        return True

    async def _put_back(self, claim: Claimed, seconds: float) -> None:
        until = self._clock.now() + timedelta(seconds=seconds)
        heapq.heappush(self._alarms, until)
        await self._book.later(claim, until)

    async def _try(self, job: Job) -> Outcome:
        part = job.next
        try:
            message_id, odd = await self._send(job, part)
        except ChannelError as error:
            if is_asked_to_wait(error):
                self._store.tally.count(ASKED_TO_WAIT, self._channel.name)
            outcome = self._refused(job, part, error)
            self._troubles.failed(outcome, error)
            return outcome
        except asyncio.CancelledError:
            if not self._is_stopping:
                raise
            return self._refused(job, part, Unknown(STOPPED, timedelta(0)))
        except Exception as error:
            # Left to its lease it would go again whatever the rule says, and cost its chat minutes.
            log.exception("channel failed", delivery=job.claim.id, to=str(job.claim.to))
            unknown = Unknown(type(error).__name__)
            outcome = self._refused(job, part, unknown)
            self._troubles.failed(outcome, unknown)
            return outcome
        wait = self._channel.wait(job.claim.to)
        next_at = self._clock.now() + timedelta(seconds=wait) if wait > 0 else None
        is_last = part.number == len(job.parts)
        return sent(job.claim, part.number, message_id, next_at, is_last=is_last, reason=odd)

    def _refused(self, job: Job, part: FrozenPart, error: ChannelError) -> Outcome:
        return refused(job.claim, part.number, error, self._clock.now(), self._rule)

    async def _send(self, job: Job, part: FrozenPart) -> tuple[str, str | None]:
        """The message's id, and what was odd. Refused markup is our defect: the same words go once
        more without it.
        """
        to = job.claim.to
        reply_to = part.part.answers or (job.first_message if part.part.reply else None)
        key = f"{job.claim.id}-{part.number}"
        try:
            turn = Priority.HAS_TURN
            sent_as = await self._channel.send(
                to, part.part, reply_to=reply_to, priority=turn, key=key
            )
        except ChannelError as error:
            if not is_plain_possible(error):
                raise
            log.error("our markup was refused", delivery=job.claim.id, reason=str(error))  # noqa: TRY400 - the reason says all
            odd = f"sent as plain text, our markup was refused: {error}"
        else:
            return sent_as, None
        sent_as = await self._channel.send(to, part.part, reply_to=reply_to, plain=True, key=key)
        return sent_as, odd

    async def _note(self, outcome: Outcome) -> None:
        """Says once what a person should know."""
        if outcome.is_sent:
            self._troubles.arrived(outcome.claim.chat)
        for at in (outcome.due_at, outcome.next_at):
            if at is not None:
                heapq.heappush(self._alarms, at)
        self._reach.note(outcome)
        if outcome.state is State.UNKNOWN:
            words = self._translate(NOT_KNOWN).format(
                channel=self._channel.name, to=outcome.claim.to, reason=outcome.reason or ""
            )
            await self._book.alarm(
                f"unknown:{self._channel.name}:{self._clock.now().date()}", words
            )
        if outcome.state not in {State.SENT, State.PENDING}:
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
