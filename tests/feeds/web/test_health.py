"""`/healthz` says how we are in a word, and what is asked for is counted by its kind."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiohttp
import pytest
import structlog

from feeds.clock import Clock
from feeds.figures import REQUESTS
from feeds.publish import Publisher
from feeds.store.engine import Store
from feeds.web import server
from feeds.web.server import build_app, start
from tests.fakes.archive import make_article, make_issue, make_page
from tests.fakes.figures import counted_by, counts
from tests.fakes.office import MONDAY
from tests.fakes.settings import two_papers

Health = Callable[[], Awaitable[bool]]
OpenSite = Callable[..., Awaitable[Any]]


@asynccontextmanager
async def asked(store: Store, clock: Clock, folder: Path, health: Health) -> AsyncIterator[str]:
    """The address of a site whose health this is."""
    settings = two_papers(folder)
    app = build_app(store, Publisher(store, settings, clock), settings, clock, health=health)
    listening = await start(app, "127.0.0.1", 0)
    yield f"http://127.0.0.1:{listening.addresses[0][1]}/healthz"
    await listening.cleanup()


async def _get(url: str) -> tuple[int, str, str]:
    async with aiohttp.ClientSession() as client, client.get(url) as response:
        return response.status, await response.text(), response.headers["Cache-Control"]


@pytest.mark.parametrize(("is_well", "word"), [(True, "ok\n"), (False, "degraded\n")])
async def test_it_says_one_of_two_words_and_is_200_for_both(
    store: Store, clock: Clock, tmp_path: Path, is_well: bool, word: str
) -> None:
    async def health() -> bool:
        return is_well

    async with asked(store, clock, tmp_path, health) as url:
        assert await _get(url) == (200, word, "no-store")


async def test_a_database_that_cannot_be_read_is_503_and_says_nothing_of_it(
    store: Store, clock: Clock, tmp_path: Path
) -> None:
    async def health() -> bool:
        raise RuntimeError("postgresql://user:hunter2@host is down")

    with structlog.testing.capture_logs() as logs:
        async with asked(store, clock, tmp_path, health) as url:
            for _ in range(20):
                assert await _get(url) == (503, "503\n", "no-store")
    assert {log["event"] for log in logs} == {"health not known"}
    assert len(logs) == 10  # a minute's worth, however many ask


async def test_one_that_does_not_answer_is_503_too(
    store: Store, clock: Clock, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server, "HEALTH_SECONDS", 0)

    async def health() -> bool:
        await asyncio.Event().wait()
        return True

    async with asked(store, clock, tmp_path, health) as url:
        assert (await _get(url))[0] == 503


async def test_without_more_to_ask_it_is_well_where_the_database_answers(
    open_site: OpenSite,
) -> None:
    site = await open_site()
    response, body = await site.get("/healthz")
    assert (response.status, body) == (200, b"ok\n")
    site.store.read = None
    assert (await site.get("/healthz"))[0].status == 503


async def test_answers_are_counted_by_the_kind_of_their_address(
    open_site: OpenSite, store: Store
) -> None:
    sheet = counted_by(store)
    issue = make_issue(MONDAY, [make_page("01", [make_article()])])
    site = await open_site([issue])
    tag = (await site.get("/feeds/huaian.rss"))[0].headers["ETag"]
    for path in (
        "/", "/huaian/", "/huaian", "/healthz", "/feeds.opml", "/.well-known/feeds", "/hub", "/search?q=%E6%98%A5",
        "/feeds/huaian/2024-04-08.rss", "/static/style.css", "/metrics", "/no/such/thing/anywhere",
    ):  # fmt: skip
        await site.get(path)
    await site.get("/feeds/huaian.rss", If_None_Match=tag)
    found = counts(sheet, REQUESTS)

    assert found["feed", "200"] == found["feed", "304"] == 1
    assert found["page", "200"] == 2
    assert found["page", "308"] == 1
    assert {name for name, _code in found} == {
        "feed", "page", "health", "opml", "hub", "search", "archive", "static", "none",
    }  # fmt: skip
    assert found["none", "404"] == 1
    assert found["hub", "405"] == 1


async def test_an_error_of_ours_is_counted_as_500(open_site: OpenSite, store: Store) -> None:
    sheet = counted_by(store)
    site = await open_site()
    site.store.read = None
    await site.get("/search?q=%E6%98%A5")

    assert counts(sheet, REQUESTS) == {("search", "500"): 1}
