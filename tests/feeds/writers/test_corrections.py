"""What a reader is told when the newspaper changed its words."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from feeds.models import Article, Correction
from feeds.words import translator
from feeds.writers.corrections import correction_html, correction_text
from feeds.writers.entries import Desk
from feeds.writers.heads import FeedRules
from tests.fakes.archive import HUAIAN, make_article, make_issue, make_page

CHINA = ZoneInfo("Asia/Shanghai")
_ = translator("zh-CN")
SEEN_AT = datetime(2024, 4, 9, 1, 5, tzinfo=UTC)
ARTICLE = make_article(
    "x1", id=7, title="春耕开始", body_text="全区播种12万亩。\n水足。", revision=2
)


def correction(article: Article = ARTICLE, **changes: str | None) -> Correction:
    said = Correction(
        SEEN_AT, article.title, article.kicker, article.subtitle, article.byline, article.body_text
    )
    return replace(said, **changes)  # type: ignore[arg-type]  # the names are the test's own


@pytest.mark.parametrize(
    ("before", "said"),
    [
        ({"title": "春耕"}, "标题原为“春耕”"),
        ({"byline": None}, "作者原为“（无）”"),
        ({"kicker": "引<b>"}, "引题原为“引<b>”"),
        ({"body_text": "全区播种1万亩。\n水足。"}, "正文有改动"),
        ({"title": "春耕", "body_text": "全区。"}, "标题原为“春耕”；正文有改动"),
        ({}, "图片或版式有改动"),
    ],
)
def test_the_note_says_when_and_what_was_changed(before: dict[str, str | None], said: str) -> None:
    note = correction_text(ARTICLE, correction(**before), CHINA, _)

    assert note == f"更正（2024年04月09日 09:05）：{said}。"


def test_the_text_of_a_note_quotes_nothing_of_a_text_that_may_not_be_shown() -> None:
    note = correction_text(ARTICLE, correction(body_text="全区播种1万亩，歉收。\n水足。"), CHINA, _)

    assert "万亩" not in note
    assert "歉收" not in note


def test_the_note_in_html_shows_what_went_and_what_came_escaped() -> None:
    before = correction(body_text="全区播种1万亩<b>。\n水足。")
    note = correction_html(ARTICLE, before, CHINA, _)

    assert "<del>1</del><ins>12</ins>" in note
    assert "<del>&lt;b&gt;</del>" in note
    assert "<b>" not in note


def test_many_changes_are_counted_and_long_ones_cut() -> None:
    words = "春夏秋冬东西南北"
    article = replace(ARTICLE, body_text="，".join(f"{w}长{'新' * 80}" for w in words))
    before = correction(body_text="，".join(f"{w}短" for w in words))
    note = correction_html(article, before, CHINA, _)

    assert note.count("<del>") == 3
    assert "等8处" in note
    assert "新" * 61 not in note


@pytest.mark.parametrize("full", [True, False])
def test_a_corrected_entry_carries_its_note_and_others_do_not(full: bool) -> None:
    issue = make_issue(date(2024, 4, 8), [make_page("01", [ARTICLE, make_article("x2", id=8)])])
    desk = Desk(HUAIAN, FeedRules("http://news.test/", "zh-CN", full), "a.invalid,2026-11-23")
    corrected, other = desk.entries(issue, {7: correction(title="春耕")})

    shown = corrected.html if full else corrected.summary
    assert "更正（2024年04月09日 09:05）：标题原为“春耕”" in (shown or "")
    assert "更正" not in (other.html or other.summary)
