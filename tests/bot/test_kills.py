"""kill -9 at every named step: nothing is lost, a chat gets at most one copy, and the order is kept."""

import asyncio
import os
import re
import signal
from collections import Counter
from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from sqlalchemy import select

from bot.ledger.subscriptions import sync_config
from bot.ledger.tables import deliveries
from config.load import load
from feeds.clock import SystemClock
from feeds.store import journal
from feeds.store.build import open_store
from tests.fakes.archive import HUAIAN, fill, simple_issue
from tests.fakes.botapi import TOKEN, BotApi, Fault, serve
from tests.fakes.dying import STEPS
from tests.fakes.nursery import bear
from tests.fakes.office import DAY, MONDAY

ROOT = Path(__file__).parents[2]
PEOPLE = [str(number) for number in range(1, 9)]
CHATS = [*PEOPLE, "-1001", "@news"]
ISSUES = 2
YAML = """\
data_dir: data
{database}
channels: {{telegram: {{token: "{token}", api_url: "{api}", rate: 1000}}}}
sources:
  - {{id: huaian, kind: yunbao, title: 淮安区报, url: "http://paper.test/"}}
deliver:
{deliver}
"""


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with serve(BotApi(paces=False)) as api:
        yield api


def write_settings(folder: Path, api: BotApi, database: str | None = None) -> None:
    rows = "\n".join(f'  - {{to: "telegram:{chat}", source: huaian}}' for chat in CHATS)
    named = f'database: "{database}"' if database else ""
    text = YAML.format(database=named, token=TOKEN, api=api.url, deliver=rows)
    (folder / "baotong.yaml").write_text(text, encoding="utf-8")


async def prepare(folder: Path) -> None:
    """Subscribers, and issues in the journal that nobody was told of."""
    settings = load(folder / "baotong.yaml", {})
    store = await open_store(settings.data_dir, settings.database_url)
    now = SystemClock().now()
    await fill(store, [HUAIAN])
    async with store.write() as tx:
        await sync_config(tx, settings.deliver, since=await journal.end(tx), now=now)
    for number in range(ISSUES):
        await fill(store, [HUAIAN], [simple_issue(MONDAY + number * DAY, updated=now)])
    await store.close()


async def live(folder: Path, step: str = "none", nth: int = 1) -> int:
    """A worker's life; its exit code."""
    process = bear(
        [folder, step, str(nth)], ROOT, os.environ, [0, 1, 2], module="tests.fakes.dying"
    )
    try:
        async with asyncio.timeout(120):
            return await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


def dates(api: BotApi, chat: str) -> list[str]:
    return [re.findall(r"\d\d月\d\d日", message.text)[0] for message in api.to(chat)]


def check(api: BotApi, chats: list[str], kills: int = 1) -> None:
    """The oracle: what the Bot API server took. A channel may lack what was in flight (the rule)."""
    wanted = [f"04月{MONDAY.day + number:02}日" for number in range(ISSUES)]
    copies = Counter[str]()
    for chat in chats:
        got = dates(api, chat)
        copies[chat] = len(got) - len(set(got))
        if chat != "@news":
            assert sorted(set(got)) == wanted, chat
        assert copies["@news"] == 0
        assert copies[chat] <= kills, chat
        assert got == sorted(got), chat


PUSHING = [step for step in STEPS if "migrat" not in step and step != "schema"]
LATER = [("after the call", 4)]


@pytest.mark.parametrize(("step", "nth"), [*((step, 1) for step in PUSHING), *LATER])
async def test_a_kill_at_a_named_step_loses_nothing(
    tmp_path: Path, api: BotApi, step: str, nth: int
) -> None:
    write_settings(tmp_path, api)
    await prepare(tmp_path)
    assert await live(tmp_path, step, nth) == -signal.SIGKILL
    assert await live(tmp_path) == 0
    check(api, CHATS)


@pytest.mark.parametrize("step", ["claim", "before the call", "after the call"])
async def test_a_kill_on_postgresql_loses_nothing_and_waits_for_no_lease(
    tmp_path: Path, api: BotApi, postgresql_database: str, step: str
) -> None:
    write_settings(tmp_path, api, postgresql_database)
    await prepare(tmp_path)
    assert await live(tmp_path, step) == -signal.SIGKILL
    assert await live(tmp_path) == 0
    check(api, CHATS)


@pytest.mark.parametrize("step", ["in migration", "migrated"])
async def test_a_kill_while_a_group_migrates_brings_its_message_to_the_new_id(
    tmp_path: Path, api: BotApi, step: str
) -> None:
    write_settings(tmp_path, api)
    await prepare(tmp_path)
    moved = Fault(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": -1009})
    api.faults["-1001"].append(moved)
    assert await live(tmp_path, step) == -signal.SIGKILL
    assert await live(tmp_path) == 0
    assert api.to("-1001") == []
    check(api, [*PEOPLE, "-1009", "@news"])


async def test_a_kill_while_the_schema_is_made_leaves_a_database_that_can_be_opened(
    tmp_path: Path, api: BotApi
) -> None:
    write_settings(tmp_path, api)
    assert await live(tmp_path, "schema") == -signal.SIGKILL
    await prepare(tmp_path)
    assert await live(tmp_path) == 0
    check(api, CHATS, kills=0)


async def test_without_a_kill_everything_arrives_once(tmp_path: Path, api: BotApi) -> None:
    write_settings(tmp_path, api)
    await prepare(tmp_path)
    assert await live(tmp_path) == 0
    check(api, CHATS, kills=0)
    store = await open_store(tmp_path / "data", None)
    async with store.read() as tx:
        states = (await tx.execute(select(deliveries.c.state))).scalars().all()
    await store.close()
    assert [str(state) for state in states] == ["sent"] * ISSUES * len(CHATS)
