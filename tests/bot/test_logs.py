"""A failure is told in a line that an operator can act on, whatever the traceback says: once, without
secrets, and steering nobody's terminal.
"""

import errno
import html
import io
import json
import logging
import os
import re
import sqlite3
import subprocess
import sys
import threading
from base64 import b64encode
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path
from time import tzset
from urllib.parse import quote, quote_plus

import pytest
import structlog
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.logs import FULL
from bot.logs.redaction import build_known, redactor, without_patterns
from bot.logs.repeats import MOST_KEYS
from tests.fakes.log import Screen, logged_to, ours


def _event(words: str) -> str:
    return f"event {words}"


def fail(error: BaseException, cause: BaseException | None = None) -> None:
    raise error from cause


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    with logged_to(io.StringIO()) as stream:
        yield stream


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_case_151_a_full_disk_is_called_by_its_name(stream: io.StringIO, error: Exception) -> None:
    try:
        fail(error)
    except Exception:
        structlog.get_logger("full").exception("look broke", source="huaian")
        logging.getLogger("library").exception("broke")
    for line in stream.getvalue().splitlines():
        assert json.loads(line)["reason"].startswith(FULL)


def test_any_other_failure_is_told_in_one_line(stream: io.StringIO) -> None:
    structlog.get_logger("other").error("broke", exc_info=ValueError("one\ntwo"))
    structlog.get_logger("other").error("broke", reason="ours", exc_info=ValueError("theirs"))
    first, second = map(json.loads, stream.getvalue().splitlines())
    assert (first["reason"], second["reason"]) == ("ValueError: one", "ours")
    assert "two" in first["exception"]


def test_what_did_not_fail_has_no_reason(stream: io.StringIO) -> None:
    structlog.get_logger("calm").info("issue complete")
    assert "reason" not in json.loads(stream.getvalue())


def test_other_tests_capture_what_is_logged_after_these(stream: io.StringIO) -> None:
    """tests/conftest.py sees to it: which test comes after which is chance."""
    log = structlog.get_logger("somebody")
    log.info("before")
    assert "before" in stream.getvalue()
    structlog.reset_defaults()  # as at the end of each of these tests
    with capture_logs() as lines:
        log.info("after")
    assert [line["event"] for line in lines] == ["after"]


# ── secrets ─────────────────────────────────────────────────────────────────────────────────────

TOKEN = 'p"q\\r/s 密?t&u=v'
WAYS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "percent-encoded": lambda secret: quote(secret, safe=""),
    "percent-encoded in small letters": lambda secret: quote(secret, safe="").lower(),
    "percent-encoded as a path": quote,
    "percent-encoded as a form": quote_plus,
    "percent-encoded twice": lambda secret: quote(quote(secret, safe=""), safe=""),
    "every character percent-encoded": lambda s: "".join(f"%{b:02X}" for b in s.encode()),
    "in JSON": json.dumps,
    "in JSON as UTF-8": lambda secret: json.dumps(secret, ensure_ascii=False),
    "in JSON in JSON": lambda secret: json.dumps(json.dumps(secret)),
    "in a Python literal": repr,
    "in bytes": lambda secret: repr(secret.encode("unicode_escape")),
    "in HTML": html.escape,
}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("kind", [io.StringIO, Screen])
def test_case_197_a_known_secret_is_blotted_out_however_it_is_written(
    kind: type[io.StringIO], way: str
) -> None:
    said = WAYS[way](TOKEN)
    with logged_to(kind(), TOKEN) as stream:
        log = structlog.get_logger("secretive")
        log.error(_event(said), field=said, nested=[{"x": said, said: 1}], raw=said.encode())
        log.error("as a name", **{said: 1})
        logging.getLogger("library").error("GET %s", said)
        for report in (log.exception, logging.getLogger("other").exception):
            try:
                fail(ValueError(f"inner {said}"), KeyError(said))
            except ValueError:
                report("broke")
    text = stream.getvalue()
    assert "***" in text
    for piece in (TOKEN, said, said.strip("'\""), json.dumps(said)[1:-1], repr(said)[1:-1]):
        assert piece not in text


@given(st.text(st.characters(codec="utf-8"), min_size=4, max_size=40), st.data())
def test_case_197_any_secret_is_found_in_a_mixture_of_writings(
    secret: str, data: st.DataObject
) -> None:
    ways = [str, lambda c: quote(c, safe=""), lambda c: json.dumps(c)[1:-1]]
    said = "".join(data.draw(st.sampled_from(ways))(char) for char in secret)
    assert build_known([secret])(said) == "***"


