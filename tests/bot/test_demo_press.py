"""The demo newspaper's press: what comes out when, and what it says."""

import re
from datetime import UTC, date, datetime, timedelta

import pytest

from bot.demo.press import Edition, Piece, Press, count_reads, print_edition
from bot.demo.texts import SECTIONS
from tests.fakes.clock import FakeClock

FIRST = date(2024, 4, 6)


def a_press(clock: FakeClock, kept: int = 3) -> Press:
    return Press(clock, timedelta(seconds=8), FIRST, kept, clock.monotonic())


def pieces_of(edition: Edition) -> list[Piece]:
    return [piece for sheet in edition.sheets for piece in sheet.pieces]


async def test_an_issue_comes_out_every_eight_seconds_dated_the_next_day() -> None:
    clock = FakeClock(datetime(2026, 1, 1, tzinfo=UTC))
    press = a_press(clock)

    newest = [press.newest()]
    for _ in range(4):
        await clock.advance(4)
        newest.append(press.newest())

    assert newest == [2, 2, 3, 3, 4]
    edition = press.edition(4)
    assert edition is not None
    assert (edition.number, edition.date) == (5210, date(2024, 4, 10))


async def test_no_issue_is_dated_in_the_future() -> None:
    clock = FakeClock(datetime(2024, 4, 9, 12, tzinfo=UTC))
    press = a_press(clock)

    await clock.advance(3600)

    assert press.newest() == 3
    assert press.edition(4) is None


@pytest.mark.parametrize("index", [-1, 3, 10**9])
def test_what_is_not_out_is_not_printed(index: int) -> None:
    assert a_press(FakeClock(datetime(2026, 1, 1, tzinfo=UTC))).edition(index) is None


def test_every_piece_of_five_hundred_issues_is_filled_and_has_its_own_id() -> None:
    seen: set[str] = set()
    for index in range(500):
        for piece in pieces_of(print_edition(index, FIRST + timedelta(days=index))):
            assert piece.id not in seen
            seen.add(piece.id)
            text = " ".join((piece.title, piece.byline, piece.caption, *piece.paragraphs))
            assert not re.search(r"[{}]|None", text)
            assert all(paragraph.strip() == paragraph != "" for paragraph in piece.paragraphs)


def test_the_first_five_issues_never_say_the_same_thing_twice() -> None:
    paragraphs = [
        paragraph
        for index in range(5)
        for piece in pieces_of(print_edition(index, FIRST))
        for paragraph in piece.paragraphs
    ]

    assert len(set(paragraphs)) == len(paragraphs)


def test_a_piece_that_comes_round_again_tells_of_other_places() -> None:
    front = SECTIONS[0]
    again = len(front.stories)  # issues until the very same set of front-page pieces comes round

    now, later = print_edition(0, FIRST), print_edition(again, FIRST + timedelta(days=again))

    assert now.sheets[0].pieces[0].title[:4] == later.sheets[0].pieces[0].title[:4]
    assert now.sheets[0].pieces[0].paragraphs != later.sheets[0].pieces[0].paragraphs


def test_reads_never_fall_and_level_off() -> None:
    days = [quarter / 8 for quarter in range(-8, 400)]
    counts = [count_reads("5208101", day) for day in days]

    assert counts == sorted(counts)
    assert counts[0] > 0
    assert counts[8] < counts[40] <= counts[-1]
    assert counts[-1] == counts[-2]


def test_pieces_find_different_numbers_of_readers() -> None:
    counts = {count_reads(piece.id, 9) for piece in pieces_of(print_edition(0, FIRST))}

    assert len(counts) > 5
