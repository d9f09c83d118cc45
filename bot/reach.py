"""Whether a channel can be reached now: shared by all that send through it."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from bot.address import ChatKind
from bot.outcome import Outcome
from feeds.clock import Clock
from feeds.store.outbox import State

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps messages from arriving: since when, when it was last seen, in the service's words.
    `is_refused`: our token or key is; otherwise nothing is reached.
    """

    since: datetime
    last: datetime
    reason: str
    is_refused: bool = False


class Reach:
    """Open, or closed until a time (network down, token refused). After a close it stays in doubt
    until something arrives, and meanwhile one message at a time tries.

    Beside that it knows the health of the whole channel (by its name) and of each robot with a key of
    its own (by its address): `faults`, or since when all is `well`; neither where nothing was tried.
    """

    def __init__(self, channel: str, clock: Clock) -> None:
        self._channel = channel
        self._clock = clock
        self._until: datetime | None = None
        self._faults: dict[str, Fault] = {}
        self._well: dict[str, datetime] = {}

    @property
    def is_open(self) -> bool:
        return self._until is None or self._until <= self._clock.now()

    @property
    def is_in_doubt(self) -> bool:
        return self._until is not None

    @property
    def faults(self) -> Mapping[str, Fault]:
        return self._faults

    @property
    def well(self) -> Mapping[str, datetime]:
        return self._well

    def note(self, outcome: Outcome) -> None:
        """Learns from an answer; says once what a person should know."""
        reason = outcome.reason or ""
        if outcome.channel_waits_until is not None:
            self.close(
                outcome.channel_waits_until,
                reason,
                is_refused=outcome.is_unauthorised,
                is_asked=outcome.is_asked,
            )
        elif outcome.is_sent:
            self._arrived(outcome)
        elif outcome.claim.kind is ChatKind.ROBOT:
            self._note_robot(outcome, reason)

    def close(
        self, until: datetime, reason: str, *, is_refused: bool = False, is_asked: bool = False
    ) -> None:
        """Nothing is sent before that time. Where we were asked to wait, nothing is wrong."""
        if self._until is None:
            log.warning("channel cannot be used", channel=self._channel, reason=reason)
        self._until = until
        if not is_asked:
            self._fail(self._channel, reason, is_refused=is_refused)

    def _arrived(self, outcome: Outcome) -> None:
        if self._until is not None:
            self._until = None
            log.info("channel can be used again", channel=self._channel)
        self._succeed(self._channel)
        if outcome.claim.kind is ChatKind.ROBOT:
            self._succeed(outcome.claim.chat)

    def _note_robot(self, outcome: Outcome, reason: str) -> None:
        """A robot that refuses one message was reached."""
        if outcome.state is State.FAILED:
            self._succeed(outcome.claim.chat)
        elif outcome.state in {State.PENDING, State.UNKNOWN} and not outcome.is_asked:
            self._fail(outcome.claim.chat, reason, is_refused=outcome.is_unauthorised)

    def _fail(self, about: str, reason: str, *, is_refused: bool) -> None:
        now = self._clock.now()
        self._well.pop(about, None)
        known = self._faults.get(about)
        if known is not None and known.is_refused == is_refused:
            self._faults[about] = replace(known, last=now, reason=reason)
        else:
            self._faults[about] = Fault(now, now, reason, is_refused)

    def _succeed(self, about: str) -> None:
        self._faults.pop(about, None)
        self._well.setdefault(about, self._clock.now())
