"""What the log says of chats that nothing reaches: when it begins, and when it is over."""

from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from aiohttp import web
from structlog.testing import capture_logs

from bot.address import Address
from bot.channels.robots.base import RobotChannel
from bot.channels.robots.wecom import WECOM
from bot.errors import ChannelError, Gone, TryLater, Unauthorised, Unknown, trouble
from bot.message import Line, Part, Span
from bot.troubles import MOST_NAMED
from config.channels import RobotConfig
from feeds.clock import SystemClock
from tests.fakes.office import DAY, MONDAY, Office
from tests.fakes.robots import KEY, Robots, serve

OpenOffice = Callable[..., Awaitable[Office]]
A_WHILE = 700.0  # seconds: longer than any wait between two tries
REFUSED = Unauthorised("errcode 93000: invalid webhook url", whole_channel=False)
UNREACHED = TryLater("连不上 (ClientConnectorError)", timedelta(seconds=5))


async def told(place: Office, tries: int = 1) -> list[MutableMapping[str, Any]]:
    """What the log says of chats while what is owed is tried so many times."""
    with capture_logs() as lines:
        for _ in range(tries):
            await place.send()
            await place.clock.advance(A_WHILE)
    return [line for line in lines if "reached" in line["event"]]


@pytest.mark.parametrize(
    "error", [REFUSED, UNREACHED, trouble(500), Unknown("没有等到回答")], ids=str
)
async def test_a_chat_in_trouble_is_named_once_with_what_was_answered_and_when_it_is_tried_again(
    open_office: OpenOffice, error: ChannelError
) -> None:
    place = await open_office("to: telegram:7", "to: telegram:8")
    place.channel.answers["7"] = [error] * 2
    await place.publish()
    begun = place.clock.now()
    began, ended = await told(place, 4)
    assert (began["log_level"], began["to"], began["reason"]) == (
        "warning", "telegram:7", str(error),
    )  # fmt: skip
    assert begun.isoformat() < began["again"] < place.clock.now().isoformat()
    assert (ended["log_level"], ended["to"]) == ("info", "telegram:7")


async def test_trouble_that_comes_again_is_told_again(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7")
    place.channel.answers["7"] = [REFUSED, None, REFUSED, None]
    levels = []
    for day in range(2):
        await place.publish(MONDAY + day * DAY)
        levels += [line["log_level"] for line in await told(place, 2)]
    assert levels == ["warning", "info"] * 2


@pytest.mark.parametrize(
    "answers",
    [
        [TryLater("slow down", timedelta(seconds=35), asked=True)],  # nothing is wrong
        [Unauthorised("401")],  # told of the whole channel
        [Gone("bot was blocked by the user")],  # told as what became of the message
    ],
    ids=lambda answers: type(answers[0]).__name__,
)
async def test_what_is_no_trouble_of_the_chats_is_not_told_as_such(
    open_office: OpenOffice, answers: list[ChannelError]
) -> None:
    place = await open_office("to: telegram:7")
    place.channel.answers["7"] = list(answers)
    await place.publish()
    assert await told(place, 2) == []


async def test_a_server_in_trouble_is_not_told_chat_by_chat_without_end(
    open_office: OpenOffice,
) -> None:
    chats = [str(number) for number in range(1, MOST_NAMED + 6)]
    place = await open_office(*(f"to: telegram:{chat}" for chat in chats))
    for chat in chats:
        place.channel.answers[chat] = [trouble(502)]
    await place.publish()
    lines = await told(place, 2)
    begun = [line["event"] for line in lines if line["log_level"] == "warning"]
    assert begun.count("more chats cannot be reached") == 1
    assert len(begun) == MOST_NAMED + 1
    assert len(lines) == len(begun) + MOST_NAMED


async def test_a_robot_that_was_told_to_wait_is_in_no_trouble() -> None:
    """Its pace is the group's, and 企业微信 says so with a code of its own."""
    async with serve(Robots()) as robots:
        robots.answers += [
            web.json_response({"errcode": 45009, "errmsg": "api freq out of limit"}),
            web.Response(status=429),
            web.Response(status=500),
        ]
        config = RobotConfig(key=KEY, api_url=robots.url)
        asked = []
        for _ in range(3):
            channel = RobotChannel(WECOM, {"desk": config}, SystemClock())
            with pytest.raises(TryLater) as caught:
                await channel.send(Address("wecom", "desk"), Part((Line((Span("春耕"),)),)))
            asked.append(caught.value.asked)
            await channel.close()
    assert asked == [True, True, False]
