"""Updates → the desk → answers. What an update means is `incoming`, how updates come is `polling`.

    update ──read──▶ incoming ──desk, in the chat's order──▶ answer ─┬─▶ the button is answered at once
                                                                      └─▶ messages, in the chat's order

A chat whose messages must wait (a 429, a group's minute) keeps nobody waiting for the desk. An update
that cannot be handled is logged and passed over: nothing that people send stops the rest.
"""

import asyncio
from collections import Counter, deque
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager, suppress
from dataclasses import replace
from functools import partial
from typing import Any, Protocol, TypeVar

import structlog
from telegram import Update, User

from bot.address import Address
from bot.channels.base import Answer, Asks, ChatMenu, Desk, File, Incoming
from bot.channels.telegram.incoming import ALLOWED, read_update
from bot.errors import ChannelError, Gone, TryLater
from bot.message import Line, Part, Span
from feeds.clock import Clock

__all__ = ["ALLOWED", "Updates", "Voice"]

log = structlog.get_logger(__name__)

Said = TypeVar("Said")

SOON = 30.0  # seconds that an answer may wait for a 429; then it is stale
QUICK = 1.0  # seconds after which a pressed button is answered without waiting for the desk
FINISH_SECONDS = 2.0
REMEMBER_UPDATES = 1000


class Voice(Protocol):
    """How answers are said."""

    async def say(self, to: Address, part: Part, reply_to: str | None, asks: Asks | None) -> str:
        """Sends a part of an answer. Returns its message's id; raises `ChannelError`."""

    async def turn_into(self, to: Address, message_id: str, part: Part) -> bool:
        """Makes a message that part; False where it can no longer be changed."""

    async def hand_over(self, to: Address, file: File) -> str:
        """Sends a file."""

    async def release(self, press: str, alert: str | None) -> None:
        """Ends a pressed button's waiting, with an alert where there is one. Never raises."""


class Updates:
    """Takes the updates of one token. `me` is who we are, once it is known; `menus` are those that single
    chats were given.
    """

    def __init__(self, voice: Voice, clock: Clock, quick: float = QUICK) -> None:
        self._quick = quick
        self.me: User | None = None
        self.menus: frozenset[ChatMenu] = frozenset()
        self._voice = voice
        self._clock = clock
        self._seen: deque[int] = deque(maxlen=REMEMBER_UPDATES)
        self._asking = _Turns()
        self._saying = _Turns()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def username(self) -> str | None:
        """The bot's user name, once Telegram has said it."""
        return self.me.username if self.me else None

    async def handle(self, update: Update, desk: Desk) -> None:
        """Returns once the desk has answered; the answer may still be on its way (see `settled`).
        Never raises.
        """
        if self.me is None or update.update_id in self._seen:
            return
        self._seen.append(update.update_id)
        try:
            incoming = read_update(update, self.me)
            press = update.callback_query.id if update.callback_query else None
            if incoming is not None:
                await self._ask(incoming, press, desk)
            elif press is not None:
                self._begin(self._voice.release(press, None))
        except Exception:
            log.exception("update not handled", update=update.update_id)

    async def settled(self) -> None:
        """Returns once everything that was to be said is said, or was given up."""
        while self._tasks:
            await asyncio.wait(self._tasks)

    async def close(self) -> None:
        """Gives what is being said a moment, and ends."""
        if self._tasks:
            await asyncio.wait(self._tasks, timeout=FINISH_SECONDS)
        for task in self._tasks:
            task.cancel()

    # ── asking ──────────────────────────────────────────────────────────────────────────────────

    async def _ask(self, incoming: Incoming, press: str | None, desk: Desk) -> None:
        async with self._asking.of(incoming.address.chat):
            asked = asyncio.ensure_future(desk(incoming))
            await asyncio.wait({asked}, timeout=self._quick)
            if press is not None and not asked.done():
                self._begin(self._voice.release(press, None))
                press = None
            answer = await asked
            if press is not None:
                self._begin(self._voice.release(press, answer.alert))
            elif answer.alert:  # no button can show it any more
                words = Part((Line((Span(answer.alert),)),))
                answer = replace(answer, parts=(words, *answer.parts))
            if answer.parts or answer.file:
                self._begin(self._say_in_turn(incoming, answer))

    def _begin(self, work: Coroutine[Any, Any, None]) -> None:
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # ── saying ──────────────────────────────────────────────────────────────────────────────────

    async def _say_in_turn(self, incoming: Incoming, answer: Answer) -> None:
        async with self._saying.of(incoming.address.chat):
            try:
                sent = await self._say(incoming, answer)
                if answer.more is not None:
                    self._begin(self._say_more(incoming, sent, answer.more))
            except ChannelError as error:
                log.warning("answer not sent", chat=incoming.address.chat, reason=str(error))
            except Exception:
                log.exception("answer not sent", chat=incoming.address.chat)

    async def _say_more(
        self, incoming: Incoming, sent: tuple[str, ...], more: Callable[[], Awaitable[Answer]]
    ) -> None:
        """What took its time, in the place of the message that said so."""
        said = replace(await more(), replace=bool(sent))
        if said.parts or said.file:
            about = replace(incoming, message_id=sent[0] if sent else None)
            await self._say_in_turn(about, said)

    async def _say(self, incoming: Incoming, answer: Answer) -> tuple[str, ...]:
        """The ids of the messages; that of one that was turned into the first part, too."""
        to, parts = incoming.address, answer.parts
        if answer.alone:
            person = replace(to, chat=incoming.person, topic=None)
            with suppress(Gone):  # a person who never wrote to us
                return await self._say_parts(person, answer.alone, answer)
        turned: tuple[str, ...] = ()
        if answer.replace and parts and incoming.message_id:
            message_id, part = incoming.message_id, parts[0]
            if await self._patiently(lambda: self._voice.turn_into(to, message_id, part)):
                parts, turned = parts[1:], (message_id,)
        return turned + await self._say_parts(to, parts, answer)

    async def _say_parts(
        self, to: Address, parts: tuple[Part, ...], answer: Answer
    ) -> tuple[str, ...]:
        sent: list[str] = []
        for part in parts:
            reply_to = sent[0] if part.reply and sent else None
            asks = answer.asks if not sent else None
            say = partial(self._voice.say, to, part, reply_to, asks)
            sent.append(await self._patiently(say))
        if (file := answer.file) is not None:
            await self._patiently(lambda: self._voice.hand_over(to, file))
        if answer.then is not None:
            await answer.then(tuple(sent))
        return tuple(sent)

    async def _patiently(self, say: Callable[[], Awaitable[Said]]) -> Said:
        """A person waits: short 429s are waited for, together no longer than SOON."""
        until = self._clock.monotonic() + SOON
        while True:
            try:
                return await say()
            except TryLater as later:
                seconds = later.after.total_seconds()
                if seconds <= 0 or self._clock.monotonic() + seconds > until:
                    raise
            await self._clock.sleep(seconds)


class _Turns:
    """First come, first served, chat by chat. A chat that nobody waits for costs no memory."""

    def __init__(self) -> None:
        self._locks: dict[str, asyncio.Lock] = {}
        self._users: Counter[str] = Counter()

    @asynccontextmanager
    async def of(self, chat: str) -> AsyncIterator[None]:
        lock = self._locks.setdefault(chat, asyncio.Lock())
        self._users[chat] += 1
        try:
            async with lock:
                yield
        finally:
            self._users[chat] -= 1
            if not self._users[chat]:
                del self._users[chat], self._locks[chat]
