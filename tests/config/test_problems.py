"""What is told of a faulty configuration: everything at once, each at its place, one thing once, no value."""

import re

import pytest

from config.problems import ConfigError, show_path, unknown_key
from config.sources import KINDS
from tests.fakes.operator import ONE_PAPER, Operator

TELEGRAM = "channels: {telegram: {token: x}}\n"
ROW = "deliver:\n  - to: telegram:1\n    source: huaian\n"


def test_every_fault_of_a_file_is_told_at_once_in_the_order_of_the_file(operator: Operator) -> None:
    told = operator.told("""\
langauge: en
server: {listen: 8080}
sources:
  - id: huaian
    kind: yunabo
    title: ""
    url: paper.example.com
    chek_every: 10m
    check_every: 8d
    selectors: {titel: h1}
  - id: huaian
    kind: rss
    title: 报
    url: http://a.test/
deliver:
  - {to: telegram:1, source: huaain}
""")

    assert told == [
        "baotong.yaml:1:1 langauge: 没有这个键,是不是 language? (unknown key; did you mean language?)",
        "baotong.yaml:2:10 server.listen: 要写成 主机:端口,如 127.0.0.1:8080 (host:port, like 127.0.0.1:8080)",
        "baotong.yaml:5:5 sources[0].kind: 没有这个值,是不是 yunbao? (unknown; did you mean yunbao?)",
        "baotong.yaml:6:5 sources[0].title: 不能是空的 (must not be empty)",
        "baotong.yaml:7:5 sources[0].url: 要写完整的网址 http://… 或 https://… (a whole http or https URL)",
        "baotong.yaml:8:5 sources[0].chek_every: 没有这个键,是不是 check_every? (unknown key; did you mean check_every?)",
        "baotong.yaml:9:5 sources[0].check_every: 要在 1s 和 7d 之间 (from 1s to 7d)",
        "baotong.yaml:10:17 sources[0].selectors.titel: 没有这个键,是不是 title? (unknown key; did you mean title?)",
        "baotong.yaml:11:5 sources[1].id: 和 sources[0] 的 id 一样 (the same id as sources[0])",
        "baotong.yaml:12:5 sources[1].kind: 只能是 auto、yunbao、founder、paperindex、html、json、feed (one of these)",
        "baotong.yaml:16:6 deliver[0].to: channels 里没有这个渠道;有:console (this channel is not configured)",
        "baotong.yaml:16:22 deliver[0].source: 没有这份报纸,是不是 huaian? (no source has this id)",
    ]


@pytest.mark.parametrize(
    ("text", "place", "key", "near"),
    [
        ("public_ulr: x", (1, 1), "public_ulr", "public_url"),
        ("Language: en", (1, 1), "Language", "language"),
        ("server: {lisen: x}", (1, 10), "server.lisen", "listen"),
        ("fetch:\n  user-agent: x", (2, 3), "fetch.user-agent", "user_agent"),
        ("feeds:\n\n  entry: 5", (3, 3), "feeds.entry", "entries"),
        ("hub: {allowhosts: []}", (1, 7), "hub.allowhosts", "allow_hosts"),
        ("channels: {telegran: {}}", (1, 12), "channels.telegran", "telegram"),
        ("channels:\n  telegram: {token: x, apiurl: y}", (2, 24), "channels.telegram.apiurl", "api_url"),
        (f"{ONE_PAPER}    tilte: x", (6, 5), "sources[0].tilte", "title"),
        (f"{ONE_PAPER}    selectors: {{bylime: x}}", (6, 17), "sources[0].selectors.bylime", "byline"),
        (f"{ONE_PAPER}    data:\n      read: x", (7, 7), "sources[0].data.read", "reads"),
        (f"{ONE_PAPER}{TELEGRAM}{ROW}    page: []", (10, 5), "deliver[0].page", "pages"),
    ],
)  # fmt: skip
def test_an_unknown_key_is_told_at_its_place_with_the_nearest_name(
    operator: Operator, text: str, place: tuple[int, int], key: str, near: str
) -> None:
    (problem,) = operator.problems(text)

    assert (problem.line, problem.column) == place
    assert problem.key == key
    assert problem.message == f"没有这个键,是不是 {near}? (unknown key; did you mean {near}?)"


def test_a_key_that_resembles_none_is_told_with_all_that_may_stand_there(
    operator: Operator,
) -> None:
    told = operator.told("hub: {zzz: 1}")
    known = "allow_hosts, external, lease, longest_lease"

    assert told == [
        f"baotong.yaml:1:7 hub.zzz: 没有这个键;这里可以写:{known} (unknown key; known here: {known})"
    ]


