"""The worker from its first breath to its last: it runs, takes other settings when told to, and stops."""

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack

import structlog

from bot.app import Worker, build_worker
from bot.ground import Ground, lay_ground
from bot.reloading import Change, Reload, Reloading
from bot.services import run_services
from config.models import Settings
from feeds.clock import Clock

log = structlog.get_logger(__name__)


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
