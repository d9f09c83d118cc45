"""The driver: few hops to its thread, and no thread or transaction left behind."""

import asyncio
import threading
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError, OperationalError

from feeds.store import meta, sqlite
from feeds.store.build import open_store
from feeds.store.engine import Store, build_engine

LONG = text(
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n LIMIT 400000) SELECT sum(i) FROM n"
)


@pytest.fixture
async def opened(tmp_path: Path) -> AsyncIterator[Store]:
    store = await open_store(tmp_path / "var", None)
    yield store
    await store.close()


@pytest.fixture
def hops(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every hop to a connection's thread."""
    made: list[str] = []
    ask = sqlite._Thread.ask

    async def counted(self: sqlite._Thread, work: object) -> object:
        made.append("hop")
        return await ask(self, work)  # type: ignore[arg-type]

    monkeypatch.setattr(sqlite._Thread, "ask", counted)
    return made


def threads() -> int:
    return sum(thread.name == "sqlite" for thread in threading.enumerate())


async def test_a_statement_is_one_hop_with_its_begin_and_its_rows(
    opened: Store, hops: list[str]
) -> None:
    async with opened.write() as tx:
        await tx.execute(text("DELETE FROM meta"))
    assert len(hops) == 2  # the statement, the commit
    async with opened.write():
        pass
    assert len(hops) == 2  # nothing was asked, so nothing was begun
    async with opened.write_one() as tx:
        await tx.execute(text("INSERT INTO meta VALUES ('a', '2')"))
    assert len(hops) == 3
    async with opened.read() as tx:
        assert await meta.get(tx, "a") == "2"
    assert len(hops) == 5  # the statement, the end of what it began


async def test_a_write_that_is_cancelled_leaves_no_transaction_open(opened: Store) -> None:
    written = asyncio.Event()

    async def write() -> None:
        async with opened.write() as tx:
            await meta.put(tx, "a", "1")
            written.set()
            await tx.execute(LONG)

    writing = asyncio.create_task(write())
    await written.wait()
    await asyncio.sleep(0)  # the long statement is on its way
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing
    async with opened.write() as tx:
        assert await meta.get(tx, "a") is None
        await meta.put(tx, "b", "1")
    async with opened.read() as tx:
        assert await meta.get(tx, "b") == "1"


async def test_a_statement_that_is_cancelled_on_its_way_takes_its_begin_with_it(
    opened: Store,
) -> None:
    """Of a connection whose thread is at work nobody knows whether a transaction is open."""

    async def write() -> None:
        async with opened.write() as tx:
            await tx.execute(LONG)

    for turns in range(12):
        writing = asyncio.create_task(write())
        for _ in range(turns):
            await asyncio.sleep(0)
        writing.cancel()
        await asyncio.gather(writing, return_exceptions=True)
        async with opened.write() as tx:
            await meta.put(tx, "turns", str(turns))


async def test_a_statement_that_fails_is_rolled_back_and_raises_what_sqlite_says(
    opened: Store,
) -> None:
    async with opened.write() as tx:
        await meta.put(tx, "a", "1")

    async def fail() -> None:
        async with opened.write() as tx:
            await meta.put(tx, "a", "2")
            await tx.execute(text("INSERT INTO issues (id) VALUES (1)"))

    with pytest.raises(IntegrityError, match="NOT NULL"):
        await fail()
    async with opened.read() as tx:
        assert await meta.get(tx, "a") == "1"


async def test_no_thread_outlives_its_store_or_a_file_that_cannot_be_opened(tmp_path: Path) -> None:
    before = threads()
    store = await open_store(tmp_path / "var", None)
    async with store.read() as tx:
        await meta.get(tx, "a")
    assert threads() > before
    await store.close()
    engine = build_engine(f"sqlite+threaded:///{tmp_path / 'nowhere' / 'x.sqlite3'}")
    with pytest.raises(OperationalError, match="unable to open"):
        await engine.connect()
    async with asyncio.timeout(5):
        while threads() > before:
            await asyncio.sleep(0)
    await engine.dispose()
