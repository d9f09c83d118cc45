"""What operators paused, as a running worker knows it: its newspapers and channels ask here before they act.

pauses (table) ──bell, or a scan: other processes ring none──▶ pauses ──▶ watch, senders
"""

from collections.abc import Mapping

import structlog

from feeds.models import PauseKind
from feeds.store import pauses
from feeds.store.engine import Bell, Store
from feeds.store.pauses import Pause

SCAN_SECONDS = 2.0

log = structlog.get_logger(__name__)


class Pauses:
    """Holds nothing that the store does not know; `load` it before anything asks."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._paused: Mapping[PauseKind, Mapping[str, Pause]] = {}
        self._changed = Bell()
        self._is_blind = False

    def is_paused(self, kind: PauseKind, name: str) -> bool:
        return name in self._paused.get(kind, {})

    async def load(self) -> None:
        """Reads what is paused now."""
        async with self._store.read() as tx:
            found = {kind: await pauses.standing(tx, kind) for kind in PauseKind}
        if found != self._paused:
            self._tell(found)
            self._paused = found
            self._changed.ring()

    async def run(self) -> None:
        """Follows the table until cancelled. A store in trouble changes nothing."""
        bell = self._store.bell(pauses.BELL)
        while True:
            heard = bell.rung
            try:
                await self.load()
                self._is_blind = False
            except Exception:
                if not self._is_blind:
                    log.exception("pauses not read")
                self._is_blind = True
            await bell.wait(heard, SCAN_SECONDS)

    async def resumed(self, kind: PauseKind, name: str) -> bool:
        """Returns once this is not paused; whether it was."""
        was_paused = False
        while self.is_paused(kind, name):
            was_paused = True
            await self._changed.wait(self._changed.rung, SCAN_SECONDS)
        return was_paused

    def _tell(self, found: Mapping[PauseKind, Mapping[str, Pause]]) -> None:
        for kind in PauseKind:
            before, now = self._paused.get(kind, {}), found[kind]
            for name in sorted(now.keys() - before.keys()):
                log.info("paused", what=str(kind), name=name, by=now[name].by)
            for name in sorted(before.keys() - now.keys()):
                log.info("resumed", what=str(kind), name=name)
