"""How `baotong inspect` is called."""

from pathlib import Path

import click

from bot.cli.options import allow_host_option, config_option
from config.sources import KINDS


@click.command()
@click.argument("url", required=False)
@click.option("--kind", type=click.Choice(sorted(KINDS)), help="报纸的平台;不写就自己认")
@click.option("--source", metavar="ID", help="用配置里这份报纸的规则读")
@config_option
@click.option(
    "--har",
    type=click.Path(path_type=Path, exists=True, dir_okay=False),
    metavar="FILE",
    help="不看网址,看浏览器录下的请求:找出数据,打印要贴进配置的规则",
)
@click.option("--json", "as_json", is_flag=True, help="打印 JSON")
@allow_host_option
def inspect(
    url: str | None,
    kind: str | None,
    source: str | None,
    config: Path,
    har: Path | None,
    as_json: bool,
    allow_hosts: tuple[str, ...],
) -> None:
    """看一个网页里能读到什么,用的是哪条规则。"""
    from bot.cli.inspect import look

    look(url, kind, source, config, har, allow_hosts, as_json=as_json)
