"""Paces what goes to Telegram: evenly spaced slots for the token, a pace for every chat, the most
urgent first, and no chat's wait is another's.

Evenly spaced slots, not a bucket: a bucket that holds a second's worth sends two seconds' worth in
its first (measured: 60 of 429s a minute against none, facts/telegram.md).
"""

import asyncio
from collections import defaultdict, deque
from collections.abc import Callable, Coroutine
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

from telegram.error import RetryAfter
from telegram.ext import BaseRateLimiter

from bot.channels.base import Priority
from feeds.clock import Clock

CHAT_GAP = 1.05  # seconds; Telegram allows one a second
ANSWER_BURST = 5  # answers to a person that may leave without waiting for the chat's gap
GROUP_MOST, GROUP_SPAN = 20, 60.5  # messages a group or channel takes in a minute, and a little
GLOBAL_SPAN = 1.0  # 429s from two chats within this many seconds are meant for the token
KEEP_CHATS = 10_000

_RANK = {Priority.ANSWER: 0, Priority.PUSH: 1, Priority.EDIT: 2}
_PACED = ("send", "edit", "copy", "forward")
_UNPACED = frozenset({"sendChatAction"})


@dataclass(slots=True)
class _Chat:
    """`next` is when a push may go; `sent` are the times of a group's last messages."""

    next: float = 0.0
    sent: deque[float] = field(default_factory=lambda: deque(maxlen=GROUP_MOST))


@dataclass(slots=True)
class _Waiter:
    chat: str
    priority: Priority
    is_new: bool  # a new message: edits do not count for a group's minute
    turn: asyncio.Future[None]


class Pacer(BaseRateLimiter[Priority]):
    """`rate` is messages a second for the token. Calls without a chat go at once."""

    def __init__(self, rate: float, clock: Clock) -> None:
        self._slot = 1.0 / rate
        self._clock = clock
        self._next_slot = 0.0
        self._halted_until = 0.0
        self._refused: tuple[str, float] | None = None  # the last chat that got a 429, and when
        self._chats: defaultdict[str, _Chat] = defaultdict(_Chat)
        self._waiting: list[_Waiter] = []
        self._news = asyncio.Event()
        self._pump: asyncio.Task[None] | None = None

    async def initialize(self) -> None:
        """Nothing to do: the pump starts with the first message."""

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
        if priority is not Priority.HAS_TURN:
            await self.turn(str(chat), priority, is_new=not endpoint.startswith("edit"))
        try:
            return await callback(*args, **kwargs)
        except RetryAfter as error:
            self._obey(str(chat), error.retry_after)
            raise

    async def turn(self, chat: str, priority: Priority, *, is_new: bool = True) -> None:
        """Returns when it is this message's turn."""
        waiter = _Waiter(chat, priority, is_new, asyncio.get_running_loop().create_future())
        self._waiting.append(waiter)
        self._news.set()
        if self._pump is None or self._pump.done():
            self._pump = asyncio.create_task(self._run(), name="pacer")
        try:
            await waiter.turn
        finally:
            if waiter in self._waiting:
                self._waiting.remove(waiter)

    def _obey(self, chat: str, after: float | timedelta) -> None:
        """A 429 is for its chat; from two chats at once it is for the token."""
        seconds = after.total_seconds() if isinstance(after, timedelta) else float(after)
        now = self._clock.monotonic()
        state = self._chats[chat]
        state.next = max(state.next, now + seconds + ANSWER_BURST * CHAT_GAP)
        if self._refused and self._refused[0] != chat and now - self._refused[1] < GLOBAL_SPAN:
            self._halted_until = max(self._halted_until, now + seconds)
        self._refused = (chat, now)

    async def _run(self) -> None:
        while self._waiting:
            self._news.clear()
            now = self._clock.monotonic()
            gate = max(self._next_slot, self._halted_until)
            if now < gate:
                await self._wait(gate - now)
                continue
            ready = [waiter for waiter in self._waiting if self._ready_at(waiter) <= now]
            if not ready:
                await self._wait(min(map(self._ready_at, self._waiting)) - now)
                continue
            self._let_go(min(ready, key=lambda waiter: _RANK[waiter.priority]), now)
            await asyncio.sleep(0)

    def _ready_at(self, waiter: _Waiter) -> float:
        chat = self._chats[waiter.chat]
        burst = (ANSWER_BURST - 1) * CHAT_GAP if waiter.priority is Priority.ANSWER else 0.0
        ready = chat.next - burst
        if waiter.is_new and _is_group(waiter.chat) and len(chat.sent) == GROUP_MOST:
            ready = max(ready, chat.sent[0] + GROUP_SPAN)
        return ready

    def _let_go(self, waiter: _Waiter, now: float) -> None:
        self._waiting.remove(waiter)
        chat = self._chats[waiter.chat]
        chat.next = max(chat.next, now) + CHAT_GAP
        if waiter.is_new:
            chat.sent.append(now)
        self._next_slot = max(self._next_slot + self._slot, now)
        if not waiter.turn.done():
            waiter.turn.set_result(None)
        self._forget(now)

    def _forget(self, now: float) -> None:
        """Chats that may send at once need no memory."""
        if len(self._chats) <= KEEP_CHATS:
            return
        for name in [n for n, c in self._chats.items() if c.next < now - GROUP_SPAN]:
            del self._chats[name]

    async def _wait(self, seconds: float) -> None:
        """Until so much later, or until somebody new is waiting."""
        sleep = asyncio.ensure_future(self._clock.sleep(seconds))
        news = asyncio.ensure_future(self._news.wait())
        try:
            await asyncio.wait({sleep, news}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            sleep.cancel()
            news.cancel()


def _is_group(chat: str) -> bool:
    """Groups and channels have negative ids or a public @name."""
    return chat.startswith(("-", "@"))
