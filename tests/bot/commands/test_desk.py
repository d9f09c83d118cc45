"""The desk: nothing that people do can raise, nobody changes what is not theirs, and what is asked is
answered in few words.
"""

import asyncio
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Desk, Event, Incoming, Rights, Scope, Typed
from bot.channels.telegram.html import keyboard, render
from bot.commands.desk import build_desk
from bot.commands.table import BUTTONS, COMMANDS, build_menu
from bot.ledger import chats, parts, subscriptions
from bot.ledger.history import history
from bot.ledger.tables import deliveries
from bot.message import Part
from bot.messages.actions import Verb
from config.models import Settings
from feeds.models import IssueStatus
from feeds.store.build import open_store
from feeds.store.engine import Store
from tests.fakes.archive import fill
from tests.fakes.botapi_html import check_lengths, parse_html
from tests.fakes.channel import words
from tests.fakes.clock import FakeClock
from tests.fakes.press import evening, monday, papers, sunday, tuesday
from tests.fakes.settings import read_settings, two_papers
from tests.fakes.telegram import check_markup

ME, GROUP = Address("telegram", "7"), Address("telegram", "-1001")


@dataclass
class Host:
    """A channel that knows who looks after its chats."""

    admins: set[tuple[str, str]] = field(default_factory=set)
    asked: list[tuple[str, str]] = field(default_factory=list)

    async def rights(self, chat: str, person: str) -> Rights | None:
        self.asked.append((chat, person))
        kind = ChatKind.CHANNEL if chat.startswith("-1002") else ChatKind.GROUP
        is_admin = (chat, person) in self.admins
        return Rights(Address("telegram", chat), kind, "频道", is_admin, may_post=True)


@dataclass
class Hall:
    """A desk with an archive of two papers behind it."""

    desk: Desk
    store: Store
    settings: Settings
    clock: FakeClock
    host: Host

    async def ask(self, said: str = "", /, **changes: Any) -> Answer:
        """Says a command or words, or what `changes` say, as the reader in a private chat."""
        asked = Incoming(ME, ChatKind.PRIVATE, "", "7", language="zh-hans", is_admin=True)
        if said.startswith("/"):
            command, _, words = said.removeprefix("/").partition(" ")
            asked = replace(asked, command=command, words=words)
        else:
            asked = replace(asked, words=said)
        answer = await self.desk(replace(asked, **changes))
        for part in answer.parts:
            assert_is_sendable(part)
        return answer

    async def in_group(self, said: str = "", /, **changes: Any) -> Answer:
        group = {"address": GROUP, "kind": ChatKind.GROUP, "title": "群", "is_admin": None}
        return await self.ask(said, **(group | changes))

    async def mine(self, to: Address = ME) -> tuple[subscriptions.Subscription, ...]:
        async with self.store.read() as tx:
            return await subscriptions.of_chat(tx, to)


def assert_is_sendable(part: Part) -> None:
    check_lengths(parse_html(render(part)))
    check_markup({"inline_keyboard": keyboard(part)})


def text(answer: Answer) -> str:
    return "\n".join(parse_html(render(part)).text for part in answer.parts)


async def build_hall(store: Store, settings: Settings, clock: FakeClock) -> Hall:
    await fill(store, papers(), [sunday(), monday(), evening()])
    host = Host()
    desk = build_desk(store, settings, clock, {"telegram": host, "console": object()})
    return Hall(desk, store, settings, clock, host)


@pytest.fixture
async def hall(store: Store, clock: FakeClock, tmp_path: Path) -> Hall:
    settings = two_papers(tmp_path, public_url="https://news.example.org/")
    return await build_hall(store, settings, clock)


# ── nothing raises ──────────────────────────────────────────────────────────────────────────────

SORRY = ("出了点问题", "Something went wrong")
LINES = [
    "淮安区报", "huaian 一篇 第01版", "2024年4月8日", "week", "春耕", "\x00", "'; DROP TABLE", "a" * 4096,
]  # fmt: skip
ABOUTS = [
    "0", "1", "2", "99", "-1", "*", "", "9" * 30, "１", "huaian", "1:mode", "1:mode:daily",
    "1:mode:x", "1:pages:01", "1:pages:*", "1:at:9999", "1:at:2000", "1:quiet:x", "1:quiet:hold",
    "1:rung:7", "1:rung:500", "s0:", "p99:", "p0:晚报", "7:*", "1:huaian", "0:春耕", "zone", "en",
    "Asia/Tokyo", "-1002", "ask", "yes",
]  # fmt: skip
typed = st.one_of(st.sampled_from(LINES), st.text(max_size=80))
abouts = st.one_of(st.sampled_from(ABOUTS), st.text(max_size=40))
names = st.sampled_from([command.name for command in COMMANDS] + ["start", "", "x"])


