"""A failure is told in a line that an operator can act on, whatever the traceback says."""

import errno
import io
import json
import logging
import sqlite3
from collections.abc import Iterator

import pytest
import structlog
from sqlalchemy.exc import OperationalError
from structlog.testing import capture_logs

from bot.logs import FULL, configure_logging


@pytest.fixture
def stream() -> Iterator[io.StringIO]:
    root = logging.getLogger()
    before = root.handlers[:], root.level
    stream = io.StringIO()
    configure_logging([], stream)
    yield stream
    root.handlers[:], root.level = before
    structlog.reset_defaults()


@pytest.mark.parametrize(
    "error",
    [
        OSError(errno.ENOSPC, "No space left on device"),
        OperationalError("INSERT", {}, sqlite3.OperationalError("database or disk is full")),
    ],
)
def test_case_151_a_full_disk_is_called_by_its_name(stream: io.StringIO, error: Exception) -> None:
    def fail() -> None:
        raise error

    try:
        fail()
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
