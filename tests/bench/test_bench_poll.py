"""The most frequent thing of all: a look that finds nothing new, ending in 304."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import structlog
from reader import make_reader

from config.models import FetchConfig
from config.sources import YunbaoSource
from feeds.clock import SystemClock
from feeds.http import build_fetcher
from feeds.sources.table import build_source
from feeds.store.build import open_store
from feeds.watch import Watch
from tests.bench.report import Spent, show, spent
from tests.bench.server import serving

PAPERS, ROUNDS = 20, 15
POLLS = PAPERS * ROUNDS
AT_MOST = 0.5  # of what lemon24/reader's update of an unchanged feed takes

pytestmark = pytest.mark.filterwarnings("default")


@asynccontextmanager
async def _watching(host: str, folder: Path) -> AsyncIterator[Watch]:
    """Papers that were read before."""
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    store = await open_store(folder, None)
    fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[host]), SystemClock())
    papers = []
    for number in range(PAPERS):
        values = {
            "id": f"p{number}",
            "kind": "yunbao",
            "title": "报",
            "url": f"http://{host}/{number}/",
        }
        config = YunbaoSource.model_validate(values)
        papers.append((config, build_source(config)))
    watch = Watch(store, fetcher, papers, SystemClock())
    for _ in range(2):
        for config, _source in papers:
            await watch.look(config.id)
    yield watch
    await fetcher.close()
    await store.close()
    structlog.reset_defaults()


async def _together(watch: Watch) -> Spent:
    """As `run` does it: what was found is written for all papers together."""
    with spent() as found:
        for _ in range(ROUNDS):
            for number in range(PAPERS):
                await watch._look(f"p{number}")
            await watch._notes.flush()
    return found


async def _alone(watch: Watch) -> Spent:
    """One paper, each look written by itself."""
    with spent() as found:
        for _ in range(POLLS):
            await watch.look("p0")
    return found


def _readers(host: str, folder: Path) -> Spent:
    urls = [f"http://{host}/feed.xml?{number}" for number in range(PAPERS)]
    with make_reader(str(folder / "reader.sqlite")) as reader:
        for url in urls:
            reader.add_feed(url)
        for _ in range(2):
            for url in urls:
                reader.update_feed(url)
        with spent() as found:
            for _ in range(ROUNDS):
                for url in urls:
                    reader.update_feed(url)
    return found


async def test_a_poll_that_ends_in_304_costs_half_of_readers_update(tmp_path: Path) -> None:
    with serving() as host:
        theirs = _readers(host, tmp_path)
        async with _watching(host, tmp_path) as watch:
            ours = {
                "报童, 20 papers": await _together(watch),
                "报童, one paper": await _alone(watch),
            }
    rows = {**ours, "lemon24/reader": theirs}
    show(
        f"CPU of {POLLS} polls that end in 304",
        ("", "ms each", "ratio"),
        [(name, 1000 * s.cpu / POLLS, f"{s.cpu / theirs.cpu:.2f}") for name, s in rows.items()],
    )
    assert ours["报童, 20 papers"].cpu <= AT_MOST * theirs.cpu
