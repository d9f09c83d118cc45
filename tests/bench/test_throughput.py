"""The whole way of a message (claim, render, mark, send, settle) against bare loops of transports.

`pytest -s tests/bench/test_throughput.py`. The limits are off and the server answers at once, so that
what is left is our own cost.
"""

import asyncio
import subprocess
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from aiogram import Bot as AiogramBot
from aiogram.client.session.aiohttp import AiohttpSession
from aiogram.client.telegram import TelegramAPIServer
from sqlalchemy import func, insert, select
from telegram.ext import ExtBot
from telegram.request import HTTPXRequest

from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.html import render
from bot.channels.telegram.transport import AiohttpRequest
from bot.delivery import Delivery
from bot.fanout import FanOut
from bot.heap import settle_heap
from bot.ledger import parts
from bot.ledger.tables import chats, deliveries, subscriptions
from bot.reach import Reach
from config.channels import TelegramConfig
from config.models import Settings
from feeds.clock import SystemClock
from feeds.store.engine import Store
from feeds.store.owners import Owner
from tests.fakes.archive import HUAIAN, fill, make_article, make_issue, make_page
from tests.fakes.office import MONDAY
from tests.fakes.settings import two_papers

MESSAGES = 20_000
WARM_UP = 500
AT_ONCE = 256
WORKERS = 64
TOKEN = "1:x"
LEAST_RATE, MOST_COST = 1000, 1.6  # what the whole way is to reach


@dataclass
class Measured:
    name: str
    seconds: float
    cpu: float
    messages: int

    @property
    def rate(self) -> float:
        return self.messages / self.seconds

    @property
    def cost(self) -> float:
        """Milliseconds of CPU a message."""
        return 1000 * self.cpu / self.messages

    def __str__(self) -> str:
        return f"{self.name:28} {self.rate:8.0f} msg/s {self.cost:8.3f} ms CPU/msg"


@contextmanager
def stub() -> Iterator[str]:
    """The URL of a server in a process of its own."""
    command = [sys.executable, "-m", "tests.bench.stub"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    try:
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
    finally:
        process.kill()
        process.communicate()


async def measure(name: str, messages: int, work: Callable[[], Awaitable[Any]]) -> Measured:
    settle_heap()  # as the worker does, for all alike
    wall, cpu = time.perf_counter(), time.process_time()
    await work()
    return Measured(name, time.perf_counter() - wall, time.process_time() - cpu, messages)


Send = Callable[[int], Awaitable[Any]]


async def measure_loop(name: str, send: Send, messages: int) -> Measured:
    """So many messages by WORKERS workers, after a few that warm up."""
    await _loop(send, min(WARM_UP, messages))
    return await measure(name, messages, lambda: _loop(send, messages))


async def _loop(send: Send, messages: int) -> None:
    numbers = iter(range(messages))

    async def work() -> None:
        for number in numbers:
            await send(number)

    await asyncio.gather(*(work() for _ in range(WORKERS)))


def _sender(bot: ExtBot[None], text: str) -> Send:
    async def send(number: int) -> None:
        await bot.send_message(str(number + 1), text, parse_mode="HTML", pool_timeout=60)

    return send


async def bare(url: str, text: str, messages: int) -> Measured:
    """PTB's own Bot over our transport, and nothing else."""
    request = AiohttpRequest(url)
    bot = ExtBot(TOKEN, base_url=f"{url}/bot", request=request)
    done = await measure_loop("bare loop, our transport", _sender(bot, text), messages)
    await request.shutdown()
    return done


async def ptb_default(url: str, text: str, messages: int) -> Measured:
    request = HTTPXRequest(connection_pool_size=WORKERS)
    bot = ExtBot(TOKEN, base_url=f"{url}/bot", request=request)
    await request.initialize()
    done = await measure_loop("bare loop, PTB's default", _sender(bot, text), messages)
    await request.shutdown()
    return done


async def aiogram(url: str, text: str, messages: int) -> Measured:
    session = AiohttpSession(api=TelegramAPIServer.from_base(url), limit=WORKERS)
    bot = AiogramBot("1:" + "x" * 30, session=session)

    async def send(number: int) -> None:
        await bot.send_message(number + 1, text, parse_mode="HTML")

    done = await measure_loop("bare loop, aiogram", send, messages)
    await session.close()
    return done


async def whole_way(url: str, store: Store, settings: Settings, messages: int) -> Measured:
    """Fanned out beforehand; then claimed, rendered, marked, sent and settled."""
    clock = SystemClock()
    await enrol(store, settings, messages + WARM_UP, clock)
    channel = TelegramChannel(TelegramConfig(token=TOKEN, api_url=url, rate=1000), clock)
    channel._pacer._slot = 0.0  # the limits are off
    owner = Owner(store)
    delivery = Delivery(store, channel, Reach("telegram", clock), owner, settings, clock)
    channel.at_once = WARM_UP
    await delivery.step()
    while delivery._in_hand:
        await asyncio.sleep(0.01)
    channel.at_once = AT_ONCE
    done = await measure(f"the whole way, {store.dialect}", messages, delivery.drain)
    await owner.close()
    await channel.close()
    async with store.read() as tx:
        counted = select(func.count()).where(deliveries.c.state == "sent")
        assert (await tx.execute(counted)).scalar_one() == messages + WARM_UP
    return done


async def enrol(store: Store, settings: Settings, readers: int, clock: SystemClock) -> None:
    """So many subscribers, and an issue of 24 articles that is owed to each."""
    now = clock.now()
    articles = [make_article(f"a{n}") for n in range(24)]
    pages = [make_page(f"0{n}", articles[6 * n - 6 : 6 * n]) for n in range(1, 5)]
    await fill(store, [HUAIAN])
    ids = [f"telegram:{n}" for n in range(1, readers + 1)]
    made = {"created_at": now}
    wanted = {"source": "huaian", "origin": "chat", "mode": "issue", "pages": [], "since": 0}
    async with store.write() as tx:
        await tx.execute(insert(chats), [{"id": id_, "kind": "private", **made} for id_ in ids])
        await tx.execute(insert(subscriptions), [{"chat": id_, **wanted, **made} for id_ in ids])
    await fill(store, [HUAIAN], [make_issue(MONDAY, pages, updated=now)])
    fanout = FanOut(store, settings, clock)
    while await fanout.step():
        pass


@pytest.mark.parametrize("messages", [MESSAGES])
async def test_throughput(store: Store, tmp_path: Path, messages: int) -> None:
    settings = two_papers(tmp_path, more=f'channels: {{telegram: {{token: "{TOKEN}"}}}}')
    with stub() as url:
        whole = await whole_way(url, store, settings, messages)
        async with store.read() as tx:
            said = await parts.load(tx, [1])
        text = render(said[1][0].part)
        alone = await bare(url, text, messages)
        others = [
            await ptb_default(url, text, messages // 20),
            await aiogram(url, text, messages),
        ]
    print()
    for row in (whole, alone, *others):
        print(row)
    print(f"CPU of the whole way over the bare loop: {whole.cost / alone.cost:.2f}")
    print(f"to reach: {LEAST_RATE} msg/s, {MOST_COST} times the bare loop's CPU")
