"""`baotong reload`: has the worker on this data take its configuration anew, and tells what came of it."""

import time
from pathlib import Path

import click

from bot.cli.ending import EXIT_CONFIGURATION, EXIT_FAILED, fail
from bot.cli.settings import load_settings
from bot.orders import Answer, answer_to, give_order
from feeds.store.lock import holder

PATIENCE = 40.0  # seconds: the worker finishes what is in flight first
_POLL = 0.1


def order(config: Path) -> None:
    """A file with faults is not even shown to the worker."""
    data_dir = load_settings(config).data_dir
    if holder(data_dir) is None:
        fail(
            f"没有报童在用 {data_dir}:baotong run 会读现在的配置。改了 data_dir 的话,在跑的报童用的还是"
            "原来那个,要停下再启动才会换 (no worker runs on this data; a changed data_dir needs a restart)",
            EXIT_FAILED,
        )
    try:
        answer = _wait(data_dir, give_order(data_dir))
    except OSError as error:
        fail(f"{data_dir} 写不了:{error.strerror} (not writable)", EXIT_FAILED)
    if answer is None:
        fail(f"报童 {PATIENCE:.0f} 秒没有回答,看看它的日志 (no answer; see its log)", EXIT_FAILED)
    if not answer.is_done:
        fail("没有换上新的配置,照旧:\n" + "\n".join(answer.lines), EXIT_CONFIGURATION)
    click.echo("\n".join(["已经换上新的配置", *answer.lines]))


def _wait(data_dir: Path, order: str) -> Answer | None:
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if (answer := answer_to(data_dir, order)) is not None:
            return answer
        time.sleep(_POLL)
    return None
