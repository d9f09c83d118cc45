"""Adding a newspaper to a file that somebody wrote: nothing else of it changes, or nothing changes at all."""

import os
import stat
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from config.adding import add_source
from config.load import load
from config.writing import CannotAppend, append_source, scalar, settings_text, source_text

SOURCE = {
    "id": "qhrb",
    "kind": "founder",
    "title": "青禾日报",
    "url": "https://paper.example.com/pc/layout/index.html",
}
ITEM = """\
  - id: qhrb
    kind: founder
    title: 青禾日报
    url: https://paper.example.com/pc/layout/index.html
"""
ONE = """\
# 我的配置
sources:
  - id: one                # 第一份
    kind: yunbao
    title: 一
    url: https://one.example.com/
"""


def added(path: Path, text: str) -> str:
    path.write_text(text, encoding="utf-8")
    add_source(path, SOURCE, load(path, {}), {})
    return path.read_bytes().decode()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "baotong.yaml"


@pytest.mark.parametrize(
    ("before", "behind"),
    [
        (ONE, ""),
        (ONE, "\n# 推送\ndeliver:\n  - {to: console:me, source: one}\n"),
        (ONE, "    # check_every: 10m    # 留给以后\n\nlanguage: en\n"),
        (ONE.replace("  - ", "- ").replace("    ", "  "), "language: en\n"),
    ],
)
def test_a_newspaper_stands_behind_the_others_and_nothing_else_changes(
    path: Path, before: str, behind: str
) -> None:
    text = added(path, before + behind)
    assert [source.id for source in load(path, {}).sources][-1] == "qhrb"
    kept = [
        line
        for line in text.splitlines()
        if line.strip() not in {*map(str.strip, ITEM.splitlines())}
    ]
    assert kept == (before + behind).splitlines()


def test_the_text_is_what_a_person_would_write(path: Path) -> None:
    assert added(path, ONE + "language: en\n") == ONE + ITEM + "language: en\n"


def test_a_file_without_newspapers_gets_the_section(path: Path) -> None:
    assert added(path, "language: en\n") == f"language: en\n\nsources:\n{ITEM}"


def test_an_empty_list_makes_room(path: Path) -> None:
    text = added(path, "sources: []   # 还没有\nlanguage: en\n")
    assert text == f"sources:    # 还没有\n{ITEM}language: en\n"


def test_a_file_of_windows_keeps_its_line_ends(path: Path) -> None:
    path.write_bytes(ONE.replace("\n", "\r\n").encode())
    add_source(path, SOURCE, load(path, {}), {})
    text = path.read_bytes().decode()
    assert text.count("\r\n") == text.count("\n") == (ONE + ITEM).count("\n")


def test_a_mark_at_the_files_beginning_stays_there(path: Path) -> None:
    path.write_bytes(b"\xef\xbb\xbfsources: []\n")
    add_source(path, SOURCE, load(path, {}), {})
    assert path.read_bytes().startswith(b"\xef\xbb\xbfsources:\n  - id: qhrb\n")


def test_a_file_without_a_last_line_end_gets_one(path: Path) -> None:
    assert added(path, ONE.rstrip()) == ONE + ITEM


@pytest.mark.parametrize(
    "text",
    [
        "sources: [{id: one, kind: yunbao, title: 一, url: 'https://one.example.com/'}]\n",
        "sources:\n  [{id: one, kind: yunbao, title: 一, url: 'https://one.example.com/'}]\n",
        "language: en\nsources: &all\n  - {id: one, kind: yunbao, title: 一, url: 'https://one.example.com/'}\n",
        "{sources: [], language: en}\n",
    ],
)
def test_a_file_in_another_manner_stays_as_it_is(path: Path, text: str) -> None:
    with pytest.raises(CannotAppend):
        added(path, text)
    assert path.read_text(encoding="utf-8") == text
    assert os.listdir(path.parent) == ["baotong.yaml"]  # noqa: PTH208 - names alone


def test_newspapers_that_come_from_the_environment_are_not_added_to(path: Path) -> None:
    path.write_text(ONE, encoding="utf-8")
    environ = {
        "BAOTONG_SOURCES": "[{id: two, kind: yunbao, title: 二, url: 'https://two.example.com/'}]"
    }
    with pytest.raises(CannotAppend):
        add_source(path, SOURCE, load(path, environ, sends=False), environ)
    assert path.read_text(encoding="utf-8") == ONE


def test_where_there_is_no_file_our_example_becomes_one_with_this_newspaper_alone(
    path: Path,
) -> None:
    add_source(path, SOURCE, None, {})
    assert [source.id for source in load(path, {}).sources] == ["qhrb"]
    text = path.read_text(encoding="utf-8")
    assert ITEM in text
    assert "TELEGRAM_TOKEN" in text  # the comments that lead on
    assert stat.S_IMODE(path.stat().st_mode) == 0o644


def test_a_linked_file_stays_a_link_and_keeps_its_permissions(path: Path, tmp_path: Path) -> None:
    real = tmp_path / "real.yaml"
    real.write_text(ONE, encoding="utf-8")
    real.chmod(0o600)
    path.symlink_to(real)
    add_source(path, SOURCE, load(path, {}), {})
    assert path.is_symlink()
    assert real.read_text(encoding="utf-8") == ONE + ITEM
    assert stat.S_IMODE(real.stat().st_mode) == 0o600


# ── the text of settings ────────────────────────────────────────────────────────────────────────


def read(text: str) -> Any:
    return YAML(typ="safe", pure=True).load(text)


@given(st.text(max_size=40) | st.integers() | st.booleans() | st.none())
def test_any_value_is_read_back_as_it_was(value: object) -> None:
    try:
        str(value).encode()
    except UnicodeEncodeError:
        return  # half a surrogate is no text
    assert read(f"key: {scalar(value)}\n") == {"key": value}
    assert read(f"key: {{a: {scalar(value)}, b: [{scalar(value)}]}}\n")["key"]["b"] == [value]


@pytest.mark.parametrize(
    "text",
    ["no", "12", "1.5", "1e3", "0x1f", "2024-04-08", "08:00", "~", "a: b", "#a", "- a", " a", "a ", "{date}", "@",
     "*a", "&a", "!a", "|", ">", "%a", "`a`", "'a'", '"a"', "a #b", "一\n二", "\ufeff", "\x85", "null", "True", "=", "<<"],
)  # fmt: skip
def test_words_that_yaml_would_take_for_something_else_are_quoted(text: str) -> None:
    assert read(f"key: {scalar(text)}\n") == {"key": text}


def test_settings_within_settings_are_read_back() -> None:
    settings = {
        "api": "https://paper.example.com/api/",
        "headers": {"X-Requested-With": "XMLHttpRequest", "a:b": "c"},
        "issues": {
            "post": "dates",
            "payload": {"code": "QH", "pages": [1, 2], "more": {"on": None}},
        },
        "articles": {"list": "data[?a == 'b'].{x: y}", "title": "title || bt"},
    }
    assert read(settings_text(settings)) == settings
    assert read(source_text(settings)) == [settings]


@given(st.text(alphabet=" -#:\n\tabsources[]{}'\"&", max_size=80))
def test_any_text_is_appended_to_or_refused(text: str) -> None:
    try:
        append_source(text, SOURCE)
    except CannotAppend:
        return
