"""How `baotong backup` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@click.argument("file", type=click.Path(path_type=Path, dir_okay=False))
@click.option("--force", is_flag=True, help="已经有这个文件,就换掉它。")
@config_option
def backup(file: Path, config: Path, *, force: bool) -> None:
    """把整个存档写成一个文件;报童不用停。

    放回来:baotong restore FILE。要放到别的机器或盘上,再用别的办法复制。
    """
    from bot.cli.backup import save

    save(file, config, force=force)
