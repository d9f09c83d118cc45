"""How a read count grew, as the paths of a small drawing: pure."""

from collections.abc import Sequence
from dataclasses import dataclass

from feeds.store.ranking import Point

WIDTH, HEIGHT = 600, 96
_TOP = 4  # so that the line's upper half is not cut off
MOST_LABELS = 6


@dataclass(frozen=True, slots=True)
class Curve:
    """`line` and `area` are SVG path data in a box of WIDTH by HEIGHT; the foot of the box is zero,
    so that a slow rise looks slow. `labels` are the points to be named, oldest first.
    """

    line: str
    area: str
    labels: tuple[Point, ...]


def draw(points: Sequence[Point]) -> Curve | None:
    """The curve through the points, oldest first; None where fewer than two were seen, or no time or
    no reader lies between them.
    """
    most = max((point.count.value for point in points), default=0)
    seconds = [(point.at - points[0].at).total_seconds() for point in points]
    if len(points) < 2 or not seconds[-1] or not most:  # noqa: PLR2004 - one point is no line
        return None
    places = [
        (WIDTH * second / seconds[-1], HEIGHT - (HEIGHT - _TOP) * point.count.value / most)
        for second, point in zip(seconds, points, strict=True)
    ]
    line = "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in places)
    return Curve(line, f"{line}V{HEIGHT}H0Z", _named(points))


def _named(points: Sequence[Point]) -> tuple[Point, ...]:
    """All of them where they are few, else some at equal steps with the first and the last."""
    last = len(points) - 1
    steps = min(last, MOST_LABELS - 1)
    return tuple(points[round(last * step / steps)] for step in range(steps + 1))