def test_a_key_where_none_may_stand_is_told_so() -> None:
    assert unknown_key("zzz", ()) == "这里不能再有下一级 (nothing may stand below this)"


@pytest.mark.parametrize(
    ("text", "key", "near"),
    [
        ("language: zh-cn", "language", "zh-CN"),
        (f"{ONE_PAPER}    first: newst", "sources[0].first", "newest"),
        (f"{ONE_PAPER}    skip: [ad, credit]", "sources[0].skip[1]", "credits"),
        (f"{ONE_PAPER}    reads: atuo", "sources[0].reads", "auto"),
        (f"{ONE_PAPER}    content: Full", "sources[0].content", "full"),
        (f"{ONE_PAPER}    link: papre", "sources[0].link", "paper"),
        (f"{ONE_PAPER}{TELEGRAM}{ROW}    mode: isue", "deliver[0].mode", "issue"),
        (ONE_PAPER.replace("yunbao", "fuonder"), "sources[0].kind", "founder"),
    ],
)  # fmt: skip
def test_a_wrong_choice_is_told_with_the_nearest(
    operator: Operator, text: str, key: str, near: str
) -> None:
    (problem,) = operator.problems(text)

    assert problem.key == key
    assert problem.message == f"没有这个值,是不是 {near}? (unknown; did you mean {near}?)"


@pytest.mark.parametrize("written", ["xyz", "5", "[en]", "{a: b}", "true"])
def test_a_choice_that_resembles_none_is_told_with_all(operator: Operator, written: str) -> None:
    assert operator.told(f"language: {written}") == [
        "baotong.yaml:1:1 language: 只能是 zh-CN、en (one of these)"
    ]


@pytest.mark.parametrize("kind", ["", "kind: null", "kind:"])
def test_a_paper_without_a_kind_is_told_with_all_kinds(operator: Operator, kind: str) -> None:
    (problem,) = operator.problems(ONE_PAPER.replace("kind: yunbao", f"{kind}\n    rights: x"))

    assert problem.key == "sources[0].kind"
    assert problem.message == f"必须写上:{'、'.join(KINDS)} (required: one of these)"


@pytest.mark.parametrize("kind", ["5", "[yunbao]", "{yunbao: 1}"])
def test_a_kind_that_is_no_word_is_one_error(operator: Operator, kind: str) -> None:
    (problem,) = operator.problems(ONE_PAPER.replace("kind: yunbao", f"kind: {kind}"))

    assert problem.message == f"只能是 {'、'.join(KINDS)} (one of these)"


def test_a_robot_that_is_not_there_is_told_with_the_nearest_that_is(operator: Operator) -> None:
    told = operator.told(
        f"{ONE_PAPER}channels: {{wecom: {{desk: {{key: x}}}}}}\noperators: [wecom:desk1, feishu:desk]\n"
    )

    assert told == [
        "baotong.yaml:7:13 operators[0]: channels.wecom 里没有这个名字,是不是 desk? (no such name)",
        "baotong.yaml:7:26 operators[1]: channels 里没有这个渠道;有:console、wecom (this channel is not configured)",
    ]


@pytest.mark.parametrize(
    ("text", "key", "words"),
    [
        ("sources: x", "sources", "列表"),
        ("sources: {a: b}", "sources", "列表"),
        ("sources: [x]", "sources[0]", "键: 值"),
        ("sources: [null]", "sources[0]", "键: 值"),
        ("sources: [[]]", "sources[0]", "键: 值"),
        ("server: x", "server", "键: 值"),
        ("server: [x]", "server", "键: 值"),
        ("channels: [telegram]", "channels", "键: 值"),
        ("channels: {telegram: token}", "channels.telegram", "键: 值"),
        ("deliver: [x]", "deliver[0]", "键: 值"),
        ("operators: 5", "operators", "列表"),
        ("operators: [5]", "operators[0]", "渠道:会话"),
        ("operators: [null]", "operators[0]", "渠道:会话"),
        ("fetch: {allow_hosts: 127.0.0.1:80}", "fetch.allow_hosts", "列表"),
        (f"{ONE_PAPER}    skip: ad", "sources[0].skip", "列表"),
        (f"{ONE_PAPER}    headers: [x]", "sources[0].headers", "键: 值"),
        (f"{ONE_PAPER}    headers: {{A: 5}}", "sources[0].headers.A", "一行文字"),
        (f"{ONE_PAPER}    selectors: h1", "sources[0].selectors", "键: 值"),
        (f"{ONE_PAPER}    selectors: {{title: [h1]}}", "sources[0].selectors.title", "文字"),
        (f"{ONE_PAPER}    rights: [x]", "sources[0].rights", "文字"),
        ("data_dir: 5", "data_dir", "路径"),
        ("timezone: 8", "timezone", "时区"),
    ],
)  # fmt: skip
def test_a_value_of_another_shape_is_one_error_that_names_the_shape(
    operator: Operator, text: str, key: str, words: str
) -> None:
    (problem,) = operator.problems(text)

    assert problem.key == key
    assert words in problem.message


