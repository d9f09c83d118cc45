"""Where a message goes, and what kind of chat that is."""

from dataclasses import dataclass
from enum import StrEnum


class ChatKind(StrEnum):
    """What a chat is; the rule for unknown outcomes and the buttons differ by it."""

    PRIVATE = "private"
    GROUP = "group"
    CHANNEL = "channel"
    ROBOT = "robot"  # a group's robot, a program: takes messages and says nothing
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Address:
    """Where a message goes. `chat` is the channel's own id (`-1001234567890`, `@name`); `topic` is a
    forum topic or None. Written `telegram:-1001234567890/7` in YAML and in the ledger.
    """

    channel: str
    chat: str
    topic: str | None = None

    def __str__(self) -> str:
        return f"{self.channel}:{self.chat}" + (f"/{self.topic}" if self.topic else "")

    @classmethod
    def parse(cls, text: str) -> "Address":
        """`channel:chat` or `channel:chat/topic`. Raises ValueError for anything else."""
        channel, colon, rest = text.partition(":")
        chat, _, topic = rest.partition("/")
        if not (channel and colon and chat):
            raise ValueError(f"not an address: {text!r} (channel:chat or channel:chat/topic)")
        return cls(channel, chat, topic or None)
