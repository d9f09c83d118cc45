"""Alarms: raised once, ended once, whatever restarts lie between; a holiday is one alarm."""

from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.models import AlarmKind, Entry, EntryKind
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

DAY = "2024-04-08"
RAISED, ENDED = EntryKind.ALARM_RAISED, EntryKind.ALARM_ENDED


async def alarms(room: Room) -> list[tuple[EntryKind, str]]:
    entries = [entry for entry in await room.journal() if entry.kind in {RAISED, ENDED}]
    assert all(entry.data["words"] for entry in entries)
    return [(entry.kind, str(entry.data["alarm"])) for entry in entries]


async def last(room: Room) -> Entry:
    return (await room.journal())[-1]


# ── a redesign ──────────────────────────────────────────────────────────────────────────────────


async def test_an_issue_that_is_there_and_holds_no_articles_is_an_alarm(room: Room) -> None:
    room.press.print("2024-04-07", {"01": ["x"]})
    await room.look()
    room.press.print(DAY, {"01": [], "02": []})
    await room.look()
    assert await alarms(room) == [], "a paper that is being put up is empty for a moment"
    for _ in range(3):
        await room.look()
    assert await alarms(room) == [(RAISED, "redesign")]
    assert DAY in str((await last(room)).data["words"])
    assert (await room.issue("2024-04-07")).articles[0].body_text
    room.press.print(DAY, {"01": ["a"], "02": []})
    room.clock.jump(timedelta(minutes=10))
    for _ in range(3):
        await room.look()
    assert await alarms(room) == [(RAISED, "redesign"), (ENDED, "redesign")]


async def test_case_091_an_issue_without_pages_is_no_paper_that_day_and_no_alarm(
    room: Room,
) -> None:
    room.press.print(DAY, {})
    for _ in range(5):
        await room.look()
    assert await room.told() == []


@pytest.mark.parametrize("lost", [{"title": ""}, {"body": ""}], ids=["titles", "bodies"])
async def test_articles_without_titles_or_bodies_are_an_alarm(
    room: Room, lost: dict[str, str]
) -> None:
    room.press.print(DAY, {"01": list("abcd")})
    for key in "ab":
        room.press.write(DAY, key, **lost)
    await room.look()
    assert await alarms(room) == [(RAISED, "redesign")]
    assert (await last(room)).data["bare"] == 2


async def test_one_article_without_a_body_among_many_is_none(room: Room) -> None:
    room.press.print(DAY, {"01": list("abcd")})
    room.press.write(DAY, "a", body="")
    for _ in range(3):
        await room.look()
    assert await alarms(room) == []


