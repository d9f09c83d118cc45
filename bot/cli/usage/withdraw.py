"""How `baotong withdraw` and `restore` are called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@click.argument("source")
@click.argument("article")
@click.option("--reason", help="为什么;只记在存档里,不给读者看。")
@config_option
def withdraw(source: str, article: str, reason: str | None, config: Path) -> None:
    """撤回一篇:马上从网页、搜索、订阅源和发出的消息里拿掉。

    ARTICLE 是它的网址,或我们网页地址里的 期/篇,或单是最后那一段。
    """
    from bot.cli.withdraw import take_out

    take_out(source, article, reason, config)


@click.command()
@click.argument("source")
@click.argument("article")
@config_option
def restore(source: str, article: str, config: Path) -> None:
    """把撤回的一篇放回来。"""
    from bot.cli.withdraw import give_back

    give_back(source, article, config)
