"""The kinds of value, each as an operator may write it: facts/bad-input.md 147 and 150, and the rest."""

from datetime import time, timedelta
from pathlib import Path
from typing import Any

import pytest

from config.models import Settings
from config.values import parse_time
from tests.fakes.operator import ONE_PAPER, Operator

CONSOLE = f"{ONE_PAPER}deliver:\n  - to: console:x\n    source: huaian\n"
TELEGRAM = f"{ONE_PAPER}channels: {{telegram: {{token: x}}}}\ndeliver:\n  - source: huaian\n"

# where: the text before a value, and where the value is found in the settings
AT = {
    "check_every": (f"{ONE_PAPER}    check_every: ", lambda s: s.sources[0].check_every),
    "url": (ONE_PAPER.replace("url: https://paper.example.com/\n", "url: "), lambda s: s.sources[0].url),
    "title": (ONE_PAPER.replace("    title: 淮安区报\n", "") + "    title: ", lambda s: s.sources[0].title),
    "robots": (f"{ONE_PAPER}    robots: ", lambda s: s.sources[0].robots),
    "rights": (f"{ONE_PAPER}    rights: ", lambda s: s.sources[0].rights),
    "headers": (f"{ONE_PAPER}    headers: ", lambda s: s.sources[0].headers),
    "selector": (f"{ONE_PAPER}    selectors:\n      title: ", lambda s: s.sources[0].selectors["title"]),
    "expression": (f"{ONE_PAPER}    data:\n      title: ", lambda s: s.sources[0].data["title"]),
    "gap": ("fetch:\n  gap: ", lambda s: s.fetch.gap),
    "user_agent": ("fetch:\n  user_agent: ", lambda s: s.fetch.user_agent),
    "contact": ("fetch:\n  contact: ", lambda s: s.fetch.contact),
    "allow_hosts": ("fetch:\n  allow_hosts: ", lambda s: s.fetch.allow_hosts),
    "listen": ("server:\n  listen: ", lambda s: (s.server.host, s.server.port)),
    "public_url": ("public_url: ", lambda s: s.public_url),
    "timezone": ("timezone: ", lambda s: s.timezone),
    "data_dir": ("data_dir: ", lambda s: s.data_dir),
    "database": ("database: ", lambda s: s.database_url),
    "entries": ("feeds:\n  entries: ", lambda s: s.feeds.entries),
    "id_authority": ("feeds:\n  id_authority: ", lambda s: s.feeds.id_authority),
    "at": (f"{CONSOLE}    at: ", lambda s: s.deliver[0].at),
    "quiet": (f"{CONSOLE}    quiet: ", lambda s: s.deliver[0].quiet),
    "pages": (f"{CONSOLE}    pages: ", lambda s: s.deliver[0].pages),
    "filter": (f"{CONSOLE}    filter: ", lambda s: s.deliver[0].filter),
    "max_messages": (f"{CONSOLE}    max_messages: ", lambda s: s.deliver[0].max_messages),
    "to": (f"{TELEGRAM}    to: ", lambda s: s.deliver[0].to),
    "token": ("channels:\n  telegram:\n    token: ", lambda s: s.channels.telegram.token.get_secret_value()),
    "proxy": ("channels:\n  telegram:\n    token: x\n    proxy: ", lambda s: s.channels.telegram.proxy.get_secret_value()),
    "rate": ("channels:\n  telegram:\n    token: x\n    rate: ", lambda s: s.channels.telegram.rate),
}  # fmt: skip

