"""A configuration for a command, or the end with its faults told."""

import importlib
import os
from collections.abc import Iterator, Mapping
from pathlib import Path

import click

from bot.cli.ending import EXIT_CONFIGURATION
from config.load import ConfigError, Problem, load
from config.models import Settings
from feeds.errors import BaotongError

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
    languages = importlib.import_module(_LANGUAGES).RULE_LANGUAGES if builds else {}
    settings = load(path, {**os.environ, **instead}, languages, sends=sends)
    if builds and (faults := list(_faults(settings))):
        raise ConfigError([Problem(str(path), 0, 0, "", fault) for fault in faults])
    return settings


def _faults(settings: Settings) -> Iterator[str]:
    """What is wrong with newspapers in ways that only their families know (presets, calls, patterns)."""
    build_source = importlib.import_module(_FAMILIES).build_source
    for index, source in enumerate(settings.sources):
        try:
            build_source(source)
        except BaotongError as error:
            yield f"sources[{index}].{error}"
