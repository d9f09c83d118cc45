"""Text from outside is fit for XML, databases and chats, and stays so."""

import re
from itertools import accumulate

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import etree

from feeds.text import clean, cut, is_wide, join_wrapped, one_line, slug

ANYTHING = st.text(st.characters(), max_size=200)  # surrogates and unassigned code points too
# What a reader counts as one character, several code points long or short.
CHARACTERS = ["春", "a", " ", "é", "e\u0301", "👍🏽", "👨‍👩‍👧‍👦", "🇨🇳", "1️⃣", "葛\U000e0100", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "か\u3099"]  # fmt: skip


def reads_back(text: str) -> str | None:
    """The text after a journey through an XML document."""
    element = etree.Element("a")
    element.text = text
    return etree.fromstring(etree.tostring(element, encoding="utf-8")).text


@given(ANYTHING)
def test_fact_9_clean_text_is_xml_legal_encodable_and_stays_itself(text: str) -> None:
    cleaned = clean(text)
    assert (reads_back(cleaned) or "") == cleaned
    assert clean(cleaned) == cleaned
    cleaned.encode("utf-8")


@given(
    st.text(st.sampled_from("\0\a\x0b\x0c\r\n\t\x1b\x7f\x85\x96\ufeff\ufffe\u202e\ud800 e\u0301中"))
)
def test_clean_is_idempotent_on_the_worst_of_it(text: str) -> None:
    assert clean(clean(text)) == clean(text)
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize("dirt", ["\0", "\a", "\x1b", "\x0b", "\x0c", "\x7f", "\ufffe", "\uffff"])
def test_case_64_what_xml_forbids_is_gone_and_tabs_and_lines_stay(dirt: str) -> None:
    assert clean(f"春{dirt}耕\t一\n二") == "春耕\t一\n二"


@pytest.mark.parametrize("breaks", ["\r\n", "\r", "\n"])
def test_every_line_break_is_one(breaks: str) -> None:
    assert clean(f"一{breaks}二") == "一\n二"


@pytest.mark.parametrize("lone", [0xD800, 0xDFFF, 0xDC80])
def test_case_65_a_lone_surrogate_becomes_the_replacement_character(lone: int) -> None:
    assert clean(f"春{chr(lone)}耕") == "春\ufffd耕"


def test_case_66_c1_controls_are_the_windows_characters_they_were_meant_as() -> None:
    assert clean("\x93春耕\x94 \x80\x85") == "“春耕” €…"
    assert clean("a\x81b\x8d") == "ab"


@pytest.mark.parametrize(
    "unseen", ["\u202e", "\u202a", "\u2066", "\u2069", "\u200b", "\u200e", "\u061c", "\xad", "\ufeff", "\u2060"]
)  # fmt: skip
def test_case_67_bidirectional_and_invisible_characters_are_gone(unseen: str) -> None:
    assert one_line(f"{unseen}春{unseen}耕{unseen}") == "春耕"
    assert slug(clean(f"a{unseen}b")) == "ab"


def test_case_67_text_is_composed_so_that_equal_looks_are_equal() -> None:
    assert clean("Cafe\u0301") == "Café"
    assert clean("e\u200b\u0301") == "é"


def test_case_102_joiners_of_emoji_stay() -> None:
    assert clean("👨‍👩‍👧‍👦") == "👨‍👩‍👧‍👦"


@given(ANYTHING)
def test_one_line_is_one_line_without_white_space_at_its_ends(text: str) -> None:
    line = one_line(text)
    assert len(line.splitlines()) <= 1
    assert line == line.strip() == one_line(line)
    assert "  " not in line
    assert clean(line) == line


def test_case_69_a_title_of_nothing_but_spaces_is_empty() -> None:
    assert one_line("\u3000 \u3000\xa0\n\u200b") == ""


@pytest.mark.parametrize(
    ("source", "shown"),
    [
        ("全区春耕\n    现场会", "全区春耕现场会"),
        ("春耕 \n\t“开门红”", "春耕“开门红”"),
        ("first\nsecond", "first second"),
        ("产量\n100 万吨", "产量 100 万吨"),
        ("张\u3000三", "张\u3000三"),
        ("一\xa0\xa0二", "一 二"),
        ("\u3000\u3000段首", "段首"),
    ],
)
def test_a_wrapped_paragraph_flows_as_in_a_browser(source: str, shown: str) -> None:
    assert join_wrapped(source) == shown
    assert join_wrapped(shown) == shown


@pytest.mark.parametrize(
    ("text", "wide"), [("春", True), ("，", True), ("𠀀", True), ("abc 1", False), ("", False)]
)
def test_wide_is_what_chinese_is_set_in(text: str, wide: bool) -> None:
    assert is_wide(text) is wide


# ── cutting ─────────────────────────────────────────────────────────────────────────────────────


@given(st.lists(st.sampled_from(CHARACTERS), max_size=30), st.integers(12, 60))
def test_fact_18_a_cut_is_between_two_characters_as_a_reader_counts_them(
    characters: list[str], limit: int
) -> None:
    text = "".join(characters)
    kept = cut(text, limit)
    assert len(kept) <= limit
    ends = [end for end in accumulate(map(len, characters)) if end <= limit]
    assert len(kept) == len(text) <= limit or kept == text[: ends[-1] if ends else limit].rstrip()


@given(ANYTHING, st.integers(1, 60))
def test_a_cut_text_is_its_own_beginning_and_no_longer_than_asked(text: str, limit: int) -> None:
    kept = cut(text, limit)
    assert text.startswith(kept)
    assert len(kept) <= limit
    assert cut(kept, limit) == kept


def test_case_70_a_title_of_ten_thousand_characters_is_cut_at_500() -> None:
    assert cut("春" * 10_000) == "春" * 500
    assert cut("👨‍👩‍👧‍👦" * 1_000) == "👨‍👩‍👧‍👦" * (500 // 7)
    assert cut("🇨🇳" * 400, 5) == "🇨🇳" * 2
    assert cut("a" + "\u0301" * 10_000, 500) == "a" + "\u0301" * 499


def test_what_is_cut_ends_without_white_space() -> None:
    assert cut("记者综合报道\u3000下一段", 7) == "记者综合报道"
    assert cut("a b", 2) == "a"


# ── slugs ───────────────────────────────────────────────────────────────────────────────────────

_FORM = re.compile(r"[A-Za-z0-9._-]{1,64}")
TEXTS = ANYTHING | st.text("ab/-._ ", max_size=8) | st.from_regex(r"[a-z/]{60,70}", fullmatch=True)


@given(TEXTS)
def test_a_slug_may_stand_anywhere_and_stays_itself(text: str) -> None:
    made = slug(text)
    assert _FORM.fullmatch(made)
    assert made.strip(".-") == made
    assert slug(made) == made


@given(TEXTS, TEXTS)
def test_different_texts_have_different_slugs(one: str, other: str) -> None:
    assume(other not in {one, slug(one)} and one != slug(other))
    assert slug(one) != slug(other)


@pytest.mark.parametrize(
    ("text", "made"),
    [
        ("20817", "20817"),
        ("content_30166571", "content_30166571"),
        ("2024-04-08-2", "2024-04-08-2"),
        ("content/20240408/Articel01001BT", "content-20240408-Articel01001BT"),
        ("html/2024-04/08/content_1", "html-2024-04-08-content_1-d232845aea"),
        ("春耕", "bfcbe13ab5"),
        ("..", "5ec1f7e700"),
        ("", "e3b0c44298"),
    ],
)
def test_slugs_never_change_for_they_are_keys(text: str, made: str) -> None:
    assert slug(text) == made
