"""The terminal as a chat: the same message, with what a terminal can show of it."""

import sys
from contextlib import suppress
from typing import TextIO

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Desk, Incoming, Known, Menu, Priority
from bot.channels.keyboard import Keyboard
from bot.message import Limits, Line, Part, Quote, Span

BOLD, LINKED, PLAIN = "\x1b[1m", "\x1b[4m", "\x1b[0m"
_CONTROLS = dict.fromkeys((*range(32), *range(127, 160)))


class ConsoleChannel:
    """`Channel` for a terminal or any text stream; a `Listener` too where somebody can type."""

    name = "console"
    at_once = 4

    def __init__(self, out: TextIO = sys.stdout, keys: TextIO = sys.stdin) -> None:
        self.limits = Limits()
        self._out = out
        self._keyboard = Keyboard(keys)
        self._sent = 0

    async def who_am_i(self) -> Known:
        return {self.name: "终端"}

    def wait(self, to: Address) -> float:
        del to
        return 0.0

    async def turn(self, to: Address) -> None:
        """A terminal is always ready."""

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
        del to, reply_to, priority, key  # there is one place to write to, and nobody waits
        styled = self._out.isatty() and not plain
        self._out.write("\n" + show(part, styled=styled) + "\n")
        self._out.flush()
        self._sent += 1
        return str(self._sent)

    async def listen(self, desk: Desk, menu: Menu) -> None:
        """Takes commands that are typed, where there is a keyboard."""
        del menu
        if not self._keyboard.is_there:
            return
        async for line in self._keyboard.lines():
            await self._say(await desk(_incoming(line)))

    async def _say(self, answer: Answer) -> None:
        me = Address("console", "terminal")
        sent = [await self.send(me, part) for part in answer.parts]
        if answer.file is not None:
            text = answer.file.data.decode("utf-8", "replace")
            self._out.write(f"\n{answer.file.words}\n{text}\n")
        if answer.alert:
            self._out.write(f"\n「{answer.alert}」\n")
        if answer.then is not None:
            await answer.then(tuple(sent))
        if answer.more is not None:
            await self._say(await answer.more())

    async def close(self) -> None:
        with suppress(ValueError):
            self._out.flush()


def show(part: Part, *, styled: bool) -> str:
    """The part as lines of text; a folded quote is indented behind a bar."""
    lines: list[str] = []
    for block in part.blocks:
        if isinstance(block, Quote):
            lines.extend("│ " + _line(line, styled=styled) for line in block.lines)
        else:
            lines.append(_line(block, styled=styled))
    return "\n".join(lines)


def _line(line: Line, *, styled: bool) -> str:
    return "".join(_span(span, styled=styled) for span in line.spans)


def _span(span: Span, *, styled: bool) -> str:
    """Without control codes: a newspaper's title must not steer a terminal."""
    text = span.text.translate(_CONTROLS)
    style = (BOLD if span.bold else "") + (LINKED if span.url else "") if styled else ""
    return f"{style}{text}{PLAIN}" if style else text


def _incoming(line: str) -> Incoming:
    is_command = line.startswith("/")
    command, _, words = line.removeprefix("/").partition(" ")
    return Incoming(
        address=Address("console", "terminal"),
        kind=ChatKind.CONSOLE,
        title="",
        person="terminal",
        language=None,
        command=command.lower() if is_command else None,
        words=words.strip() if is_command else line,
        action=None,
        message_id=None,
        is_admin=True,
    )
