"""A channel that keeps what it is given, answers as it is told to, and waits where it is asked to."""

import asyncio
from collections import defaultdict
from dataclasses import dataclass

from bot.address import Address
from bot.channels.base import Known, Priority
from bot.message import Limits, Part


@dataclass(frozen=True)
class Given:
    """A message that arrived, or an edit of one."""

    to: str
    text: str
    part: Part
    message_id: str
    reply_to: str | None = None
    plain: bool = False
    key: str = ""
    priority: Priority = Priority.PUSH


class SendingChannel:
    """Implements `Channel`; what it sent stays as it is. `answers[chat]` are errors raised in turn, None for an arrival."""

    def __init__(self, name: str = "telegram") -> None:
        self.name = name
        self.limits = Limits()
        self.at_once = 8
        self.sent: list[Given] = []
        self.edited: list[Given] = []
        self.tried: list[str] = []
        self.answers: defaultdict[str, list[Exception | None]] = defaultdict(list)
        self.waits: dict[str, float] = {}
        self.gate = asyncio.Event()
        self.gate.set()
        self.is_disputed: bool | None = None
        self.under_way = 0
        self.most_under_way = 0

    async def who_am_i(self) -> Known:
        return {self.name: "fake"}

    def wait(self, to: Address) -> float:
        return self.waits.get(to.chat, 0.0)

    async def turn(self, to: Address) -> None:
        del to

    async def send(
        self,
        to: Address,
        part: Part,
        *,
        reply_to: str | None = None,
        plain: bool = False,
        priority: Priority = Priority.PUSH,
        key: str = "",
    ) -> str:
        self.tried.append(str(to))
        await self._answer(to.chat)
        message_id = str(len(self.sent) + 1)
        self.sent.append(
            Given(str(to), words(part), part, message_id, reply_to, plain, key, priority)
        )
        return message_id

    async def _answer(self, chat: str) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await self.gate.wait()
        finally:
            self.under_way -= 1
        answer = self.answers[chat].pop(0) if self.answers[chat] else None
        if answer is not None:
            raise answer

    async def close(self) -> None:
        """Nothing is open."""

    def to(self, chat: str) -> list[str]:
        """The texts that arrived there, in order."""
        return [given.text for given in self.sent if given.to.split(":", 1)[1] == chat]


def words(part: Part) -> str:
    """The part as a reader sees it."""
    lines = [line for block in part.blocks for line in getattr(block, "lines", (block,))]
    return "\n".join("".join(span.text for span in line.spans) for line in lines)


class FakeChannel(SendingChannel):
    """Implements `Editor` too."""

    async def edit(
        self, to: Address, message_id: str, part: Part, priority: Priority = Priority.EDIT
    ) -> None:
        await self._answer(to.chat)
        self.edited.append(Given(str(to), words(part), part, message_id, priority=priority))