@pytest.mark.parametrize("key", ["id", "title", "url"])
def test_what_a_paper_must_have_is_asked_for_at_the_paper(operator: Operator, key: str) -> None:
    text = re.sub(rf"(  - )?\b{key}: \S+", r"\1rights: x", ONE_PAPER)

    assert operator.told(text) == [f"baotong.yaml:2:5 sources[0].{key}: 必须写上 (required)"]


def test_a_telegram_without_a_token_says_both_ways(operator: Operator) -> None:
    told = operator.told("channels:\n  telegram: {rate: 5}\n")

    assert told == [
        "baotong.yaml:2:3 channels.telegram.token: 必须写上,或者写 token_file (required; or token_file)"
    ]


# ── between sections ────────────────────────────────────────────────────────────────────────────


def test_two_papers_with_one_id_are_told_though_something_else_is_wrong_too(
    operator: Operator,
) -> None:
    problems = operator.problems(ONE_PAPER + ONE_PAPER.replace("sources:\n", "") + "    tilte: x\n")

    assert [(one.line, one.key) for one in problems] == [
        (6, "sources[1].id"),
        (10, "sources[1].tilte"),
    ]


@pytest.mark.parametrize(
    "name", ["huaian ", "HUAIAN", "huaian/1", "../etc", "é", "a" * 65, "''", ".hidden", "a_b"]
)
def test_case_110_and_111_an_id_is_a_name_that_is_the_same_in_every_file_system(
    operator: Operator, name: str
) -> None:
    (problem,) = operator.problems(ONE_PAPER.replace("huaian", f"'{name.strip(chr(39))}'"))

    assert problem.key == "sources[0].id"


@pytest.mark.parametrize(
    "name", ["feeds", "hub", "healthz", "metrics", "search", "static", "export"]
)
def test_an_id_that_is_a_path_of_ours_is_refused(operator: Operator, name: str) -> None:
    (problem,) = operator.problems(ONE_PAPER.replace("huaian", name))

    assert "我们自己的网址" in problem.message


def test_a_row_may_name_only_papers_and_channels_that_exist(operator: Operator) -> None:
    problems = operator.problems(f"{ONE_PAPER}deliver:\n  - to: telegram:1\n    source: other\n")

    assert [(one.line, one.column, one.key) for one in problems] == [
        (7, 5, "deliver[0].to"),
        (8, 5, "deliver[0].source"),
    ]
    assert "有:console" in problems[0].message
    assert "有:huaian" in problems[1].message


def test_no_row_is_blamed_for_a_paper_whose_id_is_at_fault(operator: Operator) -> None:
    problems = operator.problems(ONE_PAPER.replace("huaian", "Huaian") + TELEGRAM + ROW)

    assert [one.key for one in problems] == ["sources[0].id"]


def test_rows_and_papers_of_no_shape_are_told_once_each(operator: Operator) -> None:
    problems = operator.problems("sources: [5]\ndeliver: [6, {to: 7, source: 8}]\noperators: [9]\n")

    assert [one.key for one in problems] == [
        "sources[0]",
        "deliver[0]",
        "deliver[1].to",
        "deliver[1].source",
        "operators[0]",
    ]


def test_operators_may_be_reached_only_by_channels_that_exist(operator: Operator) -> None:
    told = operator.told("operators: [telegran:1]\nchannels: {telegram: {token: x}}")

    assert told == [
        "baotong.yaml:1:13 operators[0]: channels 里没有这个渠道,是不是 telegram? (this channel is not configured)"
    ]


def test_a_channel_that_is_set_to_null_is_not_configured(operator: Operator) -> None:
    (problem,) = operator.problems("channels: {telegram: null}\noperators: [telegram:1]")

    assert problem.key == "operators[0]"


def test_two_rows_for_one_chat_and_paper_are_told(operator: Operator) -> None:
    (problem,) = operator.problems(
        ONE_PAPER + TELEGRAM + ROW + ROW.replace("deliver:\n", "") + "    pages: ['01']\n"
    )

    assert (problem.line, problem.key) == (10, "deliver[1].to")


def test_the_terminal_needs_no_settings_and_a_star_means_every_paper(operator: Operator) -> None:
    settings = operator.settings(
        f'{ONE_PAPER}deliver: [{{to: console:x, source: "*"}}]\noperators: [console:x]\n'
    )

    assert settings.deliver[0].channel == "console"


