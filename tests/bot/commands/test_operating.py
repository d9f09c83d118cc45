"""Operators' commands in the chat: who may give them, by numeric id alone, and that nobody else hears of them."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Desk, Incoming, Rights, Scope
from bot.channels.telegram.html import keyboard, render
from bot.commands.desk import build_desk
from bot.commands.operating import OPERATIONS
from bot.commands.operators import Power, power_by_id
from bot.commands.table import build_menu
from bot.message import Part
from bot.messages.actions import Verb
from config.models import Settings
from config.sources import SourceConfig
from feeds.errors import BadStatus
from feeds.explore import Exploration
from feeds.models import PauseKind
from feeds.store import library, pauses
from feeds.store.engine import Store
from tests.bot.transcript import Stage, stage
from tests.fakes.archive import fill
from tests.fakes.botapi_html import check_lengths, parse_html
from tests.fakes.clock import FakeClock
from tests.fakes.press import evening, monday, papers, sunday
from tests.fakes.settings import read_settings, two_papers

BOSS, STRANGER = "7", "8"
GROUP, LISTED = "-1001", "-1009"
OPERATORS = """
channels: {telegram: {token: "1:x"}}
operators: ["telegram:7", "telegram:-1009", "telegram:@boss", "console:terminal"]
"""
COMMANDS = [
    "/status",
    "/check",
    "/check huaian",
    "/withdraw huaian 0408-2",
    "/restore huaian 0408-2",
    "/pause huaian",
    "/pause telegram",
    "/resume huaian",
]


@dataclass
class Host:
    """Knows who are the administrators of groups."""

    admins: set[tuple[str, str]] = field(default_factory=set)

    async def rights(self, chat: str, person: str) -> Rights | None:
        is_admin = (chat, person) in self.admins
        return Rights(Address("telegram", chat), ChatKind.GROUP, "群", is_admin, may_post=True)


@dataclass
class Hall:
    """A desk with an archive of two papers behind it."""

    desk: Desk
    store: Store
    host: Host

    async def ask(
        self, said: str, person: str = BOSS, chat: str | None = None, **changes: Any
    ) -> Answer:
        """Says something in a private chat, or in a group."""
        command, _, words = said.removeprefix("/").partition(" ")
        to = Address("telegram", chat or person)
        kind = ChatKind.GROUP if chat else ChatKind.PRIVATE
        asked = Incoming(to, kind, "群" if chat else "", person, is_admin=None if chat else True)
        asked = replace(asked, command=command, words=words)
        answer = await self.desk(replace(asked, **changes))
        for part in answer.parts:
            check_lengths(parse_html(render(part)))
        return answer

    async def press(self, action: str, person: str = BOSS, chat: str | None = None) -> Answer:
        return await self.ask("", person, chat, command=None, action=action, message_id="5")

    async def paused(self) -> set[str]:
        async with self.store.read() as tx:
            return {name for kind in PauseKind for name in await pauses.standing(tx, kind)}

    async def is_withdrawn(self, key: str) -> bool:
        async with self.store.read() as tx:
            [article] = await library.find_articles(tx, "huaian", key)
        return bool(article.withdrawn)


def text(answer: Answer) -> str:
    return "\n".join(parse_html(render(part)).text for part in answer.parts)


def actions(parts: tuple[Part, ...]) -> list[str]:
    rows = [row for part in parts for row in keyboard(part)]
    return [button["callback_data"] for row in rows for button in row]


async def explore(paper: SourceConfig) -> Exploration:
    raise BadStatus(paper.url, 503, "服务器出错")


async def build_hall(store: Store, settings: Settings, clock: FakeClock) -> Hall:
    await fill(store, papers(), [sunday(), monday(), evening()])
    host = Host()
    return Hall(build_desk(store, settings, clock, {"telegram": host}, explore), store, host)


@pytest.fixture
async def hall(store: Store, clock: FakeClock, tmp_path: Path) -> Hall:
    return await build_hall(store, two_papers(tmp_path, more=OPERATORS), clock)


@pytest.fixture
async def plain(store: Store, clock: FakeClock, tmp_path: Path, hall: Hall) -> Hall:
    """The same desk where nobody is an operator."""
    settings = two_papers(tmp_path)
    return Hall(build_desk(store, settings, clock, {"telegram": hall.host}), store, hall.host)


# ── who ─────────────────────────────────────────────────────────────────────────────────────────

IN = {"private": ChatKind.PRIVATE, "group": ChatKind.GROUP, "channel": ChatKind.CHANNEL}
WHO = [
    ("7", "telegram:7", "private", "telegram:7", Power.CHANGES),
    ("7", "telegram:-1001", "group", "telegram:7", Power.CHANGES),
    ("8", "telegram:8", "private", "telegram:7", Power.NONE),
    ("8", "telegram:-1001", "group", "telegram:-1001", Power.LOOKS),
    ("8", "telegram:-1001/5", "group", "telegram:-1001", Power.LOOKS),
    ("8", "telegram:-1001/5", "group", "telegram:-1001/5", Power.LOOKS),
    ("8", "telegram:-1001/6", "group", "telegram:-1001/5", Power.NONE),
    ("8", "telegram:-1001", "group", "telegram:-1002", Power.NONE),
    # An @name can be given up and taken by somebody else: it never counts.
    ("7", "telegram:7", "private", "telegram:@boss", Power.NONE),
    ("boss", "telegram:boss", "private", "telegram:boss", Power.NONE),
    ("@boss", "telegram:@boss", "private", "telegram:@boss", Power.NONE),
    # The same number elsewhere is somebody else, and so are digits that only look alike.
    ("7", "wecom:7", "private", "telegram:7", Power.NONE),
    ("７", "telegram:７", "private", "telegram:７", Power.NONE),
    # A person's topic is no person; a channel's posts are nobody's; a private chat is no group.
    ("7", "telegram:7", "private", "telegram:7/1", Power.NONE),
    ("9", "telegram:-1002", "channel", "telegram:-1002", Power.NONE),
    # In these names many people write.
    ("1087968824", "telegram:-1001", "group", "telegram:1087968824", Power.NONE),
    ("777000", "telegram:-1001", "group", "telegram:777000", Power.NONE),
    ("terminal", "console:terminal", "private", "console:terminal", Power.CHANGES),
]


@pytest.mark.parametrize(("person", "chat", "kind", "listed", "power"), WHO)
def test_case_135_an_operator_is_a_numeric_id(
    person: str, chat: str, kind: str, listed: str, power: Power
) -> None:
    incoming = Incoming(Address.parse(chat), IN[kind], "boss", person)
    assert power_by_id([listed], incoming) is power


@pytest.mark.parametrize("said", COMMANDS)
@pytest.mark.parametrize("chat", [None, GROUP])
async def test_case_135_others_hear_what_they_would_hear_if_there_were_no_such_commands(
    hall: Hall, plain: Hall, said: str, chat: str | None
) -> None:
    answer = await hall.ask(said, STRANGER, chat, title="boss")
    assert answer == await plain.ask(said, STRANGER, chat, title="boss")
    assert answer.more is None
    assert await hall.paused() == set()
    assert not await hall.is_withdrawn("0408-2")


async def test_case_135_no_near_miss_tells_of_a_command(hall: Hall) -> None:
    for row in OPERATIONS:
        if row.words:
            answer = await hall.ask(f"/{row.name[:-1]}", STRANGER)
            assert f"/{row.name}" not in text(answer).split("，")[-1]


async def test_case_135_nobody_else_presses_an_operators_button(hall: Hall) -> None:
    async with hall.store.read() as tx:
        [article] = await library.find_articles(tx, "huaian", "0408-2")
    presses = ["op:status", "op:pause:source:huaian", f"op:withdraw:{article.id}"]
    for action in presses:
        for chat in (None, GROUP):
            answer = await hall.press(action, STRANGER, chat)
            assert answer == Answer(alert="这个按钮已经旧了。")
    assert await hall.paused() == set()
    assert not await hall.is_withdrawn("0408-2")


@pytest.fixture
async def house(tmp_path: Path) -> AsyncIterator[Stage]:
    settings = two_papers(tmp_path, more=OPERATORS)
    async with stage(tmp_path, settings, explore, rooms=[int(BOSS)]) as house:
        yield house


async def test_case_135_who_takes_an_operators_name_is_still_a_stranger(house: Stage) -> None:
    """As Telegram tells it: the username and the group's title are those that once were an operator's."""
    room = house.api.room(int(STRANGER))
    room.people[int(STRANGER)] = "member"
    thief = {"id": int(STRANGER), "is_bot": False, "first_name": "管报童的人", "username": "boss"}
    message = {
        "message_id": 1,
        "date": 1_700_000_000,
        "chat": room.described() | {"username": "boss"},
    }
    await house.api._update({"message": message | {"from": thief, "text": "/withdraw huaian 1"}})
    await house.settle()
    assert house.api.to(STRANGER)[-1].text == "没听懂。/help 看看可以怎么说。"
    await house.talk(int(BOSS)).say("/withdraw")
    assert house.api.to(BOSS)[-1].text.startswith("这样写：/withdraw")


async def test_only_operators_chats_show_the_commands(house: Stage) -> None:
    theirs = {row.name for row in OPERATIONS if row.words}
    shown = {scope for (scope, _), names in house.api.menus.items() if theirs & set(names)}
    assert shown == {f"chat {BOSS}"}  # the group has never been heard of
    assert set(house.api.menus[f"chat {BOSS}", "zh"]) > theirs
    private = set(house.api.menus["all_private_chats", "zh"])
    assert set(house.api.menus[f"chat {BOSS}", "zh"]) == private | theirs


async def test_who_is_no_operator_any_more_sees_what_everybody_sees(
    house: Stage, tmp_path: Path
) -> None:
    """After a reload: the channel stays, what it listens with is new."""
    mine = f"chat {BOSS}"
    assert (mine, "en") in house.api.menus
    house.listening.cancel()
    await asyncio.wait([house.listening])
    settings = two_papers(tmp_path, more=OPERATORS.replace("telegram:7", "telegram:77"))
    house.api.room(77)
    desk = build_desk(house.store, settings, house.clock)
    house.listening = asyncio.create_task(house.channel.listen(desk, build_menu(settings)))
    await house.api.until(lambda: ("chat 77", "en") in house.api.menus)
    assert [scope for scope, _ in house.api.menus if scope == mine] == []


def test_a_listed_groups_members_see_what_they_may_ask(tmp_path: Path) -> None:
    menu = build_menu(two_papers(tmp_path, more=OPERATORS))
    by_role = {
        one.administrators: {name for name, _ in one.commands}
        for one in menu.chats
        if (one.to.chat, one.language) == (LISTED, "zh")
    }
    assert {"status", "check"} <= by_role[False]
    assert not {"withdraw", "restore", "subscribe"} & by_role[False]
    assert {"status", "withdraw", "restore", "subscribe"} <= by_role[True]
    assert not any("status" in dict(menu.commands[scope, "zh"]) for scope in Scope)
    assert build_menu(two_papers(tmp_path)).chats == ()


async def test_help_tells_operators_alone(hall: Hall) -> None:
    assert "/withdraw" in text(await hall.ask("/help"))
    for chat in (None, GROUP):
        assert "/withdraw" not in text(await hall.ask("/help", STRANGER, chat))
    member = text(await hall.ask("/help", STRANGER, LISTED))
    assert "/status" in member
    assert "/withdraw" not in member


async def test_in_a_listed_group_everybody_looks_and_administrators_change(hall: Hall) -> None:
    assert "各份报纸" in text(await hall.ask("/status", STRANGER, LISTED))
    for said in ("/withdraw huaian 0408-2", "/pause chuzhou", "/pause telegram"):
        assert "只有管理员能" in text(await hall.ask(said, STRANGER, LISTED))
    assert (await hall.press("op:pause:source:chuzhou", STRANGER, LISTED)).alert is not None
    assert await hall.paused() == set()
    hall.host.admins.add((LISTED, STRANGER))
    await hall.ask("/pause chuzhou", STRANGER, LISTED)
    assert await hall.paused() == {"chuzhou"}
    await hall.ask("/resume chuzhou", "1087968824", LISTED, is_admin=True)  # who stays anonymous
    assert await hall.paused() == set()
    await hall.ask("/withdraw huaian 0408-2", BOSS, GROUP)  # by the person's own id, anywhere
    assert await hall.is_withdrawn("0408-2")


# ── what ────────────────────────────────────────────────────────────────────────────────────────


async def test_a_whole_paper_is_never_paused_where_a_reader_may_be_meant(hall: Hall) -> None:
    await hall.ask("/subscribe huaian")
    asked = await hall.ask("/pause huaian")
    assert [action.partition(":")[0] for action in actions(asked.parts)] == [
        Verb.PAUSE,
        Verb.OPERATE,
    ]
    assert await hall.paused() == set()
    await hall.press(actions(asked.parts)[0])
    again = await hall.ask("/pause huaian")  # paused here already: still nothing is done unasked
    assert actions(again.parts) == ["close:no", "op:pause:source:huaian"]
    assert await hall.paused() == set()
    await hall.press("op:pause:source:huaian")
    assert await hall.paused() == {"huaian"}


async def test_a_name_that_is_nearly_right_is_asked_about(hall: Hall) -> None:
    asked = await hall.ask("/pause 晚报")
    assert actions(asked.parts) == ["close:no", "op:pause:source:chuzhou"]
    assert await hall.paused() == set()


async def test_a_name_that_nothing_has_says_what_there_is(hall: Hall) -> None:
    for said in ("/pause nope", "/resume nope"):
        answer = text(await hall.ask(said))
        assert "没有叫「nope」的报纸或渠道" in answer
        assert "淮安区报" in answer
        assert "telegram" in answer


async def test_without_a_name_a_reader_is_meant(hall: Hall) -> None:
    await hall.ask("/subscribe huaian")
    for said in ("/pause", "/pause all", "/resume"):
        await hall.ask(said)
    assert await hall.paused() == set()


async def test_what_is_paused_says_since_when_and_by_whom(hall: Hall) -> None:
    await hall.ask("/pause chuzhou")
    await hall.ask("/pause telegram")
    said = text(await hall.ask("/status"))
    assert said.count("停着，从 14:00 起（telegram:7）") == 2
    async with hall.store.read() as tx:
        paused = await pauses.standing(tx, PauseKind.SOURCE)
    assert paused["chuzhou"].by == "telegram:7"


async def test_a_paper_that_has_the_name_of_a_channel_comes_first(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    paper = "{id: telegram, kind: yunbao, title: 电讯报, url: 'http://wire.test/'}"
    settings = read_settings(tmp_path, f"sources: [{paper}]\n{OPERATORS}")
    hall = await build_hall(store, settings, clock)
    await hall.ask("/pause telegram")
    async with store.read() as tx:
        assert set(await pauses.standing(tx, PauseKind.SOURCE)) == {"telegram"}
        assert await pauses.standing(tx, PauseKind.CHANNEL) == {}


async def test_an_article_goes_and_comes_back(hall: Hall) -> None:
    gone = await hall.ask("/withdraw 淮安区报 2024-04-08/0408-2 记者写错了")
    assert text(gone).startswith("撤回了：")
    assert await hall.is_withdrawn("0408-2")
    [back] = actions(gone.parts)
    await hall.press(back)
    assert not await hall.is_withdrawn("0408-2")
    for said in ("/withdraw", "/withdraw huaian", "/withdraw nowhere 1", "/withdraw huaian 1"):
        assert "撤回了" not in text(await hall.ask(said))


async def test_a_button_of_a_paper_that_is_gone_is_old(hall: Hall) -> None:
    for action in ("op:pause:source:gone", "op:resume:channel:wecom", "op:withdraw:99999", "op:x"):
        assert await hall.press(action) == Answer(alert="这个按钮已经旧了。")


# ── a check takes its time ──────────────────────────────────────────────────────────────────────


async def test_a_check_keeps_nobody_waiting(tmp_path: Path) -> None:
    begun, go = asyncio.Event(), asyncio.Event()

    async def slow(paper: SourceConfig) -> Exploration:
        begun.set()
        await go.wait()
        raise BadStatus(paper.url, 503, "服务器出错")

    settings = two_papers(tmp_path, more=OPERATORS)
    async with stage(tmp_path, settings, slow, rooms=[int(BOSS)]) as house:
        boss, reader = house.talk(int(BOSS)), house.talk(9, person=9)
        await house.api.type(boss.room, int(BOSS), "/check huaian")
        await begun.wait()
        await house.api.type(boss.room, int(BOSS), "/status")  # in the same chat, and elsewhere
        await house.api.type(reader.room, 9, "/papers")
        await house.api.until(lambda: len(house.api.to(BOSS)) == 2 and bool(house.api.to(9)))
        assert [sent.text[:4] for sent in house.api.to(BOSS)] == ["正在看…", "要看一下"]
        go.set()
        await house.api.until(lambda: bool(house.api.edited))
        [answer] = house.api.edited
        assert answer.message_id == house.api.to(BOSS)[0].message_id
        assert answer.text == "淮安区报\n✗ http://paper.test/: 服务器出错"


async def test_a_check_that_breaks_says_so(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    async def broken(_paper: SourceConfig) -> Exploration:
        raise RuntimeError("defect")

    settings = two_papers(tmp_path, more=OPERATORS)
    hall = Hall(build_desk(store, settings, clock, {}, broken), store, Host())
    answer = await hall.ask("/check huaian")
    assert answer.more is not None
    with capture_logs() as logs:
        assert "出了点问题" in text(await answer.more())
    assert logs[0]["event"] == "not checked"
    assert "没有找到" in text(await hall.ask("/check 人民日报"))


async def test_of_many_papers_one_is_named(store: Store, clock: FakeClock, tmp_path: Path) -> None:
    rows = ", ".join(
        f"{{id: p{n}, kind: yunbao, title: 报{n}, url: 'http://p{n}.test/'}}" for n in range(30)
    )
    settings = read_settings(tmp_path, f"sources: [{rows}]\n{OPERATORS}")
    hall = await build_hall(store, settings, clock)
    assert (await hall.ask("/check")).more is None
    assert (await hall.ask("/check p3")).more is not None
    assert "还有 10 份" in text(await hall.ask("/status"))
