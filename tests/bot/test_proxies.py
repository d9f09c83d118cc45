"""Telegram goes through the proxy that is named for it; newspapers and callbacks go through none, for the
guard would see nothing.
"""

import pytest
from telegram.error import NetworkError

from bot.channels.telegram.transport import AiohttpRequest, NotSent, proxy_from_environment
from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.http import build_fetcher
from feeds.hub.client import Caller
from feeds.models import Document, Request
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.proxies import proxy

PASSWORD = "proxy-canary"
NAMES = [
    name
    for scheme in ("http_proxy", "https_proxy", "all_proxy")
    for name in (scheme, scheme.upper())
]


@pytest.fixture
def trap(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """Every variable by which programs are sent to a proxy leads to a port where nobody listens."""
    for name in NAMES:
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.delenv("no_proxy", raising=False)
    monkeypatch.delenv("NO_PROXY", raising=False)
    return monkeypatch


@pytest.mark.usefixtures("trap")
async def test_a_newspaper_is_fetched_past_every_proxy_of_the_environment() -> None:
    async with newspaper() as paper:
        paper["/"] = page("春耕")
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock())
        try:
            assert isinstance(await fetcher.fetch(Request(paper.url("/"))), Document)
        finally:
            await fetcher.close()


@pytest.mark.usefixtures("trap")
async def test_a_callback_is_called_past_every_proxy_of_the_environment() -> None:
    async with newspaper() as reader:
        reader["/hook"] = Reply(b"challenge")
        caller = Caller("http://127.0.0.1:8080/")
        try:
            answer = await caller.get(reader.url("/hook"), is_exempt=True)
        finally:
            await caller.close()
        assert answer.body == b"challenge"


@pytest.mark.parametrize(
    ("kind", "password"), [("http", None), ("socks5", None), ("socks5", PASSWORD)]
)
async def test_telegram_is_spoken_to_through_the_proxy_that_is_named(
    kind: str, password: str | None
) -> None:
    async with newspaper() as telegram, proxy(kind, password) as between:
        telegram["/bot1:x/getMe"] = Reply(b'{"ok":true,"result":true}')
        assert await _ask(telegram, f"{kind}://{_who(password)}127.0.0.1:{between.port}") is True
        assert between.asked == [telegram.host]


def _who(password: str | None) -> str:
    return f"reader:{password}@" if password else ""


async def test_a_proxy_that_refuses_is_told_without_its_password() -> None:
    async with newspaper() as telegram, proxy("socks5", "another") as between:
        with pytest.raises(NetworkError) as refused:
            await _ask(telegram, f"socks5://reader:{PASSWORD}@127.0.0.1:{between.port}")
        assert (between.asked, telegram.asked) == ([], [])
    assert isinstance(refused.value, NotSent)
    assert PASSWORD not in repr(refused.value) + str(refused.value)


async def _ask(telegram: Newspaper, where: str) -> object:
    request = AiohttpRequest(telegram.url(""), where)
    try:
        return await request.post(telegram.url("/bot1:x/getMe"), read_timeout=5)
    finally:
        await request.shutdown()


def test_only_telegram_takes_a_proxy_from_the_environment_and_never_to_this_machine(
    trap: pytest.MonkeyPatch,
) -> None:
    assert proxy_from_environment("https://api.telegram.org", dict.fromkeys(NAMES, "http://p:1"))
    for here in ("http://127.0.0.1:8081", "http://localhost:8081", "http://[::1]:8081"):
        assert proxy_from_environment(here, dict.fromkeys(NAMES, "http://p:1")) is None
    trap.setenv("no_proxy", "telegram.org")
    assert proxy_from_environment("https://api.telegram.org", dict.fromkeys(NAMES, "x")) is None
