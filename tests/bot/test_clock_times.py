"""Clocks that people set, where a zone's clocks jump: facts/bad-input.md 150."""

from datetime import UTC, datetime, timedelta

import pytest

from bot.selection import is_quiet, next_at

NEW_YORK = "America/New_York"  # 2024: forward on 10 March at 2:00, back on 3 November at 2:00


def runs(at: str, begin: datetime, end: datetime) -> list[datetime]:
    """Every time that a daily message is due from `begin` to before `end`."""
    due, found = next_at(at, begin, NEW_YORK), []
    while due < end:
        found.append(due.astimezone(UTC))
        due = next_at(at, due + timedelta(seconds=1), NEW_YORK)
    return found


def test_case_150_a_time_that_clocks_skip_comes_once_that_day() -> None:
    found = runs(
        "02:30", datetime(2024, 3, 9, 12, tzinfo=UTC), datetime(2024, 3, 11, 12, tzinfo=UTC)
    )

    assert found == [
        datetime(2024, 3, 10, 7, 30, tzinfo=UTC),
        datetime(2024, 3, 11, 6, 30, tzinfo=UTC),
    ]


def test_case_150_a_time_that_clocks_show_twice_comes_once_that_day() -> None:
    found = runs(
        "01:30", datetime(2024, 11, 2, 12, tzinfo=UTC), datetime(2024, 11, 4, 12, tzinfo=UTC)
    )

    assert found == [
        datetime(2024, 11, 3, 5, 30, tzinfo=UTC),
        datetime(2024, 11, 4, 6, 30, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    ("quiet", "clock", "expected"),
    [
        ("22:00-07:00", "21:59", False),
        ("22:00-07:00", "22:00", True),
        ("22:00-07:00", "06:59", True),
        ("22:00-07:00", "07:00", False),
        ("12:00-14:00", "11:59", False),
        ("12:00-14:00", "12:00", True),
        ("12:00-14:00", "14:00", False),
        (None, "03:00", False),
    ],
)
def test_quiet_hours_may_go_over_midnight(quiet: str | None, clock: str, expected: bool) -> None:
    at = datetime.fromisoformat(f"2024-04-08T{clock}:00+08:00")

    assert is_quiet(quiet, at, "Asia/Shanghai") is expected
