"""`baotong run`: the worker, until SIGTERM or Ctrl-C."""

import asyncio
from collections.abc import Callable
from pathlib import Path

import click

from bot.app import Worker
from bot.cli.ending import EXIT_ALREADY_RUNNING, EXIT_CONFIGURATION, EXIT_FAILED, fail
from bot.cli.loop import on_hangup, run_async
from bot.cli.settings import load_settings, read_settings
from bot.heap import settle_heap
from bot.logs import configure_logging
from bot.metrics.listener import CannotListen
from bot.reloading import Reload
from bot.running import run_worker
from config.models import Settings
from feeds.clock import SystemClock
from feeds.errors import AlreadyRunning, StoreError, StoreSaved


def work(config: Path) -> None:
    """Runs the worker that this file describes."""
    settings = load_settings(config, sends=True)
    configure_logging(settings.secrets())
    hidden = set(settings.secrets())

    def again() -> Settings:
        """Secrets of before are still in messages that the log may speak of."""
        new = read_settings(config, sends=True)
        hidden.update(new.secrets())
        configure_logging(hidden)
        return new

    serve(settings, again)


def serve(settings: Settings, again: Callable[[], Settings]) -> None:
    """Runs the worker until a signal; ends the process where it cannot. `again` reads the settings anew
    when that is asked for.
    """

    async def main(stop: asyncio.Event) -> None:
        reload = Reload(again, asyncio.Event())
        on_hangup(reload.hung_up.set)
        await run_worker(settings, SystemClock(), stop, started, reload)

    def started(worker: Worker) -> None:
        settle_heap()
        click.echo(f"报童 {settings.public_url}  订阅源 {settings.public_url}feeds.opml", err=True)
        if worker.first_pushes:
            click.echo(f"第一次看报:将向固定订阅者推送 {worker.first_pushes} 条消息。", err=True)

    try:
        run_async(main)
    except AlreadyRunning as error:
        fail(str(error), EXIT_ALREADY_RUNNING)
    except StoreSaved as error:
        fail(str(error), EXIT_FAILED)  # a service manager starts it again
    except (StoreError, CannotListen) as error:
        fail(str(error), EXIT_CONFIGURATION)
    except OSError as error:
        listen = f"{settings.server.host}:{settings.server.port}"
        fail(
            f"不能在 {listen} 上提供网页(server.listen):{error.strerror or error}",
            EXIT_CONFIGURATION,
        )
