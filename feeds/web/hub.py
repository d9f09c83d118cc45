"""`/hub`: where subscribers ask (https://www.w3.org/TR/websub/, section 5.1)."""

import asyncio
from urllib.parse import parse_qsl

from aiohttp import hdrs, web

from config.models import Settings
from feeds.clock import Clock
from feeds.hub import book
from feeds.hub.pace import PerMinute
from feeds.hub.requests import BadRequest, Intent, read_request
from feeds.publish.recipes import topics_of
from feeds.store.engine import Store
from feeds.web.feeds import Bodies
from feeds.words import N_, translator

MOST_BYTES = 16 * 1024
MOST_FIELDS = 100
BODY_SECONDS = 10.0
REQUESTS_A_MINUTE = 600  # of one address; a reader with a thousand feeds comes in two minutes
_FORM = "application/x-www-form-urlencoded"


class HubDesk:
    """Takes requests; the hub service does what they ask for."""

    def __init__(self, store: Store, bodies: Bodies, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._bodies = bodies
        self._settings = settings
        self._clock = clock
        self._topics = frozenset(topics_of(settings))
        self._asked = PerMinute(REQUESTS_A_MINUTE)

    async def ask(self, request: web.Request) -> web.Response:
        """202 where the request is kept until its callback confirms it; else why not."""
        if request.method != hdrs.METH_POST:
            raise web.HTTPMethodNotAllowed(request.method, [hdrs.METH_POST])
        try:
            self._check_pace(request)
            intent = read_request(await _form(request), self._topics, self._settings)
            await self._keep(intent)
        except BadRequest as error:
            _ = translator(self._settings.language)
            wait = {"Retry-After": "60"} if error.status in {429, 503} else {}
            return web.Response(status=error.status, text=f"{_(str(error))}\n", headers=wait)
        return web.Response(status=202)

    def _check_pace(self, request: web.Request) -> None:
        """By the address that the connection comes from; what headers claim is anybody's word."""
        if not self._asked.take(request.remote or "", self._clock.monotonic()):
            raise BadRequest(N_("请求太多了，请过一会儿再来"), 429)

    async def _keep(self, intent: Intent) -> None:
        seen = await self._bodies.tag(intent.topic) or ""
        async with self._store.write() as tx:
            if await book.is_crowded(tx, intent.callback.host):
                raise BadRequest(N_("等着确认的请求太多了，请过一会儿再来"), 503)
            if not await book.intend(tx, intent, seen, self._clock.now()):
                raise BadRequest(N_("上一个请求正在确认，请过一会儿再来"), 429)


async def _form(request: web.Request) -> list[tuple[str, str]]:
    """The form's pairs. Raises `BadRequest` for what is no form, too long, or too slow."""
    if request.content_type != _FORM:
        raise BadRequest(N_("要用 application/x-www-form-urlencoded"))
    if (request.content_length or 0) > MOST_BYTES:
        raise BadRequest(N_("请求太长了"), 413)
    try:
        async with asyncio.timeout(BODY_SECONDS):
            data = await _read(request)
    except TimeoutError:
        raise BadRequest(N_("请求太慢了"), 408) from None
    try:
        return parse_qsl(
            data.decode("utf-8"),
            keep_blank_values=True,
            max_num_fields=MOST_FIELDS,
            errors="strict",
        )
    except ValueError:
        raise BadRequest(N_("这不是一份表单，或参数太多")) from None


async def _read(request: web.Request) -> bytes:
    data = b""
    async for chunk in request.content.iter_any():
        data += chunk
        if len(data) > MOST_BYTES:
            raise BadRequest(N_("请求太长了"), 413)
    return data
