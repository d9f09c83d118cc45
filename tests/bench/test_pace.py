"""A backlog at Telegram's pace, against a server that enforces it: the net rate, 429s, and how long a person
waits for an answer meanwhile.

`pytest -s tests/bench/test_pace.py`; SECONDS=10 for a short one.
"""

import asyncio
import os
import time
from collections import Counter
from pathlib import Path
from statistics import median, quantiles

from bot.address import Address
from bot.channels.base import Priority
from bot.channels.telegram.channel import TelegramChannel
from bot.delivery import Delivery
from bot.message import Line, Part, Span
from bot.reach import Reach
from config.channels import TelegramConfig
from feeds.clock import SystemClock
from feeds.store.engine import Store
from feeds.store.owners import Owner
from tests.bench.test_throughput import enrol
from tests.fakes.botapi import TOKEN, BotApi, Fault, serve
from tests.fakes.settings import two_papers

SECONDS = float(os.environ.get("SECONDS", "60"))
BACKLOG = 10_000
ASK_EVERY = 0.37  # seconds between two people who ask
HELD, RETRY_AFTER = "17", 30
ANSWER = Part((Line((Span("这已经是最后一期了哦!"),)),))
LEAST_RATE, MOST_WAIT = 28.5, 100.0  # what is to be reached: messages a second, milliseconds at p99


async def ask(channel: TelegramChannel, times: list[float]) -> None:
    """People in quiet chats ask, one after the other."""
    person = 9_000_000
    while True:
        await asyncio.sleep(ASK_EVERY)
        person += 1
        begin = time.perf_counter()
        await channel.send(Address("telegram", str(person)), ANSWER, priority=Priority.ANSWER)
        times.append(1000 * (time.perf_counter() - begin))


async def test_pace(store: Store, tmp_path: Path) -> None:
    clock = SystemClock()
    async with serve(BotApi()) as api:
        settings = two_papers(tmp_path, more=f'channels: {{telegram: {{token: "{TOKEN}"}}}}')
        await enrol(store, settings, BACKLOG, clock)
        api.faults[HELD].append(Fault(429, "Too Many Requests", {"retry_after": RETRY_AFTER}, 1))
        channel = TelegramChannel(TelegramConfig(token=TOKEN, api_url=api.url), clock)
        owner = Owner(store)
        delivery = Delivery(store, channel, Reach("telegram", clock), owner, settings, clock)
        waits: list[float] = []
        tasks = [asyncio.create_task(delivery.run()), asyncio.create_task(ask(channel, waits))]
        await api.until(lambda: len(api.sent) > 10)
        begin, first = time.monotonic(), len(api.sent)
        await asyncio.sleep(SECONDS)
        rate = (len(api.sent) - first) / (time.monotonic() - begin)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await channel.close()
        await owner.close()
    refused = Counter(words for words, _ in api.refused)
    gaps = [later.at - sooner.at for sooner, later in zip(api.sent, api.sent[1:], strict=False)]
    print(f"\n{store.dialect}: {rate:.2f} messages a second net, {refused['429']} times 429")
    print(f"  the longest pause {1000 * max(gaps):.0f} ms, while a chat waits for {RETRY_AFTER} s")
    print(
        f"  an answer behind a backlog of {BACKLOG}: p50 {median(waits):.0f} ms, "
        f"p99 {quantiles(waits, n=100)[98]:.0f} ms, worst {max(waits):.0f} ms"
    )
    print(f"  to reach: {LEAST_RATE} a second, p99 under {MOST_WAIT:.0f} ms")
