"""Paces what goes to Telegram: evenly spaced slots for the token, a pace for every chat, the most
urgent first, and no chat's wait is another's.

Evenly spaced slots, not a bucket: a bucket that holds a second's worth sends two seconds' worth in
its first (measured: 60 of 429s a minute against none, facts/telegram.md).

    turn ──▶ queue of (chat, priority) ──asleep until its chat is ready──▶ ready, by urgency ──▶ slot
                                                                  (a push is marked in the ledger)
                                                                                     gate ──▶ call

Each queue stands in one of two heaps, so a slot costs the same with ten waiting as with ten thousand.
Between its slot and its call a push is written down, now quickly, now slowly: the gate evens out what
that made uneven.
"""

import asyncio
import heapq
from collections import deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.channels.base import Priority
from bot.channels.pace import ChatPace, Rule
from bot.errors import TryLater
from feeds.clock import Clock

PERSON = Rule(gap=1.05, burst=5)  # Telegram allows one a second
GROUP = Rule(gap=1.05, burst=5, most=20)  # and a group or channel 20 a minute
LONG = 10.0  # seconds that nobody waits for in memory
GLOBAL_SPAN = 1.0  # seconds within which two chats' 429s, and no success between, are for the token
CATCH_UP = 0.02  # seconds that a late slot may be made up for
KEEP_CHATS, FORGET_EVERY = 10_000, 30.0

_RANK = {Priority.ANSWER: 0, Priority.PUSH: 1, Priority.EDIT: 2}
_PACED = ("send", "edit", "copy", "forward")
_UNPACED = frozenset({"sendChatAction"})


@dataclass(slots=True)
class _Queue:
    """Those who wait for one chat with one priority, first come first. Edits stand in a queue of
    their own, for they do not count for a group's minute.
    """

    chat: str
    priority: Priority
    is_new: bool
    turns: deque[asyncio.Future[None]] = field(default_factory=deque)

    @property
    def key(self) -> tuple[str, Priority, bool]:
        return self.chat, self.priority, self.is_new


