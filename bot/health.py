"""How the worker is, in a word: what `/healthz` says."""

from collections.abc import Collection

from bot.ledger.measures import is_troubled
from bot.services import Board, Condition
from feeds.store.engine import Store


class Health:
    """True where all is well: no alarm is raised for any of these newspapers, no incident stands, and every
    service runs. Raises what the database does where it cannot be read.
    """

    def __init__(self, store: Store, board: Board, source_ids: Collection[str]) -> None:
        self._store = store
        self._board = board
        self._source_ids = tuple(source_ids)

    async def __call__(self) -> bool:
        async with self._store.read() as tx:
            is_troubled_ = await is_troubled(tx, self._source_ids)
        return not is_troubled_ and Condition.FAILED not in self._board.conditions().values()
