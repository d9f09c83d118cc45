"""How `baotong demo` is called."""

import click


@click.command()
@click.option("--seconds", type=click.FloatRange(min=1), help="这么多秒后结束;不写就到 Ctrl-C。")
def demo(seconds: float | None) -> None:
    """一份会出报的演示报纸,配上订阅源、网页和终端里的推送。"""
    from bot.cli.demo import show

    show(seconds)