def test_nothing_that_a_person_does_can_raise(tmp_path: Path) -> None:
    with asyncio.Runner() as runner:
        store = runner.run(open_store(tmp_path / "var", None))
        hall = runner.run(build_hall(store, two_papers(tmp_path), FakeClock()))
        hall.host.admins = {("-1001", "7"), ("-1002", "7")}

        @settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
        @given(names, typed, st.sampled_from(list(Verb)), abouts, st.booleans())
        def anything(name: str, words: str, verb: Verb, about: str, is_group: bool) -> None:
            runner.run(_do_all(hall, name, words, f"{verb}:{about}", is_group=is_group))

        try:
            anything()
        finally:
            runner.run(store.close())


async def _do_all(hall: Hall, name: str, words: str, action: str, *, is_group: bool) -> None:
    await hall.clock.advance(60)  # no faster than is allowed
    ask = hall.in_group if is_group else hall.ask
    for answer in (
        await ask("", command=name, words=words),
        await ask("", action=action, message_id="5"),
        await ask("", action=words, message_id="5"),
        await ask("", words=words, reply_to="5"),
        await ask("", event=Event.PICKED, words=words),
    ):
        said = text(answer) + (answer.alert or "")
        assert not any(sorry in said for sorry in SORRY)
        assert len(answer.alert or "") <= 200


# ── who may ─────────────────────────────────────────────────────────────────────────────────────


async def test_case_135_in_a_group_only_administrators_change_anything(hall: Hall) -> None:
    for command in COMMANDS:
        if command.changes:
            answer = await hall.in_group(f"/{command.name} huaian")
            assert text(answer) == "在群里，只有管理员能改订阅。"
    assert await hall.mine(GROUP) == ()
    hall.host.admins = {("-1001", "7")}
    await hall.in_group("/subscribe huaian")
    assert [s.source for s in await hall.mine(GROUP)] == ["huaian"]


async def test_case_135_a_name_proves_nothing_only_the_number_does(hall: Hall) -> None:
    hall.host.admins = {("-1001", "7")}
    stranger = await hall.in_group("/subscribe huaian", person="8", title="群主")
    assert "只有管理员" in text(stranger)
    assert hall.host.asked == [("-1001", "8")]


async def test_an_administrator_who_stays_anonymous_is_one(hall: Hall) -> None:
    await hall.in_group("/subscribe huaian", is_admin=True)
    assert len(await hall.mine(GROUP)) == 1
    assert hall.host.asked == []


async def test_reading_asks_nobody_who_is_an_administrator(hall: Hall) -> None:
    await hall.in_group("/latest huaian")
    await hall.in_group("/search 春耕")
    assert hall.host.asked == []


async def test_a_row_of_another_chat_is_out_of_reach(hall: Hall) -> None:
    await hall.ask("/subscribe huaian")
    [row] = await hall.mine()
    for verb in (Verb.SUBSCRIPTION, Verb.PAUSE, Verb.UNSUBSCRIBE, Verb.SEND_NOW):
        other = await hall.ask(
            "", action=f"{verb}:{row.id}", address=Address("telegram", "8"), person="8"
        )
        assert other.alert
    chosen = f"{Verb.CHOOSE}:{row.id}:filter:*"
    assert (await hall.in_group("", action=chosen, is_admin=True)).alert == "这个按钮已经旧了。"
    assert await hall.mine() == (row,)


async def test_a_channels_row_is_changed_by_its_administrator_from_any_private_chat(
    hall: Hall,
) -> None:
    hall.host.admins = {("-1002", "7")}
    await hall.ask("/manage -1002")
    await hall.ask("/subscribe huaian")
    await hall.ask("/manage end")
    channel = Address("telegram", "-1002")
    [row] = await hall.mine(channel)
    await hall.ask("", action=f"{Verb.PAUSE}:{row.id}", message_id="5")
    assert [s.paused for s in await hall.mine(channel)] == [True]
    assert (await hall.ask("", action=f"{Verb.RESUME}:{row.id}", person="8")).alert


# ── being there ─────────────────────────────────────────────────────────────────────────────────


async def test_a_chat_begins_in_its_persons_language_and_keeps_what_it_chose(hall: Hall) -> None:
    assert "Hello" in text(await hall.ask("/start", language="en"))
    assert "Hello" in text(await hall.ask("/start", language="zh"))
    await hall.ask("/language 中文")
    assert "你好" in text(await hall.ask("/start", language="en"))
    assert "你好" in text(await hall.in_group("/start", language="en"))  # a group is not one person