async def test_an_entry_that_shows_no_newspaper_any_more_is_an_alarm_at_the_third_look(
    room: Room,
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.paper["/"] = Reply(b"{}")
    for _ in range(2):
        await room.look()
    assert await alarms(room) == []
    for _ in range(4):
        await room.look()
    assert await alarms(room) == [(RAISED, "redesign")]
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    assert await alarms(room) == [(RAISED, "redesign"), (ENDED, "redesign")]


async def test_case_036_a_maintenance_page_is_no_redesign(room: Room) -> None:
    room.paper["/"] = Reply(b'{"unreadable": "error_page"}')
    for _ in range(6):
        await room.look()
    assert await alarms(room) == []


async def test_case_037_a_challenge_is_told_once(room: Room) -> None:
    room.paper["/"] = Reply(b'{"unreadable": "challenge"}')
    for _ in range(4):
        await room.look()
    assert await alarms(room) == [(RAISED, "challenge")]
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    assert await alarms(room) == [(RAISED, "challenge"), (ENDED, "challenge")]


# ── unread for long ─────────────────────────────────────────────────────────────────────────────


async def test_a_newspaper_that_could_not_be_read_for_hours_is_an_alarm_with_its_reason(
    room: Room,
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.paper["/"] = Reply(b"", 500)
    for _ in range(5):
        room.clock.jump(timedelta(hours=1))
        await room.look()
    assert await alarms(room) == []
    for _ in range(3):
        room.clock.jump(timedelta(hours=1))
        await room.look()
    assert await alarms(room) == [(RAISED, "unread")]
    assert "HTTP 500" in str((await last(room)).data["words"])
    assert "2024-04-08 14:00" in str((await last(room)).data["words"])  # in the paper's zone
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    await room.look()
    assert await alarms(room) == [(RAISED, "unread"), (ENDED, "unread")]


async def test_a_newspaper_that_was_never_read_is_an_alarm_too(room: Room) -> None:
    await room.look()
    room.clock.jump(timedelta(hours=7))
    await room.look()
    assert await alarms(room) == [(RAISED, "unread")]


async def test_a_newspaper_that_is_seldom_looked_at_is_given_longer(room: Room) -> None:
    room.settings["check_every"] = "1d"
    await room.look()
    room.clock.jump(timedelta(days=9))
    await room.look()
    assert await alarms(room) == []


# ── late ────────────────────────────────────────────────────────────────────────────────────────

MONDAY = date(2024, 4, 8)


async def at(room: Room, day: date, hour: int, minute: int = 0) -> None:
    """A look at that time in China."""
    moment = datetime(day.year, day.month, day.day, hour, minute, tzinfo=UTC) - timedelta(hours=8)
    room.clock.jump(moment - room.clock.now())
    await room.look()


async def three_weeks(room: Room, days: frozenset[int] = frozenset(range(7))) -> date:
    """A paper that comes out at about ten past six on these weekdays; the day after."""
    for number in range(21):
        day = MONDAY + timedelta(days=number)
        await at(room, day, 6, 5)
        if day.weekday() in days:
            room.press.print(day.isoformat(), {"01": [f"k{number}"]}, own_pages=False)
        await at(room, day, 6, 10)
    assert await alarms(room) == []
    return MONDAY + timedelta(days=21)


async def test_a_paper_that_is_not_there_three_hours_after_its_usual_time_is_late_once(
    room: Room,
) -> None:
    day = await three_weeks(room)
    await at(room, day, 9, 5)
    assert await alarms(room) == []
    await at(room, day, 9, 15)
    assert await alarms(room) == [(RAISED, "late")]
    assert (await last(room)).data["date"] == day.isoformat()
    for _ in range(8):  # a holiday
        day += timedelta(days=1)
        for hour in (6, 10, 20):
            await at(room, day, hour)
    assert await alarms(room) == [(RAISED, "late")]
    room.press.print(day.isoformat(), {"01": ["z"]}, own_pages=False)
    await at(room, day, 21)
    await at(room, day, 22)
    assert await alarms(room) == [(RAISED, "late"), (ENDED, "late")]


async def test_a_paper_of_weekdays_is_not_late_at_a_weekend(room: Room) -> None:
    day = await three_weeks(room, frozenset(range(5)))
    while day.weekday() < 5:
        await at(room, day, 6, 5)
        room.press.print(day.isoformat(), {"01": [day.isoformat()]}, own_pages=False)
        await at(room, day, 6, 10)
        day += timedelta(days=1)
    for _ in range(2):
        await at(room, day, 12)
        day += timedelta(days=1)
    assert await alarms(room) == []
    await at(room, day, 12)
    assert await alarms(room) == [(RAISED, "late")]


async def test_a_paper_of_which_little_is_known_is_never_late(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]}, own_pages=False)
    for day in range(9, 20):
        await at(room, date(2024, 4, day), 20)
    assert await alarms(room) == []


def test_each_kind_of_alarm_has_words_for_its_end() -> None:
    from config.sources import YunbaoSource  # noqa: PLC0415 - for this test alone
    from feeds.watch.alarms import Alarmist  # noqa: PLC0415

    config = YunbaoSource(id="x", kind="yunbao", title="淮安区报", url="http://paper.test/")
    assert set(Alarmist(config, str).endings()) == set(AlarmKind)
