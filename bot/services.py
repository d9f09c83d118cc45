"""Services: named things that run until they are told to stop, none of which can take another down."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass

import structlog

from feeds.clock import Clock

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

    A service that raises is logged and started again, later each time; the others do not notice.
    """
    tasks = [asyncio.create_task(_keep(service, clock), name=service.name) for service in services]
    try:
        await stop.wait()
    finally:
        for task in tasks:
            task.cancel()
        _, late = await asyncio.wait(tasks, timeout=STOP_WITHIN)
        for task in late:
            log.error("service did not stop in time", service=task.get_name(), seconds=STOP_WITHIN)


async def _keep(service: Service, clock: Clock) -> None:
    failures = 0
    while True:
        try:
            await service.run()
        except Exception:
            delay = RESTART_AFTER[min(failures, len(RESTART_AFTER) - 1)]
            failures += 1
            log.exception("service failed and will start again", service=service.name, after=delay)
            await clock.sleep(delay)
        else:
            return
