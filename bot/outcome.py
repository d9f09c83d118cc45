"""What an answer of a channel means for a delivery: pure decisions."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.address import ChatKind
from bot.errors import (
    ChannelError,
    Gone,
    Moved,
    Rejected,
    TryLater,
    Unauthorised,
    Unknown,
)
from bot.ledger.deliveries import Claimed
from bot.ledger.tables import PartState
from feeds.store.outbox import State

MOST_UNKNOWN = 3  # tries whose outcome nobody knows; then it rests as unknown
UNKNOWN_AGAIN = timedelta(seconds=10)
UNAUTHORISED_WAIT = timedelta(minutes=5)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What to write after one part was tried.

    `state` is the delivery's (None: it goes on with its next part), `part_state` the part's.
    `chat_gone`, `moved_to` and `chat_waits_until` are about the chat, `channel_waits_until` about
    the whole channel.
    """

    claim: Claimed
    part: int
    part_state: PartState
    state: State | None
    message_id: str | None = None
    due_at: datetime | None = None
    reason: str | None = None
    chat_gone: bool = False
    moved_to: str | None = None
    chat_waits_until: datetime | None = None
    channel_waits_until: datetime | None = None


def sent(claim: Claimed, part: int, message_id: str, *, is_last: bool) -> Outcome:
    """The part arrived."""
    state = State.SENT if is_last else None
    return Outcome(claim, part, PartState.SENT, state, message_id=message_id)


def refused(claim: Claimed, part: int, error: ChannelError, now: datetime) -> Outcome:
    """The part did not arrive, or nobody knows. Each error is a decision."""
    reason = str(error)
    if isinstance(error, TryLater):
        until = now + error.after
        return Outcome(
            claim, part, PartState.PENDING, State.PENDING, due_at=until, reason=reason,
            chat_waits_until=None if error.whole_channel else until,
            channel_waits_until=until if error.whole_channel else None,
        )  # fmt: skip
    if isinstance(error, Gone):
        return Outcome(claim, part, PartState.FAILED, State.SKIPPED, reason=reason, chat_gone=True)
    if isinstance(error, Moved):
        return Outcome(
            claim,
            part,
            PartState.PENDING,
            State.PENDING,
            due_at=now,
            reason=reason,
            moved_to=error.to,
        )
    if isinstance(error, Unauthorised):
        until = now + UNAUTHORISED_WAIT
        return Outcome(
            claim, part, PartState.PENDING, State.PENDING, due_at=now, reason=reason,
            channel_waits_until=until,
        )  # fmt: skip
    if isinstance(error, Unknown):
        return _unknown(claim, part, reason, now)
    return Outcome(claim, part, PartState.FAILED, State.FAILED, reason=reason)


def _unknown(claim: Claimed, part: int, reason: str, now: datetime) -> Outcome:
    """A copy is better than a gap in a chat, and worse than one in a channel."""
    if claim.kind is ChatKind.CHANNEL or claim.attempts + 1 >= MOST_UNKNOWN:
        return Outcome(claim, part, PartState.UNKNOWN, State.UNKNOWN, reason=reason)
    later = now + UNKNOWN_AGAIN
    return Outcome(claim, part, PartState.PENDING, State.PENDING, due_at=later, reason=reason)


def is_plain_possible(error: ChannelError) -> bool:
    """Our markup was refused: the same words go once more without it."""
    return isinstance(error, Rejected) and error.plain_may_do
