"""Fan-out: every reader is owed each thing once, in chunks, and old news comes as one summary."""

from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest

from bot import fanout
from bot.address import Address
from bot.errors import TryLater, Unknown
from bot.fanout import FanOut
from bot.ledger import subscriptions
from bot.ledger.tables import Mode
from feeds.store import journal
from tests.fakes.archive import simple_issue
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]


async def test_a_list_longer_than_a_chunk_is_owed_whole_and_once(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "CHUNK", 3)
    place = await open_office(*(f"to: telegram:{n}" for n in range(10)))
    await place.publish()
    assert sorted(await place.states("chat")) == [(f"telegram:{n}",) for n in range(10)]


async def test_a_fan_out_that_stopped_in_the_middle_goes_on_there(
    open_office: OpenOffice, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fanout, "CHUNK", 3)
    place = await open_office(*(f"to: telegram:{n}" for n in range(10)))
    await place.publish(MONDAY)
    await place.send()
    await place.publish(MONDAY + DAY)
    async with place.store.write() as tx:  # as after a kill: the cursor and all behind it are there
        await journal.move(tx, fanout.CONSUMER, journal.Cursor(1, "telegram:4\t"))
    place.fanout = FanOut(place.store, place.settings, place.clock)
    await place.spread()
    await place.send()
    assert len(await place.states()) == 20
    assert len(place.channel.sent) == 20


async def test_two_subscriptions_of_one_chat_owe_one_message(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7")
    async with place.store.write() as tx:
        to = Address("telegram", "7")
        await subscriptions.subscribe(tx, to, "huaian", {"mode": Mode.ISSUE}, 0, place.clock.now())
    await place.publish()
    assert len(await place.states()) == 1


OPERATORS = 'operators: ["telegram:1", "telegram:2"]'
WORDS = "三次没有读到文章：网页可能改版了\n运行 baotong inspect 看看"


async def test_an_alarm_reaches_every_operator_with_what_to_do(open_office: OpenOffice) -> None:
    place = await open_office(more=OPERATORS)
    await place.alarm(WORDS)
    await place.send()
    await place.alarm()
    await place.send()
    assert place.channel.to("1") == [
        f"⚠ 要看一下 · 淮安区报\n{WORDS}",
        "✓ 恢复了 · 淮安区报\n又读到了",
    ]
    assert place.channel.to("1") == place.channel.to("2")


async def test_an_alarm_that_ended_before_it_could_be_told_is_not_told_nor_is_its_end(
    open_office: OpenOffice,
) -> None:
    place = await open_office(more=OPERATORS)
    place.channel.answers["1"] = [TryLater("no network", timedelta(hours=3))]
    await place.alarm(WORDS)
    await place.send()  # its words are frozen for both, and one of them got it
    await place.clock.advance(3600)
    await place.alarm()
    await place.clock.advance(3 * 3600)
    await place.send()
    assert place.channel.to("1") == []
    assert [text[:5] for text in place.channel.to("2")] == ["⚠ 要看一", "✓ 恢复了"]
    assert await place.states("chat", "state") == [
        ("telegram:1", "skipped"),
        ("telegram:2", "sent"),
        ("telegram:1", "skipped"),
        ("telegram:2", "sent"),
    ]


async def test_an_alarm_that_still_stands_is_told_however_late(open_office: OpenOffice) -> None:
    place = await open_office(more=OPERATORS)
    place.channel.answers["1"] = [TryLater("no network", timedelta(hours=3))]
    await place.alarm(WORDS)
    await place.send()
    await place.clock.advance(3 * 3600)
    await place.send()
    assert len(place.channel.to("1")) == 1


async def test_of_an_alarm_that_may_have_arrived_the_end_is_told(open_office: OpenOffice) -> None:
    place = await open_office(more='operators: ["telegram:1"]\npush: {unknown: {private: leave}}')
    place.channel.answers["1"] = [Unknown("timed out")]
    await place.alarm(WORDS)
    await place.send()
    await place.alarm()
    await place.send()
    assert "✓ 恢复了 · 淮安区报\n又读到了" in place.channel.to("1")


# ── old news ────────────────────────────────────────────────────────────────────────────────────


async def test_a_backlog_that_grew_too_old_becomes_one_summary(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7")
    for day in range(3):
        await place.publish(MONDAY + day * DAY)
    await place.clock.advance(36 * 3600 + 1)
    await place.publish(MONDAY + 3 * DAY)
    await place.send()
    [summary, newest] = place.channel.to("7")
    assert summary.splitlines()[0] == "错过的报纸"
    assert summary.splitlines()[2] == "淮安区报 · 2024年04月08日、2024年04月09日、2024年04月10日"
    assert "2024年04月11日" in newest
    assert place.channel.sent[0].part.silent


async def test_age_counts_from_the_journal_and_never_from_the_papers_date(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    await place.publish(MONDAY - 30 * DAY)
    await place.send()
    assert "2024年03月09日" in place.channel.to("7")[0]


async def test_the_age_is_the_operators(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7", more="push: {max_age: 2h}")
    await place.publish()
    await place.clock.advance(2 * 3600 + 1)
    await place.send()
    assert place.channel.to("7")[0].startswith("错过的报纸")


async def test_case_167_after_a_restored_backup_only_the_newest_is_pushed_and_the_rest_named(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7", "to: telegram:8, mode: article, max_messages: 1")
    await place.fanout._gaps.note_alive()
    await place.clock.advance(3 * 24 * 3600)
    again = FanOut(place.store, place.settings, place.clock)
    await again._gaps.note_alive()
    place.fanout = again
    found = place.clock.now()
    await place.put(*(simple_issue(MONDAY + n * DAY, updated=found) for n in range(3)))
    await place.send()
    assert len(place.channel.to("7")) == 1
    assert "2024年04月10日" in place.channel.to("7")[0]
    await place.clock.advance(15 * 60)
    await place.send()
    [_, summary] = place.channel.to("7")
    assert summary.splitlines()[2] == "淮安区报 · 2024年04月08日、2024年04月09日"
    assert [text.splitlines()[0] for text in place.channel.to("8")][-1] == "错过的报纸"
    assert len(place.channel.to("8")) == 3  # an article, the rest, the summary


async def test_without_a_gap_two_issues_that_come_together_are_both_pushed(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    now = place.clock.now()
    await place.put(*(simple_issue(MONDAY + n * DAY, updated=now) for n in range(2)))
    await place.send()
    assert len(place.channel.to("7")) == 2


async def test_of_many_found_together_only_the_last_three_are_pushed(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    now = place.clock.now()
    await place.put(*(simple_issue(MONDAY + n * DAY, updated=now) for n in range(8)))
    await place.send()
    assert len(place.channel.to("7")) == 3
    await place.clock.advance(timedelta(minutes=15).total_seconds())
    await place.send()
    assert place.channel.to("7")[-1].count("月") == 5
