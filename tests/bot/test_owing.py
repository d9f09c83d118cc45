"""What each kind of news owes each kind of reader."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import Subscription
from bot.ledger.tables import Mode
from bot.owing import News, owed_by
from bot.selection import end_of_quiet, is_quiet, next_at
from feeds.models import Entry, EntryKind, Issue, IssueStatus
from tests.fakes.archive import make_article, make_issue, make_page

DAY = date(2024, 4, 8)
NOON = datetime(2024, 4, 8, 4, 0, tzinfo=UTC)  # 12:00 in China
NIGHT = datetime(2024, 4, 8, 15, 0, tzinfo=UTC)  # 23:00
SHANGHAI = "Asia/Shanghai"


def reader(**changes: Any) -> Subscription:
    mine = Subscription(
        id=1, chat="telegram:7", topic="", source="huaian", origin="chat", mode=Mode.ISSUE,
        pages=frozenset(), filter="", at=None, quiet="22:00-07:00", max_messages=3, since=0,
    )  # fmt: skip
    return replace(mine, **changes)


def issue(count: int = 5, status: IssueStatus = IssueStatus.COMPLETE, **article: Any) -> Issue:
    articles = [make_article(f"a{n}", id=n, page="01", **article) for n in range(1, count + 1)]
    made = make_issue(DAY, [make_page("01", articles)], status=status)
    return replace(made, id=12)


def news(
    kind: EntryKind = EntryKind.ISSUE_COMPLETE,
    *,
    of: Issue | None = None,
    article: int | None = None,
    now: datetime = NOON,
    told: set[int] = frozenset(),  # type: ignore[assignment]  # any set will do
    **data: Any,
) -> News:
    entry = Entry(9, now, kind, "huaian", 12, article, push=True, data=data)
    return News(
        entry, of or issue(), frozenset(), SHANGHAI, now, {("telegram:7", ""): told} if told else {}
    )


def owed(mine: Subscription, what: News) -> list[Owed]:
    return list(owed_by(mine, what))


def told(messages: list[Owed]) -> list[tuple[str, str, bool]]:
    return [(one.subject, one.kind, one.silent) for one in messages]


# ── a whole issue ───────────────────────────────────────────────────────────────────────────────


def test_an_issue_is_one_message() -> None:
    assert told(owed(reader(), news())) == [("issue:12", "issue", False)]


def test_articles_come_one_by_one_the_first_with_a_sound_and_the_rest_together() -> None:
    assert told(owed(reader(mode=Mode.ARTICLE), news())) == [
        ("article:1", "article", False),
        ("article:2", "article", True),
        ("article:3", "article", True),
        ("issue:12", "rest", True),
    ]


def test_as_many_articles_as_may_come_singly_leave_no_rest() -> None:
    messages = owed(reader(mode=Mode.ARTICLE), news(of=issue(3)))
    assert [one.kind for one in messages] == ["article"] * 3


def test_a_digest_comes_at_its_own_time() -> None:
    [digest] = owed(reader(mode=Mode.DAILY, at="20:00"), news())
    assert digest.due_at == datetime(2024, 4, 8, 12, 0, tzinfo=UTC)
    [tomorrow] = owed(reader(mode=Mode.DAILY, at="08:00"), news())
    assert tomorrow.due_at == datetime(2024, 4, 9, 0, 0, tzinfo=UTC)


def test_a_digest_comes_at_its_time_in_the_readers_zone() -> None:
    [digest] = owed(reader(mode=Mode.DAILY, at="20:00", timezone="Europe/London"), news())
    assert digest.due_at == datetime(2024, 4, 8, 19, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    "choosy",
    [
        reader(pages=frozenset({"02"})),
        reader(filter="停水"),
        reader(filter="-春耕"),
        reader(paused=True),
        reader(paused=True, mode=Mode.ARTICLE, rung=100),
    ],
)
def test_who_wants_nothing_of_it_is_owed_nothing(choosy: Subscription) -> None:
    assert owed(choosy, news()) == []


def test_kinds_that_the_paper_leaves_out_are_owed_to_nobody() -> None:
    assert owed(reader(), replace(news(of=issue(kind="ad")), skip=frozenset({"ad"}))) == []


# ── an issue that grows ─────────────────────────────────────────────────────────────────────────


def test_of_an_issue_that_grows_the_first_few_articles_come_as_they_come() -> None:
    open_issue = issue(status=IssueStatus.OPEN)
    mine = reader(mode=Mode.ARTICLE)
    first = owed(mine, news(EntryKind.ARTICLE_ADDED, of=open_issue, article=1))
    third = owed(mine, news(EntryKind.ARTICLE_ADDED, of=open_issue, article=3, told={1, 2}))
    fourth = owed(mine, news(EntryKind.ARTICLE_ADDED, of=open_issue, article=4, told={1, 2, 3}))
    assert told(first) == [("article:1", "article", False)]
    assert told(third) == [("article:3", "article", True)]
    assert fourth == []


def test_when_it_closes_only_what_was_not_told_yet_comes() -> None:
    mine = reader(mode=Mode.ARTICLE)
    assert told(owed(mine, news(told={1, 2, 3}))) == [("issue:12", "rest", True)]
    assert told(owed(mine, news(of=issue(3), told={1, 2, 3}))) == []
    assert told(owed(mine, news(of=issue(4), told={1, 2}))) == [
        ("article:3", "article", True),
        ("issue:12", "rest", True),
    ]


def test_an_open_issue_gives_one_digest_and_no_issue_message() -> None:
    added = news(EntryKind.ARTICLE_ADDED, of=issue(status=IssueStatus.OPEN), article=1)
    [digest] = owed(reader(mode=Mode.DAILY), added)
    assert (digest.subject, digest.kind) == ("issue:12", "daily")
    assert owed(reader(), added) == []


def test_a_late_article_of_a_complete_issue_is_told_to_those_who_read_by_article() -> None:
    late = news(EntryKind.ARTICLE_ADDED, article=5)
    assert told(owed(reader(mode=Mode.ARTICLE), late)) == [("article:5", "article", False)]
    assert owed(reader(), late) == []
    assert owed(reader(mode=Mode.DAILY), late) == []
    assert owed(reader(mode=Mode.ARTICLE, filter="停水"), late) == []


@pytest.mark.parametrize("mode", [Mode.ISSUE, Mode.DAILY])
def test_who_wanted_nothing_of_an_issue_until_an_article_came_late_gets_its_message_then(
    mode: Mode,
) -> None:
    there = make_article("a1", id=1, page="01")
    late = make_article("a2", id=2, page="01", title="停水通知", first_seen=NOON)
    grown = replace(make_issue(DAY, [make_page("01", [there, late])]), id=12)
    added = news(EntryKind.ARTICLE_ADDED, of=grown, article=2)
    [one] = owed(reader(mode=mode, filter="停水"), added)
    assert (one.subject, one.kind) == ("issue:12", str(mode))
    assert owed(reader(mode=mode), added) == []
    assert owed(reader(mode=mode, filter="春耕新闻"), added) == []


# ── reads and corrections ───────────────────────────────────────────────────────────────────────


def test_an_article_that_passes_the_chosen_rung_is_told_once() -> None:
    passes = news(EntryKind.READS_RUNG, article=2, rung=1000)
    assert told(owed(reader(rung=1000), passes)) == [("article:2", "reads", False)]
    assert owed(reader(rung=500), passes) == []
    assert owed(reader(), passes) == []
    assert owed(reader(rung=1000, filter="停水"), passes) == []


def test_what_passed_the_rung_before_its_issue_was_out_makes_no_sound() -> None:
    old = replace(issue(), completed_at=NOON)
    [one] = owed(reader(rung=100), news(EntryKind.READS_RUNG, of=old, article=2, rung=100))
    assert one.silent


def test_a_correction_of_what_is_shown_is_owed_without_sound_and_may_come_again() -> None:
    [one] = owed(reader(), news(EntryKind.ARTICLE_CORRECTED, article=2, changed=["title"]))
    assert (one.subject, one.kind, one.silent) == ("article:2:9", "correction", True)
    pictures = news(EntryKind.ARTICLE_CORRECTED, article=2, changed=["images", "byline"])
    assert owed(reader(), pictures) == []


@pytest.mark.parametrize(
    "kind", [EntryKind.READS_RUNG, EntryKind.ARTICLE_ADDED, EntryKind.ARTICLE_CORRECTED]
)
def test_an_article_that_is_withdrawn_or_unknown_owes_nothing(kind: EntryKind) -> None:
    gone = issue(withdrawn_at=NOON)
    mine = reader(mode=Mode.ARTICLE, rung=100)
    assert owed(mine, news(kind, of=gone, article=2, rung=100, changed=["title"])) == []
    assert owed(mine, news(kind, article=77, rung=100, changed=["title"])) == []


# ── quiet hours ─────────────────────────────────────────────────────────────────────────────────


def test_in_quiet_hours_messages_make_no_sound() -> None:
    [one] = owed(reader(), news(now=NIGHT))
    assert one.silent
    assert one.due_at == NIGHT
    [loud] = owed(reader(quiet=None), news(now=NIGHT))
    assert not loud.silent


def test_held_messages_wait_for_the_end_of_the_quiet_hours_and_then_sound() -> None:
    held = owed(reader(hold=True, mode=Mode.ARTICLE), news(now=NIGHT))
    assert {one.due_at for one in held} == {datetime(2024, 4, 8, 23, 0, tzinfo=UTC)}  # 07:00
    assert [one.silent for one in held] == [False, True, True, True]
    [now] = owed(reader(hold=True), news(now=NOON))
    assert now.due_at == NOON


def test_a_digest_that_was_asked_for_in_quiet_hours_comes_then_without_sound() -> None:
    [digest] = owed(reader(hold=True, mode=Mode.DAILY, at="23:30"), news())
    assert digest.due_at == datetime(2024, 4, 8, 15, 30, tzinfo=UTC)
    assert digest.silent


@given(
    st.datetimes(datetime(2023, 1, 1), datetime(2026, 1, 1)),  # noqa: DTZ001 - made aware below
    st.integers(0, 23), st.integers(0, 23),
    st.sampled_from([SHANGHAI, "Europe/London", "America/New_York", "Australia/Lord_Howe"]),
)  # fmt: skip
def test_quiet_hours_end_after_they_began_and_are_over_then(
    at: datetime, begin: int, end: int, zone: str
) -> None:
    at = at.replace(tzinfo=UTC)
    quiet = f"{begin:02}:00-{end:02}:00"
    if is_quiet(quiet, at, zone):
        over = end_of_quiet(quiet, at, zone)
        assert at <= over <= at + timedelta(hours=25)
        assert not is_quiet(quiet, over, zone) or over.astimezone(ZoneInfo(zone)).fold


def test_case_150_a_time_that_clocks_skip_or_show_twice_comes_once() -> None:
    spring = datetime(2024, 3, 30, 12, tzinfo=UTC)  # 01:30 is skipped in London on the 31st
    autumn = datetime(2024, 10, 26, 12, tzinfo=UTC)  # 01:30 comes twice on the 27th
    assert next_at("01:30", spring, "Europe/London").astimezone(UTC).hour == 1
    first = next_at("01:30", autumn, "Europe/London")
    assert first.astimezone(UTC) == datetime(2024, 10, 27, 0, 30, tzinfo=UTC)
