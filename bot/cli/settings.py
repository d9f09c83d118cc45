"""A configuration for a command, or the end with its faults told."""

import importlib
import os
from collections.abc import Mapping
from pathlib import Path

import click

from bot.cli.ending import EXIT_CONFIGURATION
from config.load import ConfigError, load
from config.models import Settings

_NOTHING: Mapping[str, str] = {}
_LANGUAGES, _FAMILIES = "feeds.sources.languages", "feeds.sources.table"
"""Imported only by who reads rules and builds newspapers: they take a quarter of a second."""


def load_settings(
    path: Path,
    *,
    sends: bool = False,
    builds: bool = True,
    instead: Mapping[str, str] = _NOTHING,
) -> Settings:
    """The settings in this file; where they are faulty, tells every fault and exits with 2. What a
    command `sends` needs the secrets of the channels; one that only looks at the archive (not `builds`)
    waits for no newspaper's family, which alone knows whether its rules are right. `instead` are
    variables that win over those of the environment.
    """
    try:
        return read_settings(path, sends=sends, builds=builds, instead=instead)
    except ConfigError as error:
        click.echo(str(error), err=True)
        raise SystemExit(EXIT_CONFIGURATION) from None


def read_settings(
    path: Path,
    *,
    sends: bool = False,
    builds: bool = True,
    instead: Mapping[str, str] = _NOTHING,
) -> Settings:
    """The same, for whoever goes on without them. Raises `ConfigError`."""
    environ = {**os.environ, **instead}
    if not builds:
        return load(path, environ, {}, sends=sends)
    languages = importlib.import_module(_LANGUAGES).RULE_LANGUAGES
    judge = importlib.import_module(_FAMILIES).fault_of_family
    return load(path, environ, languages, sends=sends, judge=judge)
