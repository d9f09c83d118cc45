"""The only place where concrete parts meet: builds the worker from settings, runs it, and stops it.

    watch ──▶ store ◀── fan-out ──▶ deliveries ──▶ channels ──▶ chats
                │                                      └─ listen ──▶ desk
                └──▶ publish ──▶ files, web, hub

Each arrow is stored state; each box is a service that can fail and start again alone.
"""

from collections.abc import AsyncIterator, Mapping
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
from bot.ground import Ground
from bot.health import Health
from bot.ledger.subscriptions import sync_config
from bot.metrics.exporter import Exporter
from bot.metrics.lag import LoopLag
from bot.reach import Reach
from bot.rewriting import Rewriting
from bot.services import Board, Service
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
    store, clock = ground.store, ground.clock
    board, channels = Board(clock, ground.tally), ground.channels(settings)
    async with AsyncExitStack() as stack:
        fetcher = build_fetcher(settings.fetch, clock, tally=ground.tally)
        stack.push_async_callback(fetcher.close)
        pauses = Pauses(store)
        await pauses.load()  # before anything acts: a restart resumes nothing
        first_pushes = await _enrol(store, settings, clock)
        publisher = Publisher(store, settings, clock)
        await publisher.begin()
        await _open_doors(ground, settings, channels, publisher, board)
        hub = Hub(store, publisher, settings, clock)
        stack.push_async_callback(hub.close)
        services = [
            Service("pauses", pauses.run),
            Service("watch", _watch(ground, settings, fetcher, pauses).run),
            Service("fan-out", FanOut(store, settings, clock).run),
            Service("rewrite", Rewriting(store, clock).run),
            *_senders(ground, channels, settings, pauses, board),
            Service("publish", publisher.run),
            Service("hub", hub.run),
            *_listeners(ground, channels, settings, fetcher),
            *_keepers(ground, channels, settings),
        ]
        yield Worker(settings, store, channels, tuple(services), board, first_pushes)


async def _open_doors(
    ground: Ground,
    settings: Settings,
    channels: Mapping[str, Channel],
    publisher: Publisher,
    board: Board,
) -> None:
    """Pages and feeds for everybody; figures on an address of their own, where that is set."""
    store, papers = ground.store, [source.id for source in settings.sources]
    listening, figures = await ground.listening(settings), await ground.figures(settings)
    site = build_web(
        store,
        publisher,
        settings,
        ground.clock,
        lambda: bot_name(channels),
        listening.door,
        Health(store, board, papers),
    )
    await listening.serve(site)
    if figures is not None:
        exporter = Exporter(store, ground.tally, board, papers, channels, ground.clock)
        figures.show(exporter.write)


def _watch(ground: Ground, settings: Settings, fetcher: Fetcher, pauses: Pauses) -> Watch:
    sources = [(source, build_source(source)) for source in settings.sources]
    language = settings.language
    return Watch(ground.store, fetcher, sources, ground.clock, language=language, pauses=pauses)


def _senders(
    ground: Ground,
    channels: Mapping[str, Channel],
    settings: Settings,
    pauses: Pauses,
    board: Board,
) -> list[Service]:
    """Two for each channel: none can hold up another's. And who tells operators what is wrong with them."""
    store, clock = ground.store, ground.clock
    services, reaches = [], []
    for name, channel in channels.items():
        reach = Reach(name, clock, partial(pauses.is_paused, PauseKind.CHANNEL, name))
        reaches.append(reach)
        parts = (store, channel, reach, ground.owner, settings, clock)
        services += [
            Service(f"send:{name}", Delivery(*parts).run),
            Service(f"edit:{name}", Editing(*parts).run),
        ]
    doubt = partial(board.doubt, "caretaker")
    caretaker = Caretaker(store, channels, reaches, settings, clock, doubt=doubt)
    return [*services, Service("caretaker", caretaker.run)]


def _listeners(
    ground: Ground, channels: Mapping[str, Channel], settings: Settings, fetcher: Fetcher
) -> list[Service]:
    async def look(paper: SourceConfig) -> Exploration:
        return await explore(build_source(paper), fetcher, robots=paper.robots == "obey")

    desk = build_desk(ground.store, settings, ground.clock, channels, look)
    menu = build_menu(settings)

    def service(channel: Listener, name: str) -> Service:
        return Service(f"updates:{name}", lambda: channel.listen(desk, menu))

    return [
        service(channel, name)
        for name, channel in channels.items()
        if isinstance(channel, Listener)
    ]


def _keepers(ground: Ground, channels: Mapping[str, Channel], settings: Settings) -> list[Service]:
    """Who looks after the house itself."""
    store, clock = ground.store, ground.clock
    fixed = frozenset(name for name, one in channels.items() if not isinstance(one, Editor))
    keepers = [
        Service("presence", lambda: watch_presence(store, clock)),
        Service("upkeep", Upkeep(store, settings, clock, fixed).run),
    ]
    if settings.metrics.listen is not None:
        keepers.append(Service("loop lag", LoopLag(clock, ground.tally).run))
    return keepers


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
