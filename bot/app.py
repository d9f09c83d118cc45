"""The only place where concrete parts meet: builds the worker from settings, runs it, and stops it.

    watch ──▶ store ◀── fan-out ──▶ deliveries ──▶ channels ──▶ chats
                │                                      └─ listen ──▶ desk
                └──▶ publish ──▶ files, web, hub

Each arrow is stored state; each box is a service that can fail and start again alone.
"""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import structlog

from bot.channels.base import Channel, Listener
from bot.channels.table import bot_name, build_channels
from bot.commands.desk import build_desk
from bot.commands.table import build_menu
from bot.delivery import Delivery
from bot.editing import Editing
from bot.fanout import FanOut
from bot.ledger.subscriptions import sync_config
from bot.reach import Reach
from bot.rewriting import Rewriting
from bot.services import Service, run_services
from config.models import Settings
from feeds.clock import Clock
from feeds.http import build_fetcher
from feeds.hub import Hub
from feeds.publish import Publisher
from feeds.sources.table import build_source
from feeds.store import journal, library
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.store.lock import DataLock
from feeds.store.owners import Owner
from feeds.watch import Watch
from feeds.web.server import build_app as build_web
from feeds.web.server import start as start_web

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Worker:
    """Everything that `baotong run` needs, built and open. `first_pushes` says how many messages the
    first look will send to `deliver:` rows, or 0 where the archive is not new.
    """

    settings: Settings
    store: Store
    channels: Mapping[str, Channel]
    services: tuple[Service, ...]
    first_pushes: int


@asynccontextmanager
async def build_worker(settings: Settings, clock: Clock) -> AsyncIterator[Worker]:
    """Opens data, web server and channels, in that order, and closes them in the other.

    Raises `AlreadyRunning` where another process holds the data directory, `StoreError` where its
    database cannot be used, and OSError where the address to listen on is taken.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(DataLock(settings.data_dir))
        store = await open_store(settings.data_dir, settings.database_url)
        stack.push_async_callback(store.close)
        fetcher = build_fetcher(settings.fetch, clock)
        stack.push_async_callback(fetcher.close)
        owner = Owner(store)
        stack.push_async_callback(owner.close)
        channels = build_channels(settings, clock)
        for channel in channels.values():
            stack.push_async_callback(channel.close)
        first_pushes = await _enrol(store, settings, clock)

        publisher = Publisher(store, settings, clock)
        await publisher.begin()
        runner = await start_web(
            build_web(store, publisher, settings, clock, lambda: bot_name(channels)),
            settings.server.host,
            settings.server.port,
        )
        stack.push_async_callback(runner.cleanup)

        hub = Hub(store, publisher, settings, clock)
        stack.push_async_callback(hub.close)
        sources = [(source, build_source(source)) for source in settings.sources]
        watch = Watch(store, fetcher, sources, clock, language=settings.language)
        services = [
            Service("watch", watch.run),
            Service("fan-out", FanOut(store, settings, clock).run),
            Service("rewrite", Rewriting(store, clock).run),
            *_senders(channels, owner, store, settings, clock),
            Service("publish", publisher.run),
            Service("hub", hub.run),
            *_listeners(channels, store, settings, clock),
        ]
        yield Worker(settings, store, channels, tuple(services), first_pushes)


def _senders(
    channels: Mapping[str, Channel], owner: Owner, store: Store, settings: Settings, clock: Clock
) -> list[Service]:
    """Two for each channel: none can hold up another's."""
    services = []
    for name, channel in channels.items():
        reach = Reach(name, clock)
        delivery = Delivery(store, channel, reach, owner, settings, clock)
        editing = Editing(store, channel, reach, owner, settings, clock)
        services += [Service(f"send:{name}", delivery.run), Service(f"edit:{name}", editing.run)]
    return services


def _listeners(
    channels: Mapping[str, Channel], store: Store, settings: Settings, clock: Clock
) -> list[Service]:
    desk = build_desk(store, settings, clock, channels)
    menu = build_menu(settings)

    def service(channel: Listener, name: str) -> Service:
        return Service(f"updates:{name}", lambda: channel.listen(desk, menu))

    return [
        service(channel, name)
        for name, channel in channels.items()
        if isinstance(channel, Listener)
    ]


async def _enrol(store: Store, settings: Settings, clock: Clock) -> int:
    """Matches the ledger to the `deliver:` rows and counts what a first look will send."""
    async with store.write() as tx:
        end = await journal.end(tx)
        known = {s.id for s in settings.sources if await library.issue_keys(tx, s.id, limit=1)}
        await sync_config(tx, settings.deliver, since=end, now=clock.now())
    fresh = {
        source.id
        for source in settings.sources
        if source.first != "none" and source.id not in known
    }
    return sum(len(fresh) if row.source == "*" else row.source in fresh for row in settings.deliver)


async def run_worker(
    settings: Settings,
    clock: Clock,
    stop: asyncio.Event,
    started: Callable[[Worker], None] = lambda _worker: None,
) -> None:
    """The whole worker, until `stop` is set. `started` is told once everything listens."""
    async with build_worker(settings, clock) as worker:
        started(worker)
        await run_services(worker.services, stop, clock)
    log.info("stopped")
