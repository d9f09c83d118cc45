"""`baotong demo`: an embedded newspaper, an empty archive, feeds, pages, and the chat in the terminal."""

import asyncio
import os
import socket
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from pathlib import Path

import click
from aiohttp import web

from bot.app import Worker
from bot.cli.loop import run_async
from bot.demo.newspaper import PAPER_TITLE, build_newspaper
from bot.logs import configure_logging
from bot.running import run_worker
from config.models import Settings
from feeds.clock import SystemClock

PORT = 8080
EVERY = timedelta(seconds=8)


def show(seconds: float | None) -> None:
    """Runs the demonstration for so many seconds, or until a signal."""
    token = os.environ.get("TELEGRAM_TOKEN", "")
    configure_logging([token])
    with tempfile.TemporaryDirectory(prefix="baotong-demo-") as folder:
        run_async(lambda stop: _demo(Path(folder), token, seconds, stop))


async def _demo(folder: Path, token: str, seconds: float | None, stop: asyncio.Event) -> None:
    clock = SystemClock()
    if seconds is not None:
        asyncio.get_running_loop().call_later(seconds, stop.set)
    async with _newspaper(clock) as paper:
        settings = _settings(folder, paper, token)
        await run_worker(settings, clock, stop, started=lambda worker: _welcome(worker, paper))


@asynccontextmanager
async def _newspaper(clock: SystemClock) -> AsyncIterator[str]:
    """Serves the demo newspaper on a free port; yields its host:port."""
    runner = web.AppRunner(build_newspaper(clock, every=EVERY), access_log=None)
    await runner.setup()
    try:
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


def _settings(folder: Path, paper: str, token: str) -> Settings:
    port = _free_port(PORT)
    return Settings.model_validate(
        {
            "data_dir": folder,
            "public_url": f"http://127.0.0.1:{port}/",
            "server": {"listen": f"127.0.0.1:{port}"},
            "fetch": {"gap": "0s", "allow_hosts": [paper]},
            "sources": [
                {
                    "id": "demo",
                    "kind": "yunbao",
                    "title": PAPER_TITLE,
                    "url": f"http://{paper}/",
                    "check_every": "1s",
                }
            ],
            "channels": {"telegram": {"token": token}} if token else {},
            "deliver": [{"to": "console:terminal", "source": "demo"}],
        }
    )


def _free_port(wanted: int) -> int:
    """`wanted`, or any other where that is taken."""
    with socket.socket() as probe:
        try:
            probe.bind(("127.0.0.1", wanted))
        except OSError:
            probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _welcome(worker: Worker, paper: str) -> None:
    base = worker.settings.public_url
    click.echo(
        f"""
  报纸原站   http://{paper}/        每 {EVERY.seconds} 秒出一期
  我们的网页 {base}demo/
  订阅源     {base}feeds/demo.rss  .atom  .json
  聊天       就在这个终端里{"和你的 Telegram 机器人里(给它发 /subscribe)" if worker.settings.channels.telegram else ";设好 TELEGRAM_TOKEN 就在 Telegram 里"}
  Ctrl-C 结束
""",
        err=True,
    )