async def test_who_leaves_is_owed_nothing_until_they_come_back(hall: Hall) -> None:
    await hall.ask("/subscribe huaian")
    assert (await hall.ask("", event=Event.LEFT)).parts == ()
    async with hall.store.read() as tx:
        left = await chats.get(tx, "telegram:7")
        readers, _ = await subscriptions.readers(tx, "huaian", 99, ("", ""), 10)
    assert left is not None
    assert left.is_gone
    assert readers == []
    await hall.ask("/latest huaian")
    async with hall.store.read() as tx:
        readers, _ = await subscriptions.readers(tx, "huaian", 99, ("", ""), 10)
    assert len(readers) == 1


async def test_case_125_a_group_that_moves_keeps_its_subscriptions(hall: Hall) -> None:
    await hall.in_group("/subscribe huaian", is_admin=True)
    await hall.in_group("", event=Event.MOVED, words="-100200")
    moved = Address("telegram", "-100200")
    assert [s.source for s in await hall.mine(moved)] == ["huaian"]
    assert await hall.mine(GROUP) == ()
    await hall.ask("", event=Event.MOVED, words="-5", address=Address("telegram", "-77"))  # unknown


async def test_deleting_everything_leaves_nothing_of_the_chat(hall: Hall) -> None:
    answer = await hall.ask("/subscribe huaian")
    assert answer.then is not None
    await answer.then(("11", "12"))
    await hall.ask("/timezone Asia/Tokyo")
    await hall.ask("", action="forget:yes", message_id="5")
    async with hall.store.read() as tx:
        assert await chats.get(tx, "telegram:7") is None
        assert await history(tx, "telegram:7", "") == ()
    assert await hall.mine() == ()


async def test_who_is_too_fast_hears_so_once_and_is_heard_again_after_a_minute(hall: Hall) -> None:
    for _ in range(30):
        assert "慢一点" not in text(await hall.ask("/start"))
    assert text(await hall.ask("/start")) == "慢一点，歇一分钟再来。"
    assert (await hall.ask("/start")).parts == ()
    assert (await hall.ask("", action="newest:huaian")).alert == "慢一点，歇一分钟再来。"
    assert "你好" in text(await hall.ask("/start", person="8", address=Address("telegram", "8")))
    await hall.clock.advance(60)
    assert "你好" in text(await hall.ask("/start"))


# ── what is answered ────────────────────────────────────────────────────────────────────────────


async def test_what_was_shown_for_subscribe_is_not_pushed_again(hall: Hall) -> None:
    answer = await hall.ask("/subscribe huaian")
    assert answer.then is not None
    await answer.then(("11", "12"))
    async with hall.store.read() as tx:
        [told] = await history(tx, "telegram:7", "")
    assert (told.form, told.state, told.message_ids) == ("issue", "sent", ("12",))


async def test_a_message_in_doubt_is_not_denied_when_its_reader_asks_why(hall: Hall) -> None:
    answer = await hall.ask("/subscribe huaian")
    assert answer.then is not None
    await answer.then(("11", "12"))
    denied = await hall.ask("/why", reply_to="99")
    async with hall.store.write() as tx:
        await tx.execute(update(deliveries).values(doubts=1))
    guessed = await hall.ask("/why", reply_to="99")
    assert "你自己要来的" in said_in(denied)
    assert "对不上号" in said_in(guessed)
    assert "送到了" in said_in(guessed)


def said_in(answer: Answer) -> str:
    return "\n".join(words(part) for part in answer.parts)


async def test_a_message_that_its_reader_turned_is_no_longer_brought_up_to_date(
    hall: Hall,
) -> None:
    answer = await hall.ask("/subscribe huaian")
    assert answer.then is not None
    await answer.then(("11", "12"))
    turned = await hall.ask("", action=f"{Verb.PREVIOUS}:2", message_id="12")
    assert turned.replace
    assert turned.then is not None
    await turned.then(())
    async with hall.store.read() as tx:
        [told] = await history(tx, "telegram:7", "")
        said = await parts.load(tx, [told.id])
    assert [part.turned for part in said[told.id]] == [True]


async def test_an_issue_that_still_grows_is_read_but_no_subscriptions_first(hall: Hall) -> None:
    growing = replace(tuesday(), status=IssueStatus.OPEN)
    await fill(hall.store, papers(), [growing])
    assert "2024年04月09日" in text(await hall.ask("/latest huaian"))
    assert "2024年04月08日" in text(await hall.ask("/subscribe huaian"))
    after = await hall.ask("", action=f"{Verb.NEXT}:2", message_id="5")
    assert "2024年04月09日" in text(after)
    before = await hall.ask("", action=f"{Verb.PREVIOUS}:4", message_id="5")
    assert "2024年04月08日" in text(before)
    assert (await hall.ask("", action=f"{Verb.NEXT}:4")).alert == "这已经是最后一期了哦!"


