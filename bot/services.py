"""Services: named things that run until they are told to stop, none of which can take another down."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from feeds.clock import Clock
from feeds.errors import StoreError

log = structlog.get_logger(__name__)

RESTART_AFTER = (1.0, 5.0, 30.0, 60.0)  # seconds, the last for ever
STOP_WITHIN = 9.0  # seconds; SIGTERM promises ten


@dataclass(frozen=True, slots=True)
class Service:
    """`run` goes on until it is cancelled; when cancelled it finishes or records what is in flight."""

    name: str
    run: Callable[[], Awaitable[None]]


async def run_services(services: Sequence[Service], stop: asyncio.Event, clock: Clock) -> None:
    """Runs all services until `stop` is set, then cancels them and waits at most STOP_WITHIN.

    A service that raises is logged and started again, later each time; the others do not notice. Only
    where the data are gone all end at once: raises that `StoreError`.
    """
    tasks = [asyncio.create_task(_keep(service, clock), name=service.name) for service in services]
    told = asyncio.create_task(stop.wait(), name="stop")
    going = {*tasks, told}
    try:
        while not told.done() and not any(map(_fault, tasks)):
            _, going = await asyncio.wait(going, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in (told, *tasks):
            task.cancel()
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
        for task in late:
            log.error("service did not stop in time", service=task.get_name(), seconds=STOP_WITHIN)
    if (fault := next(filter(None, map(_fault, tasks)), None)) is not None:
        raise fault


def _fault(task: asyncio.Task[None]) -> BaseException | None:
    return task.exception() if task.done() and not task.cancelled() else None


async def _keep(service: Service, clock: Clock) -> None:
    failures = 0
    while True:
        try:
            await service.run()
        except StoreError:
            raise
        except Exception:
            delay = RESTART_AFTER[min(failures, len(RESTART_AFTER) - 1)]
            failures += 1
            log.exception("service failed and will start again", service=service.name, after=delay)
            await clock.sleep(delay)
        else:
            return
