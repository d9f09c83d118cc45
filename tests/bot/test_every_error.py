"""Every error that Telegram can answer, injected in a run of 300 chats over real HTTP: all that should
arrive arrives, all else is in its state with its reason.
"""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import func, select

from bot.channels.telegram.channel import TelegramChannel
from bot.delivery import Delivery
from bot.fanout import FanOut
from bot.ledger.subscriptions import sync_config
from bot.ledger.tables import chats, deliveries, delivery_parts
from bot.reach import Reach
from config.channels import TelegramConfig
from config.models import Settings
from feeds.store import journal
from feeds.store.engine import Store
from feeds.store.owners import Owner
from tests.fakes.archive import HUAIAN, fill, simple_issue
from tests.fakes.botapi import TOKEN, BotApi, Fault, serve
from tests.fakes.clock import HurriedClock
from tests.fakes.office import MONDAY
from tests.fakes.settings import two_papers

CHATS = 300
TOPIC = 7


@dataclass(frozen=True)
class Case:
    """What a chat answers, and what is to come of it: the delivery's state, a word of its reason, how
    many messages stand in the chat at least and at most.
    """

    faults: tuple[Callable[[], Fault], ...] = ()
    state: str = "sent"
    reason: str = ""
    least: int = 1
    most: int = 1
    kind: str = "{}"
    to: str = "{}"


def bad(words: str, **more: object) -> Callable[[], Fault]:
    return lambda: Fault(400, f"Bad Request: {words}", times=1, **more)  # type: ignore[arg-type]


def always(status: int, words: str) -> Callable[[], Fault]:
    return lambda: Fault(status, words)


CASES: dict[str, Case] = {
    "all is well": Case(),
    "blocked": Case((always(403, "Forbidden: bot was blocked by the user"),), "skipped", "blocked", 0, 0),
    "429 of the chat": Case((lambda: Fault(429, "Too Many Requests", {"retry_after": 35}, 2),)),
    "not found at first": Case((bad("chat not found"),)),
    "never found": Case((always(400, "Bad Request: chat not found"),), "skipped", "not found", 0, 0),
    "our markup": Case((lambda: Fault(400, "Bad Request: can't parse entities", markup=True),), "sent", "our markup was refused"),
    "our markup and words": Case((always(400, "Bad Request: can't parse entities"),), "failed", "parse", 0, 0),
    "refused for good": Case((always(400, "Bad Request: message text is empty"),), "failed", "empty", 0, 0),
    "a bad gateway that took it": Case((lambda: Fault(502, "Bad Gateway", times=1, takes=True),), most=2, least=2),
    "a bad gateway that did not": Case((lambda: Fault(502, "Bad Gateway", times=1),)),
    "a connection that dropped": Case((lambda: Fault(0, "", times=1, drops=True),)),
    "a bad gateway for minutes": Case((lambda: Fault(502, "Bad Gateway", times=5),)),
    "connections that drop for ever": Case((lambda: Fault(0, "", drops=True),), "unknown", "Disconnected", 0, 0),
    "a closed topic": Case((bad("TOPIC_CLOSED"),), kind="-100{}", to="-100{}/7"),
    "a channel in doubt": Case((lambda: Fault(0, "", times=1, takes=True, drops=True),), "unknown", kind="@news{}", to="@news{}"),
    "a group that moved": Case(kind="-5{}", to="-5{}"),
}  # fmt: skip
NAMES = list(CASES)


@dataclass
class Town:
    store: Store
    api: BotApi
    settings: Settings
    clock: HurriedClock
    where: dict[str, str] = field(default_factory=dict)  # chat → case


@pytest.fixture
async def town(
    store: Store, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Town]:
    clock = HurriedClock(60)
    # In two of its minutes a busy machine may not get through a call, and who lost its lease sends again.
    monkeypatch.setattr("bot.book.LEASE", timedelta(hours=1))
    where = {CASES[name].kind.format(1000 + n): name for n, name in _named()}
    rows = "\n".join(
        f'  - {{to: "telegram:{CASES[name].to.format(1000 + n)}", source: huaian}}'
        for n, name in _named()
    )
    async with serve(BotApi(paces=False)) as api:
        for chat, name in where.items():
            api.faults[chat] += [fault() for fault in CASES[name].faults]
            if name == "a group that moved":
                new = {"migrate_to_chat_id": int(f"-77{chat[2:]}")}
                api.faults[chat].append(Fault(400, "Bad Request: upgraded", new))
        settings = two_papers(
            tmp_path,
            more=f'channels: {{telegram: {{token: "{TOKEN}", api_url: "{api.url}"}}}}\n'
            f"deliver:\n{rows}",
        )
        yield Town(store, api, settings, clock, where)


def _named() -> list[tuple[int, str]]:
    return [(n, NAMES[n % len(NAMES)]) for n in range(CHATS)]


async def test_every_error_in_a_run_of_300_chats(town: Town) -> None:
    await _publish(town)
    config = TelegramConfig(token=TOKEN, api_url=town.api.url, rate=1000)
    channel = TelegramChannel(config, town.clock)
    owner = Owner(town.store)
    delivery = Delivery(
        town.store, channel, Reach("telegram", town.clock), owner, town.settings, town.clock
    )
    running = asyncio.create_task(delivery.run())
    await town.api.until(lambda: len(town.api.sent) > CHATS // 10)
    town.api.token = "another"  # revoked in the middle, and given back
    await town.api.until(lambda: ("sendMessage", "401") in town.api.refused)
    town.api.token = TOKEN
    async with asyncio.timeout(120):
        while await _left(town.store):
            await asyncio.sleep(0.05)  # nothing rings when all is settled
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await channel.close()
    await owner.close()
    await _check(town)


async def _publish(town: Town) -> None:
    now = town.clock.now()
    await fill(town.store, [HUAIAN])
    async with town.store.write() as tx:
        await sync_config(tx, town.settings.deliver, since=await journal.end(tx), now=now)
    await fill(town.store, [HUAIAN], [simple_issue(MONDAY, updated=now)])
    fanout = FanOut(town.store, town.settings, town.clock)
    while await fanout.step():
        pass


async def _left(store: Store) -> int:
    async with store.read() as tx:
        waiting = select(func.count()).where(deliveries.c.settled_at.is_(None))
        return int((await tx.execute(waiting)).scalar_one())


async def _check(town: Town) -> None:
    messages = Counter(message.chat for message in town.api.sent)
    async with town.store.read() as tx:
        rows = {row.chat: row for row in await tx.execute(select(deliveries))}
        paused = {row.id for row in await tx.execute(select(chats)) if row.gone_at is not None}
        parts = (await tx.execute(select(delivery_parts))).all()
    for chat, name in town.where.items():
        case = CASES[name]
        here = f"-77{chat[2:]}" if name == "a group that moved" else chat
        row = rows[f"telegram:{here}"]
        assert (str(row.state), case.reason in (row.reason or "")) == (case.state, True), name
        assert case.least <= messages[here] <= case.most, name
        assert (f"telegram:{here}" in paused) == (case.state == "skipped"), name
    known = {row.id: row for row in rows.values()}
    for part in parts:
        is_sent = str(known[part.delivery_id].state) == "sent"
        assert (part.message_id is not None) == is_sent
    plain = [m for m in town.api.sent if town.where.get(m.chat) == "our markup"]
    assert plain
    assert all("parse_mode" not in message.request for message in plain)
    general = [m for m in town.api.sent if town.where.get(m.chat) == "a closed topic"]
    assert general
    assert all("message_thread_id" not in message.request for message in general)