async def test_a_channels_newest_issue_is_owed_once_however_often_it_is_asked_for(
    hall: Hall,
) -> None:
    hall.host.admins = {("-1002", "7")}
    await hall.ask("/manage -1002")
    answer = await hall.ask("/subscribe huaian")
    assert len(answer.parts) == 1  # its readers are not here
    assert answer.then is None
    [row] = await hall.mine(Address("telegram", "-1002"))
    for _ in range(3):
        await hall.ask("", action=f"now:{row.id}")
    async with hall.store.read() as tx:
        assert len(await history(tx, "telegram:-1002", "")) == 1


async def test_the_limit_of_subscriptions_counts_only_new_ones(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    few = two_papers(tmp_path, more="readers: {subscriptions: 1}")
    hall = await build_hall(store, few, clock)
    await hall.ask("/subscribe huaian")
    assert "已经订了 1 份" in text(await hall.ask("/subscribe chuzhou"))
    assert "改好了" in text(await hall.ask("/subscribe huaian article"))


async def test_an_export_lists_the_feeds_as_they_are_read(hall: Hall) -> None:
    await hall.ask('/subscribe huaian 第01、03版 "a&b" -公告')
    await hall.ask("/subscribe all")
    answer = await hall.ask("/export")
    assert answer.file is not None
    outlines = list(ET.fromstring(answer.file.data).iter("outline"))
    assert [one.get("xmlUrl") for one in outlines] == [
        "https://news.example.org/feeds/huaian.atom?page=01&page=03&q=%22a%26b%22+-%E5%85%AC%E5%91%8A",
        "https://news.example.org/feeds/chuzhou.atom",
    ]


async def test_many_papers_come_in_pages_that_keep_the_words(
    store: Store, clock: FakeClock, tmp_path: Path
) -> None:
    rows = "".join(
        f"  - {{id: p{n}, kind: yunbao, title: 第{n}日报, url: 'http://p.cn/{n}/'}}\n"
        for n in range(30)
    )
    many = read_settings(tmp_path, f"data_dir: data\nsources:\n{rows}")
    hall = await build_hall(store, many, clock)
    first = await hall.ask("/papers 日报")
    assert "共 30 份" in text(first)
    labels = [button.text for row in first.parts[0].buttons for button in row]
    assert labels == [f"第{n}日报" for n in range(8)] + ["后一页 ›"]
    action = first.parts[0].buttons[-1][0].action
    second = await hall.ask("", action=action, message_id="5")
    assert second.replace
    assert "第8日报" in text(second)
    last = await hall.ask("", action="papers:p9999:日报", message_id="5")
    assert "第29日报" in text(last)


async def test_words_too_long_for_a_button_still_find_and_say_that_there_is_more(
    hall: Hall,
) -> None:
    long = " ".join(["春耕"] * 12)
    answer = await hall.ask(f"/search {long}")
    assert "共 2 条" in text(answer)
    assert all(b.action for row in answer.parts[0].buttons for b in row)


async def test_a_question_is_answered_by_a_reply_after_a_restart_too(hall: Hall) -> None:
    await hall.ask("/subscribe huaian")
    [row] = await hall.mine()
    question = await hall.ask("", action=f"type:{row.id}:filter", message_id="5")
    assert isinstance(question.asks, Typed)
    assert question.then is not None
    await question.then(("77",))
    again = build_desk(hall.store, hall.settings, hall.clock, {"telegram": hall.host})
    hall = replace(hall, desk=again)
    await hall.ask("春耕 -公告", reply_to="77")
    assert [s.filter for s in await hall.mine()] == ["春耕 -公告"]
    hall.clock.jump(timedelta(days=2))
    assert "搜索" in text(await hall.ask("春耕", reply_to="77"))  # too long ago: words to look for


# ── what is shown of us ─────────────────────────────────────────────────────────────────────────


def test_every_button_has_its_row() -> None:
    assert set(BUTTONS) == set(Verb)


def test_the_menu_is_complete_in_every_language_and_fits_telegram(tmp_path: Path) -> None:
    menu = build_menu(two_papers(tmp_path))
    assert {tag for _, tag in menu.commands} == {"", "zh", "en"}
    assert {scope for scope, _ in menu.commands} == set(Scope)
    for commands in menu.commands.values():
        assert len(commands) <= 100
        assert all(len(name) <= 32 and 0 < len(words) <= 256 for name, words in commands)
    assert all(0 < len(words) <= 120 for words in menu.description.values())
    groups = {name for name, _ in menu.commands[Scope.GROUPS, "zh"]}
    admins = {name for name, _ in menu.commands[Scope.ADMINISTRATORS, "zh"]}
    assert groups < admins
    assert "subscribe" not in groups
    assert menu.commands[Scope.PRIVATE, "en"] != menu.commands[Scope.PRIVATE, "zh"]
