"""What people do in Telegram, as the desk hears it, and how its answers come back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest
from telegram import Update, User

from bot.address import Address, ChatKind
from bot.channels.base import Answer, Asks, Event, File, Incoming, Picked, Picks, Typed
from bot.channels.telegram.channel import TelegramChannel
from bot.channels.telegram.incoming import read_update
from bot.channels.telegram.updates import Updates
from bot.commands.table import build_menu
from bot.errors import Gone, TryLater
from bot.message import Line, Part, Span
from config.channels import TelegramConfig
from config.models import Settings
from tests.fakes.botapi import BOT, TOKEN, serve
from tests.fakes.clock import QuickClock
from tests.fakes.telegram import BOT_ID, Room, Telegram

ME = User(BOT_ID, "报童", is_bot=True, username="newsboy_bot")
PERSON = {"id": 7, "is_bot": False, "first_name": "读者", "language_code": "zh-hans"}
PRIVATE = {"id": 7, "type": "private", "first_name": "读者"}
GROUP = {"id": -1001, "type": "supergroup", "title": "群"}
OURS = {"message_id": 5, "date": 1, "chat": GROUP, "from": BOT, "text": "问"}


def part(words: str) -> Part:
    return Part((Line((Span(words),)),))


def read(**update: Any) -> Incoming | None:
    heard = Update.de_json({"update_id": 1, **update}, None)
    assert heard is not None
    return read_update(heard, ME)


def message(**changes: Any) -> dict[str, Any]:
    return {"message_id": 9, "date": 1, "chat": PRIVATE, "from": PERSON} | changes


# ── what it means ───────────────────────────────────────────────────────────────────────────────

COMMANDS = [
    ("/issue 淮安区报 2024-04-08", ("issue", "淮安区报 2024-04-08")),
    ("/ISSUE@Newsboy_Bot\n2024", ("issue", "2024")),
    ("/start a_5", ("start", "a_5")),
    ("/issue@other_bot", None),
    ("/" + "x" * 4095, (None, "/" + "x" * 4095)),
    ("/", (None, "/")),
    ("春耕", (None, "春耕")),
]


@pytest.mark.parametrize(("said", "heard"), COMMANDS)
def test_case_131_a_command_is_ours_or_nobodys(
    said: str, heard: tuple[str | None, str] | None
) -> None:
    incoming = read(message=message(text=said))
    assert (incoming and (incoming.command, incoming.words)) == heard


@pytest.mark.parametrize(
    "update",
    [
        {},
        {"message": message()},
        {"message": message(photo=[])},
        {"message": message(chat=GROUP, text="早上好")},
        {"message": {k: v for k, v in message(text="/start").items() if k != "from"}},
        {"edited_message": message(text="/start")},
        {"channel_post": message(text="/start", chat={"id": -1002, "type": "channel"})},
        {"callback_query": {"id": "1", "from": PERSON, "chat_instance": "1", "data": "x"}},
        {
            "message_reaction": {
                "chat": PRIVATE,
                "message_id": 5,
                "user": PERSON,
                "date": 1,
                "old_reaction": [],
                "new_reaction": [],
            }
        },
    ],
)
def test_case_131_what_says_nothing_to_us_is_passed_over(update: dict[str, Any]) -> None:
    assert read(**update) is None


def test_a_topic_is_a_place_of_its_own() -> None:
    heard = read(
        message=message(chat=GROUP, text="/latest", message_thread_id=7, is_topic_message=True)
    )
    assert heard is not None
    assert heard.address == Address("telegram", "-1001", "7")
    assert heard.kind is ChatKind.GROUP
    assert heard.is_admin is None
    reply = read(message=message(chat=GROUP, text="/latest", message_thread_id=7))  # a mere thread
    assert reply is not None
    assert reply.address.topic is None


def test_a_reply_to_us_is_heard_in_a_group_too() -> None:
    heard = read(message=message(chat=GROUP, text="早市", reply_to_message=OURS))
    assert heard is not None
    assert (heard.words, heard.reply_to) == ("早市", "5")
    why = read(message=message(chat=GROUP, text="/why", reply_to_message=OURS))
    assert why is not None
    assert (why.command, why.reply_to) == ("why", "5")


def test_an_anonymous_administrator_is_known_by_the_groups_own_name() -> None:
    heard = read(message=message(chat=GROUP, text="/pause", sender_chat=GROUP))
    assert heard is not None
    assert heard.is_admin is True


def test_a_button_of_a_message_that_telegram_no_longer_shows_is_heard() -> None:
    query = {"id": "1", "from": PERSON, "chat_instance": "1", "data": "next:1",
             "message": {"message_id": 5, "date": 0, "chat": PRIVATE}}  # fmt: skip
    heard = read(callback_query=query)
    assert heard is not None
    assert (heard.action, heard.message_id) == ("next:1", "5")


@pytest.mark.parametrize(
    ("was", "is_", "event"),
    [
        ("left", "member", Event.JOINED),
        ("kicked", "member", Event.JOINED),
        ("member", "left", Event.LEFT),
        ("member", "kicked", Event.LEFT),
    ],
)
def test_being_added_and_removed_is_heard(was: str, is_: str, event: Event) -> None:
    heard = read(my_chat_member=membership(was, is_))
    assert heard is not None
    assert (heard.event, heard.person, heard.title) == (event, "7", "群")


def test_a_change_that_leaves_us_where_we_are_says_nothing() -> None:
    assert read(my_chat_member=membership("member", "member")) is None


def membership(was: str, is_: str) -> dict[str, Any]:
    def member(status: str) -> dict[str, Any]:
        return {"status": status, "user": BOT, **({"until_date": 0} if status == "kicked" else {})}

    return {
        "chat": GROUP,
        "from": PERSON,
        "date": 1,
        "old_chat_member": member(was),
        "new_chat_member": member(is_),
    }


def test_a_group_that_moved_and_a_channel_that_was_picked_are_events() -> None:
    moved = read(message=message(chat=GROUP, migrate_to_chat_id=-100200))
    picked = read(message=message(chat_shared={"request_id": 1, "chat_id": -1002}))
    assert moved is not None
    assert picked is not None
    assert (moved.event, moved.words) == (Event.MOVED, "-100200")
    assert (picked.event, picked.words) == (Event.PICKED, "-1002")


def test_a_persons_name_is_not_kept() -> None:
    heard = read(message=message(text="/start"))
    assert heard is not None
    assert heard.title == ""
    assert "读者" not in repr(heard)


# ── how it is answered ──────────────────────────────────────────────────────────────────────────


@dataclass
class Voice:
    """Notes what is said, and fails where it is told to."""

    said: list[tuple[str, str]] = field(default_factory=list)
    released: list[tuple[str, str | None]] = field(default_factory=list)
    fails: dict[str, list[Exception]] = field(default_factory=dict)
    can_turn: bool = True
    gate: asyncio.Event | None = None

    async def say(self, to: Address, part: Part, reply_to: str | None, asks: Asks | None) -> str:
        if self.gate is not None:
            await self.gate.wait()
        if failing := self.fails.get(to.chat):
            raise failing.pop(0)
        self.said.append((str(to), words_of(part)))
        return str(len(self.said))

    async def turn_into(self, to: Address, message_id: str, part: Part) -> bool:
        if self.can_turn:
            self.said.append((f"{to} {message_id}", words_of(part)))
        return self.can_turn

    async def release(self, press: str, alert: str | None) -> None:
        self.released.append((press, alert))

    async def hand_over(self, to: Address, file: File) -> str:
        self.said.append((str(to), file.name))
        return "1"


def words_of(part: Part) -> str:
    return "".join(span.text for block in part.blocks for span in getattr(block, "spans", ()))


def updates(voice: Voice, **changes: Any) -> Updates:
    made = Updates(voice, QuickClock(), **changes)
    made.me = ME
    return made


def press(number: int, data: str = "x") -> Update:
    body = {"id": str(number), "from": PERSON, "chat_instance": "1", "data": data,
            "message": message(message_id=5, text="x")}  # fmt: skip
    update = Update.de_json({"update_id": number, "callback_query": body}, None)
    assert update is not None
    return update


def says(number: int, text: str, chat: dict[str, Any] = PRIVATE) -> Update:
    update = Update.de_json({"update_id": number, "message": message(text=text, chat=chat)}, None)
    assert update is not None
    return update


async def test_a_button_is_answered_with_its_alert() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer(alert="这已经是最后一期了哦!")

    voice = Voice()
    heard = updates(voice)
    await heard.handle(press(1), desk)
    await heard.settled()
    assert voice.released == [("1", "这已经是最后一期了哦!")]
    assert voice.said == []


async def test_a_button_is_answered_at_once_where_the_desk_is_slow() -> None:
    gate = asyncio.Event()

    async def desk(_incoming: Incoming) -> Answer:
        await gate.wait()
        return Answer(alert="晚了")

    voice = Voice()
    heard = updates(voice, quick=0.0)
    handling = asyncio.create_task(heard.handle(press(1), desk))
    while not voice.released:
        await asyncio.sleep(0)
    gate.set()
    await handling
    await heard.settled()
    assert voice.said == [("telegram:7", "晚了")]  # what the button cannot show any more
    assert voice.released == [("1", None)]


async def test_a_button_is_answered_while_the_chats_messages_wait() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("一"),))

    voice = Voice(gate=asyncio.Event())
    heard = updates(voice)
    await heard.handle(says(1, "/latest"), desk)  # its message waits
    await heard.handle(press(2), desk)
    while not voice.released:
        await asyncio.sleep(0)
    assert voice.said == []
    assert voice.gate is not None
    voice.gate.set()
    await heard.settled()
    assert len(voice.said) == 2


async def test_what_is_said_in_a_chat_keeps_its_order_and_no_chat_waits_for_another() -> None:
    slow = asyncio.Event()

    async def desk(incoming: Incoming) -> Answer:
        if incoming.words == "慢":
            await slow.wait()
        return Answer((part(incoming.words),))

    voice = Voice()
    heard = updates(voice)
    first = asyncio.create_task(heard.handle(says(1, "慢"), desk))
    second = asyncio.create_task(heard.handle(says(2, "快"), desk))
    await heard.handle(says(3, "别处", {"id": 8, "type": "private"}), desk)
    await heard.settled()
    assert voice.said == [("telegram:8", "别处")]
    slow.set()
    await asyncio.gather(first, second)
    await heard.settled()
    assert voice.said[1:] == [("telegram:7", "慢"), ("telegram:7", "快")]


async def test_a_message_that_must_wait_is_not_overtaken_in_its_chat() -> None:
    async def desk(incoming: Incoming) -> Answer:
        return Answer((part(incoming.words),))

    voice = Voice(gate=asyncio.Event())
    heard = updates(voice)
    await heard.handle(says(1, "先"), desk)
    await asyncio.sleep(0)  # it waits now
    gate, voice.gate = voice.gate, None
    await heard.handle(says(2, "后"), desk)
    for _ in range(10):
        await asyncio.sleep(0)
    assert voice.said == []
    assert gate is not None
    gate.set()
    await heard.settled()
    assert [words for _, words in voice.said] == ["先", "后"]


async def test_case_132_the_same_update_is_handled_once() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("好"),))

    voice = Voice()
    heard = updates(voice)
    for _ in range(2):
        await heard.handle(says(1, "/start"), desk)
    await heard.settled()
    assert len(voice.said) == 1


async def test_a_message_that_cannot_be_turned_any_more_is_sent_anew() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("另一期"),), replace=True)

    for can_turn, where in ((True, "telegram:7 5"), (False, "telegram:7")):
        voice = Voice(can_turn=can_turn)
        heard = updates(voice)
        await heard.handle(press(1), desk)
        await heard.settled()
        assert voice.said == [(where, "另一期")]


async def test_what_is_for_one_person_is_said_to_them_or_else_in_the_chat() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("大家好"),), alone=(part("你好"),))

    joined = Update.de_json({"update_id": 1, "my_chat_member": membership("left", "member")}, None)
    assert joined is not None
    for fails, said in (
        ({}, ("telegram:7", "你好")),
        ({"7": [Gone("never wrote")]}, ("telegram:-1001", "大家好")),
    ):
        voice = Voice(fails=dict(fails))
        heard = updates(voice)
        await heard.handle(joined, desk)
        await heard.settled()
        assert voice.said == [said]


async def test_case_121_a_short_wait_is_waited_for_and_a_long_one_is_given_up() -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("好"),))

    for seconds, count in ((3, 1), (3600, 0)):
        voice = Voice(fails={"7": [TryLater("429", timedelta(seconds=seconds))]})
        heard = updates(voice)
        await heard.handle(says(1, "/start"), desk)
        await heard.settled()
        assert len(voice.said) == count


@pytest.mark.parametrize(("times", "count"), [(5, 1), (40, 0)])
async def test_case_121_short_waits_are_waited_for_until_the_answer_is_stale(
    times: int, count: int
) -> None:
    async def desk(_incoming: Incoming) -> Answer:
        return Answer((part("好"),))

    voice = Voice(fails={"7": [TryLater("429", timedelta(seconds=1))] * times})
    heard = updates(voice)
    await heard.handle(says(1, "/start"), desk)
    await heard.settled()
    assert len(voice.said) == count


async def test_a_desk_that_fails_stops_nothing() -> None:
    async def desk(incoming: Incoming) -> Answer:
        if incoming.words == "坏":
            raise RuntimeError("a defect")
        return Answer((part("好"),))

    voice = Voice()
    heard = updates(voice)
    await heard.handle(says(1, "坏"), desk)
    await heard.handle(says(2, "好"), desk)
    await heard.settled()
    assert voice.said == [("telegram:7", "好")]


# ── over the wire ───────────────────────────────────────────────────────────────────────────────


@pytest.fixture
async def api() -> AsyncIterator[Telegram]:
    async with serve(Telegram(paces=False)) as api:
        assert isinstance(api, Telegram)
        yield api


@pytest.fixture
async def channel(api: Telegram) -> AsyncIterator[TelegramChannel]:
    made = TelegramChannel(TelegramConfig(token=TOKEN, api_url=api.url), QuickClock())
    yield made
    await made.close()


async def answered(
    api: Telegram, channel: TelegramChannel, answer: Answer, do: Callable[[Room], Any]
) -> Room:
    """A person does something, and is answered so."""

    async def desk(_incoming: Incoming) -> Answer:
        return answer

    menu = build_menu(Settings())
    room = api.room(7)
    room.people[7] = "member"
    listening = asyncio.create_task(channel.listen(desk, menu))
    try:
        await api.until(lambda: api.calls["getUpdates"] > 0)
        await do(room)
        await api.until(lambda: api.taken >= api.last_update)
        await channel.answers_settled()
    finally:
        listening.cancel()
        await asyncio.gather(listening, return_exceptions=True)
    return room


async def test_the_menu_is_set_for_every_scope_and_language(
    api: Telegram, channel: TelegramChannel
) -> None:
    await answered(api, channel, Answer(), lambda room: api.type(room, 7, "/start"))
    scopes = {"default", "all_private_chats", "all_group_chats", "all_chat_administrators"}
    assert set(api.menus) == {(scope, tag) for scope in scopes for tag in ("", "zh", "en")}
    assert "subscribe" in api.menus["all_private_chats", "zh"]
    assert "subscribe" not in api.menus["all_group_chats", "zh"]
    assert api.calls["setMyDescription"] == api.calls["setMyShortDescription"] == 3


async def test_a_file_arrives_with_its_words(api: Telegram, channel: TelegramChannel) -> None:
    file = File("baotong.opml", "text/x-opml", b"<opml/>", "你的订阅源")
    await answered(api, channel, Answer(file=file), lambda room: api.type(room, 7, "/export"))
    [handed] = api.files
    assert (handed.name, handed.data, handed.caption) == ("baotong.opml", b"<opml/>", "你的订阅源")


@pytest.mark.parametrize(
    ("asks", "markup"),
    [
        (Typed("春耕" * 50), {"force_reply": True, "input_field_placeholder": "春耕" * 32}),
        (Picked(), {"remove_keyboard": True}),
    ],
)
async def test_what_is_asked_opens_the_right_keyboard(
    api: Telegram, channel: TelegramChannel, asks: Asks, markup: dict[str, Any]
) -> None:
    answer = Answer((part("写吧"),), asks=asks)
    await answered(api, channel, answer, lambda room: api.type(room, 7, "/search"))
    assert api.sent[0].request["reply_markup"] == markup


async def test_the_chooser_offers_channels_and_asks_for_no_more_than_posting(
    api: Telegram, channel: TelegramChannel
) -> None:
    answer = Answer((part("哪个？"),), asks=Picks("选一个频道"))
    await answered(api, channel, answer, lambda room: api.type(room, 7, "/manage"))
    [[chooser]] = api.sent[0].request["reply_markup"]["keyboard"]
    wanted = chooser["request_chat"]
    assert wanted["chat_is_channel"] is True
    rights = wanted["bot_administrator_rights"]
    assert [name for name, given in rights.items() if given] == ["can_post_messages"]


async def test_rights_are_asked_once_a_minute(api: Telegram, channel: TelegramChannel) -> None:
    group = api.room(-1001, "supergroup", "群")
    group.people = {7: "creator", 8: "member", BOT_ID: "member"}
    await answered(api, channel, Answer(), lambda room: api.type(room, 7, "/start"))
    boss = await channel.rights("-1001", "7")
    member = await channel.rights("-1001", "8")
    assert boss is not None
    assert member is not None
    assert (boss.is_admin, boss.may_post, boss.title) == (True, True, "群")
    assert member.is_admin is False
    calls = api.calls["getChatMember"]
    await channel.rights("-1001", "7")
    assert api.calls["getChatMember"] == calls
    assert await channel.rights("-1009", "7") is None
    assert await channel.rights("-1001", "seven") is None
