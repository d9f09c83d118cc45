"""Keeps the log readable when somebody makes the same mistake a hundred thousand times."""

import logging
from dataclasses import dataclass

from aiohttp.http_exceptions import HttpProcessingError

LINES_A_MINUTE = 10
_MINUTE = 60.0


@dataclass(slots=True)
class _Minute:
    begun: float
    lines: int = 0
    left_out: int = 0


class Noise:
    """At most so many lines a minute of a kind; how many were left out is told with the next one."""

    def __init__(self, lines: int = LINES_A_MINUTE) -> None:
        self._lines = lines
        self._minutes: dict[str, _Minute] = {}

    def take(self, kind: str, now: float) -> int | None:
        """None where this line is one too many; else how many were left out before it."""
        minute = self._minutes.setdefault(kind, _Minute(now))
        left_out = 0
        if now - minute.begun >= _MINUTE:
            left_out = minute.left_out
            minute = self._minutes[kind] = _Minute(now)
        if minute.lines >= self._lines:
            minute.left_out += 1
            return None
        minute.lines += 1
        return left_out


class BadRequests(logging.Filter):
    """A broken request is its sender's defect and worth a line, not a traceback (measured: aiohttp
    writes one for each, so that anybody can flood the log); and not too many lines either.
    """

    def __init__(self) -> None:
        super().__init__()
        self._noise = Noise()

    def filter(self, record: logging.LogRecord) -> bool:
        """Shortens the record; False for one too many."""
        error = record.exc_info[1] if record.exc_info else None
        if not isinstance(error, HttpProcessingError | ConnectionError):
            return True
        left_out = self._noise.take("bad request", record.created)
        if left_out is None:
            return False
        record.msg, record.args = "bad request: %s", (type(error).__name__,)
        if left_out:
            record.msg, record.args = f"{record.msg} (%d more before)", (*record.args, left_out)
        record.exc_info = None
        record.levelno, record.levelname = logging.INFO, "INFO"
        return True
