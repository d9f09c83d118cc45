"""A site with its hub, a subscriber, and the way from one to the other over HTTP."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import aiohttp
import pytest
from sqlalchemy import Row, select

from config.models import Settings
from feeds.hub import Hub
from feeds.hub.tables import Kind, hub_subscribers
from feeds.models import Issue
from feeds.publish import Publisher
from feeds.store.engine import Store
from feeds.store.outbox import State
from feeds.web.server import build_app, start
from tests.fakes.archive import fill
from tests.fakes.clock import FakeClock
from tests.fakes.settings import two_papers
from tests.fakes.subscriber import Subscriber, subscriber

TOPIC = "http://127.0.0.1:8080/feeds/huaian.rss"
DAY = date(2024, 4, 8)


def day(n: int) -> date:
    """The n-th day of the tests."""
    return DAY + timedelta(days=n)


@dataclass
class Room:
    """`ask` posts to the hub, `work` lets it do all it can do now."""

    base: str
    client: aiohttp.ClientSession
    store: Store
    clock: FakeClock
    settings: Settings
    publisher: Publisher
    hub: Hub
    reader: Subscriber

    async def ask(
        self, headers: Mapping[str, str] | None = None, **changes: str
    ) -> tuple[int, str]:
        form = {
            "hub.mode": "subscribe",
            "hub.topic": TOPIC,
            "hub.callback": f"{self.reader.base}/hook",
        }
        form |= {f"hub.{name}": value for name, value in changes.items()}
        async with self.client.post(f"{self.base}/hub", data=form, headers=headers) as response:
            return response.status, await response.text()

    async def subscribe(self, **changes: str) -> None:
        status, text = await self.ask(**changes)
        assert status == 202, text
        await self.work()

    async def work(self) -> None:
        await self.hub.drain()

    async def publish(self, *issues: Issue) -> None:
        await fill(self.store, issues=issues)
        await self.publisher.catch_up()
        await self.work()

    async def pass_time(self, **words: float) -> None:
        """Time goes on for all clocks, and the hub works."""
        delta = timedelta(**words)
        await self.clock.advance(delta.total_seconds())
        await self.work()

    async def rows(self) -> list[Row[tuple[object, ...]]]:
        async with self.store.read() as tx:
            return list(await tx.execute(select(hub_subscribers).order_by(hub_subscribers.c.id)))

    def row(self, path: str) -> dict[str, object]:
        """A subscriber that has what its topic was before."""
        return {
            "topic": "huaian.rss",
            "callback": f"{self.reader.base}{path}",
            "host": self.reader.host,
            "kind": Kind.CONTENT,
            "state": State.SENT,
            "wanted": "before",
            "due_at": self.clock.now(),
            "created_at": self.clock.now(),
            "expires_at": self.clock.now() + timedelta(days=1),
        }

    async def restart(self) -> None:
        """The worker dies where it stands and another begins: only the store and the files are left."""
        await self.hub.close()
        self.publisher = Publisher(self.store, self.settings, self.clock)
        await self.publisher.catch_up()
        self.hub = Hub(self.store, self.publisher, self.settings, self.clock)


@pytest.fixture
async def room(store: Store, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Room]:
    async with AsyncExitStack() as stack:
        reader = await stack.enter_async_context(subscriber())
        settings = two_papers(tmp_path, more=f'hub: {{allow_hosts: ["{reader.host}"]}}')
        await fill(store)
        publisher = Publisher(store, settings, clock)
        await publisher.catch_up()
        running = await start(build_app(store, publisher, settings, clock), "127.0.0.1", 0)
        stack.push_async_callback(running.cleanup)
        client = await stack.enter_async_context(aiohttp.ClientSession())
        host, port = running.addresses[0][:2]
        hub = Hub(store, publisher, settings, clock)
        one = Room(f"http://{host}:{port}", client, store, clock, settings, publisher, hub, reader)
        yield one
        await one.hub.close()
