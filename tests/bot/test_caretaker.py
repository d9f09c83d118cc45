"""Operators hear once that something is wrong with the worker and once that it is right again: across
restarts, never by the channel that failed, and the log does where nobody is left.
"""

import asyncio
import sqlite3
from collections.abc import Awaitable, Callable, MutableMapping
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.caretaker import Caretaker
from bot.delivery import Delivery
from bot.errors import TryLater, Unauthorised, trouble
from bot.findings import Space
from bot.ledger import incidents
from feeds.models import PauseKind
from feeds.store import alarms, pauses
from tests.fakes.channel import FakeChannel
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]
BOTH = 'operators: ["telegram:1", "console:terminal"]'
ROBOTS = 'channels: {telegram: {token: "1:x"}, wecom: {desk: {key: some-key}, night: {key: other-key}}}\n'
NO_TOKEN = Unauthorised("401: token refused")
NO_NETWORK = TryLater("ConnectionTimeoutError", timedelta(seconds=5), whole_channel=True)
MINUTE = 60.0
FULL, ROOM = Space(1 << 20, 1 << 40), Space(1 << 39, 1 << 40)


class Desk:
    """A worker with a second channel, by steps; `restart` makes everything in memory anew."""

    def __init__(self, place: Office, second: str = "console") -> None:
        self.place = place
        self.second = FakeChannel(second)
        self.space = ROOM
        self.lines: list[MutableMapping[str, Any]] = []
        self.restart()

    def restart(self) -> None:
        self.place.other_reaches.clear()
        self.place.reach = type(self.place.reach)(self.place.channel.name, self.place.clock)
        self.place.delivery = self.place.sender()
        self.other: Delivery = self.place.sender(self.second)
        self.caretaker: Caretaker = self.place.caretaker(None, self.second)
        self.caretaker._space = lambda _: self.space

    async def work(self, seconds: float = 0.0) -> None:
        """Sends what can be sent, looks, and sends what came of it; then time passes."""
        with capture_logs() as lines:
            await self.place.send()
            await self.other.drain()
            await self.caretaker.step()
            await self.place.send()
            await self.other.drain()
        self.lines += lines
        await self.place.clock.advance(seconds)

    async def pass_time(self, minutes: int, every: float = MINUTE) -> None:
        for _ in range(int(minutes * MINUTE / every)):
            await self.work(every)

    def logged(self) -> list[tuple[str, str]]:
        """Level and event of the lines about incidents."""
        return [
            (one["log_level"], one["event"])
            for one in self.lines
            if one["event"].startswith("incident")
        ]


async def desk_with(
    open_office: OpenOffice, *deliver: str, more: str = BOTH, second: str = "console"
) -> Desk:
    return Desk(await open_office(*deliver, more=more), second)


# ── tokens and keys ─────────────────────────────────────────────────────────────────────────────


