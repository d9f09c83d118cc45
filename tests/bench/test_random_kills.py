"""kill -9 at random, many times, on a backlog: what was lost, what came twice, and whether each chat's order
was kept.

`pytest -s tests/bench/test_random_kills.py`; KILLS=5 for a short one.
"""

import asyncio
import os
import random
import signal
import sys
import time
from collections import Counter
from pathlib import Path

from sqlalchemy import func, select, update

from bot.ledger.subscriptions import sync_config
from bot.ledger.tables import deliveries
from config.load import load
from feeds.clock import SystemClock
from feeds.store import journal
from feeds.store.build import open_store
from feeds.store.outbox import State
from feeds.store.tables import issues as issues_table
from tests.bot.test_kills import YAML, live
from tests.fakes.archive import HUAIAN, fill, simple_issue
from tests.fakes.botapi import TOKEN, BotApi, serve
from tests.fakes.office import DAY, MONDAY

ROOT = Path(__file__).parents[2]
KILLS = int(os.environ.get("KILLS", "50"))
CHATS, ISSUES = 60, 10
LIVES = (1.0, 4.0)  # seconds, the start of a process included


async def prepare(folder: Path, api: BotApi) -> None:
    """Subscribers, and more issues than they can be told of before the last kill."""
    rows = "\n".join(
        f'  - {{to: "telegram:{chat}", source: huaian}}' for chat in range(1, CHATS + 1)
    )
    text = YAML.format(database="", token=TOKEN, api=api.url, deliver=rows)
    (folder / "baotong.yaml").write_text(text, encoding="utf-8")
    settings = load(folder / "baotong.yaml", {})
    store = await open_store(settings.data_dir, None)
    now = SystemClock().now()
    await fill(store, [HUAIAN])
    async with store.write() as tx:
        await sync_config(tx, settings.deliver, since=await journal.end(tx), now=now)
    await store.close()


async def publish(folder: Path, number: int) -> None:
    """The next day's issue, while a worker may be running."""
    store = await open_store(folder / "data", None)
    now = SystemClock().now()
    issue = simple_issue(MONDAY + number * DAY, updated=now)
    await fill(store, [HUAIAN], [issue])
    async with store.write() as tx:  # found now: it was not missed
        found = update(issues_table).where(issues_table.c.key == issue.key)
        await tx.execute(found.values(first_seen=now))
    await store.close()


async def die(folder: Path, seconds: float) -> None:
    """A worker's life that ends by SIGKILL, wherever it is."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.fakes.dying", folder, "none", "1", cwd=ROOT
    )
    try:
        async with asyncio.timeout(seconds):
            await process.wait()
    except TimeoutError:
        process.send_signal(signal.SIGKILL)
        await process.wait()


async def test_random_kills(tmp_path: Path) -> None:
    chance = random.Random(20240408)  # the same lives every time
    async with serve(BotApi(paces=False)) as api:
        await prepare(tmp_path, api)
        begin = time.monotonic()
        for kill in range(KILLS):
            if kill % max(KILLS // ISSUES, 1) == 0 and kill * ISSUES // KILLS < ISSUES:
                await publish(tmp_path, kill * ISSUES // KILLS)
            await die(tmp_path, chance.uniform(*LIVES))
        issues = len({kill * ISSUES // KILLS for kill in range(0, KILLS, max(KILLS // ISSUES, 1))})
        assert await live(tmp_path) == 0
        seconds = time.monotonic() - begin
    await report(tmp_path, api, issues, seconds)


async def report(folder: Path, api: BotApi, issues: int, seconds: float) -> None:
    texts = {
        str(chat): [m.text.splitlines()[0] for m in api.to(chat)] for chat in range(1, CHATS + 1)
    }
    lost = sum(issues - len(set(got)) for got in texts.values())
    copies = Counter(len(got) - len(set(got)) for got in texts.values())
    disorder = sum(got != sorted(got) for got in texts.values())
    store = await open_store(folder / "data", None)
    async with store.read() as tx:
        sent = select(func.count()).where(deliveries.c.state == State.SENT)
        settled = (await tx.execute(sent)).scalar_one()
    await store.close()
    print(
        f"\n{KILLS} kills in {seconds:.0f} s, {issues} issues to {CHATS} chats: {settled} deliveries"
    )
    print(f"  lost {lost}; chats out of order {disorder}")
    print(
        f"  copies {sum(n * many for n, many in copies.items())}, at most {max(copies)} in one chat"
    )
    assert (lost, disorder, settled) == (0, 0, issues * CHATS)
    assert max(copies) <= KILLS
