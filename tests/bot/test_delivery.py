"""Sending: what a channel answers decides, nothing is lost, and each chat's order is kept."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import select
from structlog.testing import capture_logs

from bot.address import ChatKind
from bot.errors import Gone, Moved, Rejected, TryLater, Unauthorised, Unknown, trouble
from bot.ledger import chats
from bot.ledger.tables import chats as chat_table
from bot.ledger.tables import deliveries, delivery_parts
from tests.fakes.office import DAY, MONDAY, Office

LATER = timedelta(seconds=35)


OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def place(open_office: OpenOffice) -> Office:
    return await open_office("to: telegram:7", "to: telegram:8")


async def ready(made: Office, day: int = 0) -> None:
    await made.publish(MONDAY + day * DAY)


async def test_everybody_gets_an_issue_once(place: Office) -> None:
    await ready(place)
    await place.send()
    await place.send()
    assert [given.to for given in place.channel.sent] == ["telegram:7", "telegram:8"]
    assert await place.states() == [("telegram:7", "sent"), ("telegram:8", "sent")]


async def test_case_121_a_chats_wait_is_stored_outlives_a_restart_and_holds_up_nobody_else(
    place: Office,
) -> None:
    place.channel.answers["7"] = [TryLater("slow down", LATER)]
    await ready(place)
    await place.send()
    await ready(place, 1)
    place.delivery = place.sender()  # a new process
    await place.send()
    assert place.channel.to("7") == []
    assert len(place.channel.to("8")) == 2
    await place.clock.advance(35)
    await place.send()
    assert [text.splitlines()[0][7:18] for text in place.channel.to("7")] == [
        "2024年04月08日",
        "2024年04月09日",
    ]


async def test_a_channel_that_cannot_be_reached_keeps_everything_and_tries_with_one_message(
    place: Office,
) -> None:
    place.channel.answers["7"] = [TryLater("no network", LATER, whole_channel=True)] * 2
    await ready(place)
    await place.send()
    tried = len(place.channel.tried)
    await place.send()
    assert len(place.channel.tried) == tried
    await place.clock.advance(35)
    await place.send()
    assert place.channel.tried[tried:] == ["telegram:7"]
    await place.clock.advance(35)
    await place.send()
    assert {given.to for given in place.channel.sent} == {"telegram:7", "telegram:8"}


async def test_a_chat_that_blocked_us_is_owed_nothing_until_it_writes_again(
    place: Office,
) -> None:
    place.channel.answers["7"] = [Gone("bot was blocked by the user")]
    await ready(place)
    await place.send()
    await ready(place, 1)
    await place.send()
    assert place.channel.to("7") == []
    async with place.store.write() as tx:
        await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "读者", place.clock.now())
    await ready(place, 2)
    await place.send()
    assert len(place.channel.to("7")) == 1
    gone = [row for row in await place.states("chat", "state", "reason") if row[1] == "skipped"]
    assert gone == [("telegram:7", "skipped", "bot was blocked by the user")]


async def test_case_149_what_is_owed_of_a_removed_newspaper_ends_with_its_reason(
    place: Office,
) -> None:
    await ready(place)
    others = tuple(source for source in place.settings.sources if source.id != "huaian")
    place.settings = place.settings.model_copy(update={"sources": others})
    place.delivery = place.sender()
    await place.send()

    assert place.channel.sent == []
    reason = "the newspaper was taken out of the configuration"
    assert await place.states("state", "reason") == [("skipped", reason)] * 2


async def test_case_124_a_chat_that_is_not_found_is_asked_once_more(place: Office) -> None:
    lost = Gone("chat not found", is_sure=False)
    place.channel.answers["7"] = [lost]
    place.channel.answers["8"] = [lost, lost]
    await ready(place)
    await place.send()
    assert place.channel.sent == []
    await place.clock.advance(60)
    await place.send()
    assert len(place.channel.to("7")) == 1
    assert await place.states() == [("telegram:7", "sent"), ("telegram:8", "skipped")]


async def test_case_125_a_migrated_group_gets_its_message_under_its_new_id(
    place: Office,
) -> None:
    place.channel.answers["7"] = [Moved("upgraded", "-1009")]
    await ready(place)
    await ready(place, 1)
    await place.send()
    assert place.channel.to("7") == []
    assert len(place.channel.to("-1009")) == 2
    await place.open()  # the settings still name the old id
    await ready(place, 2)
    await place.send()
    assert len(place.channel.to("-1009")) == 3
    assert place.channel.to("7") == []


async def test_a_group_that_moves_to_a_chat_we_know_is_one_with_it_and_gets_nothing_twice(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:-7", "to: telegram:-1009")
    place.channel.answers["-7"] = [Moved("upgraded", "-1009")]
    await ready(place)
    await place.send()
    await ready(place, 1)
    await place.send()
    assert len(place.channel.to("-1009")) == 2
    assert len(place.channel.sent) == 2


async def test_case_126_refused_markup_goes_once_more_as_plain_words_and_says_so(
    place: Office,
) -> None:
    place.channel.answers["7"] = [Rejected("can't parse entities", plain_may_do=True)]
    place.channel.answers["8"] = [Rejected("can't parse entities", plain_may_do=True)] * 2
    await ready(place)
    await place.send()
    assert [(given.to, given.plain) for given in place.channel.sent] == [("telegram:7", True)]
    [sent, failed] = await place.states("state", "reason")
    assert sent[0] == "sent"
    assert "our markup was refused" in sent[1]
    assert failed == ("failed", "can't parse entities")


async def test_case_130_a_refused_token_stops_sending_keeps_the_queue_and_is_told_elsewhere(
    open_office: OpenOffice,
) -> None:
    more = 'operators: ["console:terminal", "telegram:1"]'
    place = await open_office("to: telegram:7", "to: telegram:8", more=more)
    for chat in ("7", "8"):
        place.channel.answers[chat] = [Unauthorised("401")]
    await ready(place)
    await place.send()
    assert place.channel.sent == []
    states = await place.states("chat", "state", "kind")
    assert {row for row in states if row[2] == "issue"} == {
        ("telegram:7", "pending", "issue"),
        ("telegram:8", "pending", "issue"),
    }
    console = type(place.channel)("console")
    await place.caretaker(None, console).step()
    await place.sender(console).drain()
    assert "token" in console.to("terminal")[0]
    await place.clock.advance(300)
    await place.send()
    assert {given.to for given in place.channel.sent} == {"telegram:7", "telegram:8"}


async def test_an_unknown_outcome_is_sent_again_to_a_person_and_left_in_a_channel(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7", 'to: "telegram:@news"')
    for chat in ("7", "@news"):
        place.channel.answers[chat] = [Unknown("timed out")]
    await ready(place)
    await place.send()
    await place.clock.advance(10)
    await place.send()
    assert await place.states("chat", "state", "doubts") == [
        ("telegram:7", "sent", 1),
        ("telegram:@news", "unknown", 1),
    ]


async def test_the_rule_for_unknown_outcomes_is_the_operators(
    open_office: OpenOffice,
) -> None:
    more = "push: {unknown: {private: leave, channel: again}}"
    place = await open_office("to: telegram:7", 'to: "telegram:@news"', more=more)
    place.channel.answers["7"] = [Unknown("timed out")]
    place.channel.answers["@news"] = [Unknown("timed out")] * 5
    await ready(place)
    for seconds in (10, 60, 240, 300):  # a short outage is over by the last try
        await place.send()
        await place.clock.advance(seconds)
    assert len(place.channel.tried) == 4
    assert await place.states("chat", "state", "doubts") == [
        ("telegram:7", "unknown", 1),
        ("telegram:@news", "unknown", 3),
    ]


async def test_what_was_being_sent_when_the_worker_died_is_resolved_by_the_rule(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7", 'to: "telegram:@news"')
    await ready(place)
    place.channel.gate.clear()
    task = asyncio.create_task(place.delivery.run())
    while place.channel.under_way < 2:
        await asyncio.sleep(0)
    for sending in list(place.delivery._in_hand):  # the process is gone: nothing is recorded
        sending.cancel()
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await _as_it_was_at_the_kill(place)
    place.channel.gate.set()
    await place.sender().drain()
    assert await place.states("chat", "state") == [
        ("telegram:7", "sent"),
        ("telegram:@news", "unknown"),
    ]


async def _as_it_was_at_the_kill(place: Office) -> None:
    async with place.store.write() as tx:
        await tx.execute(
            deliveries.update().values(
                state="sending", owner="0" * 16, settled_at=None, lane="huaian", doubts=0,
                lease_until=place.clock.now() + DAY,
            )
        )  # fmt: skip
        await tx.execute(delivery_parts.update().values(state="pending"))


async def test_a_stop_waits_for_calls_in_flight_and_gives_back_what_was_not_begun(
    place: Office,
) -> None:
    await ready(place)
    place.channel.gate.clear()
    task = asyncio.create_task(place.delivery.run())
    while place.channel.under_way < 2:
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.sleep(0)
    place.channel.gate.set()
    await asyncio.gather(task, return_exceptions=True)
    assert await place.states("state", "owner") == [("sent", None), ("sent", None)]


async def test_parts_follow_one_another_and_the_second_answers_the_first(place: Office) -> None:
    await place.publish(articles=90)
    await place.send()
    [first, second] = [given for given in place.channel.sent if given.to == "telegram:7"]
    assert second.part.silent
    assert second.reply_to == first.message_id
    assert second.text.startswith("(续 2/2)")
    async with place.store.read() as tx:
        rows = (await tx.execute(select(delivery_parts))).all()
    assert {(row.number, str(row.state)) for row in rows} == {(1, "sent"), (2, "sent")}


async def test_a_part_that_fails_is_tried_again_alone(place: Office) -> None:
    place.channel.answers["7"] = [None, TryLater("slow down", LATER)]
    await place.publish(articles=90)
    await place.send()
    assert len(place.channel.to("7")) == 1
    await place.clock.advance(35)
    await place.send()
    [_, second] = place.channel.to("7")
    assert second.startswith("(续 2/2)")


async def test_a_chat_that_must_wait_holds_nobodys_place(place: Office) -> None:
    place.channel.waits["7"] = 50.0
    place.channel.at_once = 1
    await ready(place)
    await place.send()
    assert place.channel.to("7") == []
    assert len(place.channel.to("8")) == 1
    place.channel.waits.clear()
    await place.clock.advance(50)
    await place.send()
    assert len(place.channel.to("7")) == 1


async def test_a_message_keeps_its_words_through_every_try(place: Office) -> None:
    place.channel.answers["7"] = [TryLater("slow down", LATER)]
    await ready(place)
    await place.send()
    await place.change_article("0408-1", title="改过的题目")
    await place.clock.advance(35)
    await place.send()
    assert place.channel.to("7") == place.channel.to("8")


async def test_a_message_bears_the_same_key_each_time(place: Office) -> None:
    place.channel.answers["7"] = [Unknown("timed out")]
    await ready(place)
    keys: set[str] = set()
    send = place.channel.send

    async def noting(*args: object, key: str = "", **more: object) -> str:
        if str(args[0]) == "telegram:7":
            keys.add(key)
        return await send(*args, key=key, **more)  # type: ignore[arg-type]

    place.channel.send = noting  # type: ignore[method-assign, assignment]
    await place.send()
    await place.clock.advance(10)
    await place.send()
    assert len(place.channel.to("7")) == 1
    assert len(keys) == 1


async def test_no_two_messages_to_one_chat_are_under_way_at_once(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7, mode: article")
    await place.publish(articles=6)
    await place.send()
    assert place.channel.most_under_way == 1
    assert len(place.channel.to("7")) == 6
    assert [given.part.silent for given in place.channel.sent] == [False] + [True] * 5


async def test_an_answer_that_cannot_be_stored_is_stored_when_it_can(
    place: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ready(place)
    write, failures = place.store.write, iter([True, True])

    def failing():  # type: ignore[no-untyped-def] # noqa: ANN202
        if place.channel.sent and next(failures, False):
            raise OSError("no space left on device")
        return write()

    monkeypatch.setattr(place.store, "write", failing)
    sending = asyncio.create_task(place.send())
    while not sending.done():
        await place.clock.advance(1)
    await sending
    assert len(place.channel.sent) == 2
    assert await place.states() == [("telegram:7", "sent"), ("telegram:8", "sent")]


async def test_chats_are_unlocked_rows_of_their_own(place: Office) -> None:
    """A signpost keeps the old id, so that its settings find the group."""
    place.channel.answers["7"] = [Moved("upgraded", "-1009")]
    await ready(place)
    await place.send()
    async with place.store.read() as tx:
        rows = (await tx.execute(select(chat_table))).all()
    assert {row.id: row.moved_to for row in rows} == {
        "telegram:7": "telegram:-1009",
        "telegram:8": None,
        "telegram:-1009": None,
    }


@pytest.mark.parametrize("dirt", ["\0", "\ud800", "\n" * 2000])
async def test_no_words_of_a_service_keep_other_answers_from_being_stored(
    open_office: OpenOffice, dirt: str
) -> None:
    place = await open_office("to: telegram:7", "to: telegram:8")
    place.channel.answers["7"] = [Rejected(f"bad {dirt} request")]
    await ready(place)
    async with asyncio.timeout(10):
        await place.send()
    [refused, other] = await place.states("chat", "state", "reason")
    assert refused[:2] == ("telegram:7", "failed")
    assert refused[2].startswith("bad")
    assert refused[2].isprintable()
    assert other[:2] == ("telegram:8", "sent")


async def test_operators_hear_once_a_day_of_messages_whose_fate_is_not_known(
    open_office: OpenOffice,
) -> None:
    more = 'push: {unknown: {private: leave}}\noperators: ["telegram:99"]'
    place = await open_office("to: telegram:7", "to: telegram:8", more=more)
    for chat in ("7", "8"):
        place.channel.answers[chat] = [Unknown("timed out")]
    await ready(place)
    await place.send()
    [told] = place.channel.to("99")
    assert "telegram:" in told
    assert "baotong deliveries --state unknown" in told


async def test_a_server_in_trouble_is_asked_more_and_more_seldom_and_nothing_is_lost(
    open_office: OpenOffice,
) -> None:
    place = await open_office('to: "telegram:@news"')
    place.channel.answers["@news"] = [trouble(502)] * 3
    await ready(place)
    for seconds in (10, 20, 40):
        await place.send()
        tried = len(place.channel.tried)
        await place.clock.advance(seconds - 1)
        await place.send()
        assert len(place.channel.tried) == tried
        await place.clock.advance(1)
    await place.send()
    assert await place.states("chat", "state", "doubts") == [("telegram:@news", "sent", 0)]


async def test_a_channel_that_breaks_leaves_it_unknown_and_the_rule_decides(place: Office) -> None:
    place.channel.answers["7"] = [RecursionError("deep")]
    await ready(place)
    with capture_logs() as lines:
        await place.send()
    assert "channel failed" in [line["event"] for line in lines]
    owed = await place.states("chat", "state", "owner", "reason")
    assert owed[0] == ("telegram:7", "pending", None, "RecursionError")
    await place.clock.advance(10)
    await place.send()
    assert len(place.channel.to("7")) == 1
    assert await place.states("state", "doubts") == [("sent", 1), ("sent", 0)]
