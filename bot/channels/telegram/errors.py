"""PTB's errors → ours: each mapped once, most specific first.

BadRequest and TimedOut are subclasses of NetworkError in PTB: whoever catches NetworkError first
retries what can never succeed.
"""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from telegram.error import (
    BadRequest,
    ChatMigrated,
    Forbidden,
    InvalidToken,
    RetryAfter,
    TelegramError,
)

from bot.channels.telegram.transport import NotSent, ServerFailed
from bot.errors import (
    ChannelError,
    Gone,
    Moved,
    Rejected,
    TryLater,
    Unauthorised,
    Unknown,
    trouble,
)

RETRY_UNSENT = timedelta(seconds=5)

_NOT_FOUND = ("chat not found",)  # said for a while of chats that are there (facts: case 124)
_GONE = (
    "user not found",
    "user is deactivated",
    "group chat was deactivated",
    "group chat was deleted",
    "bot was kicked",
    "bot is not a member",
    "peer_id_invalid",
    "chat_write_forbidden",
    "chat_restricted",
    "have no rights to send",
    "not enough rights to send",
    "need administrator rights",
)
_NO_TOPIC = ("message thread not found", "topic_closed", "topic_deleted", "topic_id_invalid")
_DONE = ("message is not modified", "message to edit not found", "message_id_invalid")


def translate(error: TelegramError) -> ChannelError:
    """What this error means for the message that was to be sent."""
    for kind, meaning in _MEANINGS:
        if isinstance(error, kind):
            return meaning(error)
    return Unknown(error.message)


def _bad_request(error: Any) -> ChannelError:
    words = error.message.lower()
    if any(sign in words for sign in _NOT_FOUND):
        return Gone(error.message, is_sure=False)
    if any(sign in words for sign in _GONE):
        return Gone(error.message)
    return Rejected(error.message, plain_may_do="can't parse entities" in words)


def _as_delta(after: float | timedelta) -> timedelta:
    """PTB gives seconds today and a timedelta tomorrow."""
    return after if isinstance(after, timedelta) else timedelta(seconds=after)


def is_topic_gone(error: TelegramError) -> bool:
    """The forum topic is closed or deleted: the general one takes the message."""
    return isinstance(error, BadRequest) and any(s in error.message.lower() for s in _NO_TOPIC)


def is_already_so(error: TelegramError) -> bool:
    """An edit that changes nothing, or of a message that is gone: done."""
    return isinstance(error, BadRequest) and any(s in error.message.lower() for s in _DONE)


def is_unchanged(error: TelegramError) -> bool:
    """An edit that changes nothing."""
    return isinstance(error, BadRequest) and "not modified" in error.message.lower()


# Most specific first.
_MEANINGS: tuple[tuple[type[TelegramError], Callable[[Any], ChannelError]], ...] = (
    (RetryAfter, lambda error: TryLater(error.message, _as_delta(error.retry_after), asked=True)),
    (ChatMigrated, lambda error: Moved(error.message, str(error.new_chat_id))),
    (Forbidden, lambda error: Gone(error.message)),
    (InvalidToken, lambda _error: Unauthorised("401: token refused")),
    (BadRequest, _bad_request),
    (ServerFailed, lambda error: trouble(error.status)),
    (NotSent, lambda error: TryLater(error.message, RETRY_UNSENT, whole_channel=True)),
)
