"""How fast one chat may be written to: pure, in seconds of a clock that the caller reads.

A gap between two messages, a small burst for answers to a person, and at most so many a minute.
"""

from collections import deque
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Rule:
    """`gap` seconds between pushes; `burst` answers may leave without waiting for it, and no more than that
    many messages in as many gaps, for a window does not ask which of them were saved up; at most `most`
    new messages in `span` seconds (0: any number).
    """

    gap: float
    burst: int = 1
    most: int = 0
    span: float = 60.5  # a minute, and a little for clocks and networks


class ChatPace:
    """One chat's account."""

    __slots__ = ("_last", "_next", "_rule", "_sent")

    def __init__(self, rule: Rule) -> None:
        self._rule = rule
        self._next = float("-inf")  # when a push may leave
        self._last: deque[float] = deque(maxlen=rule.burst)  # that left, for the burst
        self._sent: deque[float] = deque(maxlen=rule.most or None)

    def ready_at(self, *, is_answer: bool = False, is_new: bool = True) -> float:
        """When the next message may leave. Edits (not `is_new`) do not count for the minute."""
        rule = self._rule
        ready = self._next
        if is_answer:
            ready = self._next - (rule.burst - 1) * rule.gap
            if len(self._last) == rule.burst:
                ready = max(ready, self._last[0] + rule.burst * rule.gap)
        if rule.most and is_new and len(self._sent) == rule.most:
            ready = max(ready, self._sent[0] + rule.span)
        return ready

    def leave(self, now: float, *, is_new: bool = True) -> None:
        """A message leaves."""
        self._next = max(self._next, now) + self._rule.gap
        if self._rule.burst > 1:
            self._last.append(now)
        if self._rule.most and is_new:
            self._sent.append(now)

    def obey(self, now: float, seconds: float) -> None:
        """The service asks this chat to wait; answers too."""
        rule = self._rule
        self._next = max(self._next, now + seconds + (rule.burst - 1) * rule.gap)

    def is_idle(self, now: float) -> bool:
        """Whether it may be forgotten: nothing in it holds a message back any more."""
        last = self._sent[-1] + self._rule.span if self._sent else self._next
        return max(last, self._next) < now
