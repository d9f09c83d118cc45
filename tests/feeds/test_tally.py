"""Counting: plain, in memory, and of a transaction only once it is kept."""

from contextlib import suppress

import pytest

from feeds.figures import NEWS
from feeds.models import EntryKind, NewEntry
from feeds.store import journal
from feeds.store.engine import Store
from feeds.tally import NO_TALLY, Count, Spread, TallySheet
from tests.fakes.archive import HUAIAN, fill
from tests.fakes.clock import FakeClock
from tests.fakes.figures import counted_by, counts

LOOKS = Count("looks", "Looks.", {"source": ()})
WAITS = Spread("waits_seconds", "Waits.", (1, 5))


def test_what_has_the_same_labels_is_counted_together() -> None:
    sheet = TallySheet()
    for source in ("huaian", "chuzhou", "huaian"):
        sheet.count(LOOKS, source)
    sheet.count(LOOKS, "huaian", by=0.5)

    assert counts(sheet, LOOKS) == {("huaian",): 2.5, ("chuzhou",): 1}


def test_two_figures_of_one_name_are_two_figures() -> None:
    sheet, other = TallySheet(), Count("looks", "Looks.", {"source": ()})
    sheet.count(other, "huaian")

    assert counts(sheet, LOOKS) == {}


@pytest.mark.parametrize(
    ("size", "place"), [(0, 0), (1, 0), (1.001, 1), (5, 1), (6, 2), (float("inf"), 2)]
)
def test_a_size_falls_under_the_first_bound_that_it_does_not_exceed(
    size: float, place: int
) -> None:
    sheet = TallySheet()
    sheet.observe(WAITS, size)

    assert sheet.spreads[WAITS, ()].numbers.index(1) == place
    assert sheet.spreads[WAITS, ()].sum == size


def test_nothing_is_counted_where_nobody_asks() -> None:
    NO_TALLY.count(LOOKS, "huaian")
    NO_TALLY.observe(WAITS, 1)


async def test_a_transaction_is_counted_once_it_is_kept_and_never_when_it_is_not(
    store: Store, clock: FakeClock
) -> None:
    await fill(store, [HUAIAN])
    sheet, entry = counted_by(store), NewEntry(EntryKind.ALARM_RAISED, "huaian")
    with suppress(RuntimeError):
        async with store.write() as tx:
            await journal.append(tx, [entry], clock.now())
            raise RuntimeError
    assert counts(sheet, NEWS) == {}

    async with store.write() as tx:
        await journal.append(tx, [entry, entry], clock.now())
        assert counts(sheet, NEWS) == {}
    assert counts(sheet, NEWS) == {("huaian", "alarm_raised"): 2}
