"""When to look again: never before the server's wait, never far beyond what was set."""

from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.schedule import FLOOR, JITTER, back_off, first_look, next_look

NOW = datetime(2026, 11, 23, tzinfo=UTC)
HOUR = timedelta(hours=1)
EVERY = st.timedeltas(timedelta(seconds=1), timedelta(days=7))
WAIT = st.none() | st.timedeltas(timedelta(0), timedelta(hours=24))
CHANCE = st.floats(0, 1, exclude_max=True)
HEAT = st.floats(0, 1e6)
DUE = st.none() | st.timedeltas(timedelta(days=-20), timedelta(days=40)).map(
    lambda ahead: NOW + ahead
)


@given(EVERY, st.integers(0, 1000), CHANCE, WAIT, DUE)
def test_the_next_look_is_never_before_the_servers_wait(
    every: timedelta,
    failures: int,
    chance: float,
    wait: timedelta | None,
    due: datetime | None,
) -> None:
    at = next_look(NOW, every, failures, chance, wait, due)
    assert at > NOW
    assert wait is None or at >= NOW + wait


@given(EVERY, st.integers(0, 1000), CHANCE)
def test_without_a_wait_it_is_never_later_than_an_hour_or_check_every_with_jitter(
    every: timedelta, failures: int, chance: float
) -> None:
    assert next_look(NOW, every, failures, chance) <= NOW + max(HOUR, every) * (1 + JITTER)


@given(EVERY, CHANCE, DUE, HEAT)
def test_a_good_newspaper_is_looked_at_within_check_every(
    every: timedelta, chance: float, due: datetime | None, heat: float
) -> None:
    at = next_look(NOW, every, 0, chance, None, due, lambda _at: heat)
    assert at <= NOW + every


@given(EVERY, CHANCE, HEAT)
def test_no_awaited_issue_makes_looks_faster_than_the_floor(
    every: timedelta, chance: float, heat: float
) -> None:
    at = next_look(NOW, every, 0, chance, heat=lambda _at: heat)
    assert at >= NOW + min(FLOOR, every) * (1 - JITTER) - timedelta(milliseconds=1)


@given(EVERY, st.integers(0, 100))
def test_another_failure_never_shortens_the_wait(every: timedelta, failures: int) -> None:
    assert every <= back_off(every, failures) <= back_off(every, failures + 1)


def test_good_looks_come_up_to_a_tenth_earlier_and_bad_ones_later() -> None:
    chances = (0.0, 0.5, 0.9999999)
    good = [next_look(NOW, HOUR, 0, chance) - NOW for chance in chances]
    bad = [next_look(NOW, HOUR, 1, chance) - NOW for chance in chances]
    assert [round(wait / HOUR, 3) for wait in good] == [1.0, 0.95, 0.9]
    assert [round(wait / HOUR, 3) for wait in bad] == [1.0, 1.05, 1.1]


def test_due_work_brings_a_good_look_forward_but_not_a_failing_one() -> None:
    due = NOW + timedelta(minutes=5)
    assert next_look(NOW, HOUR, 0, 0.5, None, due) == due
    assert next_look(NOW, HOUR, 1, 0.0, None, due) == NOW + HOUR


def test_counts_long_overdue_do_not_make_us_look_without_a_pause() -> None:
    assert next_look(NOW, HOUR, 0, 0.5, None, NOW - HOUR) == NOW + timedelta(seconds=1)


def test_after_a_start_a_plan_of_before_still_holds() -> None:
    planned = NOW + timedelta(hours=20)
    assert first_look(NOW, HOUR, 3, planned) == planned
    assert first_look(NOW, HOUR, 0, NOW + timedelta(minutes=20)) == NOW + timedelta(minutes=20)


def test_after_a_start_what_is_overdue_or_was_never_planned_is_looked_at_at_once() -> None:
    assert first_look(NOW, HOUR, 0, None) == NOW
    assert first_look(NOW, HOUR, 5, NOW - HOUR) == NOW


def test_case_160_a_plan_made_by_a_clock_far_ahead_holds_nobody_up_for_long() -> None:
    far = NOW + timedelta(days=365)
    assert first_look(NOW, HOUR, 0, far) <= NOW + HOUR
    assert first_look(NOW, HOUR, 2, far) == NOW + timedelta(hours=24)
