"""How `baotong backfill` is called."""

from datetime import datetime
from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@config_option
@click.argument("source")
@click.option("--issues", type=click.IntRange(min=1), metavar="N", help="往回走,直到存档里有 N 期")
@click.option(
    "--since",
    type=click.DateTime(["%Y-%m-%d"]),
    metavar="DATE",
    help="往回走到这一天,如 2024-01-01",
)
def backfill(config: Path, source: str, issues: int | None, since: datetime | None) -> None:
    """一期一期往回走,补上以前的报纸;不推送,可以随时停下再接着走。"""
    if (issues is None) == (since is None):
        raise click.UsageError("--issues 和 --since 要写一个,只写一个")
    from bot.cli.backfill import walk

    walk(config, source, issues, since)
