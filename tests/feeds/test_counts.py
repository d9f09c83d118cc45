"""阅读数: read as the site shows them, shown as the site shows them; unknown is never 0."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.counts import MAX_COUNT, parse_count, show
from feeds.models import ReadCount


@pytest.mark.parametrize(
    "text", ["", " ", "--", "-", "—", "暂无", "\u3000", "null", "NaN", "-5", "−5", "²x"]
)
def test_case_79_what_is_no_count_is_unknown_and_not_0(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.2万", 12_000), ("3.5亿", 350_000_000), ("1.2w", 12_000), ("1.2W", 12_000), ("1.25 万", 12_500),
        ("2万", 20_000), ("0.8万", 8_000), ("1.2k", 1_200), ("3千", 3_000), ("1.234567亿", 123_456_700),
    ],
)  # fmt: skip
def test_case_80_a_rounded_count_is_read_and_marked(text: str, value: int) -> None:
    assert parse_count(text) == ReadCount(value, exact=False)


@pytest.mark.parametrize(
    ("text", "value"), [("10万+", 100_000), ("１０万＋", 100_000), ("10w+", 100_000), ("999+", 999)]
)
def test_case_81_a_lower_bound_is_marked(text: str, value: int) -> None:
    assert parse_count(text) == ReadCount(value, exact=False)


@pytest.mark.parametrize(
    ("text", "value"),
    [("231", 231), ("0", 0), ("１２３", 123), ("1,234", 1_234), ("１，２３４", 1_234), ("12,345,678", 12_345_678),
     (" 231\xa0\xa0", 231), ("00231", 231)],
)  # fmt: skip
def test_case_82_digits_of_any_width_with_and_without_commas_are_exact(
    text: str, value: int
) -> None:
    assert parse_count(text) == ReadCount(value)


@pytest.mark.parametrize(
    "text", ["1,23", "1,2345", ",123", "1,", "1.5", "1.2.3万", "1 234", "231次", "231 120", "万", "+", "1e5", "0x10"]
)  # fmt: skip
def test_what_only_looks_like_a_number_is_none(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize("text", ["٣", "१२३", "1_000", "9" * 4301, "〇", "一千"])
def test_fact_15_only_the_digits_0_to_9_count(text: str) -> None:
    assert parse_count(text) is None


@pytest.mark.parametrize("text", [str(MAX_COUNT + 1), "9" * 20, "99999999999亿", "9" * 100_000])
def test_case_85_what_no_store_can_hold_is_unknown(text: str) -> None:
    assert parse_count(text) is None
    assert parse_count(str(MAX_COUNT)) == ReadCount(MAX_COUNT)


@given(
    st.text(st.characters(), max_size=30) | st.text("0123456789,.万亿wk+ １２，．＋", max_size=12)
)
def test_no_text_makes_it_raise_and_every_count_can_be_stored(text: str) -> None:
    reads = parse_count(text)
    assert reads is None or 0 <= reads.value <= MAX_COUNT


@given(st.integers(0, MAX_COUNT))
def test_an_exact_count_is_shown_in_full_and_read_back(value: int) -> None:
    assert show(ReadCount(value)) == str(value)
    assert parse_count(show(ReadCount(value))) == ReadCount(value)
    assert parse_count(f"{value:,}") == ReadCount(value)


@given(st.integers(0, MAX_COUNT))
def test_an_inexact_count_is_shown_as_no_more_than_it_is(value: int) -> None:
    read = parse_count(show(ReadCount(value, exact=False)))
    assert read is not None
    assert not read.exact
    unit = 100_000_000 if value >= 100_000_000 else 10_000
    assert 0 <= value - read.value < max(unit // 10_000, 1)


@pytest.mark.parametrize(
    "text", ["1.2万", "3.5亿", "10万+", "1.25万", "999+", "12.3456亿", "100万+"]
)
def test_an_inexact_count_looks_as_on_the_site(text: str) -> None:
    reads = parse_count(text)
    assert reads is not None
    assert show(reads) == text
