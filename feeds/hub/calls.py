"""The hub's calls in flight: rows are claimed when there is room for them, fairly by host, and given
back when we are told to stop. Nobody's slowness is anybody else's.
"""

import asyncio
from collections import Counter
from collections.abc import Awaitable, Callable, Collection

import structlog

from feeds.clock import Clock
from feeds.http.guard import redact
from feeds.hub import book
from feeds.hub.book import Claimed, Queue
from feeds.store.engine import Store

log = structlog.get_logger(__name__)

AT_ONCE = 64  # calls
FINISH_SECONDS = 5.0  # for calls in flight when we are told to stop

Work = Callable[[Claimed], Awaitable[None]]


class Calls:
    """What one owner has in flight."""

    def __init__(self, store: Store, owner: str, clock: Clock) -> None:
        self._store = store
        self._owner = owner
        self._clock = clock
        self._flying: dict[asyncio.Task[None], tuple[Queue, Claimed]] = {}

    def __bool__(self) -> bool:
        return bool(self._flying)

    async def claim(self, queue: Queue, resting: Collection[str] = ()) -> list[Claimed]:
        """Rows to begin with now; none of hosts that rest or have enough."""
        room = AT_ONCE - len(self._flying)
        if room <= 0:
            return []
        busy = self._busy(queue) | set(resting)
        async with self._store.write() as tx:
            return await book.claim(tx, queue, self._owner, self._clock.now(), room, busy)

    def start(self, queue: Queue, claim: Claimed, work: Work) -> None:
        """Begins to work on a claim."""

        async def do() -> None:
            await work(claim)

        task = asyncio.create_task(do(), name=f"hub {claim.host}")
        self._flying[task] = (queue, claim)
        task.add_done_callback(self._let_go)

    async def give_back(self, queue: Queue, claim: Claimed) -> None:
        """Frees a claim for whoever comes next."""
        now = self._clock.now()
        async with self._store.write() as tx:
            await book.give_back(tx, queue, [claim], self._owner, now)

    async def wait(self, news: Awaitable[int] | None = None) -> None:
        """Until some call comes to its end, or there is news."""
        bell = None if news is None else asyncio.ensure_future(news)
        try:
            wanted = {*self._flying} if bell is None else {bell, *self._flying}
            await asyncio.wait(wanted, return_when=asyncio.FIRST_COMPLETED)
        finally:
            if bell is not None:
                bell.cancel()

    async def finish(self) -> None:
        """Calls in flight have a moment; what is not done by then is given back."""
        if self._flying:
            await asyncio.wait(self._flying, timeout=FINISH_SECONDS)
        left = dict(self._flying)
        for task in left:
            task.cancel()
        await asyncio.gather(*left, return_exceptions=True)
        for queue, claim in left.values():
            await self.give_back(queue, claim)

    def _busy(self, queue: Queue) -> set[str]:
        flying = Counter(claim.host for of, claim in self._flying.values() if of is queue)
        return {host for host, count in flying.items() if count >= queue.per_host}

    def _let_go(self, task: asyncio.Task[None]) -> None:
        _, claim = self._flying.pop(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            # The row keeps its lease and is claimed again when that ends.
            log.error("hub call failed", callback=redact(claim.callback), exc_info=error)
