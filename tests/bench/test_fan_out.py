"""One issue to a million subscriptions: time, memory, bytes, and what a claim costs with a million pending.

`pytest -s tests/bench/test_fan_out.py`; READERS=100000 for a short one.
"""

import asyncio
import gc
import os
import resource
import time
from pathlib import Path
from statistics import median

from sqlalchemy import func, select, text

from bot.book import LEASE
from bot.fanout import CONSUMER, FanOut
from bot.ledger import claiming
from bot.ledger.tables import deliveries as table
from config.models import Settings
from feeds.clock import SystemClock
from feeds.store import journal
from feeds.store.engine import Store
from feeds.store.tables import metadata
from tests.bench.test_throughput import enrol
from tests.fakes.settings import two_papers

READERS = int(os.environ.get("READERS", "1000000"))
CLAIMS = 50
CHATS = (
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :readers) "
    "INSERT INTO chats (id, kind, title, created_at) "
    "SELECT 'telegram:' || (5000000000 + i), 'private', '', {now} FROM n"
)
SUBSCRIPTIONS = (
    "INSERT INTO subscriptions (chat, topic, source, origin, mode, pages, filter, max_messages, since, "
    "active, created_at) "
    "SELECT id, '', 'huaian', 'chat', 'issue', '[]', '', 10, 0, true, created_at FROM chats"
)


class Lag:
    """How late the loop is: the longest that anything else had to wait."""

    def __init__(self) -> None:
        self.worst = 0.0

    async def watch(self) -> None:
        while True:
            begin = time.perf_counter()
            await asyncio.sleep(0.01)
            self.worst = max(self.worst, time.perf_counter() - begin - 0.01)


async def subscribe(store: Store, settings: Settings) -> None:
    """The paper and its issue, of which nobody was told, then the readers."""
    clock = SystemClock()
    await enrol(store, settings, 1, clock)
    now = "now()" if store.dialect == "postgresql" else "'2024-04-08 06:00:00.000000'"
    async with store.write() as tx:
        for name in ("deliveries", "subscriptions", "chats"):
            await tx.execute(metadata.tables[name].delete())
        await journal.move(tx, CONSUMER, journal.Cursor(0))
        await tx.execute(text(CHATS.format(now=now)), {"readers": READERS})
        await tx.execute(text(SUBSCRIPTIONS))


async def size(store: Store) -> int:
    """Bytes of the database, without what could be given back."""
    if store.dialect == "postgresql":
        async with store.read() as tx:
            asked = await tx.execute(select(func.pg_database_size(func.current_database())))
            return int(asked.scalar_one())
    async with store.read() as tx:
        pages = (await tx.execute(text("PRAGMA page_count"))).scalar_one()
        page = (await tx.execute(text("PRAGMA page_size"))).scalar_one()
        return int(pages) * int(page)


def peak() -> float:
    """MiB of this process at its largest."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


async def test_fan_out(store: Store, tmp_path: Path) -> None:
    settings = two_papers(tmp_path, more='channels: {telegram: {token: "1:x"}}')
    await subscribe(store, settings)
    gc.collect()
    before, memory = await size(store), peak()
    fanout, lag = FanOut(store, settings, SystemClock()), Lag()
    watching = asyncio.create_task(lag.watch())
    begin, cpu = time.perf_counter(), time.process_time()
    chunks = 0
    while await fanout.step():
        chunks += 1
    seconds, cpu = time.perf_counter() - begin, time.process_time() - cpu
    watching.cancel()
    async with store.read() as tx:
        owed = (await tx.execute(select(func.count()).select_from(table))).scalar_one()
    assert owed == READERS
    times = await claims(store)
    print(f"\n{store.dialect}: {READERS} subscriptions in {chunks} transactions")
    print(
        f"  {seconds:.1f} s, {READERS / seconds:.0f} a second, {1e6 * cpu / READERS:.0f} µs CPU each"
    )
    print(f"  memory {peak() - memory:+.1f} MiB; the loop's longest wait {1000 * lag.worst:.0f} ms")
    print(f"  {(await size(store) - before) / READERS:.0f} bytes each")
    print(
        f"  a claim of 64: median {1000 * median(times):.1f} ms, worst {1000 * max(times):.1f} ms"
    )


async def claims(store: Store) -> list[float]:
    """Claims beside a million pending rows, without their words."""
    clock, times = SystemClock(), []
    for _ in range(CLAIMS):
        begin = time.perf_counter()
        async with store.write() as tx:
            found, _lane = await claiming.claim(tx, "bench", clock.now(), LEASE, 64, "telegram")
        times.append(time.perf_counter() - begin)
        assert len(found) == min(64, READERS)
    return times