GOOD: list[tuple[str, str, Any]] = [
    ("check_every", "1s", timedelta(seconds=1)),
    ("check_every", "7d", timedelta(days=7)),
    ("check_every", "090m", timedelta(minutes=90)),
    ("check_every", "168h", timedelta(days=7)),
    ("gap", "0s", timedelta(0)),
    ("gap", "0d", timedelta(0)),
    ("gap", "1h", timedelta(hours=1)),
    ("url", "https://paper.example.com/报纸/", "https://paper.example.com/报纸/"),
    ("url", "http://[2001:db8::1]:8080/a?b=c#d", "http://[2001:db8::1]:8080/a?b=c#d"),
    ("url", "HTTP://PAPER.EXAMPLE.COM", "HTTP://PAPER.EXAMPLE.COM"),
    ("title", "淮安 区报", "淮安 区报"),
    ("robots", "obey", "obey"),
    ("robots", '"ignore: 报社书面同意"', "ignore: 报社书面同意"),
    ("robots", "ignore:x", "ignore:x"),
    ("rights", "|\n      一\n      二\n", "一\n二\n"),
    ("headers", "{Referer: 'https://a.test/', X-A_b: ''}", {"Referer": "https://a.test/", "X-A_b": ""}),
    ("selector", "h1.title > span[data-x='1']", "h1.title > span[data-x='1']"),
    ("expression", "\"articles[?id == '1'].title | [0]\"", "articles[?id == '1'].title | [0]"),
    ("expression", "sort_by(list, &date)[0].title", "sort_by(list, &date)[0].title"),
    ("user_agent", "Mozilla/5.0 (X11; Linux)", "Mozilla/5.0 (X11; Linux)"),
    ("contact", "mailto:you@example.com", "mailto:you@example.com"),
    ("allow_hosts", "['[::1]:80', 'LocalHost:080']", {"[::1]:80", "localhost:80"}),
    ("allow_hosts", "['[0:0::1]:9000']", {"[::1]:9000"}),
    ("allow_hosts", "[]", frozenset()),
    ("listen", "0.0.0.0:80", ("0.0.0.0", 80)),
    ("listen", "'[::]:8080'", ("::", 8080)),
    ("listen", "localhost:0", ("localhost", 0)),
    ("public_url", "https://news.example.com/papers", "https://news.example.com/papers/"),
    ("timezone", "UTC", "UTC"),
    ("timezone", "Asia/Urumqi", "Asia/Urumqi"),
    ("database", "postgresql://u:p%40ss@db.test:5432/b", "postgresql://u:p%40ss@db.test:5432/b"),
    ("database", "postgres:///b?host=/run/postgresql", "postgres:///b?host=/run/postgresql"),
    ("database", "null", None),
    ("entries", "1", 1),
    ("entries", "1000", 1000),
    ("id_authority", "news.example.com,2024-04-08", "news.example.com,2024-04-08"),
    ("at", '"00:00"', "00:00"),
    ("at", "23:59", "23:59"),
    ("quiet", "22:00-07:00", "22:00-07:00"),
    ("quiet", "null", None),
    ("quiet", "~", None),
    ("pages", "['01', A01, 2/3]", ("01", "A01", "2/3")),
    ("filter", "'春耕 -公告 \"海棠大道\"'", '春耕 -公告 "海棠大道"'),
    ("filter", "''", ""),
    ("max_messages", "100", 100),
    ("to", "telegram:-1001234567890/7", "telegram:-1001234567890/7"),
    ("to", "telegram:@news_channel", "telegram:@news_channel"),
    ("to", "telegram:123", "telegram:123"),
    ("token", "123456:AAF-x_y", "123456:AAF-x_y"),
    ("token", "0123", "0123"),
    ("token", "1e5", "1e5"),
    ("token", "true", "true"),
    ("token", "'null'", "null"),
    ("token", "|\n      abc\n", "abc"),
    ("proxy", "socks5://u:p@127.0.0.1:1080", "socks5://u:p@127.0.0.1:1080"),
    ("proxy", "http://proxy.test", "http://proxy.test"),
    ("rate", "0.5", 0.5),
    ("rate", "1000", 1000),
]  # fmt: skip

