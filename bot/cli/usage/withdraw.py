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
@click.argument("what", metavar="FILE | SOURCE ARTICLE")
@click.argument("article", required=False, metavar="")
@config_option
def restore(what: str, article: str | None, config: Path) -> None:
    """放回一份备份,或撤回的一篇。

    \b
    baotong restore FILE            把 baotong backup 写的文件放回来,先停下报童
    baotong restore SOURCE ARTICLE  把撤回的一篇放回来

    放回备份以后,每份报纸最多推送最新一期,其余的在一条汇总里点名;原来的数据库换个名字留着。
    """  # noqa: D301 - the mark by which click keeps these lines
    if article is None:
        from bot.cli.backup import put_back

        put_back(Path(what), config)
    else:
        from bot.cli.withdraw import give_back

        give_back(what, article, config)
