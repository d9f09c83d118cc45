"""What several commands share: `-c FILE`, and a configuration or the end with its faults told."""

import os
from pathlib import Path

import click

from config.files import DEFAULT_FILE
from config.load import ConfigError, load
from config.models import Settings
from feeds.sources.fields import RULE_LANGUAGES

EXIT_CONFIGURATION = 2

config_option = click.option(
    "-c",
    "--config",
    type=click.Path(path_type=Path),
    default=DEFAULT_FILE,
    show_default=True,
    help="配置文件",
)


def load_settings(path: Path, **instead: str) -> Settings:
    """The settings in this file; where they are faulty, tells every fault and exits with 2. `instead`
    are variables that win over those of the environment.
    """
    try:
        return load(path, {**os.environ, **instead}, RULE_LANGUAGES)
    except ConfigError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_CONFIGURATION) from None