BAD: dict[str, list[str]] = {
    "check_every": ["0s", "8d", "169h", "999999d", "5", "'5'", "5.5m", "10 m", "10min", "1h30m", "-1s", "1e9s", "1000000000s", "m", "''", "５m", "[10m]", "PT10M", "true"],
    "gap": ["61m", "-1s", "1", "1ms"],
    "url": ["paper.example.com", "//paper.example.com/", "ftp://a.test/", "http://", "http:///x", "'http://a b/'", "http://a.test:99999/", "http://a.test:0/", "http://a.test:x/", "http://u:p@a.test/", "http://u@a.test/", "'http://good\\@127.0.0.1/'", '"http://a.test/\\u200b"', '"http://a.test/\\n"', "'http://[::1/'", "javascript:alert(1)", "''", "5"],
    "title": ["''", "'  '", "\u3000", '"a\\nb"', '"\\u202ea"', '"a\\u200b"', "123", "x" * 201],
    "robots": ["ignore", "'ignore:'", "'ignore: '", "no", "true", "OBEY"],
    "rights": ['"\\e[31m"', "5"],
    "headers": ["{'a b': x}", "{'': x}", '{A: "x\\r\\nB: y"}', "{A: 5}", "{报: x}"],
    "selector": ["''", "'h1['", "'h1::before'", "'h1,,h2'", "//div", "'>'", "5", '"\\0"', "“h1”"],
    "expression": ["''", "'a['", "a..b", "$.title", "'foo(@)'", "'sort_by(@, &bar(x))'", "5", "'" + "(" * 3000 + "'"],
    "user_agent": ["''", "报童", "x" * 301, '"a\\nb"'],
    "contact": ["''", "'a b'", "我", "'a(b)'", "x" * 201],
    "allow_hosts": ["[127.0.0.1]", "['::1:80']", "['[1:2]:80']", "['[::1%eth0]:80']", "['a:99999']", "['a:-1']", "['http://a:80']", "['a b:80']", "['a:８０']", "[80]", "['*:80']"],
    "listen": ["8080", "':8080'", "127.0.0.1", "127.0.0.1:x", "127.0.0.1:65536", "http://127.0.0.1:80"],
    "public_url": ["127.0.0.1:8080", "http://a.test/?x", "'http://a.test/#x'", "http://u:p@a.test/"],
    "timezone": ["Asia/Beijing", "北京", "UTC+8", "../etc/passwd", "Asia", "''", "8", '"Asia/Shanghai\\0"', "x" * 5000],
    "data_dir": ["''", "' '", "5", '"a\\0b"', "~nobody-of-this-name/x", "[a]"],
    "database": ["mysql://u@h/b", "sqlite:///x", "h/b", "'postgresql://u:p#w@h/b'", "'postgresql://u:p[w@h/b'", "'postgresql://h:99999/b'", "5"],
    "entries": ["0", "1001", "-1", "1.5"],
    "id_authority": ["Example.com", "a b", "example.com,24"],
    "at": ["24:00", "8:00", "'20:00:00'", "20", "20:60", "20：00"],
    "quiet": ["22-7", "22:00", "22:00-24:00", "22:00-22:00", "'22:00 - 07:00'", "true", "''"],
    "pages": ["[1]", "[01]", "'01'", "['']", '["a\\nb"]'],
    "filter": ['"a\\nb"', "5", "x" * 501],
    "max_messages": ["0", "101", "1.5"],
    "to": ["telegram", "'telegram:'", "telegram:desk", "telegram:1/x", "telegram:1/2/3", "telegram:@a", "Telegram:1", "123", "telegram:１２", "'telegram: 1'", "telegram:-", "telegram:1.5"],
    "token": ["''", "' x'", "'x '", '"a\\nb"', '"a\\u200bb"', "[x]", "{x: y}", "$TELEGRAM_TOKEN"],
    "proxy": ["''", "socks5://127.0.0.1", "socks4://a:1", "https://a:1", "a:1080", "http://a:99999", "http://", "'http://a b:1'", "'http://u:p\u2100@h:1'", "5"],
    "rate": ["0", "-1", "1001", "true", "'5'", "1e400", ".nan"],
}  # fmt: skip


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
