"""How `baotong reload` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@config_option
def reload(config: Path) -> None:
    """叫正在运行的报童重新读配置:在送的送完,改过的马上生效,写错了就照旧。

    配置有错退出码是 2,没有在运行的报童或者它没有回答是 1。data_dir、database 和环境变量要重启才能换。
    """
    from bot.cli.reload import order

    order(config)
