"""`/metrics` has a listener of its own: off by default, and nowhere else, whoever asks."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
import structlog
from aiohttp import ClientSession
from yarl import URL

from bot.metrics.listener import CannotListen, Write, listen_for_figures
from config.models import MetricsConfig
from tests.fakes.worker import free_port

FORGED = {"X-Forwarded-For": "127.0.0.1", "X-Real-IP": "127.0.0.1", "Forwarded": "for=127.0.0.1"}


async def write(accept: str) -> tuple[bytes, str]:
    return f"# asked {accept}\n".encode(), "text/plain; version=0.0.4; charset=utf-8"


@asynccontextmanager
async def listening(write: Write | None = write) -> AsyncIterator[str]:
    """Its address."""
    config = MetricsConfig(listen=f"127.0.0.1:{free_port()}")
    page = await listen_for_figures(config)
    if write is not None:
        page.show(write)
    yield f"http://{config.listen}"
    await page.cleanup()


async def test_before_it_has_anything_to_show_it_says_so() -> None:
    async with (
        listening(None) as base,
        ClientSession() as client,
        client.get(f"{base}/metrics") as response,
    ):
        assert response.status == 503


async def test_it_answers_in_the_format_that_is_asked_for_and_lets_nobody_keep_it() -> None:
    async with (
        listening() as base,
        ClientSession() as client,
        client.get(f"{base}/metrics", headers={"Accept": "text/plain"}) as response,
    ):
        assert response.status == 200
        assert response.headers["Content-Type"].startswith("text/plain; version=0.0.4")
        assert response.headers["Cache-Control"] == "no-store"
        assert await response.text() == "# asked text/plain\n"


@pytest.mark.parametrize("path", ["/", "/metrics/", "/metrics/x", "/debug", "/healthz", "/..%2f"])
async def test_case_182_nothing_else_is_there(path: str) -> None:
    async with listening() as base, ClientSession() as client:
        url = URL(base + path, encoded=True)
        async with client.get(url, headers=FORGED) as response:
            assert response.status == 404


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "TRACE", "OPTIONS"])
async def test_it_is_only_read(method: str) -> None:
    async with (
        listening() as base,
        ClientSession() as client,
        client.request(method, f"{base}/metrics", data=b"x") as response,
    ):
        assert response.status == 405


async def test_figures_that_cannot_be_read_are_missing_and_say_nothing_of_why() -> None:
    async def broken(_accept: str) -> tuple[bytes, str]:
        raise RuntimeError("postgresql://user:hunter2@host")

    with structlog.testing.capture_logs() as logs:
        async with (
            listening(write=broken) as base,
            ClientSession() as client,
            client.get(f"{base}/metrics") as response,
        ):
            assert response.status == 503
            assert "hunter2" not in await response.text()
    assert [log["event"] for log in logs] == ["figures could not be read"]
    assert "hunter2" not in str(logs)


@pytest.mark.parametrize(
    ("listen", "is_local"),
    [
        ("127.0.0.1:9464", True),
        ("127.8.0.1:9464", True),
        ("[::1]:9464", True),
        ("localhost:9464", True),
        ("0.0.0.0:9464", False),
        ("[::]:9464", False),
        ("10.0.0.5:9464", False),
        ("figures.example.com:9464", False),
    ],
)
def test_what_only_this_machine_reaches_is_known(listen: str, is_local: bool) -> None:
    assert MetricsConfig(listen=listen).is_local is is_local


@pytest.mark.parametrize(("host", "lines"), [("127.0.0.1", 0), ("0.0.0.0", 1)])
async def test_the_log_warns_where_other_machines_can_read(host: str, lines: int) -> None:
    with structlog.testing.capture_logs() as logs:
        page = await listen_for_figures(MetricsConfig(listen=f"{host}:{free_port()}"))
    await page.cleanup()
    assert [log["log_level"] for log in logs] == ["warning"] * lines


async def test_an_address_that_is_taken_is_named_with_its_key() -> None:
    async with listening() as base:
        taken = MetricsConfig(listen=base.removeprefix("http://"))
        with pytest.raises(CannotListen, match=r"metrics\.listen.*"):
            await listen_for_figures(taken)


async def test_a_listener_that_ended_leaves_nothing_behind() -> None:
    logger = logging.getLogger("bot.metrics.listener")
    before = list(logger.filters)
    async with listening():
        assert len(logger.filters) == len(before) + 1
    assert logger.filters == before
