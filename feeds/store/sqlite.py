"""SQLite for SQLAlchemy's async engine: a thread for each connection, one hop to it for each statement.

    loop ──statement──▶ thread: BEGIN (where one is due), execute, fetch all ──rows──▶ loop

The usual driver makes four hops of a statement and one of each BEGIN and needless ROLLBACK, and a hop
is what a small statement costs (measured: 0.6 ms for an UPDATE in its transaction, of which SQLite took
0.1; here 0.35). So BEGIN goes with the first statement behind it, rows come with theirs, and there is nothing to
undo where nothing was begun.
"""

import asyncio
import sqlite3
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import suppress
from queue import SimpleQueue
from threading import Thread
from types import ModuleType
from typing import Any, TypeVar, cast

from sqlalchemy import URL, AsyncAdaptedQueuePool, Pool
from sqlalchemy.dialects import registry
from sqlalchemy.dialects.sqlite.pysqlite import SQLiteDialect_pysqlite
from sqlalchemy.util import await_only

Result = TypeVar("Result")

_Rows = Sequence[tuple[Any, ...]]


def garbled(error: UnicodeDecodeError) -> sqlite3.DatabaseError:
    """What is meant where `sqlite3` cannot read SQLite's own words: they cite what is in the file, and in a
    sound one that is text.
    """
    said = error.object.decode("ascii", "replace").splitlines()[0][:100]
    shown = "".join(char if char.isprintable() else "?" for char in said)
    return sqlite3.DatabaseError(f"malformed: {shown}")


class _Cursor:
    """A DB-API cursor whose rows are here already."""

    arraysize = 1

    def __init__(self, connection: "_Connection") -> None:
        self._connection = connection
        self._rows: deque[tuple[Any, ...]] = deque()
        self.description: Any = None
        self.rowcount = -1
        self.lastrowid: int | None = None

    def execute(self, statement: str, values: Sequence[Any] = ()) -> None:
        if statement.startswith("BEGIN"):
            self._connection.begin = statement
        else:
            self._run(lambda cursor: cursor.execute(statement, values))

    def executemany(self, statement: str, rows: Sequence[Sequence[Any]]) -> None:
        self._run(lambda cursor: cursor.executemany(statement, rows))

    def _run(self, work: Callable[[sqlite3.Cursor], object]) -> None:
        begin, self._connection.begin = self._connection.begin, None

        def run(raw: sqlite3.Connection) -> tuple[Any, int, int | None, _Rows]:
            cursor = raw.cursor()
            try:
                if begin is not None:
                    cursor.execute(begin)
                work(cursor)
                rows = cursor.fetchall() if cursor.description else ()
                return cursor.description, cursor.rowcount, cursor.lastrowid, rows
            finally:
                cursor.close()

        self.description, self.rowcount, self.lastrowid, rows = self._connection.run(run)
        self._rows = deque(rows)

    def fetchone(self) -> tuple[Any, ...] | None:
        return self._rows.popleft() if self._rows else None

    def fetchmany(self, size: int | None = None) -> _Rows:
        return [self._rows.popleft() for _ in range(min(size or self.arraysize, len(self._rows)))]

    def fetchall(self) -> _Rows:
        rows, self._rows = list(self._rows), deque()
        return rows

    def setinputsizes(self, *sizes: Any) -> None:
        """SQLite needs none."""

    def close(self) -> None:
        self._rows.clear()

    async def _async_soft_close(self) -> None:
        """What SQLAlchemy's async results close: nothing is open."""


class _Thread:
    """Does one thing after the other. An executor's hop costs half as much again."""

    def __init__(self) -> None:
        self._work: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        Thread(target=self._run, name="sqlite", daemon=True).start()

    def _run(self) -> None:
        while (work := self._work.get()) is not None:
            work()

    async def ask(self, work: Callable[[], Result]) -> Result:
        """Whatever `work` returns or raises; it is done also where nobody waits for it any more."""
        loop = asyncio.get_running_loop()
        answer: asyncio.Future[Result] = loop.create_future()

        def say(how: Callable[[Any], None], what: Any) -> None:
            if not answer.done():
                how(what)

        def run() -> None:
            try:
                done = work()
            except BaseException as error:  # noqa: BLE001 - it is raised where it was asked for
                self._tell(loop, say, answer.set_exception, error)
            else:
                self._tell(loop, say, answer.set_result, done)

        self._work.put(run)
        return await answer

    @staticmethod
    def _tell(loop: asyncio.AbstractEventLoop, *what: Any) -> None:
        with suppress(RuntimeError):  # the loop is over, and with it whoever asked
            loop.call_soon_threadsafe(*what)

    def end(self, last: Callable[[], object] | None = None) -> None:
        """Ends once all is done, `last` too."""
        if last is not None:
            self._work.put(last)
        self._work.put(None)


class _Connection:
    """A DB-API connection that is used from SQLAlchemy's greenlets; its SQLite one lives in a thread of
    its own. `begin` is said with the next statement.
    """

    def __init__(self, *where: Any, **how: Any) -> None:
        self.begin: str | None = None
        self._thread = _Thread()
        try:
            self._raw = self._wait(lambda: sqlite3.connect(*where, **how))
        except BaseException:
            self._thread.end()
            raise

    def run(self, work: Callable[[sqlite3.Connection], Result]) -> Result:
        """Whatever `work` returns or raises, over there."""
        try:
            return self._wait(lambda: work(self._raw))
        except UnicodeDecodeError as error:
            raise garbled(error) from error

    def _wait(self, work: Callable[[], Result]) -> Result:
        return await_only(self._thread.ask(work))

    def cursor(self, **_server_side: Any) -> _Cursor:
        return _Cursor(self)

    def commit(self) -> None:
        self._end(sqlite3.Connection.commit)

    def rollback(self) -> None:
        self._end(sqlite3.Connection.rollback)

    def _end(self, how: Callable[[sqlite3.Connection], None]) -> None:
        self.begin = None  # begun, and nothing said since
        if self._raw.in_transaction:
            self.run(how)

    def create_function(self, *what: Any, **how: Any) -> None:
        self._raw.create_function(*what, **how)

    @property
    def isolation_level(self) -> Any:
        return self._raw.isolation_level

    @isolation_level.setter
    def isolation_level(self, level: Any) -> None:
        self._raw.isolation_level = level

    def close(self) -> None:
        self.run(sqlite3.Connection.close)
        self._thread.end()

    def terminate(self) -> None:
        """Closes without waiting: whoever used it was cancelled, and a statement may still run."""
        self._thread.end(self._raw.close)


class _Driver(ModuleType):
    """The `sqlite3` module with connections of ours."""

    def __getattr__(self, name: str) -> Any:
        return getattr(sqlite3, name)

    def connect(self, *where: Any, **how: Any) -> _Connection:
        return _Connection(*where, **how)


class Dialect(SQLiteDialect_pysqlite):
    """`sqlite+threaded:///path`."""

    driver = "threaded"
    is_async = True
    has_terminate = True
    supports_statement_cache = True

    @classmethod
    def import_dbapi(cls) -> Any:
        return _Driver("sqlite3")

    @classmethod
    def get_pool_class(cls, url: URL) -> type[Pool]:
        del url
        return AsyncAdaptedQueuePool

    def do_terminate(self, dbapi_connection: Any) -> None:
        cast("_Connection", dbapi_connection).terminate()

    def get_driver_connection(self, connection: Any) -> Any:
        return connection


registry.register("sqlite.threaded", __name__, "Dialect")
