"""Who holds leases, and whether it still lives: so that a crash need not wait for a lease to end.

On SQLite the lock on the data directory proves every other owner dead. On PostgreSQL an owner's
session holds an advisory lock of its own name, which the server takes back when the session ends.
"""

import asyncio
from collections.abc import Iterable
from contextlib import suppress
from uuid import uuid4

from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection

from feeds.store.engine import Store, Transaction


class Owner:
    """Our process, as the name that its claims bear. `prove` before the first claim and now and
    then: a session that was lost is begun again.
    """

    def __init__(self, store: Store) -> None:
        self.name = uuid4().hex[:16]
        self._store = store
        self._session: AsyncConnection | None = None
        self._proving = asyncio.Lock()

    async def prove(self) -> None:
        """Holds, or goes on holding, the lock that says that we live."""
        if self._store.dialect == "sqlite":
            return
        async with self._proving:
            if not await self._is_alive():
                await self.close()
                session = await self._store.engine.connect()
                self._session = await session.execution_options(isolation_level="AUTOCOMMIT")
                await session.execute(select(func.pg_advisory_lock(_key(self.name))))

    async def _is_alive(self) -> bool:
        if self._session is None:
            return False
        try:
            await self._session.execute(text("SELECT 1"))
        except DBAPIError:
            return False
        return True

    async def close(self) -> None:
        """Lets the lock go. What we hold then is anybody's."""
        if self._session is not None:
            with suppress(DBAPIError):
                await self._session.invalidate()
                await self._session.close()
            self._session = None

    async def dead(self, tx: Transaction, names: Iterable[str]) -> set[str]:
        """Which of these owners are certainly dead."""
        others = {name for name in names if name != self.name}
        if tx.dialect == "sqlite":
            return others
        return {name for name in sorted(others) if await _is_free(tx, name)}


async def is_any_alive(tx: Transaction) -> bool:
    """Whether an owner works on this database, on whatever machine; as far as the database knows: SQLite's
    is told by the data directory's lock alone.
    """
    if tx.dialect == "sqlite":
        return False
    held = text(
        "SELECT EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' AND granted AND database = "
        "(SELECT oid FROM pg_database WHERE datname = current_database()))"
    )
    return bool((await tx.execute(held)).scalar_one())


async def _is_free(tx: Transaction, name: str) -> bool:
    """Ours until the transaction's end where it was nobody's."""
    row = await tx.execute(select(func.pg_try_advisory_xact_lock(_key(name))))
    return bool(row.scalar_one())


def _key(name: str) -> int:
    """The name's hexadecimal digits as PostgreSQL's signed 64-bit key."""
    return int(name, 16) - (1 << 63)