def test_the_half_of_a_bots_token_that_is_secret_is_blotted_out_alone_too() -> None:
    assert build_known(["123456:AAbbCCddEEffGGhh"])("x AAbbCCddEEffGGhh") == "x ***"


def test_another_configuration_hides_other_secrets_in_loggers_that_are_bound_already() -> None:
    with logged_to(io.StringIO(), "first-secret"):
        log = structlog.get_logger("bound")
        log.info("first-secret")
        with logged_to(io.StringIO(), "second-secret") as stream:
            log.info("second-secret")
    assert "second-secret" not in stream.getvalue()


SECRETIVE = {
    "a parameter": ("https://x.cn/a?id=7&token=HIDDEN#top", "https://x.cn/a?id=7&token=***#top"),
    "a key": ("https://x.cn/send?key=HIDDEN", "https://x.cn/send?key=***"),
    "a longer name": ("https://x.cn/?x-amz-signature=HIDDEN&n=1", "https://x.cn/?x-amz-signature=***&n=1"),
    "several": ("?access_token=HIDDEN&sign=HIDDEN&timestamp=1", "?access_token=***&sign=***&timestamp=1"),
    "one URL in another": (
        "https://x.cn/?to=https%3A%2F%2Fy.cn%3Ftoken%3DHIDDEN%26n%3D1",
        "https://x.cn/?to=https%3A%2F%2Fy.cn%3Ftoken%3D***%26n%3D1",
    ),
    "basic auth": ("http://user:HIDDEN@x.cn/a", "http://***@x.cn/a"),
    "basic auth, encoded": ("http%3A%2F%2Fuser%3AHIDDEN%40x.cn%2Fa", "http%3A%2F%2F***@x.cn%2Fa"),
    "a proxy": ("socks5://me:HID%40DEN@127.0.0.1:1080", "socks5://***@127.0.0.1:1080"),
    "a cookie": ("Cookie: a=HIDDEN; b=HIDDEN", "Cookie: ***"),
    "headers": ("{'Cookie': 'a=HIDDEN; b=HIDDEN', 'Host': 'x.cn'}", "{'Cookie': '***', 'Host': 'x.cn'}"),
    "headers in JSON": ('{"set-cookie": "a=HIDDEN"}', '{"set-cookie": "***"}'),
    "pairs": ("(b'authorization', b'Basic SElEREVO')", "(b'authorization', b'***')"),
    "an authorization": ("Authorization: Bearer HIDDEN.x-y", "Authorization: ***"),
    "a bearer": ("sent Bearer HIDDENHIDDEN to", "sent Bearer *** to"),
    "Telegram's path": (
        "https://api.telegram.org/bot123456:" + "HIDDEN" * 6 + "/getMe",
        "https://api.telegram.org/bot***/getMe",
    ),
    "飞书's path": (
        "https://open.feishu.cn/open-apis/bot/v2/hook/HIDDEN-1234-5678-90ab",
        "https://open.feishu.cn/open-apis/bot/v2/hook/***",
    ),
    "a pair in a text": ("refused (api_key=HIDDEN)", "refused (api_key=***"),
}  # fmt: skip
HARMLESS = [
    "https://x.cn/2024-04/08/content_1.htm?div=-1&id=231&keyword=春耕",
    "编辑@新华社 https://x.cn/@paper/1 a@b.cn",
    "阅读数:231 key: 0408-1, token refused: 401",
    "time 12:30:00 host 127.0.0.1:8080 ratio 16:9",
    "basic information about cookies",
]


@pytest.mark.parametrize("name", SECRETIVE)
def test_case_200_what_looks_like_a_secret_is_blotted_out_and_nothing_else(name: str) -> None:
    said, shown = SECRETIVE[name]
    assert without_patterns(said) == shown
    assert without_patterns(shown).count("***") == shown.count("***"), "twice is as good as once"


@pytest.mark.parametrize("text", HARMLESS)
def test_what_is_no_secret_stays(text: str) -> None:
    assert redactor([])(text) == text


def test_case_200_no_library_and_no_field_shows_a_secret(stream: io.StringIO) -> None:
    url = "https://me:HIDDEN@x.cn/a?token=HIDDEN"
    headers = {"Cookie": "a=HIDDEN", "X-Api-Key": "HIDDEN", "Accept": "*/*"}
    structlog.get_logger("ours").error("look failed", url=url, headers=headers, password="HIDDEN")
    logging.getLogger("library").warning("GET %s with %s", url, headers)
    try:
        fail(OSError(f"cannot connect to {url}"))
    except OSError:
        structlog.get_logger("ours").exception("broke")
    assert "HIDDEN" not in stream.getvalue()
    assert "*/*" in stream.getvalue()
    assert b64encode(b"HIDDEN").decode() not in stream.getvalue()


