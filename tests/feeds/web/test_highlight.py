"""Where the words of a search stand in a text."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.web.highlight import PASSAGE, mark, passage


def shown(text: str, query: str) -> str:
    return "".join(f"[{run.text}]" if run.is_hit else run.text for run in mark(text, query))


@pytest.mark.parametrize(
    ("text", "query", "expected"),
    [
        ("今年春耕生产", "春耕", "今年[春耕]生产"),
        ("今年春耕生产", "生产 春耕", "今年[春耕生产]"),
        ("耕地保护", "耕", "[耕]地保护"),
        ("ＧＤＰ增长6.5%，1.65倍", "gdp 6.5", "[ＧＤＰ]增长[6].[5]%，1.65倍"),
        ("GDPR不是它", "gdp", "GDPR不是它"),
        ("春耕", "", "春耕"),
        ("春耕", "。！", "春耕"),
        ("½杯", "1", "[½]杯"),
        ("a.b(c", "b", "a.[b](c"),
        ("", "春耕", ""),
    ],
)
def test_words_are_marked_as_the_index_finds_them(text: str, query: str, expected: str) -> None:
    assert shown(text, query) == expected


@given(st.text(), st.text())
def test_the_runs_join_back_to_the_text(text: str, query: str) -> None:
    assert "".join(run.text for run in mark(text, query)) == text


def test_the_passage_begins_a_little_before_the_first_hit() -> None:
    text = "前" * 300 + "春耕" + "后" * 300
    found = passage(text, "春耕")

    assert found.startswith("……前")
    assert found.endswith("后……")
    assert "春耕" in found
    assert len(found) <= PASSAGE + 4


def test_a_text_without_the_words_gives_its_beginning() -> None:
    assert passage("第一行\n第二行", "无") == "第一行 第二行"
