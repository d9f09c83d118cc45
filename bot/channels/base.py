"""The seam of chat channels: a way to one chat service, for pushes out and updates in."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol, runtime_checkable

from bot.address import Address, ChatKind
from bot.errors import ChannelError
from bot.message import Limits, Part


class Priority(StrEnum):
    """Who goes first when the token's slots are scarce."""

    ANSWER = "answer"
    PUSH = "push"
    EDIT = "edit"
    HAS_TURN = "has_turn"
    """Waited in `Channel.turn` already."""


Known = Mapping[str, str | ChannelError]
"""By what has a key of its own (`telegram`, `wecom:desk`): what it says of us, or why it says nothing."""


class Channel(Protocol):
    """One configured channel. Every method is safe to call concurrently; pacing is inside. `at_once`
    is how many messages may be in hand.
    """

    name: str
    limits: Limits
    at_once: int

    async def who_am_i(self) -> Known:
        """The channel's own names for us (`@huaian_bot`), for `check`. The text of an error says what
        to do ("连不上 api.telegram.org(10 秒)。在中国大陆需要代理:…").
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

    async def close(self) -> None: ...


@runtime_checkable
class Editor(Protocol):
    """A channel whose messages can be changed."""

    async def edit(
        self, to: Address, message_id: str, part: Part, priority: Priority = Priority.EDIT
    ) -> None:
        """Replaces a sent message; one that is as it should be already, or gone, is success. Raises
        the errors of `bot.errors`; `Rejected` where it cannot be changed.
        """


class Event(StrEnum):
    """What can happen to us in a chat besides words and buttons."""

    JOINED = "joined"
    """We were added to a group or channel; `person` did it."""
    LEFT = "left"
    """We were removed, or a person blocked us."""
    MOVED = "moved"
    """The chat has a new id: `words`."""
    PICKED = "picked"
    """The person picked a chat where `Picks` asked for one: `words` is its id."""


@dataclass(frozen=True, slots=True)
class Incoming:
    """Something a person did in a chat: a command with its words, a button pressed, a reply to what we
    asked, or an event.

    `command` has no slash and no bot name; plain words have none. `action` is a button's (see
    `bot.message.Button`) and `message_id` the message that bore it. `reply_to` is the message of ours
    that the words answer. `language` is the person's client's (IETF tag). `is_admin` is true in
    private chats, None where `Host.rights` must be asked. `door` is the address that opens a private
    chat with us when a word of [A-Za-z0-9_-]{1,64} is put behind it, and `share` the one that passes a
    link on to other chats (`?url=…&text=…`), where the service has such.
    """

    address: Address
    kind: ChatKind
    title: str
    person: str
    language: str | None = None
    command: str | None = None
    words: str = ""
    action: str | None = None
    message_id: str | None = None
    reply_to: str | None = None
    event: Event | None = None
    is_admin: bool | None = None
    door: str | None = None
    share: str | None = None


@dataclass(frozen=True, slots=True)
class File:
    """A small file to hand over, with a line about it."""

    name: str
    media_type: str
    data: bytes
    words: str


@dataclass(frozen=True, slots=True)
class Typed:
    """The answer waits for words: whoever is asked finds the typing field open, with a hint in it."""

    hint: str


@dataclass(frozen=True, slots=True)
class Picks:
    """The answer offers the service's own chooser of channels that the person looks after."""

    text: str


@dataclass(frozen=True, slots=True)
class Picked:
    """The chooser is no longer needed."""


Asks = Typed | Picks | Picked


@dataclass(frozen=True, slots=True)
class Answer:
    """What to say back: messages, or one that replaces the button's message, or an alert on it.

    `asks` goes with the first part. `alone` is said to the person alone instead, where they have a
    chat with us. `then` is called with the message ids once all parts were sent. `more` takes its time
    (it must not raise): it is asked for once the parts are said, holds up nobody, and what it answers
    takes the place of the first of them.
    """

    parts: tuple[Part, ...] = ()
    replace: bool = False
    alert: str | None = None
    file: File | None = None
    asks: Asks | None = None
    alone: tuple[Part, ...] = ()
    then: "Callable[[tuple[str, ...]], Awaitable[None]] | None" = None
    more: "Callable[[], Awaitable[Answer]] | None" = None


Desk = Callable[[Incoming], Awaitable[Answer]]
"""Never raises."""


class Scope(StrEnum):
    """Who sees a menu."""

    EVERYBODY = "everybody"
    PRIVATE = "private"
    GROUPS = "groups"
    ADMINISTRATORS = "administrators"
    """Of groups."""


Commands = tuple[tuple[str, str], ...]
"""Names with a few words each."""


@dataclass(frozen=True, slots=True)
class ChatMenu:
    """The menu of one chat, in one language; of its administrators alone, where it is a group's."""

    to: Address
    language: str
    commands: Commands
    administrators: bool = False


@dataclass(frozen=True, slots=True)
class Menu:
    """What a channel can show of us: commands with a few words each, by scope and language (IETF tag;
    "" is for everybody else), and a description of at most 120 characters by language. `chats` have
    menus of their own instead.
    """

    commands: Mapping[tuple[Scope, str], Commands]
    description: Mapping[str, str]
    chats: tuple[ChatMenu, ...] = ()


@runtime_checkable
class Listener(Protocol):
    """A channel that people can talk to. Exclusive per token."""

    async def listen(self, desk: Desk, menu: Menu) -> None:
        """Shows the menu, takes updates until cancelled, asks the desk, sends its answers at the highest priority.
        A network that fails is logged once and tried again; nothing a person does can end it.
        """


@runtime_checkable
class Disputed(Protocol):
    """A channel whose updates only one program may take."""

    @property
    def is_disputed(self) -> bool | None:
        """Whether another one takes them, for good as it seems; None where that is not known yet."""


@dataclass(frozen=True, slots=True)
class Rights:
    """What a chat of this service is, and who may do what there."""

    address: Address
    kind: ChatKind
    title: str
    is_admin: bool
    may_post: bool


@runtime_checkable
class Host(Protocol):
    """A channel that knows who looks after its chats."""

    async def rights(self, chat: str, person: str) -> Rights | None:
        """Of this person in this chat (an id or @name), and of ours; None where the service does not
        tell us, because we are not in it or it cannot be reached.
        """
