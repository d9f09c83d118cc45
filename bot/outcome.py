"""What an answer of a channel means for a delivery: pure decisions."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from bot.errors import (
    ChannelError,
    Gone,
    Moved,
    Rejected,
    TryLater,
    Unauthorised,
    Unknown,
)
from bot.ledger.claiming import Claimed
from bot.ledger.tables import PartState
from config.models import UnknownRule
from feeds.store.outbox import State

MOST_DOUBTS = 3  # tries whose outcome nobody knows; then it rests as unknown
DOUBT_WAITS = 30  # times as long before the last: after ten seconds, then after five minutes
MOST_DOUBLINGS = 6  # of a wait for a server in trouble: ten seconds become ten minutes
GONE_AGAIN = timedelta(minutes=1)
UNAUTHORISED_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write after one part was tried.

    `state` is the delivery's: PENDING also where its next part comes after this one. `part_state` is
    the part's. `next_at` is when the chat may get its next message, where it must wait. `in_doubt`: nobody knows whether the message arrived. `chat_gone`, `moved_to` and
    `chat_waits_until` are about the chat, `channel_waits_until` about the whole channel. One of them
    `is_unauthorised` where its token or key is refused, and `is_asked` where we were only told to wait.
    """

    claim: Claimed
    part: int
    part_state: PartState
    state: State
    message_id: str | None = None
    due_at: datetime | None = None
    reason: str | None = None
    next_at: datetime | None = None
    in_doubt: bool = False
    chat_gone: bool = False
    moved_to: str | None = None
    chat_waits_until: datetime | None = None
    channel_waits_until: datetime | None = None
    is_unauthorised: bool = False
    is_asked: bool = False

    @property
    def is_sent(self) -> bool:
        return self.part_state is PartState.SENT


@dataclass(frozen=True, slots=True)
class _Tried:
    """A part that was tried, when, and the operator's rule for what nobody knows."""

    claim: Claimed
    part: int
    now: datetime
    rule: UnknownRule

    def again(self, due_at: datetime, reason: str, **about: Any) -> Outcome:
        """It stays owed."""
        return Outcome(
            self.claim, self.part, PartState.PENDING, State.PENDING,
            due_at=due_at, reason=reason, **about,
        )  # fmt: skip

    def ended(self, state: State, part: PartState, reason: str, **about: Any) -> Outcome:
        return Outcome(self.claim, self.part, part, state, reason=reason, **about)


def sent(
    claim: Claimed,
    part: int,
    message_id: str,
    next_at: datetime | None,
    *,
    is_last: bool,
    reason: str | None = None,
) -> Outcome:
    """The part arrived; `reason` says what was odd about it. With a part to come, the delivery stays
    first in its chat's line.
    """
    return Outcome(
        claim,
        part,
        PartState.SENT,
        State.SENT if is_last else State.PENDING,
        message_id=message_id,
        due_at=next_at,
        next_at=next_at,
        reason=reason,
    )


def refused(
    claim: Claimed, part: int, error: ChannelError, now: datetime, rule: UnknownRule
) -> Outcome:
    """The part did not arrive, or nobody knows. Each error is a decision."""
    tried = _Tried(claim, part, now, rule)
    return _DECISIONS[type(error)](tried, error)


def _try_later(tried: _Tried, error: TryLater) -> Outcome:
    doubled = 2 ** min(tried.claim.attempts, MOST_DOUBLINGS) if error.growing else 1
    until = tried.now + doubled * error.after
    scope = "channel_waits_until" if error.whole_channel else "chat_waits_until"
    return tried.again(until, str(error), is_asked=error.asked, **{scope: until})


def _gone(tried: _Tried, error: Gone) -> Outcome:
    if not error.is_sure and tried.claim.reason != str(error):
        return tried.again(tried.now + GONE_AGAIN, str(error))
    return tried.ended(State.SKIPPED, PartState.FAILED, str(error), chat_gone=True)


def _moved(tried: _Tried, error: Moved) -> Outcome:
    return tried.again(tried.now, str(error), moved_to=error.to)


def _rejected(tried: _Tried, error: Rejected) -> Outcome:
    return tried.ended(State.FAILED, PartState.FAILED, str(error))


def _unauthorised(tried: _Tried, error: Unauthorised) -> Outcome:
    until = tried.now + UNAUTHORISED_WAIT
    if error.whole_channel:
        return tried.again(tried.now, str(error), channel_waits_until=until, is_unauthorised=True)
    return tried.again(until, str(error), chat_waits_until=until, is_unauthorised=True)


def _unknown(tried: _Tried, error: Unknown) -> Outcome:
    """A copy is better than a gap in a chat, and worse than one in a channel (design.md 6.2)."""
    doubts = tried.claim.doubts + 1
    if getattr(tried.rule, tried.claim.kind) == "leave" or doubts >= MOST_DOUBTS:
        return tried.ended(State.UNKNOWN, PartState.UNKNOWN, str(error), in_doubt=True)
    wait = error.after * DOUBT_WAITS ** (doubts - 1)
    return tried.again(tried.now + wait, str(error), in_doubt=True)


_DECISIONS: dict[type[ChannelError], Callable[[_Tried, Any], Outcome]] = {
    TryLater: _try_later,
    Gone: _gone,
    Moved: _moved,
    Rejected: _rejected,
    Unauthorised: _unauthorised,
    Unknown: _unknown,
}


def is_plain_possible(error: ChannelError) -> bool:
    """Our markup was refused: the same words go once more without it."""
    return isinstance(error, Rejected) and error.plain_may_do
