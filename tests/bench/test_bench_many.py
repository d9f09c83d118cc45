"""Two thousand newspapers on one core: each looked at within its interval, memory flat, the loop smooth."""

import asyncio
import logging
import os
from collections import defaultdict
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

import structlog

from config.models import FetchConfig
from config.sources import YunbaoSource
from feeds.clock import SystemClock
from feeds.http import build_fetcher
from feeds.sources.table import build_source
from feeds.store.build import open_store
from feeds.watch import Watch
from tests.bench.report import memory, show, spent
from tests.bench.server import serving

PAPERS = 2000
EVERY = 60  # seconds
SECONDS = 90
MOST_GROWTH = 8.0  # MiB


class _Observed(Watch):
    """A watch that remembers when it looked."""

    looks: dict[str, list[float]]

    async def _look(self, name: str) -> object:  # type: ignore[override]
        self.looks[name].append(asyncio.get_running_loop().time())
        return await super()._look(name)


async def _lag(found: list[float]) -> None:
    """How late the loop wakes whoever asked to be woken in 10 ms."""
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        await asyncio.sleep(0.01)
        found.append(loop.time() - begun - 0.01)


def _on_one_core() -> None:
    with suppress(AttributeError, OSError):  # Linux alone knows how
        os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})


async def test_two_thousand_papers_are_looked_at_within_their_interval_on_one_core(
    tmp_path: Path,
) -> None:
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    cores = os.sched_getaffinity(0)
    with serving() as host:
        _on_one_core()
        store = await open_store(tmp_path, None)
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[host]), SystemClock())
        papers = []
        for number in range(PAPERS):
            values = {
                "id": f"p{number}",
                "kind": "yunbao",
                "title": "报",
                "check_every": f"{EVERY}s",
            }
            config = YunbaoSource.model_validate(values | {"url": f"http://{host}/{number}/"})
            papers.append((config, build_source(config)))
        watch = _Observed(store, fetcher, papers, SystemClock())
        watch.looks = defaultdict(list)
        with spent() as first:
            running = asyncio.create_task(watch.run())
            while len(watch.looks) < PAPERS or not all(
                watch._diaries[n]._learned for n in watch.looks
            ):
                await asyncio.sleep(0.5)
        await asyncio.sleep(EVERY / 2)
        watch.looks.clear()
        lags: list[float] = []
        before = memory()
        ticking = asyncio.create_task(_lag(lags))
        with spent() as used:
            await asyncio.sleep(SECONDS)
        grown = memory() - before
        for task in (ticking, running):
            task.cancel()
        await asyncio.wait([ticking, running])
        await fetcher.close()
        await store.close()
    os.sched_setaffinity(0, cores)
    structlog.reset_defaults()
    gaps = sorted(b - a for looks in watch.looks.values() for a, b in pairwise(looks))
    lags.sort()
    looks = sum(map(len, watch.looks.values()))
    show(
        f"{PAPERS:,} newspapers, check_every {EVERY}s, {SECONDS} s on one core",
        ("", ""),
        [
            ("first looks, all read and stored", f"{first.wall:.0f} s"),
            ("looks a second", f"{looks / SECONDS:.0f}"),
            ("of the core used", f"{used.cpu / used.wall:.0%}"),
            ("longest between two looks", f"{gaps[-1]:.1f} s"),
            ("loop late, 99 of 100", f"{1000 * lags[len(lags) * 99 // 100]:.0f} ms"),
            ("memory", f"{before:.0f} MiB {grown:+.1f}"),
        ],
    )
    assert len(watch.looks) == PAPERS
    assert gaps[-1] <= 1.05 * EVERY
    assert grown <= MOST_GROWTH
