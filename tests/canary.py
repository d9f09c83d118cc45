"""Fails a test in which a secret came out: in what was printed, captured, sent, served, written or stored.

Imported by tests/conftest.py, so it holds for every test; a test need not know of it.
"""

import asyncio
import subprocess
from collections.abc import Generator, Iterator
from typing import Any

import pytest

from tests.fakes import canary


@pytest.fixture(scope="session", autouse=True)
def _output_is_watched() -> Iterator[None]:
    """Of commands in processes of their own, and what tests capture and read themselves."""
    with pytest.MonkeyPatch.context() as patch:
        communicate, aio_communicate = (
            subprocess.Popen.communicate,
            asyncio.subprocess.Process.communicate,
        )
        read = pytest.CaptureFixture.readouterr

        def finished(process: Any, *args: Any, **more: Any) -> Any:
            return _watched("a command's output", communicate(process, *args, **more))

        async def aio_finished(process: Any, *args: Any, **more: Any) -> Any:
            return _watched("a command's output", await aio_communicate(process, *args, **more))

        def captured(capture: Any) -> Any:
            return _watched("captured output", read(capture))

        patch.setattr(subprocess.Popen, "communicate", finished)
        patch.setattr(asyncio.subprocess.Process, "communicate", aio_finished)
        patch.setattr(pytest.CaptureFixture, "readouterr", captured)
        yield


def _watched(where: str, outputs: Any) -> Any:
    for output in outputs:
        if output:
            canary.watch(where, output)
    return outputs


@pytest.fixture(autouse=True)
def _no_secret_comes_out(request: pytest.FixtureRequest) -> Iterator[None]:
    """Set up before all else of the test and taken down after it: then everything is written."""
    canary.escaped.clear()
    folder = request.getfixturevalue("tmp_path") if "tmp_path" in request.fixturenames else None
    yield
    if folder is not None:
        canary.in_folder(folder)
    if canary.escaped:
        pytest.fail("a secret came out:\n" + "\n".join(canary.escaped), pytrace=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """What the test and the program in it wrote to stdout and stderr."""
    report = yield
    if report.passed and call.when == "call":
        for stream in ("stdout", "stderr"):
            canary.watch(stream, getattr(report, f"cap{stream}"))
        if canary.escaped:
            report.outcome = "failed"
            report.longrepr = "a secret came out:\n" + "\n".join(canary.escaped)
            canary.escaped.clear()
    return report
