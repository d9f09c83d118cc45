"""The web server: which address is whose, what every answer carries, and how it is started."""

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import structlog
from aiohttp import hdrs, web
from aiohttp.typedefs import Handler, Middleware

from config.models import Settings
from feeds.clock import Clock
from feeds.figures import REQUESTS
from feeds.publish.kitchen import Kitchen
from feeds.store import journal
from feeds.store.engine import Store
from feeds.tally import Tally
from feeds.web import static_files
from feeds.web.door import STALLED_SECONDS, Door
from feeds.web.feeds import Bodies, Feeds
from feeds.web.headers import SAFETY
from feeds.web.hub import HubDesk
from feeds.web.noise import BadRequests, Noise
from feeds.web.pages import BotName, page_routes
from feeds.web.templating import Templates, build_templates

log = structlog.get_logger(__name__)

# A connection that sends no whole head of a request for so long is closed, whatever it drips.
# AppRunner's own default is an hour (measured).
KEEPALIVE_SECONDS = 30.0
LINGER_SECONDS = 10.0  # for a body that nobody asked for
BACKLOG = 1024  # connections that the system holds while we are busy
SHUTDOWN_SECONDS = 5.0  # for answers in flight when we are told to stop
MAX_BODY = 64 * 1024  # nothing here takes more
HEALTH_SECONDS = 5.0  # for the database to answer whoever asks how we are
Health = Callable[[], Awaitable[bool]]
"""Whether all is well. Raises where that cannot be found out."""
Answering = Callable[[web.BaseRequest], Awaitable[web.StreamResponse]]
DOOR = web.AppKey("door", Door)
FEEDS = web.AppKey("feeds", Feeds)
TALLY: web.AppKey[Tally] = web.AppKey("tally", Tally)
_ARCHIVED = r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,140}\.(?:rss|atom|json)"
_FOLDER = r"[a-z0-9-]{1,64}|all\.papers"


def build_app(
    store: Store,
    publisher: Bodies,
    settings: Settings,
    clock: Clock,
    bot_name: BotName = lambda: None,
    door: Door | None = None,
    health: Health | None = None,
) -> web.Application:
    """The routes of design.md, section 5. Links come from `public_url`, never from a request.
    `bot_name` is asked for each page, `health` for each `/healthz`.
    """
    templates = build_templates(settings)
    door = door or Door()
    middlewares = [_counted(store.tally), _errors(templates, door)]
    app = web.Application(middlewares=middlewares, client_max_size=MAX_BODY)
    app.on_response_prepare.append(_secure)
    feeds = Feeds(publisher, Kitchen(store, settings, clock), settings, clock)
    app[DOOR], app[FEEDS], app[TALLY] = door, feeds, store.tally
    app.add_routes(
        [
            web.get("/healthz", _health(health or _answers(store))),
            web.get("/feeds.opml", feeds.opml),
            web.get("/feeds.issues.opml", feeds.opml),
            web.get("/.well-known/feeds", feeds.opml),  # provisional, but there is nothing to lose
            web.get("/feeds/{name}", feeds.feed),
            web.get(f"/feeds/{{folder:{_FOLDER}}}/{{name:{_ARCHIVED}}}", feeds.archived),
            web.route("*", "/hub", HubDesk(store, publisher, settings, clock).ask),
            web.get("/static/{name}", static_files.serve),
            *page_routes(store, settings, templates, bot_name),
        ]
    )
    return app


class Listening:
    """Bound to an address. Nobody is answered before `serve`; called again, it hands the visitors over to
    another application, and whoever is being answered has a moment. `addresses` are those of the sockets.
    """

    def __init__(self, listener: asyncio.Server, door: Door, times: "Times") -> None:
        self._listener = listener
        self._times = times
        self._runner: web.AppRunner | None = None
        self._filter = BadRequests()
        logging.getLogger(__name__).addFilter(self._filter)
        self._watch = asyncio.create_task(door.watch(times.stalled), name="door")
        self.door = door
        self.addresses: list[Any] = [socket.getsockname() for socket in listener.sockets]

    async def serve(self, app: web.Application) -> None:
        """Answers with this application, which has the same door, from now on."""
        before, self._runner = self._runner, await self._run(app)
        await self._listener.start_serving()
        if before is not None:
            await before.cleanup()

    async def cleanup(self) -> None:
        """Ends it: nobody new comes in, and who is being answered has a moment."""
        self._listener.close()
        self._watch.cancel()
        with suppress(asyncio.CancelledError):
            await self._watch
        if self._runner is not None:
            await self._runner.cleanup()
        logging.getLogger(__name__).removeFilter(self._filter)

    async def _run(self, app: web.Application) -> web.AppRunner:
        runner = web.AppRunner(
            app,
            access_log=None,
            logger=logging.getLogger(__name__),
            keepalive_timeout=self._times.keepalive,
            lingering_time=self._times.linger,
            shutdown_timeout=SHUTDOWN_SECONDS,
        )
        await runner.setup()
        server = runner.server
        assert server is not None  # setup made it
        server.request_handler = _feeds_first(
            app[FEEDS], self.door, app[TALLY], server.request_handler
        )
        self.door.lead_to(server)
        return runner


