"""What figures cost: counting, in the way of everything; and a scrape, beside a million pending messages.

`pytest -s tests/bench/test_bench_figures.py`; ROWS=100000 for a short one.
"""

import os
import time
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

from sqlalchemy import text

from bot import figures
from bot.ledger.measures import Measures, read_measures
from bot.metrics.exposition import Exposition
from bot.metrics.gauges import Now
from feeds.clock import SystemClock
from feeds.figures import LOOKS
from feeds.store.engine import Store
from feeds.tally import NO_TALLY, Tally, TallySheet
from tests.bench.report import show
from tests.bench.test_throughput import enrol
from tests.fakes.settings import two_papers

ROWS = int(os.environ.get("ROWS", "1000000"))
COUNTS, TRIES, PAPERS = 200_000, 5, 100
OWED = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO deliveries (channel, chat, subject, kind, source, seq, entry_at, due_at, created_at)
SELECT 'telegram', 'telegram:' || (5000000000 + i), 'issue:1', 'issue', 'huaian', i, {now}, {now}, {now}
FROM n
"""
CHATS = """
WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < :rows)
INSERT INTO chats (id, kind, title, created_at)
SELECT 'telegram:' || (5000000000 + i), 'private', '', {now} FROM n
"""


def _each(tally: Tally) -> float:
    """Microseconds of one count and one spread together."""
    begun = time.perf_counter()
    for number in range(COUNTS):
        tally.count(LOOKS, "huaian", "unchanged")
        tally.observe(figures.PUSH_SECONDS, number % 60, "telegram")
    return 1e6 * (time.perf_counter() - begun) / COUNTS


def test_counting_and_measuring_once_takes_a_microsecond_or_two() -> None:
    rows = [(name, _each(tally)) for name, tally in (("off", NO_TALLY), ("on", TallySheet()))]
    show("One count and one spread", ("", "µs"), rows)


def test_a_scrape_of_a_hundred_papers_holds_the_loop_for_milliseconds() -> None:
    sheet, now = TallySheet(), datetime.now(UTC)
    papers = [f"p{number}" for number in range(PAPERS)]
    measures = Measures([], {}, {}, {}, set(), {}, 0)
    exposition = Exposition(sheet)
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        body, _kind = exposition.write(Now(papers, ["telegram"], measures, {}, now))
        times.append(1000 * (time.perf_counter() - begun))
    show(f"A scrape, {PAPERS} papers", ("lines", "ms"), [(body.count(b"\n"), median(times))])


async def _median(work: Callable[[], Awaitable[object]]) -> float:
    """Milliseconds."""
    times = []
    for _ in range(TRIES):
        begun = time.perf_counter()
        await work()
        times.append(1000 * (time.perf_counter() - begun))
    return median(times)


async def test_a_million_pending_messages_are_counted_in_their_index(
    store: Store, tmp_path: Path
) -> None:
    settings = two_papers(tmp_path, more='channels: {telegram: {token: "1:x"}}')
    await enrol(store, settings, 1, SystemClock())
    now = "now()" if store.dialect == "postgresql" else "'2024-04-08 06:00:00.000000'"
    async with store.write() as tx:
        for statement in (CHATS, OWED):
            await tx.execute(text(statement.format(now=now)), {"rows": ROWS})

    async def read() -> Measures:
        async with store.read() as tx:
            return await read_measures(tx)

    took = await _median(read)
    show(f"Reading what stands, {store.dialect}", ("pending", "ms"), [(ROWS, took)])
    assert (await read()).queue["telegram", "pending"] == ROWS + 1
