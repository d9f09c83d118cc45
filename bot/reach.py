"""Whether a channel can be reached now: shared by all that send through it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog

from bot.address import ChatKind
from bot.outcome import Outcome
from feeds.clock import Clock

log = structlog.get_logger(__name__)

UNREACHABLE_AFTER = timedelta(minutes=15)  # of failing without a break


@dataclass(frozen=True, slots=True)
class Fault:
    """What keeps messages from arriving: since when, when it was last seen, in the service's words.
    `is_refused`: our token or key is; otherwise nothing is reached. Not `is_general`: one of `chats` is in
    trouble, and others were not.
    """

    since: datetime
    last: datetime
    reason: str
    is_refused: bool = False
    is_general: bool = True
    chats: frozenset[str] = frozenset()

    @property
    def lasted(self) -> timedelta:
        return self.last - self.since


class Reach:
    """Open, or closed until a time (network down, token refused). After a close it stays in doubt
    until something arrives, and meanwhile one message at a time tries. One that an operator paused is
    closed for pushes and edits; answers to people ask nobody here.

    Beside that it knows the health of the whole channel (by its name) and of each robot with a key of
    its own (by its address): its `faults`, and since when it was `well`, if it was.
    """

    def __init__(
        self, channel: str, clock: Clock, is_paused: Callable[[], bool] = lambda: False
    ) -> None:
        self._channel = channel
        self._clock = clock
        self._is_paused = is_paused
        self._until: datetime | None = None
        self._faults: dict[str, Fault] = {}
        self._well: dict[str, datetime] = {}
        self._last_reached: str | None = None

    @property
    def is_open(self) -> bool:
        if self._is_paused():
            return False
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
        elif outcome.in_doubt or (outcome.chat_waits_until is not None and not outcome.is_asked):
            self._note_trouble(outcome, reason)
        elif not outcome.is_asked:  # whoever refuses one message was reached
            self._succeed(self._about(outcome))

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
        self._last_reached = outcome.claim.chat
        self._succeed(self._channel)
        if outcome.claim.kind is ChatKind.ROBOT:
            self._succeed(outcome.claim.chat)

    def _about(self, outcome: Outcome) -> str:
        """Each robot has a server and a key of its own."""
        claim = outcome.claim
        return claim.chat if claim.kind is ChatKind.ROBOT else self._channel

    def _note_trouble(self, outcome: Outcome, reason: str) -> None:
        """Of a service, two chats in trouble and no message that arrives between stand for all; or one,
        where no other was reached.
        """
        about, chat = self._about(outcome), outcome.claim.chat
        if about != self._channel:
            self._fail(about, reason, is_refused=outcome.is_unauthorised)
            return
        known = self._faults.get(about)
        chats = known.chats if known else frozenset[str]()
        chats = chats if len(chats) > 1 else chats | {chat}
        is_general = len(chats) > 1 or self._last_reached in {None, chat}
        fault = self._fault(about, reason, is_refused=False)
        self._faults[about] = replace(fault, chats=chats, is_general=is_general)

    def _fail(self, about: str, reason: str, *, is_refused: bool) -> None:
        self._well.pop(about, None)
        fault = self._fault(about, reason, is_refused=is_refused)
        self._faults[about] = replace(fault, is_general=True)

    def _fault(self, about: str, reason: str, *, is_refused: bool) -> Fault:
        """The one that is known, seen once more; or a new one."""
        now, known = self._clock.now(), self._faults.get(about)
        if known is not None and known.is_refused == is_refused:
            return replace(known, last=now, reason=reason)
        return Fault(now, now, reason, is_refused)

    def _succeed(self, about: str) -> None:
        fault = self._faults.pop(about, None)
        if fault is not None and fault.lasted >= UNREACHABLE_AFTER:
            self._well.pop(about, None)
        self._well.setdefault(about, self._clock.now())
