"""YAML + environment + secret files → Settings.

    bytes ──yaml_tree──▶ values, places ──environment, secret files──▶ values ──pydantic──▶ Settings

All faults of a file are told at once, each with its place; none holds a value.
"""

import os
from collections.abc import Callable, Mapping
from pathlib import Path as FilePath

from pydantic import TypeAdapter, ValidationError

from config.agreement import disagreements
from config.environment import expand, override
from config.files import explain, read_at_most
from config.forms import Checks
from config.models import Settings
from config.problems import ConfigError, Problem, nearest
from config.reading import Reading
from config.secret_files import read_secret_files
from config.shape import wants_secret
from config.sources import KINDS, SourceConfig
from config.translate import fault_of_kind, tell
from config.withheld import withhold_secrets
from config.yaml_tree import MAX_BYTES, Tree, YamlFault, read_yaml

__all__ = ["ConfigError", "Problem", "load"]

_NO_CHECKS: Checks = {}
_SOURCE: TypeAdapter[SourceConfig] = TypeAdapter(SourceConfig)

Judge = Callable[[SourceConfig], tuple[str, str] | None]
"""What is wrong with a newspaper's rules taken together: the place in its settings (`pages.query`, or blank
for the whole), and the words.
"""


def load(
    path: FilePath,
    environ: Mapping[str, str],
    checks: Checks = _NO_CHECKS,
    *,
    sends: bool = True,
    judge: Judge | None = None,
) -> Settings:
    """The settings in this file, with the environment's overrides. `checks` know the languages that
    are not ours: "css" and "jmespath". Whoever `sends` nothing needs no secret of a channel. `judge` knows
    what is wrong with a newspaper that only its family can tell. Raises `ConfigError`.
    """
    tree = _parse(path)
    reading = Reading(str(path), tree, tree.value)
    for fault in tree.faults:
        reading.blame(reading.file, fault)
    override(reading, environ)
    _keep_secrets_as_written(reading)
    if not sends:
        withhold_secrets(reading)
    expand(reading, environ)
    read_secret_files(reading, path.parent)
    settings = _validate(reading, checks)
    if judge is not None:
        _judge_sources(reading, checks, judge)
    if settings is None or reading.problems:
        raise ConfigError(reading.problems)
    # not Path.resolve: it raises where links go round in a circle
    data_dir = FilePath(os.path.realpath(path.parent / settings.data_dir))
    return settings.model_copy(update={"data_dir": data_dir})


def _parse(path: FilePath) -> Tree:
    try:
        tree = read_yaml(_text(path))
    except YamlFault as fault:
        problem = Problem(str(path), fault.line, fault.column, "", fault.message)
        raise ConfigError([problem]) from None
    if isinstance(tree.value, dict):
        return tree
    words = (
        "文件里什么也没写,运行 baotong init 写一份 (the file says nothing)"
        if tree.value is None
        else "最外层要写成 键: 值 (the top level must be key: value)"
    )
    raise ConfigError([Problem(str(path), 1, 1, "", words)])


def _text(path: FilePath) -> str:
    """At most one byte more than may be is read, whatever the path is. Raises `YamlFault`."""
    try:
        data = read_at_most(path, MAX_BYTES)
    except FileNotFoundError:
        raise YamlFault(
            "没有这个文件,运行 baotong init 写一份 (no such file; baotong init writes one)", 0
        ) from None
    except OSError as error:
        raise YamlFault(f"配置文件{explain(error)}", 0) from None
    if len(data) > MAX_BYTES:
        raise YamlFault("文件超过 1 MiB (larger than 1 MiB)", 0)
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise YamlFault(
            "不是 UTF-8 文字,请另存为 UTF-8 (not UTF-8; save it as UTF-8)", line
        ) from None


def _keep_secrets_as_written(reading: Reading) -> None:
    """A token is opaque: one that looks like a number keeps its zeros."""
    for path, text in reading.tree.texts.items():
        if (
            text
            and wants_secret(path)
            and not reading.is_replaced(path)
            and reading.get(path) is not None
        ):
            reading.put(path, text)


def _validate(reading: Reading, checks: Checks) -> Settings | None:
    """Settings, or None where something was told. The sections are compared even where one of them is
    faulty by itself, and a source of an unknown kind is read as the likeliest, so that nothing
    waits for a second try.
    """
    for fault in disagreements(reading.values):
        reading.complain(*fault)
    _settle_kinds(reading)
    try:
        return Settings.model_validate(reading.values, context=checks)
    except ValidationError as error:
        told = error.errors(include_url=False, include_input=False)
        # a text where a list may stand too is judged as a text
        for details in sorted(told, key=lambda one: one["type"] == "tuple_type"):
            tell(reading, details)
        return None


def _judge_sources(reading: Reading, checks: Checks, judge: Judge) -> None:
    """Has each newspaper judged that is sound by itself, whatever else is wrong with the file."""
    sources = reading.get(("sources",))
    for index, source in enumerate(sources if isinstance(sources, list) else ()):
        try:
            config = _SOURCE.validate_python(source, context=checks)
        except ValidationError:  # told before
            continue
        if (fault := judge(config)) is not None:
            place, words = fault
            reading.complain(("sources", index, *filter(None, place.split("."))), words)


def _settle_kinds(reading: Reading) -> None:
    sources = reading.get(("sources",))
    for index, source in enumerate(sources if isinstance(sources, list) else ()):
        if not isinstance(source, dict):
            continue
        path = ("sources", index, "kind")
        if words := fault_of_kind(source):
            reading.complain(path, words)
            reading.put(path, nearest(str(source.get("kind")), KINDS) or KINDS[0])