async def test_a_refused_token_is_told_once_however_long_it_lasts_and_its_end_once(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    desk.place.channel.answers["7"] = [NO_TOKEN] * 1000
    await desk.place.publish()
    await desk.pass_time(3 * 24 * 60, every=90 * MINUTE)
    [began] = desk.second.to("terminal")
    assert began.splitlines()[0] == "⚠ 要看一下 · telegram"
    assert "token" in began
    assert "401" in began
    assert "baotong reload" in began
    desk.place.channel.answers["7"].clear()
    await desk.pass_time(60, every=10 * MINUTE)
    [_, ended] = desk.second.to("terminal")
    assert (
        ended
        == "✓ 恢复了 · telegram\ntelegram 又收我们的消息了，留着的正在送。（04-08 14:00 到 04-11 14:00）"
    )
    assert desk.place.channel.to("1") == [], "never by the channel that failed, nor later"
    assert desk.logged() == [("warning", "incident raised"), ("info", "incident ended")]


async def test_a_restart_in_the_middle_repeats_nothing_and_loses_no_end(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    desk.place.channel.answers["7"] = [NO_TOKEN] * 3
    await desk.place.publish()
    await desk.work(6 * MINUTE)
    desk.restart()
    await desk.work(6 * MINUTE)
    desk.restart()
    await desk.work(6 * MINUTE)
    assert len(desk.second.to("terminal")) == 1
    desk.restart()
    await desk.work()
    assert len(desk.second.to("terminal")) == 2


async def test_a_token_that_is_refused_again_is_told_again(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    desk.place.channel.answers["7"] = [NO_TOKEN, None, NO_TOKEN, None]
    for day in range(2):
        await desk.place.publish(articles=3 + day, day=desk.place.clock.now().date())
        await desk.work(6 * MINUTE)
        await desk.work(24 * 60 * MINUTE)
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠", "✓"] * 2


async def test_a_robots_refused_key_is_told_by_everybody_but_that_robot(
    open_office: OpenOffice,
) -> None:
    more = ROBOTS + 'operators: ["wecom:desk", "wecom:night", "telegram:1"]'
    desk = await desk_with(open_office, "to: wecom:desk", more=more, second="wecom")
    refused = Unauthorised("errcode 93000: invalid webhook url", whole_channel=False)
    desk.second.answers["desk"] = [refused]
    await desk.place.publish()
    await desk.work(6 * MINUTE)
    await desk.work()
    assert [text.splitlines()[0] for text in desk.place.channel.to("1")] == [
        "⚠ 要看一下 · wecom:desk",
        "✓ 恢复了 · wecom:desk",
    ]
    assert desk.second.to("night") == desk.place.channel.to("1")
    assert len(desk.second.to("desk")) == 1, "the issue, and no alarm"


# ── nothing is reached ──────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("is_known", [True, False], ids=["killed", "stopped before anybody looked"])
async def test_a_key_that_was_put_right_is_tried_at_once_after_a_restart(
    open_office: OpenOffice, is_known: bool
) -> None:
    desk = await desk_with(open_office, "to: wecom:desk", more=ROBOTS + BOTH, second="wecom")
    desk.second.answers["desk"] = [Unauthorised("93000", whole_channel=False)]
    await desk.place.publish()
    if is_known:
        await desk.work()
    else:
        running = asyncio.create_task(desk.other.run())
        while not desk.place.other_reaches[-1].faults:
            await asyncio.sleep(0)
        running.cancel()
        await asyncio.gather(running, return_exceptions=True)
    desk.restart()
    await desk.other.drain()
    assert len(desk.second.to("desk")) == 1


async def test_a_channel_that_is_unreachable_for_long_is_told_by_the_other_operators_channel(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    desk.place.channel.answers["7"] = [NO_NETWORK] * 20
    await desk.place.publish()
    await desk.pass_time(14)
    assert desk.second.to("terminal") == []
    await desk.pass_time(30)
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠", "✓"]
    assert desk.place.channel.to("1") == []


async def test_a_line_that_flickers_is_one_incident(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office, "to: telegram:7, mode: article", "to: telegram:8")
    down = [NO_NETWORK] * 5
    desk.place.channel.answers["7"] = [*down, None, *down, None, *down]
    await desk.place.publish()
    await desk.pass_time(100, every=4 * MINUTE)
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠", "✓"]


async def test_a_service_that_fails_every_chat_for_long_is_told_and_one_bad_chat_is_not(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, "to: telegram:7", "to: telegram:8, mode: article")
    desk.place.channel.answers["7"] = [trouble(502)] * 20
    desk.place.channel.answers["8"] = [trouble(502)] * 6
    await desk.place.publish()
    await desk.pass_time(36, every=6 * MINUTE)
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠"]
    await desk.pass_time(24, every=6 * MINUTE)
    assert len(desk.place.channel.to("8")) == 3
    await desk.place.publish(MONDAY + DAY)
    await desk.work()
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠", "✓"]
    await desk.pass_time(60, every=12 * MINUTE)
    assert desk.place.channel.to("7") == []
    assert len(desk.second.to("terminal")) == 2, "one chat alone is no outage"


async def test_a_robots_server_that_is_down_for_long_is_told(open_office: OpenOffice) -> None:
    more = ROBOTS + 'operators: ["telegram:1"]'
    desk = await desk_with(open_office, "to: wecom:desk", more=more, second="wecom")
    desk.second.answers["desk"] = [trouble(502)] * 7
    await desk.place.publish()
    await desk.pass_time(90, every=6 * MINUTE)
    assert [text.splitlines()[0] for text in desk.place.channel.to("1")] == [
        "⚠ 要看一下 · wecom:desk",
        "✓ 恢复了 · wecom:desk",
    ]


# ── nobody is left ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("more", ["", 'operators: ["telegram:1"]'])
async def test_where_no_operators_channel_is_left_the_log_says_it_once(
    open_office: OpenOffice, more: str
) -> None:
    desk = await desk_with(open_office, "to: telegram:7", more=more)
    desk.place.channel.answers["7"] = [NO_TOKEN] * 5
    await desk.place.publish()
    await desk.pass_time(60, every=6 * MINUTE)
    assert desk.logged() == [("error", "incident raised"), ("warning", "incident ended")]
    [raised] = [one for one in desk.lines if one["event"] == "incident raised"]
    assert "\n" not in raised["words"]
    assert "401" in raised["words"]
    assert desk.place.channel.to("1") == []
    assert await desk.place.states("kind") == [("issue",)]


async def test_an_operator_whose_channel_was_down_too_hears_it_once_that_is_well(
    open_office: OpenOffice,
) -> None:
    more = ROBOTS + 'operators: ["wecom:night"]'
    place = "to: telegram:7", "to: wecom:night"
    desk = await desk_with(open_office, *place, more=more, second="wecom")
    desk.place.channel.answers["7"] = [NO_TOKEN] * 100
    refused = Unauthorised("errcode 93000", whole_channel=False)
    desk.second.answers["night"] = [refused] * 2
    await desk.place.publish()
    await desk.work(6 * MINUTE)
    assert desk.second.to("night") == []
    await desk.pass_time(60, every=6 * MINUTE)
    said = [text for text in desk.second.to("night") if "要看一下" in text]
    assert [text.splitlines()[0] for text in said] == ["⚠ 要看一下 · telegram"]


async def test_what_ended_before_it_could_be_told_is_not_told_as_begun(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    desk.place.channel.answers["7"] = [NO_TOKEN]
    desk.second.answers["terminal"] = [TryLater("busy", timedelta(hours=2))]
    await desk.place.publish()
    await desk.work(6 * MINUTE)
    await desk.pass_time(180, every=20 * MINUTE)
    assert desk.second.to("terminal") == []
    assert [row for row in await desk.place.states("kind", "state") if row[0] != "issue"] == [
        ("incident", "skipped"),
        ("recovery", "skipped"),
    ]


# ── the disk, the queue, the updates ────────────────────────────────────────────────────────────


async def test_a_disk_that_is_nearly_full_is_told_to_everybody_and_does_not_flicker(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office)
    for space in (ROOM, FULL, Space(300 << 20, 1 << 40), FULL, ROOM, ROOM):
        desk.space = space
        await desk.work(MINUTE)
        desk.restart()
    for said in (desk.place.channel.to("1"), desk.second.to("terminal")):
        assert [text.splitlines()[0] for text in said] == ["⚠ 要看一下 · 报童", "✓ 恢复了 · 报童"]
        assert "1 MiB" in said[0]


async def test_where_nothing_can_be_stored_the_log_says_so_once_and_operators_hear_it_later(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = await desk_with(open_office)
    doubts: list[bool] = []
    desk.caretaker._doubt = doubts.append
    desk.space = FULL

    def full() -> Any:
        raise sqlite3_full()

    with monkeypatch.context() as patched, capture_logs() as lines:
        patched.setattr(desk.place.store, "write", full)
        for _ in range(5):
            await desk.caretaker.step()
            await desk.place.clock.advance(20)
    errors = [line for line in lines if line["log_level"] == "error"]
    assert [line["event"] for line in errors] == ["nothing can be stored, and no operator told"]
    assert errors[0]["reason"] == "database or disk is full"
    assert "exc_info" not in errors[0]
    assert doubts == [True]
    desk.space = ROOM
    await desk.work(MINUTE)
    await desk.work(MINUTE)
    for said in (desk.place.channel.to("1"), desk.second.to("terminal")):
        [text] = said
        assert "存不下" in text
        assert "04-08 14:00 到 04-08 14:01" in text
    assert doubts == [True, False]


def sqlite3_full() -> OperationalError:
    return OperationalError("INSERT …", {}, sqlite3.OperationalError("database or disk is full"))


async def test_a_disk_that_cannot_be_asked_stops_nothing(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office)

    def fail(_: object) -> Space:
        raise OSError("gone")

    desk.caretaker._space = fail
    await desk.work()
    assert desk.logged() == []


async def test_a_queue_that_nobody_empties_is_told_and_its_end_too(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    await desk.place.publish()
    for _ in range(25):
        await desk.caretaker.step()
        await desk.place.clock.advance(MINUTE)
    await desk.other.drain()
    assert desk.second.to("terminal")[0].splitlines()[0] == "⚠ 要看一下 · telegram"
    await desk.pass_time(5)
    assert [text[0] for text in desk.second.to("terminal")] == ["⚠", "✓"]


async def test_a_queue_that_an_operator_paused_is_no_trouble(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    await desk.place.publish()
    async with desk.place.store.write() as tx:
        now = desk.place.clock.now()
        await pauses.pause(tx, PauseKind.CHANNEL, "telegram", "console", now)
    for _ in range(60):
        await desk.caretaker.step()
        await desk.place.clock.advance(MINUTE)
    async with desk.place.store.read() as tx:
        assert await incidents.standing(tx) == {}


async def test_a_chat_that_was_told_to_wait_is_no_trouble(open_office: OpenOffice) -> None:
    desk = await desk_with(open_office, "to: telegram:7")
    asked = TryLater("Too Many Requests", timedelta(hours=5), asked=True)
    desk.place.channel.answers["7"] = [asked]
    await desk.place.publish()
    await desk.pass_time(280, every=20 * MINUTE)
    assert desk.logged() == []


async def test_another_poller_is_told_by_the_bot_itself_whose_pushes_arrive(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office)
    for is_disputed in (None, True, True, None, False):
        desk.place.channel.is_disputed = is_disputed
        await desk.work(MINUTE)
    for said in (desk.place.channel.to("1"), desk.second.to("terminal")):
        assert [text[0] for text in said] == ["⚠", "✓"]
        assert "409" in said[0]


# ── what is nobody's any more ───────────────────────────────────────────────────────────────────


async def test_what_is_about_a_channel_that_was_removed_ends_without_a_word(
    open_office: OpenOffice,
) -> None:
    more = ROBOTS + 'operators: ["telegram:1"]'
    desk = await desk_with(open_office, "to: wecom:desk", more=more, second="wecom")
    desk.second.answers["desk"] = [Unauthorised("93000", whole_channel=False)]
    await desk.place.publish()
    await desk.work()
    assert len(desk.place.channel.to("1")) == 1
    without = desk.place.settings.channels.model_copy(update={"wecom": {}})
    desk.place.settings = desk.place.settings.model_copy(update={"channels": without})
    desk.restart()
    await desk.caretaker.step()
    await desk.place.send()
    assert len(desk.place.channel.to("1")) == 1
    async with desk.place.store.read() as tx:
        assert await incidents.standing(tx) == {}


@pytest.mark.parametrize("is_removed", [True, False], ids=["removed", "paused"])
async def test_a_newspaper_that_is_not_looked_at_ends_its_alarms_without_a_word(
    open_office: OpenOffice, is_removed: bool
) -> None:
    desk = await desk_with(open_office)
    await desk.place.alarm("读不到了")
    if is_removed:
        rest = desk.place.settings.sources[1:]
        desk.place.settings = desk.place.settings.model_copy(update={"sources": rest})
        desk.restart()
    else:
        async with desk.place.store.write() as tx:
            await pauses.pause(tx, PauseKind.SOURCE, "huaian", "console", desk.place.clock.now())
    await desk.caretaker.step()
    await desk.work()
    async with desk.place.store.read() as tx:
        assert await alarms.sources(tx) == []
    assert desk.place.channel.to("1") == [], "it was not told yet, and is nobody's news now"


async def test_who_heard_an_alarm_of_a_newspaper_hears_once_that_it_is_not_looked_at(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office)
    await desk.place.alarm("读不到了")
    await desk.work()
    for paused in (True, True, False):
        async with desk.place.store.write() as tx:
            if paused:
                now = desk.place.clock.now()
                await pauses.pause(tx, PauseKind.SOURCE, "huaian", "console", now)
            else:
                await pauses.resume(tx, PauseKind.SOURCE, "huaian")
        await desk.work(MINUTE)
        await desk.place.spread()
        await desk.work(MINUTE)
    began, ended = desk.place.channel.to("1")
    assert "读不到了" in began
    assert ended.startswith("– 不看了 · 淮安区报")
    await desk.place.alarm("还是读不到")
    await desk.work()
    assert len(desk.place.channel.to("1")) == 3, "still wrong when it is looked at again"


async def test_an_operators_words_are_in_the_language_of_the_settings(
    open_office: OpenOffice,
) -> None:
    desk = await desk_with(open_office, more=BOTH + "\nlanguage: en")
    for space in (FULL, ROOM):
        desk.space = space
        await desk.work(MINUTE)
    began, ended = desk.second.to("terminal")
    assert began.isascii() or "⚠" in began
    assert "MiB" in began
    assert not any("\u4e00" <= char <= "\u9fff" for char in began + ended)
