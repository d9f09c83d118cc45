"""Which counts may go: never an end, never the top, never the last of a day."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.store.thinning import surplus

START = datetime(2024, 4, 8, 1, tzinfo=UTC)  # nine in the morning in China
ZONE = "Asia/Shanghai"


def at(hour: float) -> datetime:
    return START + timedelta(hours=hour)


@pytest.mark.parametrize(
    ("seen", "gone"),
    [
        ([], []),
        ([(0, 5)], []),
        ([(0, 5), (1, 6)], []),
        ([(0, 5), (1, 6), (2, 7)], [1]),
        ([(0, 5), (1, 9), (2, 7)], []),  # the peak
        ([(0, 5), (1, 2), (2, 7)], []),  # the least, by which growth is told
        ([(0, 1), (14, 2), (16, 3), (17, 4)], [16]),  # midnight in China lies between 14 and 16
        ([(0, 1), (1, 1), (2, 1)], [1]),  # a count that stood still is a line all the same
    ],
)
def test_what_may_go(seen: list[tuple[float, int]], gone: list[float]) -> None:
    assert surplus([(at(hour), value) for hour, value in seen], ZONE) == [at(h) for h in gone]


@given(
    st.lists(
        st.tuples(st.integers(0, 500), st.integers(0, 99)), min_size=1, unique_by=lambda one: one[0]
    )
)
def test_thinned_counts_keep_their_ends_their_range_and_every_day_and_stay_as_they_are(
    drawn: list[tuple[int, int]],
) -> None:
    seen = [(at(hour), value) for hour, value in sorted(drawn)]
    gone = set(surplus(seen, ZONE))
    left = [one for one in seen if one[0] not in gone]
    assert (left[0], left[-1]) == (seen[0], seen[-1])
    for edge in (min, max):
        assert edge(v for _, v in left) == edge(v for _, v in seen)
    days = [{time.astimezone(ZoneInfo(ZONE)).date() for time, _ in some} for some in (left, seen)]
    assert days[0] == days[1]
    assert len(left) <= len(days[0]) + 3
    assert surplus(left, ZONE) == []
