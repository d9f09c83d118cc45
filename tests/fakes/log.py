"""The log of a worker, in a test: what an operator would read, and everything as it was afterwards."""

import io
import logging
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import structlog

from bot.logs import configure_logging
from bot.logs.repeats import CountingHandler


class Screen(io.StringIO):
    """A terminal."""

    def isatty(self) -> bool:
        return True


@contextmanager
def logged_to(stream: io.StringIO, *secrets: str) -> Iterator[io.StringIO]:
    """Everything is logged to this stream, without these secrets."""
    root = logging.getLogger()
    before = root.handlers[:], root.level, sys.excepthook
    configure_logging(secrets, stream)
    yield stream
    for handler in root.handlers:
        if isinstance(handler, CountingHandler):
            handler.close()
    root.handlers[:], root.level, sys.excepthook = before
    logging.captureWarnings(capture=False)
    structlog.reset_defaults()


def ours() -> CountingHandler:
    """Our handler, alone: pytest's own keeps every record."""
    root = logging.getLogger()
    [handler] = [one for one in root.handlers if isinstance(one, CountingHandler)]
    root.handlers[:] = [handler]
    return handler