# ── how it is said ──────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("pages", "figures", "is_told"),
    [
        ("", "127.0.0.1:8080", True),
        ("0.0.0.0:80", "127.0.0.1:80", True),
        ("127.0.0.1:80", "[::]:80", True),
        ("127.0.0.1:80", "127.0.0.1:81", False),
        ("10.0.0.5:80", "127.0.0.1:80", False),
    ],
)
def test_case_182_figures_have_a_port_that_is_not_the_pages(
    operator: Operator, pages: str, figures: str, is_told: bool
) -> None:
    server = f'server: {{listen: "{pages}"}}\n' if pages else ""
    text = f'metrics: {{listen: "{figures}"}}\n{server}{ONE_PAPER}'
    if not is_told:
        assert operator.settings(text).metrics.listen == figures
        return
    (line,) = operator.told(text)
    assert line.startswith("baotong.yaml:1:11 metrics.listen: 要和 server.listen 用不同的端口")


def test_keys_are_shown_as_far_as_they_look_like_names() -> None:
    assert show_path(("sources", 0, "url")) == "sources[0].url"
    assert show_path(("channels", "token:123:ABC")) == "channels.token…"
    assert show_path(("123:ABC",)) == "…"
    assert show_path(("a\nb",)) == "a…"
    assert show_path(("x" * 1000,)) == "x" * 40 + "…"
    assert show_path(("标题",)) == "标题"


def test_a_line_is_one_line_whatever_the_key_holds(operator: Operator) -> None:
    told = operator.told('"a\\nb": 1\n"\\e[31m": 2\n')

    assert [line.isprintable() for line in told] == [True, True]


def test_the_error_is_the_lines_of_its_problems(operator: Operator) -> None:
    with pytest.raises(ConfigError) as caught:
        operator.settings("a: 1\nb: 2\n")

    assert str(caught.value) == "\n".join(str(problem) for problem in caught.value.problems)
    assert len(caught.value.problems) == 2


def test_only_the_first_of_many_rows_are_compared_with_every_paper(operator: Operator) -> None:
    rows = "".join(f"  - {{to: console:{i}, source: huaain}}\n" for i in range(30))
    problems = operator.problems(f"{ONE_PAPER}deliver:\n{rows}")

    assert len(problems) == 30
    assert ["是不是 huaian" in one.message for one in problems] == [True] * 20 + [False] * 10


FAMILY_RULES = """\
sources:
  - id: a
    kind: json
    title: 甲
    url: https://a.example/
  - {id: b, kind: html, title: 乙, url: 'https://b.example/', preset: wenzhou}
  - {id: c, kind: json, title: 丙, url: 'https://c.example/', preset: founder-app}
  - id: d
    kind: json
    title: 丁
    url: https://d.example/
    preset: wenzhou
    pages:
      post: x
      form: {a: "{nope}"}
"""
FAMILY_FAULTS = [
    (2, 5, "sources[0].articles", "文章的列表在哪里"),
    (6, 62, "sources[1].preset", "wenzhou 是 kind: json 的样式"),
    (7, 5, "sources[2].values", "site("),
    (15, 14, "sources[3].pages.form.a", "{nope}"),
]


@pytest.mark.parametrize("more", ["", "chek: 1\n"], ids=["alone", "with a fault of another part"])
def test_what_only_a_family_finds_wrong_is_told_at_its_place_with_all_else(
    operator: Operator, more: str
) -> None:
    problems = [one for one in operator.problems(FAMILY_RULES + more) if one.key != "chek"]

    told = [(one.line, one.column, one.key) for one in problems]
    assert told == [fault[:3] for fault in FAMILY_FAULTS]
    for problem, fault in zip(problems, FAMILY_FAULTS, strict=True):
        assert fault[3] in problem.message


@pytest.mark.parametrize(
    ("rule", "key", "words"),
    [
        ('paths: {issue: "/{date}/{date}"}', "paths.issue", "{date} 写了两次"),
        ("paths: {issue: 7}", "paths.issue", "网址的样子"),
        ('paths: {issue: ["/a", 7]}', "paths.issue", "网址的样子"),
    ],
)
def test_a_value_that_may_be_of_several_kinds_is_named_by_its_own_key(
    operator: Operator, rule: str, key: str, words: str
) -> None:
    paper = ONE_PAPER.replace("kind: yunbao", "kind: html") + f"    {rule}\n"
    problem = operator.problems(paper)[0]

    assert (problem.key, words in problem.message) == (f"sources[0].{key}", True)
