"""Where secrets come from, and that they stay where they are: facts/bad-input.md 145, 146, 197, 200."""

import io
import logging
import os
import pickle
import traceback

import pytest
import structlog
from pydantic import ValidationError

from bot.logs import configure_logging
from config.load import ConfigError, load
from config.models import Settings
from tests.fakes.operator import ONE_PAPER, Operator

CANARY = "7261534:CanaryAAF-tok_en"
FILE = "channels:\n  telegram:\n    token_file: secrets/telegram\n"


def secret_file(operator: Operator, data: bytes) -> None:
    path = operator.folder / "secrets" / "telegram"
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(data)


@pytest.mark.parametrize("end", ["", "\n", "\r\n"])
@pytest.mark.parametrize("begin", ["", "\ufeff"])
def test_a_secret_file_is_read_beside_the_configuration_without_its_end(
    operator: Operator, begin: str, end: str
) -> None:
    secret_file(operator, f"{begin}{CANARY}{end}".encode())

    settings = operator.settings(FILE)

    assert settings.channels.telegram.token.get_secret_value() == CANARY


def test_a_secret_file_may_stand_anywhere(
    operator: Operator, tmp_path_factory: pytest.TempPathFactory
) -> None:
    path = tmp_path_factory.mktemp("run") / "telegram"
    path.write_text(CANARY)

    for text, environ in (
        (FILE.replace("secrets/telegram", str(path)), {}),
        (FILE.replace("secrets/telegram", "${WHERE}"), {"WHERE": str(path)}),
        ("language: en", {"BAOTONG_CHANNELS__TELEGRAM__TOKEN_FILE": str(path)}),
    ):
        settings = operator.settings(text, environ)
        assert settings.channels.telegram.token.get_secret_value() == CANARY


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (None, "这个文件不存在 (does not exist)"),
        (b"", "这个文件是空的 (the file is empty)"),
        (b"\n", "这个文件是空的 (the file is empty)"),
        (b"  \n", "这个文件是空的 (the file is empty)"),
        (b"a\nb\n", "这个文件只该有一行密钥 (the file must hold one line only)"),
        (b"a\n\n", "这个文件只该有一行密钥 (the file must hold one line only)"),
        (b"a\rb", "这个文件只该有一行密钥 (the file must hold one line only)"),
        (b"x" * (1 << 20), "这个文件只该有一行密钥 (the file must hold one line only)"),
        (b"\xff\xfe\x00", "这个文件里不是文字 (the file holds no text)"),
        (b" abc", "要写成一行文字,前后没有空格 (one line of text without spaces around it)"),
        (b"a\0b", "要写成一行文字,前后没有空格 (one line of text without spaces around it)"),
    ],
)
def test_case_145_a_secret_file_that_holds_no_secret_is_told_at_its_key(
    operator: Operator, data: bytes | None, words: str
) -> None:
    if data is not None:
        secret_file(operator, data)

    (line,) = operator.told(FILE)

    key = "token" if "空格" in words else "token_file"
    assert line.endswith(f"channels.telegram.{key}: {words}")
    assert line.startswith("baotong.yaml:3:5 " if key == "token_file" else "baotong.yaml:2:3 ")


def test_case_145_a_directory_is_no_secret_file(operator: Operator) -> None:
    (operator.folder / "secrets" / "telegram").mkdir(parents=True)

    assert operator.told(FILE) == [
        "baotong.yaml:3:5 channels.telegram.token_file: 这个文件是一个目录 (is a directory)"
    ]


@pytest.mark.parametrize("written", ["5", "[a]", '"a\\0b"', "''"])
def test_case_145_a_path_that_is_none_is_told_once(operator: Operator, written: str) -> None:
    (problem,) = operator.problems(FILE.replace("secrets/telegram", written))

    assert problem.key == "channels.telegram.token_file"


def test_case_145_a_file_that_may_not_be_read_says_so(operator: Operator) -> None:
    if os.name == "nt" or os.geteuid() == 0:
        pytest.skip("this user may read everything")
    secret_file(operator, b"x")
    (operator.folder / "secrets" / "telegram").chmod(0)

    (problem,) = operator.problems(FILE)

    assert problem.message == "这个文件没有权限 (permission denied)"


def test_a_token_and_a_token_file_are_one_too_many(operator: Operator) -> None:
    secret_file(operator, b"x")

    told = operator.told(f"{FILE}    token: y\n")

    assert told == [
        "baotong.yaml:3:5 channels.telegram.token_file: token 和 token_file 只能写一个 (not both)"
    ]


