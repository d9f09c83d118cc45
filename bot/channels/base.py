"""The seam of chat channels: a way to one chat service, for pushes out and updates in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.address import Address, ChatKind
from bot.message import Limits, Part


class Priority(StrEnum):
    """Who goes first when the token's slots are scarce."""

    ANSWER = "answer"
    PUSH = "push"
    EDIT = "edit"
    HAS_TURN = "has_turn"
    """Waited in `Channel.turn` already."""


class Channel(Protocol):
    """One configured channel. Every method is safe to call concurrently; pacing is inside. `at_once`
    is how many messages may be in hand, `can_edit` whether what was sent can be changed.
    """

    name: str
    limits: Limits
    at_once: int
    can_edit: bool

    async def who_am_i(self) -> str:
        """The channel's own name for us (`@huaian_bot`), for `check`. Raises `ChannelError`, whose
        text says what to do ("连不上 api.telegram.org(10 秒)。在中国大陆需要代理:…").
        """

    def wait(self, to: Address) -> float:
        """How many seconds this chat must wait for its next push, others not counted; 0 for none."""

    async def turn(self, to: Address) -> None:
        """Returns when a push to this chat may leave. Whoever keeps a record of what is being sent
        waits here, writes the record, and sends with `Priority.HAS_TURN`. Raises `TryLater` where it
        turns out that this takes long: the wait is not ours to hold a place for.
        """

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
        """Sends one part and returns the chat's id of the message, which may be empty where messages
        have none. `reply_to` is such an id; `plain` sends the words without markup; `key` stays the
        same when the part is sent again, for receivers that can tell a copy by it. Raises the errors
        of `bot.errors`, nothing else.
        """

    async def edit(
        self, to: Address, message_id: str, part: Part, priority: Priority = Priority.EDIT
    ) -> None:
        """Replaces a sent message; one that is as it should be already, or gone, is success. Raises
        the errors of `bot.errors`; `Rejected` where it cannot be changed.
        """

    async def close(self) -> None: ...


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a person did in a chat: a command with its words, or a button pressed.

    `command` has no slash and no bot name; `action` is a button's (see `bot.message.Button`).
    `language` is the person's client's (IETF tag) or None. `message_id` is the message that bore the
    button. `is_admin` is true in private chats and for administrators of a group.
    """

    address: Address
    kind: ChatKind
    title: str
    person: str
    language: str | None
    command: str | None
    words: str
    action: str | None
    message_id: str | None
    is_admin: bool


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say back: messages, or one that replaces the button's message, or an alert on it."""

    parts: tuple[Part, ...] = ()
    replace: bool = False
    alert: str | None = None
    then: "Callable[[tuple[str, ...]], Awaitable[None]] | None" = None
    """Called with the message ids once all parts were sent (a subscription's first issue counts as
    its delivery)."""


Desk = Callable[[Incoming], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Menu:
    """What a channel can show of us: commands with a few words each, by language (IETF tag; "" is
    for everybody else), and a description.
    """

    commands: Mapping[str, tuple[tuple[str, str], ...]]
    description: Mapping[str, str]


@runtime_checkable
class Listener(Protocol):
    """A channel that people can talk to. Exclusive per token."""

    async def listen(self, desk: Desk, menu: Menu) -> None:
        """Shows the menu, takes updates until cancelled, asks the desk, sends its answers at the highest priority.
        A network that fails is logged once and tried again; nothing a person does can end it.
        """