def test_a_text_of_any_length_costs_time_in_proportion() -> None:
    """Backtracking would not end."""
    for text in (
        "a" * 200_000,
        "%25" * 60_000,
        "\\" * 100_000,
        "cookie:" * 30_000,
        "://a" * 50_000,
    ):
        redactor(["some-secret"])(text)


# ── controls ────────────────────────────────────────────────────────────────────────────────────

EVIL = "x\x1b[2J\x9b31m\r\n2026-01-01 [error    ] forged\x07\u202e\u2066\u2028y\x7f\ud800"
CONTROLS = re.compile(
    "[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
STYLES = re.compile(r"\x1b\[\d{1,2}m")


@pytest.mark.parametrize("kind", [io.StringIO, Screen])
def test_nothing_that_others_wrote_steers_a_terminal_or_forges_a_line(
    kind: type[io.StringIO],
) -> None:
    with logged_to(kind()) as stream:
        log = structlog.get_logger("evil")
        log.error(
            _event(EVIL), title=EVIL, nested=[{EVIL: EVIL}], raw=EVIL.encode("utf-8", "replace")
        )
        logging.getLogger("library").error("title %s", EVIL)
        try:
            fail(ValueError(EVIL), KeyError(EVIL))
        except ValueError as error:
            error.add_note(EVIL)
            log.exception("broke")
            logging.getLogger("library").exception("broke")
    text = STYLES.sub("", stream.getvalue())
    assert CONTROLS.search(text) is None
    assert not [line for line in text.split("\n") if line.startswith("2026-01-01")]
    begun = [line for line in text.split("\n") if line and not line.startswith("  ")]
    assert len(begun) == 4, "a line an event, and what belongs to it set in"
    text.encode("utf-8")


def test_json_means_the_same_as_before(stream: io.StringIO) -> None:
    fit = EVIL.replace("\ud800", "")
    structlog.get_logger("evil").info("look", title=EVIL)
    assert json.loads(stream.getvalue())["title"].replace("\ud800", "") == fit


def test_a_group_of_errors_is_shown_whole() -> None:
    with logged_to(Screen()) as stream:
        try:
            fail(ExceptionGroup("two", [ValueError("one\nforged"), OSError("other")]))
        except ExceptionGroup:
            structlog.get_logger("group").exception("broke")
    assert re.search(r"ValueError: one\\n[ |]*forged\n", stream.getvalue())
    assert "OSError: other" in stream.getvalue()


def test_an_error_that_cannot_say_what_it_is_ends_nothing(stream: io.StringIO) -> None:
    class Mute(Exception):
        def __str__(self) -> str:
            raise RuntimeError("mute")

    structlog.get_logger("mute").error("broke", exc_info=Mute())
    assert json.loads(stream.getvalue())["reason"] == "Mute"


# ── repeats ─────────────────────────────────────────────────────────────────────────────────────


class Hand:
    """Time, moved by hand."""

    def __init__(self) -> None:
        self.at = 0.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def time(stream: io.StringIO) -> Hand:
    """Of the handler that writes to `stream`."""
    handler = ours()
    handler._now = Hand()
    return handler._now


def lines(stream: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in stream.getvalue().splitlines()]


def test_case_199_a_hundred_thousand_equal_errors_are_two_lines_and_one_is_kept(
    stream: io.StringIO, time: Hand
) -> None:
    log = structlog.get_logger("many")
    ours()
    for number in range(100_000):
        log.error("not delivered", to=f"telegram:{number}", reason="HTTP 502")
    assert len(lines(stream)) == 1
    [known] = ours()._known.values()
    assert known.last is not None, "of all that were counted the last is kept"
    ours().close()
    [first, counted] = lines(stream)
    assert (first["to"], "repeated" in first) == ("telegram:0", False)
    assert counted["repeated"] == 99_999


def test_case_199_what_goes_on_for_a_week_is_told_at_growing_intervals(
    stream: io.StringIO, time: Hand
) -> None:
    log = structlog.get_logger("dead")
    ours()
    for minute in range(7 * 24 * 60):
        time.at = minute * 60.0
        try:
            fail(OSError("connection refused"))
        except OSError:
            log.exception("service failed and will start again", service="watch")
    said = lines(stream)
    assert len(said) < 45
    assert 1 + sum(int(str(line.get("repeated", 0))) for line in said) > 6 * 24 * 60
    assert ["exception" in line for line in said].count(True) == 1, "the traceback once"


def test_errors_that_differ_are_told_apart(stream: io.StringIO, time: Hand) -> None:
    log = structlog.get_logger("several")
    for about in (
        {"source": "huaian"},
        {"source": "chuzhou"},
        {"source": "huaian", "reason": "404"},
    ):
        log.warning("look failed", **about)
        log.warning("look failed", **about)
    logging.getLogger("library").warning("odd %d", 1)
    logging.getLogger("library").warning("odd %d", 2)
    assert len(lines(stream)) == 4


def test_events_are_no_errors_and_are_all_told(stream: io.StringIO, time: Hand) -> None:
    for _ in range(3):
        structlog.get_logger("calm").info("owed", source="huaian")
    assert len(lines(stream)) == 3


def test_what_was_not_seen_for_long_is_news_again(stream: io.StringIO, time: Hand) -> None:
    log = structlog.get_logger("rare")
    for hour in (0, 7, 14):
        time.at = hour * 3600.0
        log.error("broke", reason="x")
    assert ["repeated" in line for line in lines(stream)] == [False] * 3


def test_a_count_is_told_with_the_next_line_whatever_that_is(
    stream: io.StringIO, time: Hand
) -> None:
    log = structlog.get_logger("burst")
    for _ in range(5):
        log.error("broke", reason="x")
    time.at = 61.0
    log.info("issue complete")
    assert [(line["event"], line.get("repeated")) for line in lines(stream)] == [
        ("broke", None), ("broke", 4), ("issue complete", None),
    ]  # fmt: skip


def test_a_count_is_told_where_nothing_else_is_logged(stream: io.StringIO, time: Hand) -> None:
    log = structlog.get_logger("burst")
    for _ in range(5):
        log.error("broke", reason="x")
    handler = ours()
    assert handler._timer is not None
    assert handler._timer.daemon
    time.at = 60.0
    handler._ring()
    assert [line.get("repeated") for line in lines(stream)] == [None, 4]
    assert handler._timer is None


def test_case_199_as_many_kinds_as_there_may_be_are_bounded(
    stream: io.StringIO, time: Hand
) -> None:
    log = structlog.get_logger("kinds")
    handler = ours()
    for number in range(3 * MOST_KEYS):
        log.error("broke", reason=f"reason {number}")
        log.error("broke", reason=f"reason {number}")
    assert len(handler._known) == MOST_KEYS
    ours().close()
    said = [line.get("repeated") for line in lines(stream)]
    assert (said.count(None), said.count(1)) == (3 * MOST_KEYS, 3 * MOST_KEYS)


PROGRAM = """\
import sys, structlog
from bot.logs import configure_logging
configure_logging(["canary-secret"])
for _ in range(1000):
    structlog.get_logger("x").error("broke", reason="same")
if sys.argv[1:] == ["crash"]:
    raise SystemError("canary-secret\\x1b[2J")
"""


@pytest.mark.parametrize("how", ["", "crash"])
def test_case_199_the_last_count_is_told_at_exit_which_nothing_delays(
    tmp_path: Path, how: str
) -> None:
    (tmp_path / "program.py").write_text(PROGRAM, encoding="utf-8")
    ended = subprocess.run(
        [sys.executable, tmp_path / "program.py", *([how] if how else [])],
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        capture_output=True, timeout=50, check=False, text=True,
    )  # fmt: skip
    said = [json.loads(line) for line in ended.stderr.splitlines()]
    assert [line.get("repeated") for line in said if line["event"] == "broke"] == [None, 999]
    assert [line["event"] for line in said if line["event"] != "broke"] == (
        [how + "ed"] if how else []
    )
    assert "canary-secret" not in ended.stderr


def test_lines_of_many_threads_are_counted_once(stream: io.StringIO, time: Hand) -> None:
    log = structlog.get_logger("threads")
    threads = [
        threading.Thread(target=lambda: [log.error("broke", reason="x") for _ in range(100)])
        for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    ours().close()
    assert [line.get("repeated") for line in lines(stream)] == [None, 799]


@pytest.mark.skipif(sys.platform == "win32", reason="no zone of a process here")
def test_a_terminal_shows_the_time_of_its_clocks_and_json_that_of_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("TZ", "CST-8")  # as POSIX writes UTC+8
    tzset()
    try:
        with logged_to(Screen()) as screen:
            structlog.get_logger("clock").warning("shown")
        with logged_to(io.StringIO()) as stream:
            structlog.get_logger("clock").warning("shown")
    finally:
        monkeypatch.undo()
        tzset()
    shown = re.search(r"\d{4}-\d\d-\d\dT[\d:.]+\+08:00", screen.getvalue())
    assert shown, screen.getvalue()
    written = datetime.fromisoformat(json.loads(stream.getvalue())["timestamp"])
    assert written.utcoffset() == timedelta(0)
    assert abs(datetime.fromisoformat(shown[0]) - written) < timedelta(hours=1)
