"""The environment over the file: every key by its name, `${NAME}` in texts, facts/bad-input.md 144."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from config.models import Settings
from tests.fakes.operator import ONE_PAPER, Operator

TELEGRAM = "channels:\n  telegram:\n    token: ${TOKEN}\n"
KUBERNETES = {
    "BAOTONG_PORT": "tcp://10.0.0.1:80",
    "BAOTONG_PORT_80_TCP": "tcp://10.0.0.1:80",
    "BAOTONG_PORT_80_TCP_ADDR": "10.0.0.1",
    "BAOTONG_PORT_80_TCP_PORT": "80",
    "BAOTONG_PORT_80_TCP_PROTO": "tcp",
    "BAOTONG_SERVICE_HOST": "10.0.0.1",
    "BAOTONG_SERVICE_PORT": "80",
    "BAOTONG_SERVICE_PORT_HTTP": "80",
}


@pytest.mark.parametrize(
    ("name", "value", "found"),
    [
        ("DATA_DIR", "/srv/x", lambda s: s.data_dir == Path("/srv/x")),
        ("DATABASE", "postgresql://u:p@h/b", lambda s: s.database_url == "postgresql://u:p@h/b"),
        ("DATABASE", "", lambda s: s.database is None),
        ("DATABASE", "null", lambda s: s.database is None),
        ("PUBLIC_URL", "https://n.test", lambda s: s.public_url == "https://n.test/"),
        ("LANGUAGE", "en", lambda s: s.language == "en"),
        ("TIMEZONE", "UTC\n", lambda s: s.timezone == "UTC"),
        ("SERVER__LISTEN", "0.0.0.0:80", lambda s: s.server.listen == "0.0.0.0:80"),
        ("SERVER", "{listen: '0.0.0.0:80'}", lambda s: s.server.listen == "0.0.0.0:80"),
        ("SERVER", "", lambda s: s.server.listen == "127.0.0.1:8080"),
        ("FETCH__GAP", "0s", lambda s: s.fetch.gap.total_seconds() == 0),
        ("FETCH__CONTACT", "12345", lambda s: s.fetch.contact == "12345"),
        ("FETCH__ALLOW_HOSTS", "a:1, b:2", lambda s: s.fetch.allow_hosts == {"a:1", "b:2"}),
        ("FETCH__ALLOW_HOSTS", '["a:1"]', lambda s: s.fetch.allow_hosts == {"a:1"}),
        ("FEEDS__ENTRIES", "80", lambda s: s.feeds.entries == 80),
        ("CHANNELS__TELEGRAM__TOKEN", "0123", lambda s: s.channels.telegram.token.get_secret_value() == "0123"),
        ("CHANNELS__TELEGRAM", "{token: x, rate: 1.5}", lambda s: s.channels.telegram.rate == 1.5),
        ("CHANNELS", '{"telegram": {"token": "x"}}', lambda s: s.channels.telegram is not None),
        ("OPERATORS", "console:a,console:b", lambda s: s.operators == ("console:a", "console:b")),
        ("DELIVER", "- to: console:x\n  source: '*'\n", lambda s: s.deliver[0].to == "console:x"),
        ("SOURCES", json.dumps([{"id": "b", "kind": "yunbao", "title": "报📰", "url": "http://b.test/"}], indent=1), lambda s: s.sources[0].title == "报📰"),
        ("SOURCES__0__URL", "http://b.test/", lambda s: s.sources[0].url == "http://b.test/"),
        ("SOURCES__0__HEADERS__COOKIE", "a=b", lambda s: s.sources[0].headers == {"cookie": "a=b"}),
        ("SOURCES__0__SKIP", "ad,credits", lambda s: s.sources[0].skip == {"ad", "credits"}),
        ("SOURCES__0__SELECTORS__TITLE", "[data-x]", lambda s: s.sources[0].selectors == {"title": "[data-x]"}),
        ("SOURCES__1", "{id: b, kind: yunbao, title: B, url: 'http://b.test/'}", lambda s: [one.id for one in s.sources] == ["huaian", "b"]),
    ],
)  # fmt: skip
def test_every_key_may_be_set_by_the_environment(
    operator: Operator, name: str, value: str, found: Callable[[Settings], bool]
) -> None:
    assert found(operator.settings(ONE_PAPER, {f"BAOTONG_{name}": value}))


def test_a_deeper_name_goes_over_a_higher_one(operator: Operator) -> None:
    environ = {"BAOTONG_SERVER": "{listen: 'a:1'}", "BAOTONG_SERVER__LISTEN": "b:2"}

    assert operator.settings(ONE_PAPER, environ).server.listen == "b:2"


def test_what_the_environment_does_not_name_stays_the_files(operator: Operator) -> None:
    settings = operator.settings("fetch: {gap: 5s, contact: x}\n", {"BAOTONG_FETCH__GAP": "2s"})

    assert (settings.fetch.gap.total_seconds(), settings.fetch.contact) == (2, "x")


def test_the_value_of_a_variable_is_opaque(operator: Operator) -> None:
    environ = {"BAOTONG_CHANNELS__TELEGRAM__TOKEN": "${HOME}", "HOME": "/x"}

    assert operator.settings(ONE_PAPER, environ).secrets()[0] == "%24%7BHOME%7D"
    assert "${HOME}" in operator.settings(ONE_PAPER, environ).secrets()


@pytest.mark.parametrize(
    ("name", "value", "line"),
    [
        ("SERVER__LISTEN", "x", "环境变量 BAOTONG_SERVER__LISTEN server.listen: 要写成 主机:端口"),
        ("SERVER__LISTN", "x", "环境变量 BAOTONG_SERVER__LISTN server.listn: 没有这个键,是不是 listen?"),
        ("SERVR__LISTEN", "x", "环境变量 BAOTONG_SERVR__LISTEN 没有这个键,是不是 server?"),
        ("SERVER_LISTEN", "x", "环境变量 BAOTONG_SERVER_LISTEN 没有这一项,是不是 BAOTONG_SERVER__LISTEN?"),
        ("PUBLIC_ULR", "x", "环境变量 BAOTONG_PUBLIC_ULR 没有这一项,是不是 BAOTONG_PUBLIC_URL?"),
        ("SERVER__", "x", "环境变量 BAOTONG_SERVER__ "),
        ("FEEDS__ENTRIES", "many", "环境变量 BAOTONG_FEEDS__ENTRIES feeds.entries: 要写整数"),
        ("FEEDS__ENTRIES", "true", "环境变量 BAOTONG_FEEDS__ENTRIES feeds.entries: 要写整数"),
        ("SERVER", "x", "环境变量 BAOTONG_SERVER:1:1 server: 要写成 键: 值"),
        ("LANGUAGE__X", "x", "环境变量 BAOTONG_LANGUAGE__X language: 只能是"),
        ("DELIVER", "[{to: 'console:x', source: '*', mdoe: x}]", "环境变量 BAOTONG_DELIVER:1:33 deliver[0].mdoe: 没有这个键,是不是 mode?"),
        ("DELIVER", "[{to: a, to: b}]", "环境变量 BAOTONG_DELIVER:1:10 deliver[0].to: 和第 1 行重复"),
        ("DELIVER", "[{", "环境变量 BAOTONG_DELIVER:1:3 "),
        ("SOURCES__1__URL", "http://b.test/", "环境变量 BAOTONG_SOURCES__1__URL sources[1].kind: 必须写上"),
        ("SOURCES__2__URL", "x", "环境变量 BAOTONG_SOURCES__2__URL 这里要写第几个,从 0 到 1"),
        ("SOURCES__HUAIAN__URL", "x", "环境变量 BAOTONG_SOURCES__HUAIAN__URL 这里要写第几个,从 0 到 1"),
        ("SOURCES__0__URL", "x", "环境变量 BAOTONG_SOURCES__0__URL sources[0].url: 要写完整的网址"),
        ("CHANNELS__TELEGRAM__RATE", "5", "环境变量 BAOTONG_CHANNELS__TELEGRAM__RATE channels.telegram.token: 必须写上"),
        ("OPERATORS", "telegram:1", "环境变量 BAOTONG_OPERATORS operators[0]: channels 里没有这个渠道"),
        ("TIMEZONE", "\udcff", "环境变量 BAOTONG_TIMEZONE timezone: 没有这个时区"),
        ("FETCH", "\udcff", "环境变量 BAOTONG_FETCH:1:1 "),
    ],
)  # fmt: skip
def test_a_fault_of_the_environment_names_the_variable(
    operator: Operator, name: str, value: str, line: int
) -> None:
    told = operator.told(ONE_PAPER, {f"BAOTONG_{name}": value})

    assert any(one.startswith(line) for one in told), told
    assert all(one.startswith(f"环境变量 BAOTONG_{name}") for one in told), told


def test_what_replaced_a_list_is_blamed_and_not_the_line_that_it_replaced(
    operator: Operator,
) -> None:
    told = operator.told(
        ONE_PAPER, {"BAOTONG_SOURCES": "[{id: b, kind: yunbao, title: B, url: x}]"}
    )

    assert [line.partition(" sources")[0] for line in told] == ["环境变量 BAOTONG_SOURCES:1:34"]


def test_variables_of_other_programs_are_let_alone(operator: Operator) -> None:
    environ = {
        **KUBERNETES,
        "BAOTONG_HOME": "x",
        "BAOTONG": "x",
        "BAOTONG_": "x",
        "OTHER": "x",
        "BAOTONG_SERV\udcff": "x",
    }

    assert operator.settings(ONE_PAPER, environ) == operator.settings(ONE_PAPER)


# ── ${NAME} ─────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("value", ["123:ABC", "123:ABC\n", "123:ABC\r\n"])
def test_case_144_a_variable_is_read_without_its_last_line_break(
    operator: Operator, value: str
) -> None:
    settings = operator.settings(TELEGRAM, {"TOKEN": value})

    assert settings.channels.telegram.token.get_secret_value() == "123:ABC"


@pytest.mark.parametrize(
    ("environ", "words"),
    [
        ({}, "环境变量 TOKEN 没有设置 (TOKEN is not set)"),
        ({"TOKEN": ""}, "环境变量 TOKEN 是空的 (TOKEN is empty)"),
        ({"TOKEN": "\n"}, "环境变量 TOKEN 是空的 (TOKEN is empty)"),
        ({"TOKEN": "a\nb"}, "环境变量 TOKEN 里有换行 (TOKEN holds a line break)"),
        ({"TOKEN": "a\n\n"}, "环境变量 TOKEN 里有换行 (TOKEN holds a line break)"),
        ({"TOKEN": "a\rb"}, "环境变量 TOKEN 里有换行 (TOKEN holds a line break)"),
    ],
)
def test_case_144_a_variable_that_cannot_be_used_is_named(
    operator: Operator, environ: dict[str, str], words: str
) -> None:
    assert operator.told(TELEGRAM, environ) == [
        f"baotong.yaml:3:5 channels.telegram.token: {words}"
    ]


def test_case_144_a_missing_variable_is_the_only_fault_of_its_key(operator: Operator) -> None:
    told = operator.told(ONE_PAPER.replace("https://paper.example.com/", "${URL}"))

    assert told == ["baotong.yaml:5:5 sources[0].url: 环境变量 URL 没有设置 (URL is not set)"]


def test_variables_may_stand_anywhere_in_a_text_and_several_times(operator: Operator) -> None:
    text = "database: postgresql://${USER_}:${PW}@db/${USER_}\n"

    assert (
        operator.settings(text, {"USER_": "u", "PW": "p"}).database_url == "postgresql://u:p@db/u"
    )


def test_a_variable_is_not_looked_into_again(operator: Operator) -> None:
    settings = operator.settings(TELEGRAM, {"TOKEN": "${OTHER}", "OTHER": "x"})

    assert settings.channels.telegram.token.get_secret_value() == "${OTHER}"


def test_a_variable_may_be_a_number_where_one_is_wanted(operator: Operator) -> None:
    text = "feeds: {entries: '${N}'}\nfetch: {contact: '${N}'}\n"
    settings = operator.settings(text, {"N": "80"})

    assert (settings.feeds.entries, settings.fetch.contact) == (80, "80")


@pytest.mark.parametrize(
    "written", ["${TOKEN:-x}", "${TO KEN}", "${}", "${TOKEN", "${1A}", "${令牌}", "x${a-b}y"]
)
def test_only_plain_names_are_understood(operator: Operator, written: str) -> None:
    told = operator.told(f"channels:\n  telegram:\n    token: '{written}'\n", {"TOKEN": "x"})

    assert told == [
        "baotong.yaml:3:5 channels.telegram.token: 只认 ${NAME},名字用字母、数字和 _ (only ${NAME} is understood)"
    ]


def test_a_variable_in_a_key_is_no_variable(operator: Operator) -> None:
    (problem,) = operator.problems("${KEY}: en", {"KEY": "language"})

    assert problem.message.startswith("没有这个键")


def test_settings_from_the_environment_alone_need_only_an_almost_empty_file(
    operator: Operator,
) -> None:
    environ = {"BAOTONG_SOURCES": "[{id: a, kind: yunbao, title: A, url: 'http://a.test/'}]"}
    settings = operator.settings("language: en", environ)

    assert isinstance(settings, Settings)
    assert settings.source("a") is not None
