"""Learning when a paper comes out: simulated months, and what must hold for any history."""

import random
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from feeds.schedule import FLOOR, JITTER, Sighting, heat_of, learn, next_look, usual_time
from tests.fakes.hours import (
    MONDAY,
    ZONE,
    Press,
    compare,
    daily,
    irregular,
    issues,
    midnight,
    twice,
    watch,
    weekdays,
)

TEN = timedelta(minutes=10)


@pytest.mark.parametrize("press", [daily, weekdays, twice, midnight])
def test_a_regular_paper_is_found_five_times_sooner_by_as_many_looks(press: Press) -> None:
    assert compare(press, TEN, days=90).ratio >= 5


def test_an_irregular_paper_is_found_about_as_soon_as_before() -> None:
    assert compare(irregular, TEN, days=150).ratio >= 1 / 1.2


@pytest.mark.parametrize("press", [daily, weekdays, twice, irregular])
@pytest.mark.parametrize("every", [timedelta(minutes=1), TEN, timedelta(hours=3)])
def test_looks_are_never_faster_than_the_floor_nor_slower_than_was_set(
    press: Press, every: timedelta
) -> None:
    gaps = watch(issues(press, 40), 40, every).gaps()
    assert max(gaps) <= every
    assert min(gaps) >= min(FLOOR, every) * (1 - JITTER)


def test_a_day_costs_at_most_twice_the_looks_of_the_fixed_interval() -> None:
    watched = watch(issues(daily, 60), 60, TEN)
    a_day = timedelta(days=1) / TEN / (1 - JITTER)
    for day in range(60):
        begin = watched.looks[0] + timedelta(days=day)
        assert sum(begin <= look < begin + timedelta(days=1) for look in watched.looks) <= 2 * a_day


