"""Chats that nothing reaches now: one line in the log when that begins, one when it is over."""

import structlog

from bot.errors import ChannelError, TryLater
from bot.outcome import Outcome
from feeds.store.outbox import State

log = structlog.get_logger(__name__)

MOST_NAMED = 20  # at once: where more are in trouble it is their server's, and its name is enough


class Troubles:
    """Of one channel. A chat that asks us to wait is not in trouble, and where the whole channel
    cannot be used, that is said elsewhere (`bot.reach`).
    """

    def __init__(self, channel: str) -> None:
        self._channel = channel
        self._named: set[str] = set()
        self._has_more = False

    def failed(self, outcome: Outcome, error: ChannelError) -> None:
        """What was tried did not arrive, or nobody knows."""
        if outcome.state is not State.PENDING or outcome.moved_to is not None:
            self._named.discard(outcome.claim.chat)  # decided, and logged as such
        elif outcome.channel_waits_until is None and not _is_asked_to_wait(error):
            self._begin(outcome)

    def arrived(self, chat: str) -> None:
        """A message reached this chat."""
        if chat in self._named:
            self._named.remove(chat)
            log.info("chat can be reached again", to=chat)
        self._has_more = self._has_more and bool(self._named)

    def _begin(self, outcome: Outcome) -> None:
        chat = outcome.claim.chat
        if chat in self._named:
            return
        if len(self._named) < MOST_NAMED:
            self._named.add(chat)
            again = outcome.due_at.isoformat(timespec="seconds") if outcome.due_at else None
            log.warning("chat cannot be reached", to=chat, reason=outcome.reason, again=again)
        elif not self._has_more:
            self._has_more = True
            log.warning("more chats cannot be reached", channel=self._channel)


def _is_asked_to_wait(error: ChannelError) -> bool:
    return isinstance(error, TryLater) and error.asked
