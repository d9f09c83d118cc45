"""How updates come: one poller a token, or a webhook that hears only who knows the secret."""

import asyncio
import io
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import aiohttp
import pytest
from structlog.testing import capture_logs

from bot.channels.base import Answer, Incoming, Menu
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.polling import SETTLED_AFTER
from bot.channels.telegram.webhook import MOST_BYTES, SECRET_HEADER
from bot.message import Line, Part, Span
from config.channels import TelegramConfig
from feeds.clock import SystemClock
from tests.fakes import canary
from tests.fakes.botapi import TOKEN, BotApi, serve
from tests.fakes.worker import free_port

SECRET = canary.WEBHOOK_SECRET
NO_MENU = Menu({}, {})


class ImpatientClock(SystemClock):
    """Nobody waits."""

    async def sleep(self, seconds: float) -> None:
        del seconds
        await asyncio.sleep(0.001)


async def echo(incoming: Incoming) -> Answer:
    return Answer((Part((Line((Span(incoming.command or "?"),)),)),))


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with serve(BotApi(paces=False)) as api:
        yield api


@asynccontextmanager
async def listening(api: BotApi, **more: Any) -> AsyncIterator[Any]:
    channel = TelegramChannel(
        TelegramConfig(token=TOKEN, api_url=api.url, rate=1000, **more), ImpatientClock()
    )
    task = asyncio.create_task(channel.listen(echo, NO_MENU))
    task.channel = channel  # type: ignore[attr-defined]
    yield task
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await channel.close()


async def test_case_129_the_second_poller_stops_with_a_clear_line_and_the_first_goes_on(
    api: BotApi,
) -> None:
    async with listening(api) as first:
        for _ in range(SETTLED_AFTER + 1):
            await api.write("/settle")
            sent = len(api.sent)
            await api.until(lambda: len(api.sent) > sent)  # noqa: B023
        assert first.channel.is_disputed is False
        with capture_logs() as logs:
            async with listening(api) as second:
                assert second.channel.is_disputed is None
                async with asyncio.timeout(20):
                    await second
        assert not first.done()
        assert second.channel.is_disputed is True
        assert first.channel.is_disputed is not True
        [line] = [log for log in logs if log["log_level"] == "error"]
        assert "409" in line["event"]
        await api.write("/still")
        await api.until(lambda: api.sent[-1].text == "still")


# ── webhook ─────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def hook(api: BotApi) -> AsyncIterator[str]:
    """The URL at which a bot listens."""
    port = free_port()
    webhook = {
        "url": "https://bot.example/telegram/hook",
        "secret": SECRET,
        "listen": f"127.0.0.1:{port}",
    }
    async with listening(api, webhook=webhook):
        await api.until(lambda: bool(api.webhook))
        yield f"http://127.0.0.1:{port}/telegram/hook"


def update(number: int = 1, text: str = "/hello") -> dict[str, Any]:
    person = {"id": 7, "is_bot": False, "first_name": "读者"}
    entities = [{"type": "bot_command", "offset": 0, "length": len(text)}]
    message = {"message_id": 5, "date": 1_700_000_000, "chat": {"id": 7, "type": "private"},
               "from": person, "text": text, "entities": entities}  # fmt: skip
    return {"update_id": number, "message": message}


async def post(url: str, secret: str | None = SECRET, **more: Any) -> int:
    headers = {} if secret is None else {SECRET_HEADER: secret}
    async with (
        aiohttp.ClientSession() as session,
        session.post(url, headers=headers, **more) as response,
    ):
        return response.status


async def test_updates_that_telegram_brings_are_answered_once(api: BotApi, hook: str) -> None:
    assert api.webhook["url"] == "https://bot.example/telegram/hook"
    assert api.webhook["secret_token"] == SECRET
    assert await post(hook, json=update()) == 200
    assert await post(hook, json=update()) == 200  # case 132: the same again
    assert await post(hook, json=update(2, "/last")) == 200
    await api.until(lambda: bool(api.sent) and api.sent[-1].text == "last")
    assert [sent.text for sent in api.sent] == ["hello", "last"]
    assert api.calls["getUpdates"] == 0


@pytest.mark.parametrize("secret", [None, "", "wrong", SECRET + "x", "é" * 20])
async def test_whoever_does_not_know_the_secret_is_not_heard(
    api: BotApi, hook: str, secret: str | None
) -> None:
    encoded = secret.encode("utf-8").decode("latin-1") if secret else secret
    assert await post(hook, encoded, json=update()) == 403
    assert api.sent == []


BAD: dict[str, tuple[Callable[[], dict[str, Any]], int]] = {
    "5 MB": (lambda: {"data": io.BytesIO(b"x" * (5 * MOST_BYTES))}, 413),
    "no JSON": (lambda: {"data": b"{"}, 400),
    "another type": (lambda: {"json": [1]}, 400),
    "depth 10k": (lambda: {"data": b"[" * 10_000 + b"]" * 10_000}, 400),
    "no text": (lambda: {"data": b"\xff\xfe"}, 400),
    "no update": (lambda: {"json": {"update_id": "x", "message": 5}}, 200),
}


@pytest.mark.parametrize("name", BAD)
async def test_case_134_a_body_that_is_none_is_refused_and_the_next_is_heard(
    api: BotApi, hook: str, name: str
) -> None:
    body, status = BAD[name]
    assert await post(hook, **body()) == status
    assert await post(hook, json=update()) == 200
    await api.until(lambda: len(api.sent) == 1)


async def test_another_path_is_not_there(hook: str) -> None:
    assert await post(hook + "/x", json=update()) == 404
