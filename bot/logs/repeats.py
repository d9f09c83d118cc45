"""The same error, counted rather than repeated: the first is written whole, then how often it came again,
after a minute, two, four, and so on to six hours.

    record ──known?──▶ no: written
                       yes, and it is time: written with `repeated`
                       yes, and it is not: counted ──timer, exit or the next line──▶ written with `repeated`
"""

import copy
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TextIO

FIRST_WAIT, LONGEST_WAIT = 60.0, 6 * 3600.0  # seconds
QUIET = 6 * 3600.0  # after this long without it, it is news again
MOST_KEYS = 500
_SAME = ("event", "reason", "source", "channel", "service", "alarm", "incident", "about")
_MOST_OF_A_KEY = 200  # characters of each of them

Key = tuple[Any, ...]


@dataclass(slots=True)
class _Known:
    """One error that was written: when, when it came last, how often since it was written."""

    written: float
    seen: float
    wait: float = FIRST_WAIT
    count: int = 0
    last: logging.LogRecord | None = None


class CountingHandler(logging.StreamHandler[TextIO]):
    """Writes records to a stream, one line each; of equal warnings and errors the first and then counts.
    What was counted last is written when it is closed, as `logging` does at exit.
    """

    def __init__(self, stream: TextIO, now: Callable[[], float] = time.monotonic) -> None:
        super().__init__(stream)
        self._now = now
        self._known: OrderedDict[Key, _Known] = OrderedDict()
        self._timer: threading.Timer | None = None

    def emit(self, record: logging.LogRecord) -> None:
        now = self._now()
        self._write_due(now)
        if record.levelno < logging.WARNING:
            super().emit(record)
            return
        key = _key(record)
        known = self._known.get(key)
        if known is None or now - known.seen >= QUIET:
            self._forget_one(key)
            self._known[key] = _Known(now, now)
            super().emit(record)
            return
        self._known.move_to_end(key)
        known.seen, known.last, known.count = now, record, known.count + 1
        if now - known.written >= known.wait:
            self._write(known, now)
        else:
            self._arm(known.written + known.wait - now)

    def close(self) -> None:
        """Writes what was counted and not told yet."""
        with self._locked():
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            self._write_due(float("inf"))
            self._known.clear()
        super().close()

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """A line that cannot be written is lost. `logging` would print it, as it came, with all that is
        secret in it.
        """

    def _locked(self) -> Any:
        assert self.lock is not None
        return self.lock

    def _forget_one(self, key: Key) -> None:
        """Room for another: the one that did not come for longest goes, its count told."""
        if key not in self._known and len(self._known) >= MOST_KEYS:
            _, oldest = self._known.popitem(last=False)
            self._write(oldest, self._now())

    def _write_due(self, now: float) -> None:
        for known in (
            list(self._known.values()) if self._timer is not None or now == float("inf") else ()
        ):
            if known.count and now - known.written >= known.wait:
                self._write(known, now)

    def _write(self, known: _Known, now: float) -> None:
        if known.last is not None:
            super().emit(_counted(known.last, known.count))
        known.written, known.wait = now, min(2 * known.wait, LONGEST_WAIT)
        known.count, known.last = 0, None

    # ── the timer: where nothing else is logged, the count is told all the same ─────────────────

    def _arm(self, seconds: float) -> None:
        """A daemon's, so that no exit waits for it."""
        if self._timer is None:
            self._timer = threading.Timer(max(seconds, 1.0), self._ring)
            self._timer.daemon = True
            self._timer.start()

    def _ring(self) -> None:
        with self._locked():
            if self._timer is None:  # closed meanwhile
                return
            now = self._now()
            self._write_due(now)
            self._timer = None
            waits = [one.written + one.wait - now for one in self._known.values() if one.count]
            if waits:
                self._arm(min(waits))


def _key(record: logging.LogRecord) -> Key:
    """Equal for what is the same error to an operator: whichever message or file it struck."""
    said: Any = record.msg
    if isinstance(said, dict):
        same = tuple(str(said.get(name, ""))[:_MOST_OF_A_KEY] for name in _SAME)
    else:
        error = record.exc_info[1] if record.exc_info else None
        same = (str(said)[:_MOST_OF_A_KEY], repr(error)[:_MOST_OF_A_KEY])
    return (record.name, record.levelno, *same)


def _counted(record: logging.LogRecord, count: int) -> logging.LogRecord:
    """The same line with how often it came since, without the traceback that was shown already."""
    again = copy.copy(record)
    again.repeated = count
    again.exc_info = again.exc_text = None
    if isinstance(record.msg, dict):
        said: Any = {name: value for name, value in record.msg.items() if name != "exc_info"}
        again.msg = said
    return again