def test_a_token_of_the_environment_and_a_token_file_are_one_too_many(operator: Operator) -> None:
    secret_file(operator, b"x")
    environ = {"BAOTONG_CHANNELS__TELEGRAM__TOKEN": "y"}

    assert len(operator.problems(FILE, environ)) == 1
    assert (
        operator.settings(
            FILE, {**environ, "BAOTONG_CHANNELS__TELEGRAM__TOKEN_FILE": ""}
        ).channels.telegram.token.get_secret_value()
        == "y"
    )


# ── canaries ────────────────────────────────────────────────────────────────────────────────────

# Every way by which a secret comes in, right or wrong: text, environment. Each file is faulty.
WAYS = [
    pytest.param(f"a: 1\nchannels: {{telegram: {{token: '{CANARY}'}}}}", {}, id="in the file"),
    pytest.param("a: 1\nchannels: {telegram: {token: '${T}'}}", {"T": CANARY}, id="by ${}"),
    pytest.param("a: 1", {"BAOTONG_CHANNELS__TELEGRAM__TOKEN": CANARY}, id="by the environment"),
    pytest.param("a: 1", {"BAOTONG_CHANNELS": f"{{telegram: {{token: '{CANARY}', x: 1}}}}"}, id="in YAML of the environment"),
    pytest.param("a: 1", {"BAOTONG_CHANNELS": f"{{telegram: {{token: '{CANARY}'"}, id="in broken YAML of the environment"),
    pytest.param(f"channels: {{telegram: {{rate: 1, token: ['{CANARY}']}}}}", {}, id="of a wrong shape"),
    pytest.param(f"channels: {{telegram: {{token: ' {CANARY}'}}}}", {}, id="with a space"),
    pytest.param(f"channels: {{telegram: {{token: '{CANARY}\u200b'}}}}", {}, id="with an unseen character"),
    pytest.param("channels: {telegram: {token: '${T}'}}", {"T": f"{CANARY}\nx"}, id="with a line break"),
    pytest.param(f"channels: {{telegram: {{tokn: '{CANARY}'}}}}", {}, id="under a wrong key"),
    pytest.param(f"channels: {{telegram: '{CANARY}'}}", {}, id="a level too high"),
    pytest.param(f"channels: {{telegram: {{token:{CANARY}}}}}", {}, id="without a space"),
    pytest.param(f"channels: {{telegram: {{token：{CANARY}}}}}", {}, id="with a full-width colon"),
    pytest.param(f"channels:\n  telegram:\n    token:{CANARY}\n    rate: 1\n", {}, id="without a space, in lines"),
    pytest.param(f"channels:\n  telegram:\n    token：{CANARY}\n    rate: 1\n", {}, id="with a full-width colon, in lines"),
    pytest.param(f"channels: {{telegram: {{token: {{{CANARY}}}}}}}", {}, id="in braces"),
    pytest.param(f"channels: {{telegram: {{token: !{CANARY}}}}}", {}, id="as a tag"),
    pytest.param(f"channels: {{telegram: {{token: *{CANARY}}}}}", {}, id="as an alias"),
    pytest.param(f"channels: {{telegram: {{token: @{CANARY}}}}}", {}, id="after @"),
    pytest.param(f'channels: {{telegram: {{token: "\\q{CANARY}"}}}}', {}, id="after a bad escape"),
    pytest.param(f'channels: {{telegram: {{token: "{CANARY}', {}, id="in an open quote"),
    pytest.param(f"channels: {{telegram: {{token: x, token_file: '{CANARY}'}}}}", {}, id="for a path, and a token"),
    pytest.param(f"channels: {{telegram: {{token_file: '{CANARY}'}}}}", {}, id="for a path"),
    pytest.param(f"channels: {{telegram: {{token: x, proxy: 'socks5://u:{CANARY}@h'}}}}", {}, id="in a proxy without a port"),
    pytest.param(f"channels: {{telegram: {{token: x, proxy: 'http://u:{CANARY}\u2100@h:1'}}}}", {}, id="in a proxy that urllib quotes"),
    pytest.param(f"channels: {{telegram: {{token: x, proxy: 'http://h:{CANARY}'}}}}", {}, id="for a port"),
    pytest.param(f"channels: {{telegram: {{token: x, api_url: 'http://a:{CANARY}@h/'}}}}", {}, id="in the address of the API"),
    pytest.param(f"database: mysql://u:{CANARY}@h/b", {}, id="in another database's URL"),
    pytest.param(f"database: 'postgresql://u:{CANARY}[@h/b'", {}, id="in a broken database URL"),
    pytest.param(f"database: postgresql://h:{CANARY}/b", {}, id="for the database's port"),
    pytest.param(f"database: 'postgresql://u:{CANARY}@h/b'\na: 1", {}, id="in a good database URL"),
    pytest.param(ONE_PAPER.replace("https://", f"https://u:{CANARY}@"), {}, id="in a paper's URL"),
    pytest.param(ONE_PAPER.replace("https://", f"https://x:{CANARY}"), {}, id="for the port of a paper's URL"),
    pytest.param(f"{ONE_PAPER}    headers: {{Cookie: [{CANARY}]}}", {}, id="in a header of a wrong shape"),
    pytest.param(f'{ONE_PAPER}    headers: {{Cookie: "{CANARY}\\n"}}', {}, id="in a broken header"),
    pytest.param(f"{ONE_PAPER}    headers: {{'Cookie:{CANARY}': x}}", {}, id="in a header's name"),
    pytest.param(f"{ONE_PAPER}    selectors: {{title: '[{CANARY}'}}\n    data: {{title: '{CANARY}'}}", {}, id="for a rule"),
    pytest.param(ONE_PAPER.replace("huaian", CANARY), {}, id="for an id"),
    pytest.param(ONE_PAPER.replace("yunbao", CANARY), {}, id="for a kind"),
    pytest.param(f"{ONE_PAPER}deliver: [{{to: '{CANARY}', source: '{CANARY}', at: '{CANARY}', quiet: '{CANARY}', mode: '{CANARY}'}}]", {}, id="in a row"),
    pytest.param(f"language: '{CANARY}'\ntimezone: '{CANARY}'\nserver: {{listen: '{CANARY}'}}\noperators: ['{CANARY}']", {}, id="anywhere"),
    pytest.param(f"{CANARY}: 1\n{CANARY}: 2\n", {}, id="as a key, twice"),
    pytest.param(f"- {CANARY}", {}, id="in a list"),
    pytest.param(CANARY, {}, id="alone"),
    pytest.param(f"channels: {{telegram: {{token: &{CANARY} x, token: *y}}}}", {}, id="as an anchor"),
    pytest.param(f"%TAG !e! {CANARY}\n%TAG !e! x\n---\na: 1", {}, id="in a directive"),
]  # fmt: skip


