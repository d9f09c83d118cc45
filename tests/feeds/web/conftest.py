"""A whole site on a free port: archive, publisher, server, and a client that looks at it."""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import aiohttp
import pytest
from yarl import URL

from config.models import Settings
from feeds.clock import Clock
from feeds.models import Issue, Paper
from feeds.publish import Publisher
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.web.door import Door
from feeds.web.server import Times, build_app, start
from tests.fakes.archive import HUAIAN, fill
from tests.fakes.settings import two_papers


@dataclass(frozen=True, slots=True)
class Site:
    """A running site. `get` asks for a path as it is spelt, with nothing decoded or tidied."""

    base: str
    client: aiohttp.ClientSession
    store: Store
    publisher: Publisher
    settings: Settings

    async def get(
        self, path: str, method: str = "GET", **headers: str
    ) -> tuple[aiohttp.ClientResponse, bytes]:
        url = URL(self.base + path, encoded=True)
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        async with self.client.request(
            method, url, headers=names, allow_redirects=False
        ) as response:
            return response, await response.read()

    async def text(self, path: str, **headers: str) -> str:
        response, body = await self.get(path, Accept="text/html", **headers)
        assert response.status == 200, (path, response.status)
        return body.decode()


OpenSite = Callable[..., Awaitable[Site]]


@pytest.fixture
async def store(sqlite_with_tables: Path, tmp_path: Path) -> AsyncIterator[Store]:
    """SQLite alone: what differs between databases is proved below this layer."""
    shutil.copytree(sqlite_with_tables, tmp_path / "var")
    opened = await open_store(tmp_path / "var", None)
    yield opened
    await opened.close()


@pytest.fixture
async def open_site(store: Store, clock: Clock, tmp_path: Path) -> AsyncIterator[OpenSite]:
    """Opens a site over these issues; `times` go to the server, further words to `two_papers`."""
    async with AsyncExitStack() as stack:

        async def open_one(
            issues: Sequence[Issue] = (),
            papers: Sequence[Paper] = (HUAIAN,),
            door: Door | None = None,
            times: Mapping[str, float] = MappingProxyType({}),
            **words: str,
        ) -> Site:
            settings = two_papers(tmp_path, **words)
            await fill(store, papers, issues)
            publisher = Publisher(store, settings, clock)
            await publisher.catch_up()
            app = build_app(store, publisher, settings, clock, door=door)
            runner = await start(app, "127.0.0.1", 0, Times(**times))
            stack.push_async_callback(runner.cleanup)
            client = await stack.enter_async_context(
                aiohttp.ClientSession(auto_decompress=False, skip_auto_headers={"Accept-Encoding"})
            )
            host, port = runner.addresses[0][:2]
            return Site(f"http://{host}:{port}", client, store, publisher, settings)

        yield open_one
