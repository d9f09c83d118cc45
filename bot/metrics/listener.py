"""`/metrics` on a port of its own: nothing else is there, and it is nowhere else."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import structlog
from aiohttp import hdrs, web

from config.models import MetricsConfig
from feeds.errors import BaotongError
from feeds.web.noise import BadRequests

log = structlog.get_logger(__name__)

Write = Callable[[str], Awaitable[tuple[bytes, str]]]
"""What is asked for (an Accept header) → the text and its media type."""
MOST_SECONDS = 5.0  # for an answer: Prometheus itself waits ten
KEEPALIVE_SECONDS = 90.0  # longer than the usual time between two scrapes
MOST_BODY = 1024  # bytes; nobody sends any


class CannotListen(BaotongError):
    """The address of `metrics.listen` cannot be used."""


class FiguresPage:
    """Bound to an address, where it shows what it was last told to show; nothing before that (503)."""

    def __init__(self) -> None:
        self._write: Write | None = None
        self._runner: web.AppRunner | None = None
        self._filter = BadRequests()

    def show(self, write: Write) -> None:
        """From now on it shows what this writes."""
        self._write = write

    async def listen(self, host: str, port: int) -> None:
        """Raises OSError where the address cannot be used."""
        logger = logging.getLogger(__name__)
        logger.addFilter(self._filter)
        app = web.Application(client_max_size=MOST_BODY)
        app.router.add_get("/metrics", self._answer)
        self._runner = web.AppRunner(
            app, access_log=None, logger=logger, keepalive_timeout=KEEPALIVE_SECONDS
        )
        await self._runner.setup()
        await web.TCPSite(self._runner, host, port).start()

    async def cleanup(self) -> None:
        """Gives the address back."""
        if self._runner is not None:
            await self._runner.cleanup()
        logging.getLogger(__name__).removeFilter(self._filter)

    async def _answer(self, request: web.Request) -> web.Response:
        """What headers claim about who asks counts for nothing."""
        if self._write is None:
            raise web.HTTPServiceUnavailable
        try:
            async with asyncio.timeout(MOST_SECONDS):
                text, media_type = await self._write(request.headers.get(hdrs.ACCEPT, ""))
        except Exception as error:  # a database in trouble: its figures are missing, not wrong
            log.warning("figures could not be read", reason=type(error).__name__)
            raise web.HTTPServiceUnavailable from error
        headers = {hdrs.CONTENT_TYPE: media_type, hdrs.CACHE_CONTROL: "no-store"}
        return web.Response(body=text, headers=headers)


async def listen_for_figures(config: MetricsConfig) -> FiguresPage:
    """A page at the address that the settings name. Raises `CannotListen`."""
    assert config.host is not None  # who has none does not ask
    page = FiguresPage()
    try:
        await page.listen(config.host, config.port)
    except OSError as error:
        await page.cleanup()
        raise CannotListen(
            f"不能在 {config.listen} 上提供数字(metrics.listen):{error.strerror or error} "
            "(cannot listen there)"
        ) from error
    if not config.is_local:
        log.warning(
            "figures can be read from other machines: metrics.listen asks nobody who they are",
            listen=config.listen,
        )
    return page
