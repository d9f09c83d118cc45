"""How `baotong check` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@config_option
@click.argument("sources", nargs=-1)
def check(config: Path, sources: tuple[str, ...]) -> None:
    """检查配置、各份报纸和各个推送渠道;什么也不写。"""
    from bot.cli.check import report

    report(config, sources)
