"""How `baotong export` is called."""

from pathlib import Path

import click

from bot.cli.options import config_option


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@config_option
@click.option("--public-url", help="这些文件将来的网址;不写就是配置里的 public_url")
def export(folder: Path, config: Path, public_url: str | None) -> None:
    """把订阅源和网页写成文件,任何静态网站都能用。"""
    from bot.cli.export import write_out

    write_out(folder, config, public_url)
