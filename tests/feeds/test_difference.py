"""What changed between two texts."""

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from feeds.difference import MOST_TOKENS, Op, Piece, difference

TEXTS = st.text(st.sampled_from("春耕生产全面展开12ab,。 \n"), max_size=60)


def test_a_number_that_was_corrected_is_one_removal_and_one_addition() -> None:
    pieces = difference("今年计划种植1200亩。", "今年计划种植1800亩。")
    assert pieces == (
        Piece(Op.SAME, "今年计划种植"),
        Piece(Op.REMOVED, "1200"),
        Piece(Op.ADDED, "1800"),
        Piece(Op.SAME, "亩。"),
    )


def test_equal_texts_are_one_piece() -> None:
    assert difference("一样", "一样") == (Piece(Op.SAME, "一样"),)


def test_very_long_texts_that_share_nothing_are_told_as_a_whole() -> None:
    old, new = "春" * (MOST_TOKENS + 1), "秋" * (MOST_TOKENS + 1)
    assert difference(old, new) == (Piece(Op.REMOVED, old), Piece(Op.ADDED, new))


@given(before=TEXTS, after=TEXTS)
def test_the_pieces_join_to_both_texts_and_alternate(before: str, after: str) -> None:
    pieces = difference(before, after)
    assert "".join(p.text for p in pieces if p.op is not Op.ADDED) == before
    assert "".join(p.text for p in pieces if p.op is not Op.REMOVED) == after
    assert all(one.op is not other.op for one, other in pairwise(pieces))
