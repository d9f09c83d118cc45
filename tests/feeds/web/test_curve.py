"""How a read count grew, as a drawing."""

import re
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from feeds.models import ReadCount
from feeds.store.ranking import Point
from feeds.web.curve import HEIGHT, MOST_LABELS, WIDTH, draw

START = datetime(2024, 4, 8, tzinfo=UTC)


def points(*seen: tuple[float, int]) -> tuple[Point, ...]:
    return tuple(Point(START + timedelta(hours=hour), ReadCount(value)) for hour, value in seen)


def test_a_curve_runs_from_the_first_look_to_the_last_and_stands_on_zero() -> None:
    curve = draw(points((0, 50), (6, 100), (12, 200)))

    assert curve is not None
    assert curve.line == "M0 73L300 50L600 4"
    assert curve.area == "M0 73L300 50L600 4V96H0Z"
    assert [point.count.value for point in curve.labels] == [50, 100, 200]


def test_what_is_no_line_is_not_drawn() -> None:
    assert draw(()) is None
    assert draw(points((0, 50))) is None
    assert draw(points((0, 0), (1, 0))) is None
    assert draw(points((0, 5), (0, 6))) is None


@given(st.lists(st.tuples(st.integers(0, 10_000), st.integers(0, 10**12)), min_size=2, max_size=40))
def test_no_curve_leaves_its_box_or_has_too_many_labels(seen: list[tuple[int, int]]) -> None:
    curve = draw(points(*sorted(seen)))

    if curve is not None:
        places = re.findall(r"[ML](\S+) (\S+?)(?=L|$)", curve.line)
        assert len(places) == len(seen)
        assert all(0 <= int(x) <= WIDTH and 0 <= int(y) <= HEIGHT for x, y in places)
        assert 2 <= len(curve.labels) <= MOST_LABELS
