"""The options that several commands share."""

from pathlib import Path

import click

from config.files import DEFAULT_FILE

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="配置文件",
)
allow_host_option = click.option(
    "--allow-host",
    "allow_hosts",
    multiple=True,
    metavar="HOST:PORT",
    help="这个内网地址也可以访问",
)
