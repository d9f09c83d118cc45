"""Rewrites → edits: an issue that changed is spread, in chunks, to the messages that told of it.

    corrected, withdrawn, counted anew ──plan (fan-out)──▶ rewrite ──spread──▶ an edit a delivery

Doing a chunk twice changes nothing: an edit is one row a delivery.
"""

import structlog

from bot.ledger import edits
from bot.ledger.edits import Rewrite, Why
from feeds.clock import Clock
from feeds.store import library
from feeds.store.engine import Store, Transaction

log = structlog.get_logger(__name__)

SCAN_SECONDS = 30.0


class Rewriting:
    """One per store."""

    def __init__(self, store: Store, clock: Clock) -> None:
        self._store = store
        self._clock = clock

    async def run(self) -> None:
        """Spreads what is due until cancelled."""
        bell = self._store.bell(edits.BELL)
        while True:
            heard = bell.rung
            while await self.step():
                pass  # the database's awaits let the others run
            await bell.wait(heard, SCAN_SECONDS)

    async def step(self) -> bool:
        """One chunk of one rewrite. Returns False where none is due."""
        now = self._clock.now()
        async with self._store.write() as tx:
            rewrite = await edits.next_rewrite(tx, now)
            if rewrite is None:
                return False
            if rewrite.done == 0 and not await self._is_news(tx, rewrite):
                await edits.drop(tx, rewrite)
                return True
            await edits.spread(tx, rewrite, now)
        return True

    async def _is_news(self, tx: Transaction, rewrite: Rewrite) -> bool:
        """A refresh in which nothing was counted since the last is none."""
        if rewrite.why is not Why.REFRESHED:
            return True
        issue = await library.issue_by_id(tx, rewrite.issue_id)
        times = [a.reads_at for a in issue.articles if a.reads_at] if issue else []
        return max(times, default=rewrite.since) > rewrite.since
