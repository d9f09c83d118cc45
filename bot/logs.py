"""Logs: one line an event, for eyes in a terminal and as JSON elsewhere, with no secret in any of them."""

import logging
import sys
from collections.abc import Iterable, MutableMapping
from typing import Any, TextIO

import structlog
from structlog.typing import Processor

REDACTED = "***"

# Libraries that say more than an operator wants; httpx would even write the bot's token at INFO.
QUIET_LOGGERS = ("httpx", "httpcore", "telegram", "aiohttp.access", "alembic", "asyncio")


def configure_logging(secrets: Iterable[str], stream: TextIO = sys.stderr) -> None:
    """Sends every log line, ours and the libraries', to `stream`, with each of `secrets` blotted out."""
    hidden = tuple(secret for secret in secrets if secret)
    shared: list[Processor] = [
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
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
