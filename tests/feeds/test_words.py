"""The catalogues: nothing is missing, nothing is stale."""

import re
from datetime import date

import pytest
from babel.messages.mofile import read_mo

from feeds.words import Count, languages, shown_date, shown_weekday, translator
from tests.catalogues import LOCALE, ROOT, read, words

PLACEHOLDER = re.compile(r"\{([^{}:]*)(?::[^{}]*)?\}")


def test_chinese_is_the_message_itself() -> None:
    assert translator("zh-CN")("我知道了") == "我知道了"
    assert translator(None)("我知道了") == "我知道了"


@pytest.mark.parametrize("tag", ["en", "en-GB", "EN_us"])
def test_a_region_falls_back_to_its_language(tag: str) -> None:
    assert translator(tag)("我知道了") == "OK"


@pytest.mark.parametrize("tag", ["xx", "../../etc/passwd", "", "en/../en", "\x00", "e" * 5000])
def test_an_unknown_language_speaks_chinese(tag: str) -> None:
    assert translator(tag)("我知道了") == "我知道了"


def test_the_languages_begin_with_chinese() -> None:
    assert languages() == ("zh-CN", "en")


def test_dates_are_written_as_the_language_does() -> None:
    day = date(2024, 4, 8)

    assert shown_date(day, translator("zh-CN")) == "2024年04月08日"
    assert shown_date(day, translator("en")) == "2024-04-08"
    assert shown_weekday(day, translator("zh-CN")) == "星期一"
    assert shown_weekday(day, translator("en")) == "Monday"


def test_every_sentence_is_in_english_too() -> None:
    english = read(LOCALE / "en.po")
    missing = {
        f"{place}: {message}"
        for message, place in words()
        if not (entry := english.get(message)) or not entry.string or entry.fuzzy
    }

    assert not missing, "run `python tests/catalogues.py`, then fill feeds/locale/en.po"


def test_no_words_hide_in_an_f_string() -> None:
    """Babel does not look there."""
    hidden = re.compile(r"""\{_\(['"]""")
    files = [path for package in ("bot", "feeds") for path in (ROOT / package).rglob("*.py")]

    assert [path.name for path in files if hidden.search(path.read_text("utf-8"))] == []


def test_a_count_chooses_its_word() -> None:
    words = "{n} {n:page|pages}"

    assert words.format(n=Count(1)) == "1 page"
    assert words.format(n=Count(0)) == "0 pages"
    assert f"{Count(7):03d}" == "007"


def test_a_translation_has_the_placeholders_of_its_message() -> None:
    for entry in read(LOCALE / "en.po"):
        if entry.id and entry.string:
            found = sorted(set(PLACEHOLDER.findall(str(entry.string))))
            assert found == sorted(set(PLACEHOLDER.findall(str(entry.id)))), entry.id


@pytest.mark.parametrize("language", [path.stem for path in LOCALE.glob("*.po")])
def test_the_compiled_catalogue_says_what_its_source_says(language: str) -> None:
    source = {str(m.id): m.string for m in read(LOCALE / f"{language}.po") if m.id and m.string}
    with (LOCALE / f"{language}.mo").open("rb") as file:
        compiled = {str(m.id): m.string for m in read_mo(file) if m.id}

    assert compiled == source, "run `python tests/catalogues.py`"
