"""How `baotong pause` and `resume` are called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@click.argument("name")
@config_option
def pause(name: str, config: Path) -> None:
    """停一停:NAME 是一份报纸的 id(先不去看它),或一个渠道,如 telegram(先不推送,该送的都留着)。

    报童正在运行的话,几秒之内;重启也不会自己恢复。
    """
    from bot.cli.pause import stop

    stop(name, config)


@click.command()
@click.argument("name")
@config_option
def resume(name: str, config: Path) -> None:
    """接着看一份报纸,或接着推送;停得太久的,按 push.max_age 合成一条汇总。"""
    from bot.cli.pause import go_on

    go_on(name, config)
