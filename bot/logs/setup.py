"""Where log lines go and what they go through, set up once a process (or once more, with other secrets)."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from datetime import datetime
from types import TracebackType
from typing import Any, TextIO

import structlog
from structlog.typing import EventDict, Processor

from bot.logs.escaping import escape, escape_json, escape_lines, escaped, shown_traceback
from bot.logs.redaction import Redact, build_known, is_secret_name, redacted, redactor
from bot.logs.repeats import CountingHandler

FULL = "磁盘满了:腾出地方,就会接着做 (the disk is full; make room and it goes on)"
_FULL_WORDS = ("disk is full", "no space left", "disk quota exceeded")  # SQLite, POSIX, PostgreSQL

# Libraries that say more than an operator wants; httpx would even write the bot's token at INFO.
QUIET_LOGGERS = ("httpx", "httpcore", "telegram", "aiohttp.access", "alembic", "asyncio")
_OURS = frozenset({"event", "level", "timestamp", "reason", "exception", "stack", "repeated"})
_LINES = ("exception", "stack")  # may have more than one


def configure_logging(secrets: Iterable[str], stream: TextIO = sys.stderr) -> None:
    """Sends every log line, ours and the libraries', to `stream`, with each of `secrets` and whatever
    looks like one blotted out. What the handler before it counted is written first.
    """
    hidden = tuple(secret for secret in secrets if secret)
    begun: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_reason,
    ]
    # What depends on the secrets is the handler's alone: loggers keep what they were first bound to.
    structlog.configure(
        processors=[*begun, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = CountingHandler(stream)
    handler.setFormatter(_Formatter(begun, hidden, stream))
    root = logging.getLogger()
    for old in root.handlers:
        if isinstance(old, CountingHandler):
            old.close()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    sys.excepthook = _log_uncaught
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _log_uncaught(
    kind: type[BaseException], error: BaseException, where: TracebackType | None
) -> None:
    """What ends the process goes the same way as all else."""
    if issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error, where)
        return
    logging.getLogger("baotong").critical("crashed", exc_info=(kind, error, where))


class _Formatter(structlog.stdlib.ProcessorFormatter):
    """What is known to be secret is looked for once more in the finished line: no renderer's way of
    writing it can let it through.
    """

    def __init__(
        self, begun: Iterable[Processor], secrets: tuple[str, ...], stream: TextIO
    ) -> None:
        self._known = build_known(secrets)
        super().__init__(
            foreign_pre_chain=list(begun),
            processors=[
                _with_count,
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.ExceptionRenderer(shown_traceback),
                structlog.processors.StackInfoRenderer(),
                _redacting(redactor(secrets)),
                *_rendering(stream),
            ],
        )

    def format(self, record: logging.LogRecord) -> str:
        return self._known(super().format(record))


def _rendering(stream: TextIO) -> Iterable[Processor]:
    if stream.isatty():
        shown = structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
        return (_on_clocks_here, _escaping, shown)
    render = structlog.processors.JSONRenderer(ensure_ascii=False)
    return (lambda logger, name, event: escape_json(str(render(logger, name, event))),)


def _with_reason(
    _logger: Any, _method: str, event: MutableMapping[str, Any]
) -> MutableMapping[str, Any]:
    """A traceback is for whoever mends the program. An operator is told why in a line before it."""
    given = event.get("exc_info")
    error = given[1] if isinstance(given, tuple) else sys.exc_info()[1] if given is True else given
    if isinstance(error, BaseException):
        event.setdefault("reason", _words(error))
    return event


def _words(error: BaseException) -> str:
    try:
        words = f"{type(error).__name__}: {error}".partition("\n")[0]
    except Exception:  # noqa: BLE001 - some library's error that cannot say what it is
        return type(error).__name__
    is_full = any(full in words.lower() for full in _FULL_WORDS)
    return f"{FULL}: {words}" if is_full else words


def _with_count(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """How often it came since it was last written, where it did."""
    if (count := getattr(event["_record"], "repeated", None)) is not None:
        event["repeated"] = count
    return event


def _redacting(redact: Redact) -> Processor:
    def process(_logger: Any, _method: str, event: EventDict) -> EventDict:
        return {
            name: "***" if _is_hidden(name) else redacted(value, redact)
            for name, value in event.items()
        }

    return process


def _is_hidden(name: str) -> bool:
    return name not in _OURS and is_secret_name(name)


def _on_clocks_here(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """For eyes: the time as this machine's clocks show it, with its distance from UTC."""
    if isinstance(at := event.get("timestamp"), str):
        local = datetime.fromisoformat(at).astimezone()
        event["timestamp"] = local.isoformat(timespec="milliseconds")
    return event


def _escaping(_logger: Any, _method: str, event: EventDict) -> EventDict:
    return {
        escape(name): escape_lines(value) if name in _LINES else escaped(value)
        for name, value in event.items()
    }
