"""The journal's order is the order of commits, on both databases."""

import asyncio
from contextlib import suppress
from datetime import UTC, datetime

from feeds.models import EntryKind, NewEntry
from feeds.store import journal
from feeds.store.engine import Store
from feeds.store.tables import sources

NOW = datetime(2024, 4, 8, tzinfo=UTC)
ENTRY = NewEntry(EntryKind.ALARM_RAISED, "huaian", data={"words": "没有读到"})


async def _paper(store: Store) -> None:
    async with store.write() as tx:
        await tx.execute(
            sources.insert().values(
                id="huaian",
                title="淮安区报",
                url="http://x/",
                timezone="Asia/Shanghai",
                created_at=NOW,
            )
        )


async def test_entries_come_back_in_order_with_all_they_hold(store: Store) -> None:
    await _paper(store)
    async with store.write() as tx:
        assert await journal.append(tx, [ENTRY, ENTRY], NOW) == 2
    async with store.read() as tx:
        entries = await journal.after(tx, 0, 10)
    assert [entry.seq for entry in entries] == [1, 2]
    assert entries[0].data == {"words": "没有读到"}
    assert entries[0].at == NOW


async def test_an_append_that_is_rolled_back_leaves_no_number_behind(store: Store) -> None:
    await _paper(store)
    with suppress(ZeroDivisionError):
        async with store.write() as tx:
            await journal.append(tx, [ENTRY], NOW)
            _ = 1 / 0
    async with store.write() as tx:
        assert await journal.append(tx, [ENTRY], NOW) == 1


async def test_a_reader_that_moved_on_never_misses_an_entry_of_a_slower_transaction(
    store: Store,
) -> None:
    await _paper(store)
    appended, finish = asyncio.Event(), asyncio.Event()

    async def slow() -> None:
        async with store.write() as tx:
            await journal.append(tx, [ENTRY], NOW)
            appended.set()
            await finish.wait()

    async def quick() -> None:
        await appended.wait()
        async with store.write() as tx:
            await journal.append(tx, [ENTRY], NOW)

    first, second = asyncio.create_task(slow()), asyncio.create_task(quick())
    await appended.wait()
    await asyncio.wait([second], timeout=0.3)
    async with store.read() as tx:
        seen = await journal.after(tx, 0, 10)
    assert seen == (), (
        "the second transaction committed a number beyond one that is not visible yet"
    )
    finish.set()
    await asyncio.gather(first, second)
    async with store.read() as tx:
        assert [entry.seq for entry in await journal.after(tx, 0, 10)] == [1, 2]


async def test_a_cursor_begins_at_nothing_and_stays_where_it_was_moved(store: Store) -> None:
    async with store.write() as tx:
        assert await journal.cursor(tx, "fan-out") == journal.Cursor(0)
        await journal.move(tx, "fan-out", journal.Cursor(3, "telegram:1"))
        await journal.move(tx, "fan-out", journal.Cursor(4))
    async with store.read() as tx:
        assert await journal.cursor(tx, "fan-out") == journal.Cursor(4)
