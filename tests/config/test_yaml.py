"""What a file may be as YAML, and what is said where it is none: facts/bad-input.md 137 to 142."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.load import ConfigError
from config.problems import Problem
from config.yaml_nodes import MAX_BYTES, MAX_NODES
from tests.fakes.operator import ONE_PAPER, Operator


def place(problem: Problem) -> tuple[int, int, str]:
    return problem.line, problem.column, problem.key


def test_case_137_a_duplicate_key_names_both_lines(operator: Operator) -> None:
    told = operator.told("language: en\ntimezone: UTC\nlanguage: zh-CN\n")

    assert told == ["baotong.yaml:3:1 language: 和第 1 行重复,只留一个 (duplicate of line 1)"]


def test_case_137_duplicates_at_every_level_are_told_at_once(operator: Operator) -> None:
    problems = operator.problems(
        "fetch: {gap: 1s, gap: 2s}\n"
        "sources:\n  - id: a\n    kind: yunbao\n    title: A\n    url: http://a.test/\n    id: b\n"
    )

    assert [place(one) for one in problems] == [(1, 18, "fetch.gap"), (7, 5, "sources[0].id")]


@pytest.mark.parametrize(
    "written", ["no", "off", "y", "12:30:00", "0x1F", "0o17", "1_000", "2024-04-08"]
)
def test_case_139_a_word_that_only_older_yaml_reads_as_something_else_stays_a_word(
    operator: Operator, written: str
) -> None:
    settings = operator.settings(
        f"{ONE_PAPER}deliver: [{{to: 'console:x', source: huaian, filter: {written}}}]"
    )

    assert settings.deliver[0].filter == written


@pytest.mark.parametrize("written", ["1.10", "017", "2024", "true", "1e3"])
def test_case_139_a_number_where_text_is_wanted_is_told_and_not_coerced(
    operator: Operator, written: str
) -> None:
    told = operator.told(
        f"{ONE_PAPER}deliver:\n  - to: console:x\n    source: huaian\n    filter: {written}\n"
    )

    assert told == [
        "baotong.yaml:9:5 deliver[0].filter: 要写文字,可加引号 (must be text; quote it)"
    ]


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("channels: {telegram: {token: x, rate: true}}", "channels.telegram.rate"),
        ("channels: {telegram: {token: x, rate: '29'}}", "channels.telegram.rate"),
        ("feeds: {entries: true}", "feeds.entries"),
        ("feeds: {entries: '50'}", "feeds.entries"),
        ("feeds: {entries: 50.5}", "feeds.entries"),
        ("feeds: {entries: 50.0}", "feeds.entries"),
    ],
)
def test_case_139_no_bool_or_text_becomes_a_number(operator: Operator, text: str, key: str) -> None:
    assert [one.key for one in operator.problems(text)] == [key]


LAUGHS = "a: &a [x]\n" + "".join(
    f"{new}: &{new} [{', '.join([f'*{old}'] * 10)}]\n"
    for old, new in zip("abcdefgh", "bcdefghi", strict=True)
)
CHAIN = "a0: &a0 []\n" + "".join(f"a{i + 1}: &a{i + 1} [*a{i}]\n" for i in range(300))


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param(LAUGHS, "个值", id="anchor bomb"),
        pytest.param(CHAIN, "个值", id="aliases nested three hundred deep"),
        pytest.param("a: &a [*a]", "锚点", id="self reference"),
        pytest.param("a: " + "[" * 2000, "个值", id="depth 2,000, in brackets"),
        pytest.param("- " * 2000 + "x", "个值", id="depth 2,000, in dashes"),
        pytest.param("a: {" + ", ".join(f"k{i}: 1" for i in range(MAX_NODES)) + "}", "个值", id="50,000 nodes"),
        pytest.param("language: \x07", "控制字符", id="control character"),
        pytest.param("language: en\0", "控制字符", id="NUL"),
        pytest.param("language: en\n---\nlanguage: en\n", "一份 YAML", id="two documents"),
        pytest.param("language: en\n---\n", "一份 YAML", id="two documents, one empty"),
        pytest.param("- language: en\n", "键: 值", id="list"),
        pytest.param("en", "键: 值", id="word"),
        pytest.param("", "什么也没写", id="empty"),
        pytest.param("# language: en\n", "什么也没写", id="only comments"),
        pytest.param("---\n", "什么也没写", id="empty document"),
        pytest.param("language: !!python/object/apply:os.system [ls]", "标记", id="!!python on a list"),
        pytest.param("language: !!python/name:os.system en", "标记", id="!!python on a word"),
        pytest.param("language: !secret x", "标记", id="!secret"),
        pytest.param('language: "\\U00110000"', "YAML", id="escape beyond Unicode"),
        pytest.param('language: "\\ud800"', "半个", id="half a surrogate pair"),
        pytest.param("? [a, b]\n: c\n", "键", id="a list as key"),
        pytest.param(": c\n", "键", id="no key"),
        pytest.param("%YAML 1." + "9" * 5000 + "\n---\na: 1\n", "YAML", id="version of 5,000 digits"),
        pytest.param("language: &x en\ntimezone: *y\n", "锚点", id="unknown anchor"),
        pytest.param(f"{ONE_PAPER}fetch:\n  <<: {{gap: 2s}}\n", "<<", id="merge key"),
    ],
)  # fmt: skip
def test_case_140_what_bursts_or_is_no_settings_is_one_error(
    operator: Operator, text: str, words: str
) -> None:
    (problem,) = operator.problems(text)

    assert words in problem.message
    assert "\n" not in str(problem)
    assert 1 <= problem.line <= text.count("\n") + 1


def test_case_140_a_number_of_five_thousand_digits_is_no_number(operator: Operator) -> None:
    told = operator.told("feeds:\n  entries: " + "9" * 5000)

    assert told == ["baotong.yaml:2:3 feeds.entries: 要写整数 (must be a whole number)"]


def test_case_140_a_file_larger_than_a_mebibyte_is_refused_before_it_is_parsed(
    operator: Operator,
) -> None:
    comment = b"#" * (MAX_BYTES - len(ONE_PAPER.encode()) - 1) + b"\n"

    assert operator.settings(comment + ONE_PAPER.encode()).sources
    assert operator.told(b"#" + comment + ONE_PAPER.encode()) == [
        "baotong.yaml 文件超过 1 MiB (larger than 1 MiB)"
    ]


def test_case_140_a_file_without_end_is_refused_too(operator: Operator) -> None:
    if not Path("/dev/zero").exists():
        pytest.skip("there is no /dev/zero here")
    operator.file.symlink_to("/dev/zero")

    with pytest.raises(ConfigError, match="1 MiB"):
        operator.read()


def test_case_140_as_many_nodes_as_may_be_are_read(operator: Operator) -> None:
    papers = "".join(
        f"  - {{id: p{i}, kind: yunbao, title: P, url: 'http://p.test/'}}\n" for i in range(500)
    )

    assert len(operator.settings("sources:\n" + papers).sources) == 500


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("fetch:\n\tgap: 1s\n", 2, 1),
        ("fetch:\n  \tgap: 1s\n", 2, 3),
        ("language:\ten\n", 1, 10),
    ],
)
def test_case_141_a_tab_is_named_with_its_place(
    operator: Operator, text: str, line: int, column: int
) -> None:
    (problem,) = operator.problems(text)

    assert (problem.line, problem.column) == (line, column)
    assert "制表符" in problem.message
    assert "tab" in problem.message


@pytest.mark.parametrize(
    "change",
    [
        pytest.param(lambda text: text.replace("\n", "\r\n").encode(), id="CRLF"),
        pytest.param(lambda text: text.encode("utf-8-sig"), id="BOM"),
        pytest.param(lambda text: text.replace("\n", "\r\n").encode("utf-8-sig"), id="both"),
        pytest.param(lambda text: ("---\n" + text + "...\n").encode(), id="document marks"),
        pytest.param(lambda text: ("%YAML 1.1\n---\n" + text).encode(), id="an older version"),
        pytest.param(lambda text: text.rstrip("\n").encode(), id="no last line break"),
    ],
)
def test_case_142_what_editors_put_around_a_file_changes_nothing(
    operator: Operator, change: Callable[[str], bytes]
) -> None:
    assert operator.settings(change(ONE_PAPER)) == operator.settings(ONE_PAPER)


def test_case_142_columns_are_counted_behind_the_bom_and_lines_by_crlf(operator: Operator) -> None:
    (problem,) = operator.problems("fetch:\r\n  gpa: 1s\r\n".encode("utf-8-sig"))

    assert place(problem) == (2, 3, "fetch.gpa")


@pytest.mark.parametrize(
    "encoding", [pytest.param("gbk", id="ANSI of a Chinese Windows"), "utf-16"]
)
def test_a_file_that_is_not_utf_8_says_how_to_save_it(operator: Operator, encoding: str) -> None:
    (problem,) = operator.problems("language: en\n# 报纸\n".encode(encoding))

    assert "另存为 UTF-8" in problem.message
    assert problem.line == (2 if encoding == "gbk" else 1)


@pytest.mark.parametrize(
    ("text", "line", "column", "words"),
    [
        pytest.param("server：\n  listen: x\n", 1, 7, "全角冒号", id="full-width colon of a section"),
        pytest.param("language: en\ntimezone：UTC\n", 2, 9, "全角冒号", id="full-width colon, last line"),
        pytest.param("sources:\n  - id：a\n    kind: yunbao\n", 2, 7, "全角冒号", id="in a list"),
        pytest.param("deliver:\n  - source: *\n    to: x\n", 2, 13, '"*"', id="a star without quotes"),
        pytest.param("a:\n  robots: ignore: 书面同意\n", 2, 17, "加引号", id="a colon in a text"),
        pytest.param("server:\n  listen\n  x: 1\n", 3, 4, "冒号", id="no colon"),
        pytest.param("language: en\nserver\n", 2, 1, "键: 值", id="no colon at the end"),
        pytest.param("title: @报\n", 1, 8, "加引号", id="begins with @"),
        pytest.param("title: &\n", 1, 8, "加引号", id="begins with &"),
        pytest.param("%\n", 1, 1, "加引号", id="begins with %"),
        pytest.param("title: !<\n", 1, 10, "加引号", id="begins with !"),
        pytest.param('url: "http://a\n', 1, 6, "引号没有结束", id="no closing quote"),
        pytest.param("url: 'a\n---\n", 1, 6, "引号没有结束", id="a document begins in a quote"),
        pytest.param('path: "C:\\Users"\n', 1, 12, "单引号", id="backslashes"),
        pytest.param("skip: [ad, credits\n", 1, 19, "括号", id="no closing bracket"),
        pytest.param("sources:\n  - id: a\n - id: b\n", 3, 2, "缩进", id="indented otherwise"),
        pytest.param("a: , b\n", 1, 4, "YAML", id="anything else"),
        pytest.param("%YAML 9.9\n---\na: 1\n", 1, 1, "YAML", id="a version that is none"),
        pytest.param("%TAG !e! x\n%TAG !e! x\n---\na: 1", 2, 1, "加引号", id="a directive twice"),
    ],
)  # fmt: skip
def test_a_slip_is_told_where_it_is_with_what_to_do(
    operator: Operator, text: str, line: int, column: int, words: str
) -> None:
    (problem,) = operator.problems(text)

    assert (problem.line, problem.column) == (line, column), problem
    assert words in problem.message


@pytest.mark.parametrize(
    "key", ["language：en", "token:123", "sources，"], ids=["full-width", "no space", "comma"]
)
def test_a_key_with_a_colon_in_it_says_what_is_amiss(operator: Operator, key: str) -> None:
    (problem,) = operator.problems(f"{{language: en, '{key}': }}")

    assert ("冒号" in problem.message) == (":" in key or "：" in key)


@pytest.mark.parametrize("line", ["listen：127.0.0.1:80", "listen:127.0.0.1"])
def test_a_section_that_became_a_text_says_what_is_amiss(operator: Operator, line: str) -> None:
    (problem,) = operator.problems(f"server:\n  {line}\n")

    assert place(problem) == (1, 1, "server")
    assert problem.message.startswith("冒号要用半角,后面要有空格")


def test_an_anchor_saves_writing_a_value_twice(operator: Operator) -> None:
    settings = operator.settings(
        "sources:\n"
        "  - {id: a, kind: yunbao, title: A, url: 'http://a.test/', skip: &skip [ad, credits]}\n"
        "  - {id: b, kind: yunbao, title: B, url: 'http://b.test/', skip: *skip}\n"
    )

    assert settings.sources[0].skip == settings.sources[1].skip == {"ad", "credits"}


def test_a_fault_in_what_an_alias_repeats_is_told_for_each_at_the_one_place_to_mend_it(
    operator: Operator,
) -> None:
    problems = operator.problems(f"{ONE_PAPER}fetch: &x\n  gpa: 1s\nhub: *x\n")

    assert [place(one) for one in problems] == [(7, 3, "fetch.gpa"), (7, 3, "hub.gpa")]


def test_json_is_yaml_too(operator: Operator) -> None:
    settings = operator.settings(
        '{"sources": [{"id": "a", "kind": "yunbao", "title": "\\ud83d\\udcf0报", "url": "http:\\/\\/a.test\\/"}]}'
    )

    assert settings.sources[0].title == "📰报"
    assert settings.sources[0].url == "http://a.test/"
