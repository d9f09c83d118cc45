"""The seam of chat commands: a row in the table, and a function from what a person did to an answer."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Host, Incoming, Rights, Scope
from bot.commands.stand import Stand
from bot.compose import options_for
from bot.ledger.chats import Chat
from bot.message import Button, Limits, Line, Part, Span
from bot.messages import Options
from bot.messages.actions import Action
from config.models import Settings, SourceConfig
from feeds.clock import Clock
from feeds.explore import Exploration
from feeds.store.engine import Store
from feeds.words import translator

Explore = Callable[[SourceConfig], Awaitable[Exploration]]
LIMITS = Limits()
Buttons = tuple[tuple[Button, ...], ...]


@dataclass(frozen=True, slots=True)
class House:
    """What every command has at hand. `hosts` are the channels that know who looks after a chat.
    `explore` reads a newspaper once and writes nothing; it raises `BaotongError`.
    """

    store: Store
    settings: Settings
    clock: Clock
    stand: Stand
    hosts: Mapping[str, Host]
    explore: Explore


@dataclass(frozen=True, slots=True)
class About:
    """The chat whose subscriptions are meant: the one where we are asked, or a channel that is looked
    after from there.
    """

    to: Address
    kind: ChatKind
    chat: Chat
    is_other: bool = False


@dataclass(frozen=True, slots=True)
class Asked:
    """What a person asks, in which language, and about whose subscriptions."""

    incoming: Incoming
    chat: Chat
    about: About
    language: str
    house: House = field(repr=False)
    _: Callable[[str], str] = field(repr=False)

    @property
    def store(self) -> Store:
        return self.house.store

    @property
    def settings(self) -> Settings:
        return self.house.settings

    @property
    def stand(self) -> Stand:
        return self.house.stand

    @property
    def now(self) -> datetime:
        return self.house.clock.now()

    @property
    def to(self) -> Address:
        """Where we are asked."""
        return self.incoming.address

    @property
    def zone(self) -> str:
        """Of the clocks that are set in the chat that is meant."""
        return self.about.chat.timezone or self.settings.timezone

    @property
    def words(self) -> str:
        return self.incoming.words

    def options(self, source: SourceConfig) -> Options:
        """How to speak here about this paper, with buttons that lead into it."""
        options = options_for(
            self.settings,
            source,
            self.incoming.kind,
            self.language,
            timezone=self.chat.timezone,
        )
        return replace(options, browse=options.turns)

    async def rights(self, to: Address) -> Rights | None:
        """What the person may do in another chat, as far as that chat's service tells."""
        host = self.house.hosts.get(to.channel)
        return await host.rights(to.chat, self.incoming.person) if host else None


Run = Callable[[Asked], Awaitable[Answer]]
Press = Callable[[Asked, Action], Awaitable[Answer]]


@dataclass(frozen=True, slots=True)
class Command:
    """A row of the table. `words` says in the menu what it does (a message id); `scopes` who sees it
    there. `changes`: a group's members may not, only its administrators. `about_others`: it means the
    channel that is looked after from here, where one is.
    """

    name: str
    words: str
    run: Run
    scopes: frozenset[Scope] = frozenset(Scope)
    changes: bool = False
    about_others: bool = False


@dataclass(frozen=True, slots=True)
class Pressed:
    """A row of the table of buttons; as for commands. `of_row`: it names a subscription's row, whose
    chat is the one that is meant. `turns`: it turns a message that may have been sent as news to
    something else.
    """

    run: Press
    changes: bool = False
    about_others: bool = False
    of_row: bool = False
    turns: bool = False


def asked(incoming: Incoming, chat: Chat, house: House) -> Asked:
    """A question about the chat where it is asked."""
    language = chat.language or client_language(incoming) or house.settings.language
    about = About(incoming.address, incoming.kind, chat)
    return Asked(incoming, chat, about, language, house, translator(language))


def client_language(incoming: Incoming) -> str | None:
    """The language of a person's client, where it is their own chat."""
    if incoming.kind is not ChatKind.PRIVATE or not incoming.language:
        return None
    return "zh-CN" if incoming.language.lower().startswith("zh") else "en"


def chat_key(to: Address) -> str:
    """The chat's name in the ledger."""
    return f"{to.channel}:{to.chat}"


def say(*lines: str, buttons: Buttons = (), replace: bool = False) -> Answer:
    """An answer of plain lines; `**` at a line's beginning makes it bold."""
    blocks = tuple(
        Line((Span(text.removeprefix("**"), bold=text.startswith("**")),)) for text in lines
    )
    return Answer(parts=(Part(blocks, buttons=buttons),), replace=replace)


def alert(words: str) -> Answer:
    """A word over the button that was pressed; where none was, a message."""
    return Answer(alert=words)
