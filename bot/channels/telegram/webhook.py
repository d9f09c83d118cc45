"""Updates by webhook: Telegram brings them to a small server of our own, behind the operator's proxy.

Only who knows the secret is heard (compared in constant time); all else is refused without a word. An
update is answered once it was handled, so that Telegram brings again what a crash cut off.
"""

import asyncio
import hmac
import json
from urllib.parse import urlsplit

import structlog
from aiohttp import web
from telegram import Update
from telegram.ext import ExtBot

from bot.channels.base import Desk, Menu, Priority
from bot.channels.telegram.greeting import Patience, greet
from bot.channels.telegram.updates import ALLOWED, Updates
from config.channels import TelegramWebhook
from feeds.clock import Clock

log = structlog.get_logger(__name__)

SECRET_HEADER = "X-Telegram-Bot-Api-Secret-Token"  # noqa: S105 - the header's name
MOST_BYTES = 1 << 20  # an update is a few KB
READ_SECONDS = 10.0
KEEP_ALIVE = 75.0  # aiohttp's AppRunner would let dripping headers stay for an hour (facts)


class Webhook:
    """The server of one token."""

    def __init__(
        self, bot: ExtBot[Priority], updates: Updates, config: TelegramWebhook, clock: Clock
    ) -> None:
        self._bot = bot
        self._updates = updates
        self._config = config
        self._secret = config.secret.get_secret_value()
        self._patience = Patience(clock)
        self._desk: Desk | None = None
        self.is_disputed: bool | None = None
        """Of a webhook there can be only one: the last that was set."""

    async def run(self, desk: Desk, menu: Menu) -> None:
        """Listens until cancelled. Raises OSError where the address is taken."""
        self._desk = desk
        app = web.Application(client_max_size=MOST_BYTES)
        app.router.add_post(urlsplit(self._config.url).path or "/", self._take)
        runner = web.AppRunner(app, access_log=None, keepalive_timeout=KEEP_ALIVE)
        await runner.setup()
        try:
            await web.TCPSite(runner, self._config.host, self._config.port).start()
            await greet(self._bot, self._updates, menu, self._announce, self._patience)
            self.is_disputed = False
            await asyncio.Event().wait()
        finally:
            await runner.cleanup()

    async def _announce(self) -> None:
        await self._bot.set_webhook(
            self._config.url, allowed_updates=ALLOWED, secret_token=self._secret
        )

    async def _take(self, request: web.Request) -> web.Response:
        given = request.headers.get(SECRET_HEADER, "")
        if not hmac.compare_digest(given.encode("utf-8", "replace"), self._secret.encode()):
            return web.Response(status=403)
        try:
            async with asyncio.timeout(READ_SECONDS):
                data = json.loads(await request.read())
        except (ValueError, RecursionError):
            return web.Response(status=400)
        except TimeoutError:
            return web.Response(status=408)
        if not isinstance(data, dict):
            return web.Response(status=400)
        await self._handle(data)
        return web.Response()

    async def _handle(self, data: dict[str, object]) -> None:
        """What cannot be read would come again for ever: it is passed over."""
        assert self._desk is not None
        try:
            update = Update.de_json(data, self._bot)
        except Exception as error:  # noqa: BLE001 - PTB raises whatever a strange shape makes it
            log.warning("update not read", channel="telegram", reason=type(error).__name__)
            return
        await self._updates.handle(update, self._desk)
