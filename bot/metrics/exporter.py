"""What stands, and what was counted, as one text. The database is asked at most every ten seconds."""

import asyncio
from collections.abc import Collection

from bot.ledger.measures import Measures, read_measures
from bot.metrics.exposition import Exposition
from bot.metrics.gauges import Now
from bot.services import Board
from feeds.clock import Clock
from feeds.store.engine import Store
from feeds.tally import TallySheet

LASTS = 10.0  # seconds: however many ask, the queue is not counted more often


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
        self._reading = asyncio.Lock()
        self._read: tuple[float, Measures] | None = None

    async def write(self, accept: str = "") -> tuple[bytes, str]:
        """The text and its media type. Raises what the database does."""
        measures = await self._measures()
        services = self._board.conditions()
        now = Now(self._sources, self._channels, measures, services, self._clock.now())
        return self._exposition.write(now, accept)

    async def _measures(self) -> Measures:
        async with self._reading:
            now = self._clock.monotonic()
            if self._read is None or now - self._read[0] >= LASTS:
                async with self._store.read() as tx:
                    self._read = now, await read_measures(tx)
            return self._read[1]