@dataclass(frozen=True, slots=True)
class Times:
    """Seconds until a head must be whole, until the rest of an unwanted body must be, without a byte read."""

    keepalive: float = KEEPALIVE_SECONDS
    linger: float = LINGER_SECONDS
    stalled: float = STALLED_SECONDS


async def listen(host: str, port: int, door: Door, times: Times = Times()) -> Listening:
    """Binds the address; `await listening.cleanup()` gives it back. Raises OSError where it is taken."""
    loop = asyncio.get_running_loop()
    listener = await loop.create_server(
        door.admit, host, port, backlog=BACKLOG, start_serving=False
    )
    return Listening(listener, door, times)


async def start(app: web.Application, host: str, port: int, times: Times = Times()) -> Listening:
    """Binds the address and answers there with this application. Raises OSError where it is taken."""
    listening = await listen(host, port, app[DOOR], times)
    await listening.serve(app)
    return listening


def _feeds_first(feeds: Feeds, door: Door, tally: Tally, otherwise: Answering) -> Answering:
    """Plain requests for feeds are nine in ten: they are answered before the application looks at
    them, which saves a third of what they cost (tests/bench).
    """

    async def answer(request: web.BaseRequest) -> web.StreamResponse:
        ready = feeds.at_once(request)
        if ready is None:
            return await otherwise(request)
        tally.count(REQUESTS, "feed", str(ready.status))
        door.note(request.protocol)
        door.done(request.protocol)
        return ready

    return answer


def _answers(store: Store) -> Health:
    async def answers() -> bool:
        async with store.read() as tx:
            await journal.end(tx)
        return True

    return answers


def _health(health: Health) -> Handler:
    noise = Noise()

    async def answer(_request: web.Request) -> web.Response:
        """`ok` or `degraded`, both 200: whoever restarts what is not healthy would cure no newspaper's
        trouble by it. 503 where the database does not answer. More is for operators.
        """
        try:
            async with asyncio.timeout(HEALTH_SECONDS):
                is_well = await health()
        except Exception as error:
            left_out = noise.take("health", time.monotonic())
            if left_out is not None:
                reason = f"{type(error).__name__}: {error}".partition("\n")[0]
                log.warning("health not known", reason=reason, left_out=left_out)
            raise web.HTTPServiceUnavailable from error
        text = "ok\n" if is_well else "degraded\n"
        return web.Response(text=text, headers={hdrs.CACHE_CONTROL: "no-store"})

    return answer


_ROUTES = {
    "healthz": "health", "feeds": "feed", "feeds.opml": "opml", "feeds.issues.opml": "opml",
    ".well-known": "opml", "hub": "hub", "static": "static", "search": "search",
}  # fmt: skip


def _counted(tally: Tally) -> Middleware:
    """Counts answers by the class of their address; what leads nowhere is one class."""

    @web.middleware
    async def counted(request: web.Request, handler: Handler) -> web.StreamResponse:
        status = 500
        try:
            response = await handler(request)
        except web.HTTPException as error:
            status = error.status
            raise
        else:
            status = response.status
            return response
        finally:
            tally.count(REQUESTS, _route(request), str(status))

    return counted


def _route(request: web.Request) -> str:
    resource = request.match_info.route.resource
    if resource is None:
        return "none"
    _, first, *rest = resource.canonical.split("/")
    return "archive" if first == "feeds" and len(rest) > 1 else _ROUTES.get(first, "page")


async def _secure(_request: web.Request, response: web.StreamResponse) -> None:
    for name, value in SAFETY.items():
        response.headers[name] = value


def _errors(templates: Templates, door: Door) -> Middleware:
    noise = Noise()

    @web.middleware
    async def errors(request: web.Request, handler: Handler) -> web.StreamResponse:
        """Errors in our own words; nothing of the request is repeated in them."""
        connection = request.protocol
        door.note(connection)
        try:
            return await handler(request)
        except web.HTTPRedirection:
            raise
        except web.HTTPException as error:
            return _error_page(templates, request, error.status, error.headers)
        except Exception:
            left_out = noise.take("request failed", time.monotonic())
            if left_out is not None:
                log.exception("request failed", path=request.path, left_out=left_out)
            return _error_page(templates, request, 500, {})
        finally:
            door.done(connection)

    return errors


def _error_page(
    templates: Templates, request: web.Request, status: int, headers: Mapping[str, str]
) -> web.Response:
    """HTML for those who ask for it, one plain line for feed readers and scripts."""
    kept = {name: headers[name] for name in (hdrs.ALLOW, hdrs.RETRY_AFTER) if name in headers}
    kept[hdrs.CACHE_CONTROL] = "no-store"
    if "text/html" in request.headers.get(hdrs.ACCEPT, ""):
        page = templates.render("error.html", status=status)
        kept[hdrs.CONTENT_TYPE] = page.media_type
        return web.Response(status=status, body=page.data, headers=kept)
    return web.Response(status=status, text=f"{status}\n", headers=kept)
