"""The store: one database, short transactions, and bells that ring when one has committed.

SQLite (WAL, foreign keys, BEGIN IMMEDIATE for every writer, one writer at a time) or PostgreSQL,
with the same statements.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AbstractContextManager, asynccontextmanager, suppress
from pathlib import Path
from typing import Any, Protocol

from sqlalchemy import Executable, event
from sqlalchemy.engine import CursorResult
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

import feeds.store.sqlite  # noqa: F401 - registers its dialect
from feeds.tally import NO_TALLY, Count, Tally

NOT_STORED: tuple[type[Exception], ...] = (DBAPIError, OSError)
"""What a transaction raises where the database takes nothing now: a full disk, a server that restarts."""
_BUSY_MILLISECONDS = 5000
_LOG_BYTES = 64 << 20  # of a log that had to grow, so much is kept


class Bell:
    """Wakes those who wait for news of one topic. A ring while nobody waits is not lost: the next
    wait returns at once if the topic rang after `since`.
    """

    def __init__(self) -> None:
        self.rung = 0
        self._next = asyncio.Event()

    def ring(self) -> None:
        self.rung += 1
        self._next.set()
        self._next = asyncio.Event()

    async def wait(self, since: int, seconds: float) -> int:
        """Returns `rung` as soon as it passed `since`, or after `seconds` all the same."""
        if self.rung == since:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._next.wait(), seconds)
        return self.rung


class Transaction:
    """An open transaction. Functions of the store and the ledger take one and never commit."""

    def __init__(self, connection: AsyncConnection) -> None:
        self._connection = connection
        self.touched: set[str] = set()
        self.counted: list[tuple[Count, tuple[str, ...], float]] = []

    @property
    def dialect(self) -> str:
        """`sqlite` or `postgresql`."""
        return self._connection.dialect.name

    async def execute(
        self,
        statement: Executable,
        values: Mapping[str, Any] | Sequence[Mapping[str, Any]] | None = None,
    ) -> CursorResult[Any]:
        return await self._connection.execute(statement, values)

    def touch(self, topic: str) -> None:
        """Rings the topic's bell once this transaction has committed."""
        self.touched.add(topic)

    def count(self, what: Count, *labels: str, by: float = 1) -> None:
        """Counts it once this transaction has committed."""
        self.counted.append((what, labels, by))


class Presence(Protocol):
    """The database's file, as those see it who may delete it: whether it is gone while we have it open,
    and where what is in it is written to then.
    """

    @property
    def is_lost(self) -> bool: ...

    def saving(self) -> AbstractContextManager[Path]: ...

    def forget_log(self) -> None: ...


