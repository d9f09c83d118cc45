"""A watched newspaper on each database."""

from collections.abc import AsyncIterator

import pytest

from config.models import FetchConfig
from feeds.http import Limits, build_fetcher
from feeds.store.engine import Store
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import Press
from tests.fakes.newspaper import newspaper
from tests.fakes.watching import Room

QUICK = Limits(total=3.0, connect=3.0)


@pytest.fixture
async def room(store: Store, clock: FakeClock) -> AsyncIterator[Room]:
    async with newspaper() as paper:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock, QUICK)
        yield Room(paper, Press(paper), store, fetcher, clock)
        await fetcher.close()
