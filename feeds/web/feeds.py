"""Feeds over HTTP, from memory: the bytes that publish made."""

from datetime import datetime, timedelta
from typing import Protocol

from aiohttp import web

from config.models import Settings
from feeds.clock import Clock
from feeds.publish.fixtures import ISSUES_OPML_NAME, OPML_NAME
from feeds.publish.gathering import Asked
from feeds.publish.kitchen import Kitchen, TooBusy
from feeds.publish.orders import BadOrder, parse_order
from feeds.publish.pace import expected_interval
from feeds.publish.recipes import hubs_of
from feeds.shelf import Body
from feeds.web.serving import Fields, is_simple, send
from feeds.words import translator
from feeds.writers.links import ALL, feed_path, issues_name
from feeds.writers.table import WRITERS

FIXTURE_MAX_AGE = 3600  # seconds; what only the settings change
ARCHIVE_MAX_AGE = 24 * 3600  # what hardly ever changes
_READING = frozenset({"GET", "HEAD"})
_RETRY_LIMITS = (1, 300)  # seconds
_BINDING_RETRY = 60
_BUSY_RETRY = 5
_BY_SUFFIX = {writer.suffix: writer for writer in WRITERS}


class Bodies(Protocol):
    """What publish offers to a server."""

    def body(self, name: str) -> Body | None:
        """The file of this name (`huaian.rss`), if it is in memory."""

    async def fetch(self, name: str) -> Body | None:
        """The same, from the disk if it has to be; None where there is none."""

    async def tag(self, name: str) -> str | None:
        """The tag of the file's content; None where there is none."""

    def next_look(self, source: str) -> datetime | None:
        """When this paper is looked at next, as far as that is known."""

    def is_whole(self, archive: str) -> bool:
        """Whether all archive documents of a paper (or of all) are written."""


class Feeds:
    """The handlers of `/feeds/…` and `/feeds.opml`."""

    def __init__(self, bodies: Bodies, kitchen: Kitchen, settings: Settings, clock: Clock) -> None:
        self._bodies = bodies
        self._kitchen = kitchen
        self._settings = settings
        self._clock = clock
        self._topics = {
            f"{base}.{writer.suffix}": (source.id, source.check_every)
            for source in settings.sources
            for base in (source.id, issues_name(source.id))
            for writer in WRITERS
        }
        soonest = min((s.check_every for s in settings.sources), default=timedelta(minutes=10))
        self._topics |= {f"{ALL}.{writer.suffix}": (ALL, soonest) for writer in WRITERS}
        self._links = {name: _links(settings, name) for name in self._topics}
        self._ages: dict[str, int] = {}
        self._ages_of = 0
        self._addresses = {f"/{feed_path(name)}": name for name in self._topics}

    def at_once(self, request: web.BaseRequest) -> web.StreamResponse | None:
        """The answer to a plain request for a newest feed that stands in memory, without the way
        through routes and middlewares; None where there is more to think about.
        """
        name = self._addresses.get(request.raw_path)
        if name is None or request.method not in _READING or not is_simple(request):
            return None
        body = self._bodies.body(name)
        if body is None:
            return None
        return send(request, body, self._max_age(*self._topics[name]), self._links[name])

    async def feed(self, request: web.Request) -> web.StreamResponse:
        """A newest feed, the stylesheet or the icon; 503 for a paper that is not read yet."""
        name = request.match_info["name"]
        topic = self._topics.get(name)
        if topic is not None and request.query_string:
            return await self._ordered(request, name)
        body = self._bodies.body(name) or await self._bodies.fetch(name)
        if body is None or name in {OPML_NAME, ISSUES_OPML_NAME}:
            raise self._not_here(topic)
        if topic is None:
            return send(request, body, FIXTURE_MAX_AGE)
        return send(request, body, self._max_age(*topic), self._links[name])

    async def _ordered(self, request: web.Request, name: str) -> web.StreamResponse:
        """A feed made to order by its query; 400 where it cannot be meant."""
        source, check_every = self._topics[name]
        base, _dot, suffix = name.rpartition(".")
        of_issues = base == issues_name(source)
        _ = translator(self._settings.language)
        try:
            order = parse_order(request.query.items(), of_issues=of_issues, _=_)
        except BadOrder as error:
            return web.Response(
                status=400, text=f"{error}\n", headers={"Cache-Control": "no-store"}
            )
        asked = Asked(None if source == ALL else source, of_issues, order)
        try:
            body = await self._kitchen.dish(asked, _BY_SUFFIX[suffix])
        except TooBusy:
            raise web.HTTPServiceUnavailable(headers={"Retry-After": str(_BUSY_RETRY)}) from None
        own = f"{self._settings.public_url}{feed_path(name)}{order.query()}"
        return send(
            request, body, self._max_age(source, check_every), (("Link", f'<{own}>; rel="self"'),)
        )

    async def archived(self, request: web.Request) -> web.StreamResponse:
        """An archive document; 503 while its archive is still being written."""
        folder, name = request.match_info["folder"], request.match_info["name"]
        body = await self._bodies.fetch(f"{folder}/{name}")
        if body is not None:
            return send(request, body, ARCHIVE_MAX_AGE)
        known = {ALL, *(source.id for source in self._settings.sources)}
        if folder not in known or self._bodies.is_whole(folder):
            raise web.HTTPNotFound
        raise web.HTTPServiceUnavailable(headers={"Retry-After": str(_BINDING_RETRY)})

    async def opml(self, request: web.Request) -> web.StreamResponse:
        """A list of feeds: of articles, or of issues."""
        wants_issues = request.path.endswith(ISSUES_OPML_NAME)
        body = await self._bodies.fetch(ISSUES_OPML_NAME if wants_issues else OPML_NAME)
        if body is None:
            wait = str(_RETRY_LIMITS[0])
            raise web.HTTPServiceUnavailable(headers={"Retry-After": wait})
        return send(request, body, FIXTURE_MAX_AGE)

    def _max_age(self, source: str, check_every: timedelta) -> int:
        """In seconds; worked out once a second."""
        second = int(self._clock.monotonic())
        if second != self._ages_of:
            self._ages, self._ages_of = {}, second
        age = self._ages.get(source)
        if age is None:
            next_look = self._bodies.next_look(source)
            interval = expected_interval(check_every, next_look, self._clock.now())
            age = self._ages[source] = round(interval.total_seconds())
        return age

    def _not_here(self, topic: tuple[str, timedelta] | None) -> web.HTTPException:
        if topic is None:
            return web.HTTPNotFound()
        low, high = _RETRY_LIMITS
        wait = max(low, min(high, round(topic[1].total_seconds())))
        return web.HTTPServiceUnavailable(headers={"Retry-After": str(wait)})


def _links(settings: Settings, name: str) -> Fields:
    """Where a feed tells of its news (WebSub, section 4) and its own address, for those who ask for
    its headers only.
    """
    own = settings.public_url + feed_path(name)
    links = [f'<{hub}>; rel="hub"' for hub in hubs_of(settings)] + [f'<{own}>; rel="self"']
    return (("Link", ", ".join(links)),)
