"""The Telegram channel against a server that enforces Telegram's rules."""

import logging
import re
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest

from bot.address import Address
from bot.channels.telegram.channel import TelegramChannel
from bot.errors import ChannelError, Gone, Moved, Rejected, TryLater, Unauthorised
from bot.message import Button, Line, Part, Quote, Span
from config.channels import TelegramConfig
from feeds.clock import SystemClock
from tests.fakes.botapi import TOKEN, BotApi, Fault, serve

PERSON = Address("telegram", "7")
PART = Part(
    (
        Line((Span("淮安区报", bold=True), Span(" · 2024年04月08日"))),
        Quote((Line((Span("▪ "), Span("<春耕> & “秋收”", url="https://paper.test/a?b=1&c=2"))),)),
    ),
    buttons=((Button("下一期 ▶", action="next:1"), Button("PDF", url="https://paper.test/1.pdf")),),
)


@pytest.fixture
async def api() -> AsyncIterator[BotApi]:
    async with serve(BotApi()) as api:
        yield api


@pytest.fixture
async def channel(api: BotApi) -> AsyncIterator[TelegramChannel]:
    channel = build(api.url)
    yield channel
    await channel.close()


def build(url: str, token: str = TOKEN) -> TelegramChannel:
    return TelegramChannel(TelegramConfig(token=token, api_url=url, rate=1000), SystemClock())


async def test_case_115_a_title_with_markup_is_sent_once_as_its_own_words(
    api: BotApi, channel: TelegramChannel
) -> None:
    message_id = await channel.send(PERSON, PART)
    [sent] = api.sent
    assert str(sent.message_id) == message_id
    assert sent.text == "淮安区报 · 2024年04月08日\n▪ <春耕> & “秋收”"
    assert sent.entities == (
        ("b", ""),
        ("blockquote", "expandable"),
        ("a", 'href="https://paper.test/a?b=1&c=2"'),
    )
    assert [button["text"] for button in sent.buttons] == ["下一期 ▶", "PDF"]
    assert sent.request["link_preview_options"] == {"is_disabled": True}


async def test_a_silent_reply_in_a_topic_is_sent_as_such(
    api: BotApi, channel: TelegramChannel
) -> None:
    part = Part((Line((Span("x"),)),), silent=True)
    await channel.send(Address("telegram", "-1001", "7"), part, reply_to="55")
    request = api.sent[0].request
    assert request["disable_notification"] is True
    assert request["message_thread_id"] == 7
    assert request["reply_parameters"]["message_id"] == 55
    assert request["reply_parameters"]["allow_sending_without_reply"] is True


async def test_who_am_i_is_the_bots_name(channel: TelegramChannel) -> None:
    assert await channel.who_am_i() == {"telegram": "@newsboy_bot"}


FAULTS: list[tuple[Fault, type[ChannelError], str]] = [
    (Fault(403, "Forbidden: bot was blocked by the user"), Gone, "blocked"),
    (Fault(400, "Bad Request: chat not found"), Gone, "not found"),
    (Fault(400, "Bad Request: not enough rights to send text messages to the chat"), Gone, "rights"),
    (Fault(429, "Too Many Requests: retry after 35", {"retry_after": 35}), TryLater, "Flood"),
    (Fault(400, "Bad Request: group chat was upgraded to a supergroup chat",
           {"migrate_to_chat_id": -1009}), Moved, "-1009"),
    (Fault(400, "Bad Request: can't parse entities: x"), Rejected, "parse"),
    (Fault(401, "Unauthorized"), Unauthorised, "401"),
    (Fault(502, "Bad Gateway"), TryLater, "502"),
]  # fmt: skip


@pytest.mark.parametrize(("fault", "kind", "words"), FAULTS, ids=lambda value: str(value)[:40])
async def test_each_refusal_of_telegram_is_one_decision(
    api: BotApi, channel: TelegramChannel, fault: Fault, kind: type[ChannelError], words: str
) -> None:
    api.faults["7"].append(fault)
    with pytest.raises(ChannelError, match=words) as caught:
        await channel.send(PERSON, PART)
    assert type(caught.value) is kind


async def test_case_121_the_servers_wait_and_new_address_are_kept(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.faults["7"] += [
        Fault(429, "Too Many Requests", {"retry_after": 35}, times=1),
        Fault(400, "upgraded", {"migrate_to_chat_id": -1009}, times=1),
    ]
    with pytest.raises(TryLater) as later:
        await channel.send(PERSON, PART)
    assert later.value.after == timedelta(seconds=35)
    assert not later.value.whole_channel


async def test_case_126_refused_markup_may_go_as_plain_words(
    api: BotApi, channel: TelegramChannel
) -> None:
    await channel.send(PERSON, PART, plain=True)
    assert api.sent[0].text == "淮安区报 · 2024年04月08日\n▪ <春耕> & “秋收”"
    assert api.sent[0].entities == ()


async def test_a_closed_topic_falls_back_to_the_general_one(
    api: BotApi, channel: TelegramChannel
) -> None:
    api.faults["-1001"].append(Fault(400, "Bad Request: TOPIC_CLOSED", times=1))
    await channel.send(Address("telegram", "-1001", "7"), PART)
    assert "message_thread_id" not in api.sent[0].request


@pytest.mark.parametrize("words", ["message is not modified", "message to edit not found"])
async def test_case_127_an_edit_with_nothing_to_do_is_done(
    api: BotApi, channel: TelegramChannel, words: str
) -> None:
    api.faults["7"].append(Fault(400, f"Bad Request: {words}", times=1))
    await channel.edit(PERSON, "5", PART)


async def test_a_server_that_is_not_there_was_certainly_not_sent_to() -> None:
    channel = build("http://127.0.0.1:9")
    with pytest.raises(TryLater) as later:
        await channel.send(PERSON, PART)
    assert later.value.whole_channel
    answer = (await channel.who_am_i())["telegram"]
    assert isinstance(answer, TryLater)
    assert re.search(r"连不上 127\.0\.0\.1:9.*10 秒.*channels\.telegram\.proxy", str(answer))
    await channel.close()


async def test_a_refused_token_says_where_to_get_one(api: BotApi) -> None:
    channel = build(api.url, token="123456:wrong-BBBB")
    answer = (await channel.who_am_i())["telegram"]
    assert isinstance(answer, Unauthorised)
    assert "@BotFather" in str(answer)
    assert "wrong-BBBB" not in str(answer)
    await channel.close()


async def test_case_197_the_token_is_in_no_log_line_error_or_repr(
    api: BotApi, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    logging.getLogger("telegram").setLevel(logging.INFO)
    channel = build("http://127.0.0.1:9")
    with pytest.raises(ChannelError) as caught:
        await channel.send(PERSON, PART)
    await channel.close()
    chain = [caught.value, caught.value.__cause__, caught.value.__context__]
    words = caplog.text + repr(channel) + repr(chain) + "".join(map(str, chain))
    assert "canary" not in words


@pytest.mark.parametrize(
    ("asked", "wait"), [(8_640_000, 86_400), (10**20, 86_400), ("soon", 5), (0, 5), (-1, 5)]
)
async def test_nobodys_wait_is_longer_than_a_day_whatever_telegram_says(
    api: BotApi, channel: TelegramChannel, asked: object, wait: int
) -> None:
    api.faults["7"].append(Fault(429, "Too Many Requests", {"retry_after": asked}))
    with pytest.raises(TryLater) as caught:
        await channel.send(PERSON, PART)
    assert caught.value.after == timedelta(seconds=wait)
