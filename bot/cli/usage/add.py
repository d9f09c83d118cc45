"""How `baotong add` is called."""

from pathlib import Path

import click

from bot.cli.options import allow_host_option, config_option
from config.sources import KINDS


@click.command()
@click.argument("url")
@config_option
@click.option("--id", "source_id", metavar="ID", help="它在我们网址里的名字;不写就从它的网址里取")
@click.option("--title", help="给读者看的报名;不写就从网页里取")
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="报纸的平台;不写就自己认")
@allow_host_option
def add(
    url: str,
    config: Path,
    source_id: str | None,
    title: str | None,
    kind: str | None,
    allow_hosts: tuple[str, ...],
) -> None:
    """认出一份报纸是哪种系统,给你看读到了什么,再写进配置文件。"""
    from bot.cli.add import find_and_write

    find_and_write(url, config, source_id, title, kind, allow_hosts)
