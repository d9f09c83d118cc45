"""A configuration for a command, or the end with its faults told."""

import os
from collections.abc import Mapping
from pathlib import Path

import click

from bot.cli.ending import EXIT_CONFIGURATION
from config.load import ConfigError, load
from config.models import Settings
from feeds.sources.languages import RULE_LANGUAGES
from feeds.sources.table import fault_of_family

_NOTHING: Mapping[str, str] = {}


def load_settings(
    path: Path, *, sends: bool = False, instead: Mapping[str, str] = _NOTHING
) -> Settings:
    """The settings in this file; where they are faulty, tells every fault and exits with 2. What a
    command `sends` needs the secrets of the channels. `instead` are variables that win over those of
    the environment.
    """
    try:
        return read_settings(path, sends=sends, instead=instead)
    except ConfigError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_CONFIGURATION) from None


def read_settings(
    path: Path, *, sends: bool = False, instead: Mapping[str, str] = _NOTHING
) -> Settings:
    """The same, for whoever goes on without them. Raises `ConfigError`."""
    environ = {**os.environ, **instead}
    return load(path, environ, RULE_LANGUAGES, sends=sends, judge=fault_of_family)
