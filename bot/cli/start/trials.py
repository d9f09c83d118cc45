"""Trying an answer at once: whether there is a newspaper at this address, and whether a chat takes this key."""

import asyncio
import os
import tempfile
from collections.abc import Awaitable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click
from rich.console import Console

from bot.channels.table import build_channels
from bot.cli.loop import run_async
from bot.cli.network import allowing
from bot.cli.start.answers import Push
from bot.errors import ChannelError
from config.load import load
from config.models import FetchConfig, Settings
from config.writing import settings_text
from feeds.clock import SystemClock
from feeds.finding import Found, find
from feeds.http import build_fetcher
from feeds.sources.languages import RULE_LANGUAGES
from feeds.sources.table import fault_of_family

T = TypeVar("T")


def find_paper(console: Console, url: str, kind: str | None, hosts: tuple[str, ...]) -> Found:
    """The newspaper at this address. Raises `FetchError` and `NotReadable`, and click's Abort at Ctrl-C."""
    fetch = allowing(_fetch(), hosts)

    async def look() -> Found:
        fetcher = build_fetcher(fetch, SystemClock())
        try:
            return await find(url, fetcher, kind)
        finally:
            await fetcher.close()

    with console.status("正在看报……"):
        return run_async(lambda stop: _unless(stop, look()))


def _fetch() -> FetchConfig:
    """How to fetch, as the environment says: there is no file yet."""
    environ = {
        name: text for name, text in os.environ.items() if name.startswith("BAOTONG_FETCH__")
    }
    return _settings({"language": "zh-CN"}, environ).fetch


def try_key(console: Console, push: Push) -> str | ChannelError:
    """What the chat calls us with this key, or why it does not. Sends nothing.

    Raises `ConfigError`, and click's Abort at Ctrl-C.
    """
    channels, environ = push.trial()
    settings = _settings({"channels": channels}, {**os.environ, **environ})

    async def ask() -> str | ChannelError:
        channels = build_channels(settings, SystemClock())
        try:
            (answer,) = (await channels[push.chat.name].who_am_i()).values()
        finally:
            for channel in channels.values():
                await channel.close()
        return answer

    with console.status("正在问它认不认得我们……"):
        return run_async(lambda stop: _unless(stop, ask()))


def prove(text: str) -> None:
    """Raises `ConfigError` where a file with this text would not load: of itself, whatever else this
    environment sets. The secrets it names are not looked for, for their files are not made yet.
    """
    environ = {name: said for name, said in os.environ.items() if not name.startswith("BAOTONG_")}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trial.yaml")
        path.write_text(text, encoding="utf-8")
        load(path, environ, RULE_LANGUAGES, sends=False, judge=fault_of_family)


def _settings(told: Mapping[str, Any], environ: Mapping[str, str]) -> Settings:
    """By the door of `run`, so that what passes here passes there; a key is in no file, but in `environ`."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "trial.yaml")
        path.write_text(settings_text(told), encoding="utf-8")
        return load(path, environ)


async def _unless(stop: asyncio.Event, work: Awaitable[T]) -> T:
    """What the work gives; where the person stops us, the work is cancelled and click told."""
    task, stopped = asyncio.ensure_future(work), asyncio.ensure_future(stop.wait())
    await asyncio.wait({task, stopped}, return_when=asyncio.FIRST_COMPLETED)
    stopped.cancel()
    if not task.done():
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        raise click.Abort
    return task.result()
