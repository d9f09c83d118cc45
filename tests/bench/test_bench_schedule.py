"""The learned schedule against a fixed interval that makes as many requests a day: simulated papers."""

from datetime import timedelta

from tests.bench.report import show
from tests.fakes.hours import Press, compare, daily, irregular, midnight, twice, weekdays

EVERY = timedelta(minutes=10)
PAPERS: dict[str, Press] = {
    "daily, 06:10 ± 20 min": daily,
    "weekdays only": weekdays,
    "twice a day": twice,
    "about midnight": midnight,
    "irregular": irregular,
}


def test_regular_papers_are_found_five_times_sooner_and_irregular_ones_as_soon() -> None:
    found = {name: compare(press, EVERY) for name, press in PAPERS.items()}
    show(
        "Median seconds from publication to the first look, check_every 10m",
        ("paper", "fixed interval", "报童", "times sooner", "looks a day, both"),
        [(name, c.fixed, c.learned, c.ratio, c.looks) for name, c in found.items()],
    )
    assert all(c.ratio >= 5 for name, c in found.items() if name != "irregular")
    assert found["irregular"].ratio >= 1 / 1.2