class Store:
    """A database that is open. Made by `feeds.store.build.open_store`. `tally` is where its users count."""

    def __init__(self, engine: AsyncEngine, tally: Tally = NO_TALLY) -> None:
        self.engine = engine
        self.tally = tally
        self._writing = asyncio.Lock()
        self._bells: dict[str, Bell] = {}
        self.presence: Presence | None = None  # of a file that somebody may delete

    @property
    def dialect(self) -> str:
        return self.engine.dialect.name

    def bell(self, topic: str) -> Bell:
        """The bell of "journal" or "deliveries"."""
        return self._bells.setdefault(topic, Bell())

    @asynccontextmanager
    async def read(self) -> AsyncIterator[Transaction]:
        """One consistent view; nothing in it is kept."""
        async with self.engine.connect() as connection:
            if self.dialect == "postgresql":  # where each statement would see a later state
                await connection.execution_options(
                    isolation_level="REPEATABLE READ", postgresql_readonly=True
                )
            yield Transaction(connection)

    @asynccontextmanager
    async def write(self) -> AsyncIterator[Transaction]:
        """Commits at the end, or rolls back when the body raises. Rings the bells it touched, and counts."""
        async with self.writing() as connection:
            transaction = Transaction(connection)
            yield transaction
        self._tell(transaction)

    @asynccontextmanager
    async def write_one(self) -> AsyncIterator[Transaction]:
        """For a single statement, which is a transaction by itself: SQLite begins and commits it
        without being told to.
        """
        async with self._turn(), self.engine.connect() as connection:
            await connection.execution_options(single=True)
            transaction = Transaction(connection)
            yield transaction
            await connection.commit()
        self._tell(transaction)

    def _tell(self, transaction: Transaction) -> None:
        for topic in transaction.touched:
            self.bell(topic).ring()
        for what, labels, by in transaction.counted:
            self.tally.count(what, *labels, by=by)

    @asynccontextmanager
    async def writing(self) -> AsyncIterator[AsyncConnection]:
        """A writing connection in its transaction, for the schema."""
        async with self._turn(), self.engine.connect() as connection:
            await connection.execution_options(writing=True)
            async with connection.begin():
                yield connection

    @asynccontextmanager
    async def _turn(self) -> AsyncIterator[None]:
        """SQLite has one writer: ours wait here rather than in its busy loop."""
        if self.dialect != "sqlite":
            yield
            return
        async with self._writing:
            yield

    async def tidy(self) -> None:
        """Takes SQLite's log into the database, and makes its file small again: without waiting for
        anybody, what cannot be done now is done the next time. PostgreSQL does the like by itself.
        """
        if self.dialect != "sqlite":
            return
        async with self.engine.connect() as connection:  # holds no writer up
            await connection.execution_options(single=True)
            await connection.exec_driver_sql("PRAGMA wal_checkpoint(PASSIVE)")
        async with self._turn(), self.engine.connect() as connection:
            await connection.execution_options(single=True)
            await connection.exec_driver_sql("PRAGMA busy_timeout=0")
            try:
                await connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
            finally:
                await connection.exec_driver_sql(f"PRAGMA busy_timeout={_BUSY_MILLISECONDS}")

    async def close(self) -> None:
        """Where the database's file is gone, what was in it is saved first."""
        lost = self.presence if self.presence is not None and self.presence.is_lost else None
        if lost is not None:
            await self._save(lost)
        await self.engine.dispose()
        if lost is not None:
            lost.forget_log()

    async def _save(self, presence: Presence) -> None:
        async with self.engine.connect() as connection:
            await connection.execution_options(single=True)
            with presence.saving() as place:
                await connection.exec_driver_sql("VACUUM INTO ?", (str(place),))


def build_engine(url: str, *, is_read_only: bool = False) -> AsyncEngine:
    """`url` is SQLAlchemy's: `sqlite+threaded:///path` or `postgresql+psycopg://…`. `is_read_only`: a
    statement that would write is an error.
    """
    engine = create_async_engine(url, pool_pre_ping=not url.startswith("sqlite"))
    if engine.dialect.name == "sqlite":
        prepare = _prepare_to_look if is_read_only else _prepare_sqlite
        event.listen(engine.sync_engine, "connect", prepare)
        event.listen(engine.sync_engine, "begin", _begin_sqlite)
    return engine


def _prepare_sqlite(connection: Any, _record: Any) -> None:
    """Turns off the driver's own BEGIN, which is deferred; a deferred read-then-write fails at once
    and ignores the busy timeout (facts/bad-input.md, 154).
    """
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in (
        "journal_mode=WAL",
        "foreign_keys=ON",
        f"busy_timeout={_BUSY_MILLISECONDS}",
        "synchronous=FULL",
        f"journal_size_limit={_LOG_BYTES}",
    ):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _prepare_to_look(connection: Any, _record: Any) -> None:
    """The file's own journal mode is left as it is."""
    connection.isolation_level = None
    cursor = connection.cursor()
    for pragma in ("query_only=ON", "busy_timeout=5000"):
        cursor.execute(f"PRAGMA {pragma}")
    cursor.close()


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    if not options.get("single"):
        connection.exec_driver_sql("BEGIN IMMEDIATE" if options.get("writing") else "BEGIN")


def not_stored_reason(error: Exception) -> str:
    """The database's own words of a `NOT_STORED`, without the statement and its values."""
    words = str(error.orig if isinstance(error, DBAPIError) else error)
    return words.partition("\n")[0][:200] or type(error).__name__
