"""`baotong pause` and `resume`: through the store, so that a worker that runs notices within seconds."""

from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import NoReturn

import click

from bot.cli.archive import open_archive
from bot.cli.ending import EXIT_FAILED, fail
from bot.cli.loop import run_async
from bot.cli.settings import load_settings
from bot.logs import configure_logging
from bot.standing.gather import configured_channels
from config.models import Settings
from feeds.clock import SystemClock
from feeds.models import PauseKind
from feeds.store import pauses
from feeds.store.engine import Transaction

BY = "console"

Change = Callable[[Transaction, PauseKind], Awaitable[bool]]


def stop(name: str, config: Path) -> None:
    """Pauses a newspaper or a channel."""
    now = SystemClock().now()
    kind, is_news = _do(name, config, lambda tx, kind: pauses.pause(tx, kind, name, BY, now))
    words = "停了" if is_news else "本来就停着"
    what = "不再去看它" if kind is PauseKind.SOURCE else "不再推送，该送的都留着"
    click.echo(f"{words}：{name}（{what}；baotong resume {name} 接着来）")


def go_on(name: str, config: Path) -> None:
    """Resumes it."""
    _, is_news = _do(name, config, lambda tx, kind: pauses.resume(tx, kind, name))
    click.echo(f"接着来：{name}" if is_news else f"本来就没有停：{name}")


def _do(name: str, config: Path, change: Change) -> tuple[PauseKind, bool]:
    settings = load_settings(config, builds=False)
    configure_logging(settings.secrets())
    kind = _kind(settings, name)

    async def do() -> bool:
        async with open_archive(settings) as store, store.write() as tx:
            return await change(tx, kind)

    return kind, run_async(lambda _stop: do())


def _kind(settings: Settings, name: str) -> PauseKind:
    """A newspaper, where one has the name of a channel."""
    channels = configured_channels(settings)
    if settings.source(name) is not None:
        return PauseKind.SOURCE
    if name not in channels:
        _fail(settings, name, channels)
    return PauseKind.CHANNEL


def _fail(settings: Settings, name: str, channels: Sequence[str]) -> NoReturn:
    channel, is_robot, _ = name.partition(":")
    if is_robot and channel in channels:
        fail(
            f"{name} 不能单独停:停的是整个渠道 {channel},写 {channel} (a channel is paused as a whole)",
            EXIT_FAILED,
        )
    papers = "、".join(source.id for source in settings.sources[:20])
    fail(f"没有叫 {name} 的报纸或渠道；报纸：{papers}；渠道：{'、'.join(channels)}", EXIT_FAILED)
