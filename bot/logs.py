"""Logs: one line an event, for eyes in a terminal and as JSON elsewhere, with no secret in any of them."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

REDACTED = "***"
FULL = "磁盘满了:腾出地方,就会接着做 (the disk is full; make room and it goes on)"
_FULL_WORDS = ("disk is full", "no space left", "disk quota exceeded")  # SQLite, POSIX, PostgreSQL

# Libraries that say more than an operator wants; httpx would even write the bot's token at INFO.
QUIET_LOGGERS = ("httpx", "httpcore", "telegram", "aiohttp.access", "alembic", "asyncio")


def configure_logging(secrets: Iterable[str], stream: TextIO = sys.stderr) -> None:
    """Sends every log line, ours and the libraries', to `stream`, with each of `secrets` blotted out."""
    hidden = tuple(secret for secret in secrets if secret)
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _with_reason,
        structlog.processors.format_exc_info,
        _redactor(hidden),
    ]
    structlog.configure(
        processors=[*shared, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                _renderer(stream),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.INFO)
    for name in QUIET_LOGGERS:
        logging.getLogger(name).setLevel(logging.WARNING)


def _renderer(stream: TextIO) -> Processor:
    if stream.isatty():
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer(ensure_ascii=False)


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
    words = f"{type(error).__name__}: {error}".partition("\n")[0]
    is_full = any(full in words.lower() for full in _FULL_WORDS)
    return f"{FULL}: {words}" if is_full else words


def _redactor(secrets: tuple[str, ...]) -> Processor:
    def redact(value: Any) -> Any:
        if isinstance(value, str):
            for secret in secrets:
                value = value.replace(secret, REDACTED)
            return value
        if isinstance(value, dict):
            return {key: redact(item) for key, item in value.items()}
        if isinstance(value, list | tuple):
            return [redact(item) for item in value]
        if isinstance(value, int | float | bool | None):
            return value
        return redact(str(value))

    def process(
        _logger: Any, _method: str, event: MutableMapping[str, Any]
    ) -> MutableMapping[str, Any]:
        return {
            key: value if key.startswith("_") else redact(value) for key, value in event.items()
        }

    return process
