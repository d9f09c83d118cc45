"""The kinds of value, each as an operator may write it: facts/bad-input.md 147 and 150, and the rest."""

from datetime import time
from pathlib import Path
from typing import Any

import pytest

from config.models import Settings
from config.values import parse_time
from tests.config.written import AT, BAD, CONSOLE, GOOD
from tests.fakes.operator import ONE_PAPER, Operator


@pytest.mark.parametrize(("key", "written", "meant"), GOOD)
def test_it_is_read_as_meant(operator: Operator, key: str, written: str, meant: Any) -> None:
    before, found = AT[key]

    assert found(operator.settings(before + written)) == meant


@pytest.mark.parametrize(
    ("key", "written"), [(key, one) for key, all_ in BAD.items() for one in all_]
)
def test_it_is_refused_in_one_sentence_at_its_place(
    operator: Operator, key: str, written: str
) -> None:
    before, _ = AT[key]
    (problem,) = operator.problems(before + written)

    assert problem.line == before.count("\n") + 1, problem
    assert (
        problem.key.rpartition(".")[2].partition("[")[0] in before.splitlines()[-1]
        or "headers" in problem.key
    )
    assert_is_a_sentence(problem.message)


def assert_is_a_sentence(words: str) -> None:
    """Chinese, then English in brackets, short, on one line, none of pydantic's own words."""
    assert words.endswith(")"), words
    chinese, _, english = words.partition(" (")
    assert any("\u4e00" <= letter <= "\u9fff" for letter in chinese), words
    assert english.rstrip(")"), words
    assert len(words) <= 160, words
    assert "Input" not in words, words
    assert "Value error" not in words, words


def test_case_147_a_duration_says_what_it_wants(operator: Operator) -> None:
    told = operator.told("fetch: {gap: 5}")

    assert told == [
        "baotong.yaml:1:9 fetch.gap: 要写成数字和单位 s、m、h 或 d,如 10m (a number and s, m, h or d, like 10m)"
    ]


@pytest.mark.parametrize(
    ("written", "near"),
    [
        ("Asia/Shanghia", "Asia/Shanghai"),
        ("asia/shanghai", "Asia/Shanghai"),
        ("Asia/Urumuqi", "Asia/Urumqi"),
    ],
)
def test_case_150_a_time_zone_that_there_is_not_is_told_with_the_nearest(
    operator: Operator, written: str, near: str
) -> None:
    if written.lower() == near.lower() and Path("/USR").exists():
        pytest.skip("this file system takes either case")
    (problem,) = operator.problems(f"timezone: {written}")

    assert (
        problem.message == f"没有这个时区,是不是 {near}? (no such time zone; did you mean {near}?)"
    )


def test_case_150_beijing_has_the_time_of_shanghai(operator: Operator) -> None:
    told = operator.told("timezone: Asia/Beijing")

    assert told == [
        "baotong.yaml:1:1 timezone: 没有这个时区;中国都用 Asia/Shanghai (no such time zone)"
    ]


def test_a_selector_or_expression_that_is_none_is_told_without_running_anything(
    operator: Operator,
) -> None:
    told = operator.told(
        f"{ONE_PAPER}    selectors: {{title: 'h1['}}\n    data:\n      reads: a..b\n      body: foo(@)\n"
    )

    assert told == [
        "baotong.yaml:6:17 sources[0].selectors.title: 不是 CSS 选择器,要写成 h1.title 这样 (not a CSS selector)",
        "baotong.yaml:8:7 sources[0].data.reads: 不是 JMESPath 表达式,第 3 个字起不对 (not a JMESPath expression)",
        "baotong.yaml:9:7 sources[0].data.body: JMESPath 里没有这个函数 (no such JMESPath function)",
    ]


def test_a_path_is_beside_the_file_or_in_the_home_or_anywhere(
    operator: Operator, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(operator.folder / "home"))

    assert operator.settings("data_dir: a/../b").data_dir == operator.folder / "b"
    assert operator.settings("data_dir: ~/c").data_dir == operator.folder / "home" / "c"
    assert (
        operator.settings(f"data_dir: {operator.folder.parent}").data_dir == operator.folder.parent
    )


def test_a_time_of_day_is_read_back() -> None:
    assert parse_time("20:05") == time(20, 5)


EMPTY = [
    "data_dir",
    "public_url",
    "language",
    "timezone",
    "server",
    "fetch",
    "sources",
    "feeds",
    "hub",
    "channels",
    "deliver",
    "operators",
]


def test_a_key_whose_lines_are_all_commented_out_means_its_default(operator: Operator) -> None:
    settings = operator.settings("".join(f"{key}:\n" for key in EMPTY))

    assert settings == Settings(data_dir=operator.folder / "var")


def test_what_may_be_null_stays_null(operator: Operator) -> None:
    settings = operator.settings(f"{CONSOLE}    quiet:\nchannels:\n  telegram:\n")

    assert settings.deliver[0].quiet is None
    assert settings.channels.telegram is None
