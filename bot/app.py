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
from functools import partial

import structlog

from bot.caretaker import Caretaker
from bot.channels.base import Channel, Editor, Listener
from bot.channels.table import bot_name
from bot.commands.desk import build_desk
from bot.commands.table import build_menu
from bot.delivery import Delivery
from bot.editing import Editing
from bot.fanout import FanOut
from bot.ground import Ground, lay_ground
from bot.health import Health
from bot.ledger.subscriptions import sync_config
from bot.metrics.exporter import Exporter
from bot.metrics.lag import LoopLag
from bot.reach import Reach
from bot.reloading import Change, Reload, Reloading
from bot.rewriting import Rewriting
from bot.services import Board, Service, run_services
from bot.upkeep import Upkeep
from config.models import Settings
from config.sources import SourceConfig
from feeds.clock import Clock
from feeds.explore import Exploration, explore
from feeds.http import Fetcher, build_fetcher
from feeds.hub import Hub
from feeds.models import PauseKind
from feeds.pausing import Pauses
from feeds.publish import Publisher
from feeds.sources.table import build_source
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.store.presence import watch_presence
from feeds.watch import Watch
from feeds.web.server import build_app as build_web

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
    board: Board
    first_pushes: int


@asynccontextmanager
async def build_worker(ground: Ground, settings: Settings) -> AsyncIterator[Worker]:
    """Begins to serve pages; what else these settings describe is in the worker's services. Raises
    OSError where the address to listen on is taken, `CannotListen` where that of the figures is.
    """
    store, clock, tally = ground.store, ground.clock, ground.tally
    board, papers = Board(clock, tally), [source.id for source in settings.sources]
    async with AsyncExitStack() as stack:
        listening, channels = await ground.listening(settings), ground.channels(settings)
        figures = await ground.figures(settings)
        fetcher = build_fetcher(settings.fetch, clock, tally=tally)
        stack.push_async_callback(fetcher.close)
        first_pushes = await _enrol(store, settings, clock)

        publisher = Publisher(store, settings, clock)
        await publisher.begin()
        who = lambda: bot_name(channels)  # noqa: E731 - asked for each page
        health = Health(store, board, papers)
        site = build_web(store, publisher, settings, clock, who, listening.door, health)
        await listening.serve(site)
        if figures is not None:
            figures.show(Exporter(store, tally, board, papers, channels, clock).write)

        hub = Hub(store, publisher, settings, clock)
        stack.push_async_callback(hub.close)
        sources = [(source, build_source(source)) for source in settings.sources]
        pauses = Pauses(store)
        await pauses.load()  # before anything acts: a restart resumes nothing
        watch = Watch(store, fetcher, sources, clock, language=settings.language, pauses=pauses)
        reaches = {
            name: Reach(name, clock, partial(pauses.is_paused, PauseKind.CHANNEL, name))
            for name in channels
        }
        caretaker = Caretaker(store, channels, list(reaches.values()), settings, clock)
        services = [
            Service("pauses", pauses.run),
            Service("watch", watch.run),
            Service("fan-out", FanOut(store, settings, clock).run),
            Service("rewrite", Rewriting(store, clock).run),
            Service("presence", lambda: watch_presence(store, clock)),
            Service("upkeep", Upkeep(store, settings, clock, _fixed(channels)).run),
            *_senders(ground, channels, reaches, settings),
            Service("caretaker", caretaker.run),
            Service("publish", publisher.run),
            Service("hub", hub.run),
            *([Service("loop lag", LoopLag(clock, tally).run)] if figures else []),
            *_listeners(channels, store, settings, clock, fetcher),
        ]
        yield Worker(settings, store, channels, tuple(services), board, first_pushes)


def _fixed(channels: Mapping[str, Channel]) -> frozenset[str]:
    """The channels whose messages cannot be changed."""
    return frozenset(name for name, one in channels.items() if not isinstance(one, Editor))


def _senders(
    ground: Ground,
    channels: Mapping[str, Channel],
    reaches: Mapping[str, Reach],
    settings: Settings,
) -> list[Service]:
    """Two for each channel: none can hold up another's."""
    services = []
    for name, channel in channels.items():
        parts = (ground.store, channel, reaches[name], ground.owner, settings, ground.clock)
        services += [
            Service(f"send:{name}", Delivery(*parts).run),
            Service(f"edit:{name}", Editing(*parts).run),
        ]
    return services


def _listeners(
    channels: Mapping[str, Channel],
    store: Store,
    settings: Settings,
    clock: Clock,
    fetcher: Fetcher,
) -> list[Service]:
    async def look(paper: SourceConfig) -> Exploration:
        return await explore(build_source(paper), fetcher, robots=paper.robots == "obey")

    desk = build_desk(store, settings, clock, channels, look)
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
    reload: Reload | None = None,
) -> None:
    """The whole worker, until `stop` is set. `started` is told once everything listens.

    A reload that is asked for is a restart of everything but the ground: what is in flight is finished
    or recorded first. Where the new settings turn out to be of no use, the old ones go on.
    """
    async with lay_ground(settings, clock) as ground:
        reloading = Reloading(ground, reload, settings.data_dir) if reload else None
        change: Change | None = None
        while True:
            async with AsyncExitStack() as stack:
                worker = await _enter(stack, ground, change, settings)
                settings = worker.settings
                await ground.keep_only(settings)
                if change is not None and reloading is not None:
                    reloading.tell(change, settings)
                else:
                    started(worker)
                change = await _run(worker, stop, clock, reloading)
            if change is None:
                break
    log.info("stopped")


async def _enter(
    stack: AsyncExitStack, ground: Ground, change: Change | None, before: Settings
) -> Worker:
    """The worker of the changed settings, or of those before where that one cannot begin."""
    if change is not None:
        try:
            return await stack.enter_async_context(build_worker(ground, change.settings))
        except Exception:
            log.exception("the new configuration cannot be used")
    return await stack.enter_async_context(build_worker(ground, before))


async def _run(
    worker: Worker, stop: asyncio.Event, clock: Clock, reloading: Reloading | None
) -> Change | None:
    """Runs the services until we are told to stop (None) or there are settings to go on with."""
    ended = asyncio.Event()
    told = asyncio.create_task(stop.wait(), name="stop")
    changed = asyncio.create_task(_change(reloading, worker.settings), name="reload")
    for task in (told, changed):
        task.add_done_callback(lambda _: ended.set())
    try:
        await run_services(worker.services, ended, clock, worker.board)
        return None if stop.is_set() else changed.result()
    finally:
        told.cancel()
        changed.cancel()


async def _change(reloading: Reloading | None, settings: Settings) -> Change:
    """Of a worker that takes no orders: never."""
    if reloading is None:
        await asyncio.Event().wait()
    assert reloading is not None
    return await reloading.next(settings)
