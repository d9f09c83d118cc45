"""Services: named things that run until they are told to stop, none of which can take another down."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import structlog

from bot.figures import RESTARTS
from feeds.clock import Clock
from feeds.errors import StoreError
from feeds.store.engine import NOT_STORED, not_stored_reason
from feeds.tally import NO_TALLY, Tally

log = structlog.get_logger(__name__)

RESTART_AFTER = (1.0, 5.0, 30.0, 60.0)  # seconds, the last for ever
AGAIN = "service failed and will start again"
STOP_WITHIN = 9.0  # seconds; SIGTERM promises ten


@dataclass(frozen=True, slots=True)
class Service:
    """`run` goes on until it is cancelled; when cancelled it finishes or records what is in flight."""

    name: str
    run: Callable[[], Awaitable[None]]


class Condition(StrEnum):
    """How a service is."""

    RUNNING = "running"
    FAILED = "failed"
    """It waits to be started again, or has not yet run for longer than such a wait since."""
    ENDED = "ended"
    """It had nothing more to do."""


class Board:
    """Shows of each service how it is, to whoever asks. `tally` counts those that are started again."""

    def __init__(self, clock: Clock, tally: Tally = NO_TALLY) -> None:
        self._clock = clock
        self._tally = tally
        self._conditions: dict[str, Condition] = {}
        self._doubted: set[str] = set()
        self._failed: dict[str, float] = {}  # until when it is not trusted (`clock.monotonic`)

    def begins(self, name: str) -> None:
        self._conditions[name] = Condition.RUNNING

    def failed(self, name: str, delay: float) -> None:
        """It will be started again after so many seconds."""
        self._conditions[name] = Condition.FAILED
        self._failed[name] = self._clock.monotonic() + delay + RESTART_AFTER[-1]
        self._tally.count(RESTARTS, name)

    def ended(self, name: str) -> None:
        self._conditions[name] = Condition.ENDED

    def doubt(self, name: str, is_doubted: bool) -> None:
        """It runs and cannot do what it is for; or it can again."""
        (self._doubted.add if is_doubted else self._doubted.discard)(name)

    def conditions(self) -> dict[str, Condition]:
        """All services, by name."""
        now = self._clock.monotonic()
        doubted = {name: Condition.FAILED for name, until in self._failed.items() if now < until}
        doubted |= dict.fromkeys(self._doubted, Condition.FAILED)
        return self._conditions | doubted


async def run_services(
    services: Sequence[Service], stop: asyncio.Event, clock: Clock, board: Board | None = None
) -> None:
    """Runs all services until `stop` is set, then cancels them and waits at most STOP_WITHIN.

    A service that raises is logged and started again, later each time; the others do not notice. How
    each is stands on `board`. Only where the data are gone all end at once: raises that `StoreError`.
    """
    board = board or Board(clock)
    tasks = [
        asyncio.create_task(_keep(service, clock, board), name=service.name) for service in services
    ]
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


async def _keep(service: Service, clock: Clock, board: Board) -> None:
    failures = 0
    while True:
        board.begins(service.name)
        try:
            await service.run()
        except StoreError:
            raise
        except NOT_STORED as error:
            # Of a full disk every service that writes could show a page: each says it in a line.
            delay = _pause(board, service.name, failures)
            reason = not_stored_reason(error)
            log.error(AGAIN, service=service.name, after=delay, reason=reason)  # noqa: TRY400 - see above
        except Exception:
            delay = _pause(board, service.name, failures)
            log.exception(AGAIN, service=service.name, after=delay)
        else:
            board.ended(service.name)
            return
        failures += 1
        await clock.sleep(delay)


def _pause(board: Board, name: str, failures: int) -> float:
    """Seconds until it is started again, as the board says too."""
    delay = RESTART_AFTER[min(failures, len(RESTART_AFTER) - 1)]
    board.failed(name, delay)
    return delay