def assert_hidden(text: str) -> None:
    """Neither the whole canary nor the part behind its colon, which is what is secret of a token."""
    assert CANARY not in text
    assert CANARY.partition(":")[2] not in text
    assert "CanaryAAF" not in text


@pytest.mark.parametrize(("text", "environ"), WAYS)
def test_case_146_and_197_no_error_holds_a_secret(
    operator: Operator, text: str, environ: dict[str, str]
) -> None:
    with pytest.raises(ConfigError) as caught:
        operator.settings(text, environ)

    assert_hidden(str(caught.value))
    assert_hidden(repr(caught.value.problems))
    assert_hidden("".join(traceback.format_exception(caught.value)))


def full(operator: Operator) -> Settings:
    """Settings with a secret in every place that may hold one."""
    secret_file(operator, CANARY.encode())
    return operator.settings(
        f"database: postgresql://u:db{CANARY}@h/b\n{FILE}    proxy: socks5://u:px{CANARY}@h:1\n"
        + ONE_PAPER.replace(".com/", f".com/?token=url{CANARY}&page=7")
        + f"    headers: {{Cookie: ck{CANARY}, X-Api-Key: ky{CANARY}, Accept: text/html}}\n"
    )


def test_case_197_no_repr_of_settings_holds_a_secret(operator: Operator) -> None:
    settings = full(operator)

    for text in (
        repr(settings),
        str(settings),
        f"{settings!r:}",
        str(settings.channels),
        repr(settings.sources),
        repr(vars(settings)),
    ):
        assert_hidden(text)
    assert settings == pickle.loads(pickle.dumps(settings))


def test_case_146_no_error_of_the_models_themselves_holds_a_secret() -> None:
    with pytest.raises(ValidationError) as caught:
        Settings.model_validate(
            {
                "channels": {"telegram": {"token": CANARY, "rate": "x", "extra": CANARY}},
                "database": CANARY,
            }
        )

    assert_hidden(str(caught.value))
    assert_hidden("".join(traceback.format_exception(caught.value)))


