"""Good looks that found nothing new, written down together: by far the most looks, and the least news.

Should we die before they are written, these newspapers are looked at a few seconds earlier than planned.
"""

import asyncio
from dataclasses import dataclass
from datetime import datetime

import structlog

from feeds.clock import Clock
from feeds.store import looks
from feeds.store.engine import Store

EVERY = 5.0  # seconds

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Note:
    """A good look at that time, and when the next is due."""

    looked_at: datetime
    next_look_at: datetime


class Notes:
    """The last note of each newspaper that is not written yet."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock
        self._held: dict[str, Note] = {}
        self._some = asyncio.Event()

    def add(self, source: str, note: Note) -> None:
        self._held[source] = note
        self._some.set()

    def drop(self, source: str) -> None:
        """Forgets a note, because something newer was written."""
        self._held.pop(source, None)

    async def run(self) -> None:
        """Writes every few seconds what there is, until cancelled."""
        while True:
            await self._some.wait()
            await self._clock.sleep(EVERY)
            try:
                await self.flush()
            except Exception:  # the store is in trouble: the notes are kept for the next time
                log.exception("looks not recorded", newspapers=len(self._held))

    async def flush(self) -> None:
        """Writes all there is at once."""
        held, self._held = self._held, {}
        self._some.clear()
        if not held:
            return
        try:
            async with self._store.write_one() as tx:
                await looks.note_good(
                    tx, [(name, one.looked_at, one.next_look_at) for name, one in held.items()]
                )
        except BaseException:
            self._held = held | self._held
            self._some.set()
            raise
