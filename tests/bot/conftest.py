"""A post office for tests of fan-out, sending and editing."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path

import pytest

from feeds.store.engine import Store
from tests.fakes.clock import FakeClock
from tests.fakes.office import Office, office

OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def open_office(store: Store, tmp_path: Path, clock: FakeClock) -> AsyncIterator[OpenOffice]:
    """Opens one with these fixed subscribers, rows of YAML without `source`."""
    opened: list[Office] = []

    async def make(*deliver: str, more: str = "") -> Office:
        opened.append(office(store, tmp_path, clock, deliver, more))
        await opened[-1].open()
        return opened[-1]

    yield make
    for one in opened:
        await one.close()
