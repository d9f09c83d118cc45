"""A subscriber's server (W3C WebSub): it confirms what it is programmed to, and keeps what it is sent."""

import asyncio
import hashlib
import hmac
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from aiohttp import web


@dataclass(frozen=True)
class Told:
    """A delivery as it came in. `headers` has lower-case names."""

    path: str
    headers: dict[str, str]
    body: bytes

    def is_signed_with(self, secret: str) -> bool:
        expected = hmac.new(secret.encode(), self.body, hashlib.sha256).hexdigest()
        return self.headers.get("x-hub-signature") == f"sha256={expected}"


Confirm = Callable[[dict[str, str]], web.StreamResponse]
Take = Callable[[Told], Awaitable[int]]


def echo(query: dict[str, str]) -> web.Response:
    """The answer of a subscriber that asked for this."""
    return web.Response(text=query["hub.challenge"])


async def accept(_told: Told) -> int:
    return 204


@dataclass
class Subscriber:
    """`asked` are the verifications, by their queries; `told` the deliveries. `confirm` answers the
    first, `take` gives the status for the second.
    """

    base: str = ""
    host: str = ""
    asked: list[dict[str, str]] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    confirm: Confirm = echo
    take: Take = accept
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def verify(self, request: web.Request) -> web.StreamResponse:
        query = dict(request.query)
        self.asked.append(query)
        self.heard.set()
        return self.confirm(query)

    async def deliver(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        told = Told(request.path_qs, headers, await request.read())
        self.told.append(told)
        self.heard.set()
        status = await self.take(told)
        where = {"Location": f"{self.base}/elsewhere"} if 300 <= status < 400 else {}
        return web.Response(status=status, headers=where)


@asynccontextmanager
async def subscriber() -> AsyncIterator[Subscriber]:
    """A subscriber that listens on every path while the block runs."""
    one = Subscriber()
    app = web.Application(client_max_size=1 << 26)
    app.router.add_get("/{path:.*}", one.verify)
    app.router.add_post("/{path:.*}", one.deliver)
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    one.host = f"127.0.0.1:{runner.addresses[0][1]}"
    one.base = f"http://{one.host}"
    try:
        yield one
    finally:
        await runner.cleanup()