def test_a_paper_that_moves_to_another_hour_is_followed_within_days() -> None:
    def moving(day: date, chance: random.Random) -> object:
        shift = timedelta(hours=5) if day >= MONDAY + timedelta(days=60) else timedelta()
        for at, printed, key in daily(day, chance):
            yield at + shift, printed, key

    watched = watch(issues(moving, 90), 90, TEN)  # type: ignore[arg-type]
    delays = watched.delays(watched.looks[0] + timedelta(days=65))
    assert sorted(delays)[len(delays) // 2] < 60


def test_the_issue_that_is_there_is_not_awaited_any_more() -> None:
    history = [sighting(MONDAY + timedelta(days=n), "06:10") for n in range(21)]
    tomorrow = MONDAY + timedelta(days=21)
    heat = heat_of(learn(history, ZONE), TEN)
    assert heat(at(tomorrow, "06:10")) > 1 / 60
    assert heat(at(tomorrow, "12:00")) == 0
    known = heat_of(learn([*history, sighting(tomorrow, "06:00")], ZONE), TEN)
    assert known(at(tomorrow, "06:10")) == 0


def test_a_day_of_the_week_that_never_has_a_paper_is_quiet() -> None:
    days = [MONDAY + timedelta(days=n) for n in range(28)]
    history = [sighting(day, "06:10") for day in days if day.weekday() < 5]
    heat = heat_of(learn(history, ZONE), TEN)
    saturday, monday = MONDAY + timedelta(days=26), MONDAY + timedelta(days=28)
    assert heat(at(saturday, "06:10")) == 0
    assert heat(at(monday, "06:10")) > 0


def test_an_issue_found_after_days_of_our_own_absence_says_nothing_of_its_hour() -> None:
    history = [sighting(MONDAY + timedelta(days=n), "06:10") for n in range(20)]
    lost = MONDAY + timedelta(days=20)
    away = Sighting(
        lost, lost.isoformat(), at(lost, "23:00"), at(lost - timedelta(days=2), "09:00")
    )
    heat = heat_of(learn([*history, away], ZONE), TEN)
    assert heat(at(lost + timedelta(days=1), "22:55")) == 0


def test_backfill_tells_the_days_and_no_hours() -> None:
    history = [
        Sighting(d, d.isoformat(), at(MONDAY, "12:00"), None)
        for d in (MONDAY + timedelta(days=n) for n in range(30))
    ]
    rhythm = learn(history, ZONE)
    assert heat_of(rhythm, TEN)(at(MONDAY + timedelta(days=30), "12:00")) == 0
    assert rhythm.missing(at(MONDAY + timedelta(days=40), "12:00")) is None


def test_hours_follow_the_wall_clock_through_summer_time() -> None:
    from zoneinfo import ZoneInfo  # noqa: PLC0415 - for this test alone

    berlin = ZoneInfo("Europe/Berlin")
    before = [
        date(2026, 3, 8) + timedelta(days=n) for n in range(20)
    ]  # summer time begins on the 29th

    def local(day: date, hour: int, minute: int) -> datetime:
        return datetime(day.year, day.month, day.day, hour, minute, tzinfo=berlin).astimezone(UTC)

    history = [Sighting(d, d.isoformat(), local(d, 6, 10), local(d, 6, 5)) for d in before]
    heat = heat_of(learn(history, berlin), TEN)
    first = date(2026, 3, 30)
    assert heat(local(first, 6, 10)) > 0
    assert heat(local(first, 7, 10)) == 0


def at(day: date, hour: str) -> datetime:
    hours, minutes = map(int, hour.split(":"))
    return datetime(day.year, day.month, day.day, hours, minutes, tzinfo=ZONE).astimezone(UTC)


def sighting(day: date, hour: str) -> Sighting:
    seen = at(day, hour)
    return Sighting(day, day.isoformat(), seen, seen - timedelta(minutes=5))


instants = st.datetimes(datetime(2026, 1, 1), datetime(2026, 6, 1), timezones=st.just(UTC))  # noqa: DTZ001
sightings = st.builds(
    Sighting,
    date=st.dates(date(2026, 1, 1), date(2026, 6, 1)),
    key=st.sampled_from(["a", "b", "c"]),
    seen_at=instants,
    unseen_at=st.none() | instants,
)


@settings(max_examples=60)
@given(
    st.lists(sightings, max_size=60),
    instants,
    st.timedeltas(timedelta(seconds=1), timedelta(days=7)),
    st.floats(0, 1, exclude_max=True),
)
def test_whatever_the_history_the_next_look_is_within_its_bounds(
    history: list[Sighting], now: datetime, every: timedelta, chance: float
) -> None:
    rhythm = learn(history, ZONE)
    look = next_look(now, every, 0, chance, heat=heat_of(rhythm, every))
    assert now + min(FLOOR, every) * (1 - JITTER) - timedelta(milliseconds=1) <= look <= now + every
    rhythm.missing(now)


def seen(hours: list[float]) -> list[Sighting]:
    """An issue a day, each seen so many hours after its day began in the paper's zone."""
    days = [MONDAY + timedelta(days=number) for number in range(len(hours))]
    return [
        Sighting(day, day.isoformat(), at, at - timedelta(minutes=5))
        for day, offset in zip(days, hours, strict=True)
        if (at := datetime.combine(day, time(), ZONE) + timedelta(hours=offset))
    ]


@pytest.mark.parametrize(
    ("hours", "usual"),
    [
        ([6, 6.5, 6, 7, 6.25], timedelta(hours=6.25)),
        ([-1.5, -1, -1.5, -2, -1.5], timedelta(hours=-1.5)),  # the evening before
        ([6, 6, 6, 6], None),  # too few
        ([0, 6, 12, 18, 23, 3], None),  # no usual hour
        ([], None),
    ],
)
def test_when_a_paper_usually_comes(hours: list[float], usual: timedelta | None) -> None:
    assert usual_time(seen(hours), ZONE) == usual
