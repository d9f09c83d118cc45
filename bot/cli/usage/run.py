"""How `baotong run` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@config_option
def run(config: Path) -> None:
    """看报、写订阅源、推送:一直运行到 Ctrl-C 或 SIGTERM。"""
    from bot.cli.loop import remember_hangups

    remember_hangups()
    from bot.cli.run import work

    work(config)
