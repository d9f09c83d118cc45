"""What stands, and what was counted, as one text. The database is asked at most every ten seconds, and the
text is written beside the event loop.
"""

import asyncio
from collections.abc import Collection

from bot.ledger.measures import Measures, read_measures
from bot.metrics.exposition import Exposition
from bot.metrics.gauges import Now
from bot.services import Board
from feeds.clock import Clock
from feeds.store.engine import Store
from feeds.tally import TallySheet

LASTS, LASTS_LONGEST = 10.0, 60.0  # seconds: however many ask, the queue is not counted more often
SHARE = 0.01  # of the time, at most, goes into reading: a million pending rows take 0.1 s and more


class Exporter:
    """Made for one worker, with the ids of its newspapers and the names of its channels."""

    def __init__(
        self,
        store: Store,
        sheet: TallySheet,
        board: Board,
        sources: Collection[str],
        channels: Collection[str],
        clock: Clock,
    ) -> None:
        self._store = store
        self._board = board
        self._sources = tuple(sources)
        self._channels = tuple(channels)
        self._clock = clock
        self._exposition = Exposition(sheet)
        self._turn = asyncio.Lock()
        self._read: Measures | None = None
        self._fresh_until = 0.0

    async def write(self, accept: str = "") -> tuple[bytes, str]:
        """The text and its media type. Raises what the database does."""
        async with self._turn:
            measures = await self._measures()
            services = self._board.conditions()
            now = Now(self._sources, self._channels, measures, services, self._clock.now())
            return await asyncio.to_thread(self._exposition.write, now, accept)

    async def _measures(self) -> Measures:
        begun = self._clock.monotonic()
        if self._read is not None and begun < self._fresh_until:
            return self._read
        async with self._store.read() as tx:
            self._read = await read_measures(tx)
        took = self._clock.monotonic() - begun
        self._fresh_until = begun + min(max(LASTS, took / SHARE), LASTS_LONGEST)
        return self._read
