"""How soon a command's answer leaves for a chat that was quiet: the whole way, from the update that
Telegram hands over to the message that it gets, with an archive and a ledger of some size behind it.

`pytest -s tests/bench/test_answers.py`. The Bot API server runs in the same process, so that its own
cost is in the figures too.
"""

import asyncio
import time
from collections.abc import AsyncIterator
from datetime import date, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert

from bot.channels.telegram.channel import TelegramChannel
from bot.commands.desk import build_desk
from bot.commands.table import build_menu
from bot.ledger.tables import chats, subscriptions
from config.channels import TelegramConfig
from feeds.clock import SystemClock
from feeds.models import Issue, ReadCount
from feeds.store.build import open_store
from feeds.store.engine import Store
from tests.fakes.archive import SEEN, fill, make_article, make_issue, make_page
from tests.fakes.botapi import TOKEN, serve
from tests.fakes.press import papers
from tests.fakes.settings import two_papers
from tests.fakes.telegram import Telegram

ISSUES, PAGES, ARTICLES = 200, 5, 10  # of the issues, of each, of each of these: 10,000
READERS = 10_000
WARM_UP, ASKED = 5, 100  # times each command, each time by somebody else
MOST_MS = 50.0  # of the slowest in a hundred
COMMANDS = [
    "/start", "/help", "/papers", "/latest huaian", "/issue huaian 2023-12-01", "/top huaian week",
    "/search 春耕", "/search 海棠大道 施工", "/search 第777号", "/subscribe huaian", "/subscriptions",
    "/why", "/export", "/privacy",
]  # fmt: skip


def printed(day: int) -> Issue:
    pages = [
        make_page(
            f"{p:02}",
            [
                make_article(
                    f"{day}-{p}-{n}",
                    title=f"第{day * 50 + p * 10 + n}号 春耕新闻",
                    body_text=f"海棠大道第{day}段{p}号{n}处施工。农户说,今年水足。" * 20,
                    reads=ReadCount((day * 7919 + p * 31 + n) % 5000),
                    reads_at=SEEN,
                )
                for n in range(ARTICLES)
            ],
        )
        for p in range(1, PAGES + 1)
    ]
    source = "huaian" if day % 2 else "chuzhou"
    return make_issue(date(2024, 4, 8) - timedelta(days=day), pages, source)


@pytest.fixture
async def store(tmp_path: Path) -> AsyncIterator[Store]:
    opened = await open_store(tmp_path / "var", None)
    for begin in range(0, ISSUES, 20):
        await fill(opened, papers(), [printed(day) for day in range(begin, begin + 20)])
    async with opened.write() as tx:
        known = [
            {"id": f"telegram:{n}", "kind": "private", "created_at": SEEN}
            for n in range(1, READERS + 1)
        ]
        await tx.execute(insert(chats), known)
        rows = [
            {"chat": row["id"], "source": "huaian", "origin": "chat", "mode": "issue", "pages": [],
             "since": 0, "created_at": SEEN}
            for row in known
        ]  # fmt: skip
        await tx.execute(insert(subscriptions), rows)
    yield opened
    await opened.close()


async def test_an_answer_leaves_within_50_ms(store: Store, tmp_path: Path) -> None:
    settings, clock = two_papers(tmp_path, more="readers: {commands: 1000}"), SystemClock()
    slowest: dict[str, float] = {}
    async with serve(Telegram(paces=False)) as api:
        assert isinstance(api, Telegram)
        channel = TelegramChannel(TelegramConfig(token=TOKEN, api_url=api.url, rate=1000), clock)
        desk = build_desk(store, settings, clock, {"telegram": channel})
        listening = asyncio.create_task(channel.listen(desk, build_menu(settings)))
        await api.until(lambda: api.calls["getUpdates"] > 0)
        reader = 0
        for command in COMMANDS:
            took = []
            for _ in range(WARM_UP + ASKED):
                reader += 1
                took.append(await answered(api, command, reader))
            took = sorted(took[WARM_UP:])
            slowest[command] = took[-1 - len(took) // 100]
            print(f"{command:28} {took[len(took) // 2]:7.1f} ms p50 {slowest[command]:7.1f} ms p99")
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
        await channel.close()
    assert max(slowest.values()) <= MOST_MS


async def answered(api: Telegram, command: str, reader: int) -> float:
    """Milliseconds from the update to the first message of its answer."""
    room = api.room(reader)
    before = len(api.sent) + len(api.files)
    begun = time.perf_counter()
    await api.type(room, reader, command)
    await api.until(lambda: len(api.sent) + len(api.files) > before)
    took = 1000 * (time.perf_counter() - begun)
    await api.until(lambda: api.taken >= api.last_update)
    return took
