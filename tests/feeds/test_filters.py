"""The filter grammar: what people write, and what it means."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from feeds.filters import LONGEST, Filter, fault_in_filter, parse

MEANINGS = [
    ("", (), ()),
    ("   ", (), ()),
    ("春耕", (("春耕",),), ()),
    ("春耕 海棠大道", (("春耕",), ("海棠大道",)), ()),
    ("春耕　海棠", (("春耕",), ("海棠",)), ()),
    ("春耕|夏种", (("春耕", "夏种"),), ()),
    ("春耕｜夏种", (("春耕", "夏种"),), ()),
    ("春耕 | 夏种", (("春耕", "夏种"),), ()),
    ("春耕/夏种/秋收", (("春耕", "夏种", "秋收"),), ()),
    ("春耕 或 夏种", (("春耕", "夏种"),), ()),
    ("春耕 OR 夏种 淮安", (("春耕", "夏种"), ("淮安",)), ()),
    ("或许", (("或许",),), ()),
    ('"或"', (("或",),), ()),
    ("或", (("或",),), ()),
    ("-公告", (), ("公告",)),
    ("—公告", (), ("公告",)),
    ("春耕 - 公告", (("春耕",),), ("公告",)),
    ("-公告|广告", (), ("公告", "广告")),
    ("春耕|-公告", (("春耕",),), ("公告",)),
    ('春耕 -公告 "海棠大道"', (("春耕",), ("海棠大道",)), ("公告",)),
    ("“海棠大道 施工”|停水", (("海棠大道 施工", "停水"),), ()),
    ('-"招标 公告"', (), ("招标 公告",)),
    ('"没有关上', (("没有关上",),), ()),
    ("4/8", (("4/8",),), ()),
    ("COVID-19", (("covid-19",),), ()),
    ("ＡＢＣ", (("abc",),), ()),
    ("|春耕|", (("春耕",),), ()),
    ("-", (), ()),
    ('/|-"”', (), ()),
]


@pytest.mark.parametrize(("text", "wanted", "unwanted"), MEANINGS)
def test_what_is_written_means(
    text: str, wanted: tuple[tuple[str, ...], ...], unwanted: tuple[str, ...]
) -> None:
    assert parse(text) == Filter(wanted, unwanted)


@pytest.mark.parametrize(
    ("text", "matches"),
    [
        ("春耕", True),
        ("春耕 备耕", False),
        ("备耕|春耕", True),
        ("春耕 -停水", False),
        ("春耕 -停电|断网", True),
        ("gdp", True),
        ("海棠大道 施工", False),
        ("海棠大道", True),
    ],
)
def test_an_article_is_matched_by_its_words(text: str, matches: bool) -> None:
    article = "今年春耕生产全面展开\n海棠大道停水,ＧＤＰ增长"
    assert parse(text).matches(article) is matches


@given(st.text(max_size=2 * LONGEST))
def test_every_text_is_a_filter(text: str) -> None:
    parsed = parse(text)
    assert all(word.strip() == word != "" for group in parsed.wanted for word in group)
    assert all(word.strip() == word != "" for word in parsed.unwanted)
    parsed.matches(text)


@pytest.mark.parametrize(
    ("text", "is_faulty"),
    [
        ('"春耕', True),
        ('春耕" -公告', True),
        ("＂春耕", True),
        ('"a" “b” "c', True),
        ("", False),
        ('春耕 -"海棠大道 施工"', False),
        ("“春耕” „夏种“", False),
    ],
)
def test_a_quote_that_is_not_closed_is_probably_a_slip(text: str, is_faulty: bool) -> None:
    assert (fault_in_filter(text) is not None) == is_faulty


words = st.text("春耕夏种abc", min_size=1, max_size=4).filter(lambda word: word != "or")


@given(st.lists(st.lists(words, min_size=1, max_size=3), max_size=4), st.lists(words, max_size=3))
def test_a_filter_written_out_means_itself(groups: list[list[str]], unwanted: list[str]) -> None:
    text = " ".join(["|".join(f'"{word}"' for word in group) for group in groups])
    text += "".join(f" -{word}" for word in unwanted)
    assert parse(text) == Filter(tuple(tuple(group) for group in groups), tuple(unwanted))