def test_case_197_and_200_no_log_holds_a_secret(operator: Operator) -> None:
    settings, stream = full(operator), io.StringIO()
    held = [
        settings.database_url,
        settings.channels.telegram.token.get_secret_value(),
        settings.channels.telegram.proxy.get_secret_value(),
        settings.sources[0].url,
        *settings.sources[0].headers.values(),
    ]
    root = logging.getLogger()
    before = root.handlers[:], root.level
    try:
        configure_logging(settings.secrets(), stream)
        log = structlog.get_logger("canary")
        for secret in held:
            log.info("event", url=f"https://x/bot{secret}/send", nested={"a": [secret]})
            logging.getLogger("library").warning("at %s", secret)
            error = ValueError(secret)
            log.error("failed", exc_info=error)
            logging.getLogger("library").error("failed", exc_info=error)
        log.info(
            "password", alone=f"db{CANARY}", other=f"px{CANARY}", quoted=CANARY.replace(":", "%3A")
        )
    finally:
        root.handlers[:], root.level = before
        structlog.reset_defaults()

    assert_hidden(stream.getvalue())
    assert "text/html" in stream.getvalue()
    assert "page=7" in stream.getvalue()


def test_what_is_no_secret_is_not_blotted_out(operator: Operator) -> None:
    settings = operator.settings(
        ONE_PAPER
        + "    headers: {Accept: text/html, Cookie: abc}\nfeeds: {id_authority: example.com}\n"
    )

    assert settings.secrets() == ()


def test_the_whole_goes_before_its_parts(operator: Operator) -> None:
    secrets = full(operator).secrets()

    assert list(secrets) == sorted(secrets, key=len, reverse=True)
    assert f"db{CANARY}" in secrets
    assert f"px{CANARY}" in secrets


def test_a_password_is_hidden_as_it_is_and_as_it_is_written(operator: Operator) -> None:
    secrets = operator.settings("database: postgresql://u:p%40ss%3Aword@h/b").secrets()

    assert {"p%40ss%3Aword", "p@ss:word"} <= set(secrets)


# ── who sends nothing ───────────────────────────────────────────────────────────────────────────

ELSEWHERE = """\
channels:
  telegram:
    token: ${TELEGRAM_TOKEN}
    proxy: ${PROXY}
    webhook: {url: https://bot.example.com/, secret: "${SECRET}"}
  wecom: {desk: {key_file: /run/secrets/wecom, secret: "${SECRET}"}}
  apprise: {team: {url: "json://${HOST}/"}}
deliver: [{to: telegram:1, source: huaian}, {to: wecom:desk, source: huaian}]
"""


def test_who_sends_nothing_needs_no_secret_of_a_channel(operator: Operator) -> None:
    operator.file.write_text(ONE_PAPER + ELSEWHERE, encoding="utf-8")
    read = load(operator.file, {}, sends=False)
    assert [row.to for row in read.deliver] == ["telegram:1", "wecom:desk"]
    assert len(operator.problems(ONE_PAPER + ELSEWHERE)) == 6


def test_who_sends_nothing_reads_no_secret_of_a_channel_that_is_there(operator: Operator) -> None:
    secret_file(operator, CANARY.encode())
    text = f"{FILE}  wecom: {{desk: {{key: '${{KEY}}'}}}}\n"
    operator.file.write_text(text, encoding="utf-8")
    read = load(operator.file, {"KEY": CANARY}, sends=False)
    assert not any("Canary" in secret for secret in read.secrets())


@pytest.mark.parametrize(
    "written",
    [
        "channels: {telegram: {token: '${TELEGRAM_TOKEN}', tokn_file: x}}",
        "channels: {telegram: {token: '${TELEGRAM_TOKEN}', token_file: x}}",
        "channels: {telegram: {token: '${TELEGRAM_TOKEN}', rate: fast}}",
        "channels: {telegram: {token_file: 5}}",
        "channels: {telegram: {token: ' x'}}",
        "channels: {telegram: {}}",
        "channels: {telegram: {token: '${TELEGRAM_TOKEN}'}}\ndatabase: 'postgresql://u:${PASS}@h/b'",
    ],
)
def test_what_is_written_wrongly_is_told_to_who_sends_nothing_too(
    operator: Operator, written: str
) -> None:
    operator.file.write_text(written, encoding="utf-8")
    with pytest.raises(ConfigError):
        load(operator.file, {}, sends=False)
