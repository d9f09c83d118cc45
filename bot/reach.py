"""Whether a channel can be reached now: shared by all that send through it."""

from collections.abc import Callable
from datetime import datetime

import structlog

from bot.outcome import Outcome
from feeds.clock import Clock

log = structlog.get_logger(__name__)


class Reach:
    """Open, or closed until a time (network down, token refused). After a close it stays in doubt
    until something arrives, and meanwhile one message at a time tries. One that an operator paused is
    closed for pushes and edits; answers to people ask nobody here.
    """

    def __init__(
        self, channel: str, clock: Clock, is_paused: Callable[[], bool] = lambda: False
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._is_paused = is_paused
        self._until: datetime | None = None

    @property
    def is_open(self) -> bool:
        if self._is_paused():
            return False
        return self._until is None or self._until <= self._clock.now()

    @property
    def is_in_doubt(self) -> bool:
        return self._until is not None

    def note(self, outcome: Outcome) -> bool:
        """Learns from an answer; says once what a person should know. True where our token, or a chat's
        own key, has just begun to be refused.
        """
        if outcome.channel_waits_until is not None:
            is_news = self.close(outcome.channel_waits_until, outcome.reason or "")
            return is_news and outcome.is_unauthorised
        if outcome.is_sent and self._until is not None:
            self._until = None
            log.info("channel can be used again", channel=self._channel)
        return outcome.is_unauthorised

    def close(self, until: datetime, reason: str) -> bool:
        """Nothing is sent before that time. True where that is news."""
        is_news = self._until is None
        self._until = until
        if is_news:
            log.warning("channel cannot be used", channel=self._channel, reason=reason)
        return is_news