class Pacer(BaseRateLimiter[Priority]):
    """`rate` is messages a second for the token. Calls without a chat go at once."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._slot = 1.0 / rate
        self._clock = clock
        self._next_slot = float("-inf")
        self._next_call = float("-inf")
        self._gate = asyncio.Lock()
        self._halted_until = float("-inf")
        self._refused: tuple[str, float] | None = None  # the last answer was a 429: whose, and when
        self._chats: dict[str, ChatPace] = {}
        self._forget_at = 0.0
        self._queues: dict[tuple[str, Priority, bool], _Queue] = {}
        self._asleep: list[tuple[float, int, _Queue]] = []
        self._ready: list[tuple[int, int, _Queue]] = []
        self._number = count()
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Nothing to do: the pump starts with the first message that must wait."""

    async def shutdown(self) -> None:
        if self._pump is not None:
            self._pump.cancel()
            with suppress(asyncio.CancelledError):
                await self._pump
            self._pump = None

    async def process_request(
        self,
        callback: Callable[..., Coroutine[Any, Any, Any]],
        args: Any,
        kwargs: dict[str, Any],
        endpoint: str,
        data: dict[str, Any],
        rate_limit_args: Priority | None,
    ) -> Any:
        chat = data.get("chat_id")
        if chat is None or endpoint in _UNPACED or not endpoint.startswith(_PACED):
            return await callback(*args, **kwargs)
        priority = rate_limit_args or Priority.PUSH
        if priority is Priority.HAS_TURN:
            await self._pass_gate()
        else:
            await self.turn(str(chat), priority, is_new=not endpoint.startswith("edit"))
            self._next_call = self._after(self._next_call)
        try:
            done = await callback(*args, **kwargs)
        except RetryAfter as error:
            self._obey(str(chat), error.retry_after)
            raise
        self._refused = None
        return done

    def wait(self, chat: str) -> float:
        """Seconds until a push to this chat could leave, were nobody else there."""
        ready = max(self._pace(chat).ready_at(), self._halted_until)
        return max(ready - self._clock.monotonic(), 0.0)

    async def turn(self, chat: str, priority: Priority, *, is_new: bool = True) -> None:
        """Returns when it is this message's turn. Raises `TryLater` where Telegram asked this chat, or
        the token, to wait for long.
        """
        now = self._clock.monotonic()
        if self._halted_until > now + LONG:
            raise _later(self._halted_until - now, whole_channel=True)
        if not self._queues and self._may_leave(chat, priority, now, is_new=is_new):
            self._leave(chat, now, is_new=is_new)
            return
        turn: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._join(chat, priority, turn, is_new=is_new)
        await turn

    async def _pass_gate(self) -> None:
        """One after another, a slot apart, also when the loop itself was late for several of them."""
        async with self._gate:
            wait = self._next_call - self._clock.monotonic()
            if wait > 0:
                await self._clock.sleep(wait)
            self._next_call = self._after(self._next_call)

    def _after(self, last: float) -> float:
        """When the next may go. What is late is made up for a little, never by a burst."""
        return max(last, self._clock.monotonic() - CATCH_UP) + self._slot

    def _may_leave(self, chat: str, priority: Priority, now: float, *, is_new: bool) -> bool:
        is_answer = priority is Priority.ANSWER
        ready = self._pace(chat).ready_at(is_answer=is_answer, is_new=is_new)
        return now >= max(ready, self._next_slot, self._halted_until)

    def _join(
        self, chat: str, priority: Priority, turn: asyncio.Future[None], *, is_new: bool
    ) -> None:
        queue = self._queues.get((chat, priority, is_new))
        if queue is None:
            queue = _Queue(chat, priority, is_new)
            self._queues[queue.key] = queue
            self._lull(queue)
        queue.turns.append(turn)
        self._news.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="pacer")

    def _pace(self, chat: str) -> ChatPace:
        pace = self._chats.get(chat)
        if pace is None:
            pace = self._chats[chat] = ChatPace(GROUP if _is_group(chat) else PERSON)
        return pace

    def _obey(self, chat: str, after: float | timedelta) -> None:
        """A 429 is for its chat; from two chats, one after the other, it is for the token."""
        seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
        now = self._clock.monotonic()
        self._pace(chat).obey(now, seconds)
        is_global = self._refused and self._refused[0] != chat
        if self._refused and is_global and now - self._refused[1] < GLOBAL_SPAN:
            self._halted_until = max(self._halted_until, now + seconds)
        self._refused = (chat, now)
        if seconds > LONG:
            self._send_away(None if self._halted_until > now + LONG else chat, seconds)

    def _send_away(self, chat: str | None, seconds: float) -> None:
        """Whoever waits for this chat, or for any, is told to come again."""
        for queue in self._queues.values():
            if chat is None or queue.chat == chat:
                for turn in queue.turns:
                    if not turn.done():
                        turn.set_exception(_later(seconds, whole_channel=chat is None))

    # ── slots ───────────────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        while self._queues:
            self._news.clear()
            now = self._clock.monotonic()
            gate = max(self._next_slot, self._halted_until)
            self._wake(now)
            if now < gate:
                await self._wait(gate - now)
            elif self._ready:
                self._serve(heapq.heappop(self._ready)[2], now)
            elif self._asleep:
                await self._wait(self._asleep[0][0] - now)
            if self._slot < CATCH_UP:  # at a slow pace the next gate waits anyway
                await asyncio.sleep(0)

    def _wake(self, now: float) -> None:
        while self._asleep and self._asleep[0][0] <= now:
            queue = heapq.heappop(self._asleep)[2]
            heapq.heappush(self._ready, (_RANK[queue.priority], next(self._number), queue))

    def _serve(self, queue: _Queue, now: float) -> None:
        """Lets the first of the queue go, if its chat is still ready: another queue of the same chat
        may have been served meanwhile.
        """
        while queue.turns and queue.turns[0].done():  # whoever waited has gone away
            queue.turns.popleft()
        if not queue.turns:
            del self._queues[queue.key]
            return
        if self._ready_at(queue) <= now:
            queue.turns.popleft().set_result(None)
            self._leave(queue.chat, now, is_new=queue.is_new)
        if queue.turns:
            self._lull(queue)
        else:
            del self._queues[queue.key]

    def _lull(self, queue: _Queue) -> None:
        heapq.heappush(self._asleep, (self._ready_at(queue), next(self._number), queue))

    def _ready_at(self, queue: _Queue) -> float:
        is_answer = queue.priority is Priority.ANSWER
        return self._pace(queue.chat).ready_at(is_answer=is_answer, is_new=queue.is_new)

    def _leave(self, chat: str, now: float, *, is_new: bool) -> None:
        self._pace(chat).leave(now, is_new=is_new)
        self._next_slot = self._after(self._next_slot)
        if len(self._chats) > KEEP_CHATS and now >= self._forget_at:
            self._forget_at = now + FORGET_EVERY
            self._chats = {c: pace for c, pace in self._chats.items() if not pace.is_idle(now)}

    async def _wait(self, seconds: float) -> None:
        """Until so much later, or until somebody new is waiting."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({sleep, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            news.cancel()


def _later(seconds: float, *, whole_channel: bool) -> TryLater:
    return TryLater("Flood control", timedelta(seconds=seconds), whole_channel, asked=True)


def _is_group(chat: str) -> bool:
    """Groups and channels have negative ids or a public @name."""
    return chat.startswith(("-", "@"))
