"""robots.txt (RFC 9309): asked for once a day a host, obeyed for every request, its delay for the gap.

A site without one (4xx) allows everything; one whose server fails or cannot be reached is left alone until
it answers. What an operator knows better (`robots: "ignore: reason"`) is for the caller.
"""

import asyncio
import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta

from protego import Protego
from yarl import URL

from feeds.clock import Clock
from feeds.errors import (
    BadStatus,
    ByRobots,
    Elsewhere,
    FetchError,
    NobodyThere,
    RobotsUnknown,
    Unreachable,
)
from feeds.http.guard import redact
from feeds.text import decode

AGENT = "baotong"  # the product token of our User-Agent
_LIFETIME = timedelta(hours=24)  # RFC 9309 section 2.4
_AGAIN = timedelta(minutes=10)  # after a server that failed
LONGEST_DELAY = timedelta(
    seconds=30
)  # a longer crawl-delay is heard as this: an issue has 80 documents
_LARGEST = 500 * 1024  # bytes that must be read, and all that are (section 2.5)
_MANY = 4096
# Rules for others are of no use here, and Protego files each rule under every agent before it.
_OTHERS = re.compile(r"(?im)^([ \t]*+user-?[ \t]?agent[ \t]*+:?+)(?![ \t]*+\*)(?!.*baotong).*$")
_SERVER_ERRORS = 500

Get = Callable[[URL], Awaitable[bytes]]
"""Fetches a robots.txt; raises `FetchError`."""


@dataclass(frozen=True, slots=True)
class _Rules:
    """What a host's robots.txt says; None where there is none, an error where it could not be had.
    `until` is in seconds of the monotonic clock.
    """

    until: float
    rules: Protego | None = None
    error: FetchError | None = None


class Robots:
    """Remembers the rules of the hosts that were asked."""

    def __init__(self, clock: Clock, get: Get) -> None:
        self._clock = clock
        self._get = get
        self._held: dict[URL, _Rules] = {}
        self._asking: dict[URL, asyncio.Lock] = {}

    async def check(self, url: URL) -> timedelta:
        """The delay that the host asks for between two requests.

        Raises `ByRobots` where its robots.txt forbids this URL, `NobodyThere` or
        `RobotsUnknown` where it cannot be had.
        """
        held = await self._rules(url.origin())
        if held.error is not None:
            error, where = held.error, redact(str(url))
            if isinstance(error, NobodyThere):
                raise NobodyThere(where, error.reason, error.retry_after)
            raise RobotsUnknown(where, f"robots.txt: {error.reason}", error.retry_after)
        if held.rules is None:
            return timedelta()
        if not held.rules.can_fetch(str(url), AGENT):
            raise ByRobots(redact(str(url)), "robots.txt 不让取这个网址(robots.txt forbids it)")
        return min(timedelta(seconds=held.rules.crawl_delay(AGENT) or 0), LONGEST_DELAY)

    async def _rules(self, origin: URL) -> _Rules:
        """What is known of a host, asked for where that is nothing or old; by one of us at a time."""
        held = self._fresh(origin)
        if held is not None:
            return held
        async with self._asking.setdefault(origin, asyncio.Lock()):
            held = self._fresh(origin) or await self._ask(origin)
        self._asking.pop(origin, None)
        return held

    def _fresh(self, origin: URL) -> _Rules | None:
        held = self._held.get(origin)
        return held if held is not None and held.until > self._clock.monotonic() else None

    async def _ask(self, origin: URL) -> _Rules:
        if len(self._held) > _MANY:
            now = self._clock.monotonic()
            self._held = {one: held for one, held in self._held.items() if held.until > now}
        try:
            rules = parse(await self._get(origin / "robots.txt"))
        except FetchError as error:
            held = _without(error, self._held.get(origin), self._clock.monotonic())
        else:
            held = _Rules(self._clock.monotonic() + _LIFETIME.total_seconds(), rules)
        self._held[origin] = held
        return held


def parse(body: bytes) -> Protego:
    """The rules of a robots.txt, whatever its bytes are."""
    text = decode(body[:_LARGEST], "text/plain")
    return Protego.parse(_OTHERS.sub(r"\1 others", text))


def _without(error: FetchError, before: _Rules | None, now: float) -> _Rules:
    """A client error, or one of the site's making (too large, leads elsewhere), means: no rules. A server
    that fails keeps those that we know of it; where we know none it is left alone for a while.
    """
    if not _is_failing(error):
        return _Rules(now + _LIFETIME.total_seconds())
    until = now + (error.retry_after or _AGAIN).total_seconds()
    if before is not None and before.error is None:
        return replace(before, until=until)
    return _Rules(until, error=error)


def _is_failing(error: FetchError) -> bool:
    if isinstance(error, BadStatus):
        return error.status >= _SERVER_ERRORS or error.retry_after is not None
    return isinstance(error, Unreachable) and not isinstance(error, Elsewhere)
