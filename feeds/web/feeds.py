"""Feeds over HTTP, from memory: the bytes that publish made."""

from datetime import timedelta
from typing import Protocol

from aiohttp import web

from config.models import Settings
from feeds.shelf import Body
from feeds.web.serving import respond
from feeds.writers.table import WRITERS

OPML_MAX_AGE = 3600
_MAX_AGE_LIMITS = (60, 3600)  # seconds
_RETRY_LIMITS = (1, 300)  # seconds


class Bodies(Protocol):
    """What publish offers to a server."""

    def body(self, name: str) -> Body | None:
        """The file of this name (`huaian.rss`), or None."""


class Feeds:
    """The handlers of `/feeds/…` and `/feeds.opml`."""

    def __init__(self, bodies: Bodies, settings: Settings) -> None:
        self._bodies = bodies
        self._intervals = {
            f"{source.id}.{writer.suffix}": source.check_every
            for source in settings.sources
            for writer in WRITERS
        }

    async def feed(self, request: web.Request) -> web.Response:
        """A paper's feed; 503 for one that is configured and not read yet."""
        name = request.match_info["name"]
        body = self._bodies.body(name)
        interval = self._intervals.get(name)
        if body is not None and name != "feeds.opml":
            return respond(request, body, _seconds(interval or timedelta(), _MAX_AGE_LIMITS))
        if interval is None:
            raise web.HTTPNotFound
        wait = _seconds(interval, _RETRY_LIMITS)
        raise web.HTTPServiceUnavailable(headers={"Retry-After": str(wait)})

    async def opml(self, request: web.Request) -> web.Response:
        """The list of all feeds."""
        body = self._bodies.body("feeds.opml")
        if body is None:
            wait = str(_RETRY_LIMITS[0])
            raise web.HTTPServiceUnavailable(headers={"Retry-After": wait})
        return respond(request, body, OPML_MAX_AGE)


def _seconds(interval: timedelta, limits: tuple[int, int]) -> int:
    low, high = limits
    return max(low, min(high, round(interval.total_seconds())))
