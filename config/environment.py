"""The environment in the settings: `BAOTONG_SERVER__LISTEN` over `server.listen`, and `${NAME}` in a text.

Two underscores go one level down, a number is the place in a list (`BAOTONG_SOURCES__0__URL`). Lists
and mappings are written as YAML or JSON, lists of words also with commas.
"""

import re
from collections.abc import Mapping
from typing import Any

from config.problems import Path, Problem, nearest, unknown_key
from config.reading import Reading
from config.shape import (
    known_keys,
    takes_null,
    wants_collection,
    wants_list,
    wants_number,
)
from config.yaml_tree import Tree, YamlFault, read_plain, read_yaml

PREFIX = "BAOTONG_"
_LIKE = 0.75
"""How near a name of one level must be to one of ours to be a slip. Kubernetes sets such as
BAOTONG_SERVICE_PORT for a service of our name, and that is not `server`."""
_OURS = re.compile(rf"{PREFIX}[A-Za-z0-9_-]+")
_VARIABLE = re.compile(r"\$\{([^{}]*)\}?")
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")


# ── BAOTONG_… ───────────────────────────────────────────────────────────────────────────────────


def override(reading: Reading, environ: Mapping[str, str]) -> None:
    """Puts the environment's values over the file's. A name with the prefix that is none of ours is a
    fault where it goes down a level or is nearly one of ours; else it may be another program's.
    """
    for name in sorted(environ):
        if not _OURS.fullmatch(name):
            continue
        steps = name.removeprefix(PREFIX).lower().split("__")
        if steps[0] in known_keys(()) and all(steps):
            _replace(reading, f"环境变量 {name}", steps, _without_newline(environ[name]))
        elif words := _slip(steps):
            reading.problems.append(Problem(f"环境变量 {name}", 0, 0, "", words))


def _slip(steps: list[str]) -> str | None:
    if len(steps) > 1:
        return unknown_key(steps[0], known_keys(()))
    near = nearest(steps[0], _one_level_apart(), _LIKE)
    if near is None:
        return None
    wanted = PREFIX + near.upper()
    return f"没有这一项,是不是 {wanted}? (unknown; did you mean {wanted}?)"


def _one_level_apart() -> list[str]:
    """The names of the sections and of what is right below them: `server`, `server__listen`."""
    names = list(known_keys(()))
    return names + [f"{name}__{inner}" for name in names for inner in known_keys((name,))]


def _replace(reading: Reading, origin: str, steps: list[str], text: str) -> None:
    try:
        path = _path_of(reading.values, steps)
        value, tree = _from_text(path, text)
    except YamlFault as fault:
        reading.blame(origin, fault)
        return
    for lesser in tree.faults if tree else ():
        reading.blame(origin, lesser, path)
    for length in range(1, len(path)):  # sections that are not in the file
        if path[:length] not in reading.tree.places:
            reading.origins.setdefault(path[:length], (origin, None))
    reading.origins[path] = (origin, tree)
    reading.put(path, value)


def _path_of(values: Any, steps: list[str]) -> Path:
    """The steps with numbers where lists are. Raises `YamlFault` for a place that no list has."""
    path: Path = ()
    for step in steps:
        if not wants_list(path):
            path = (*path, step)
            values = values.get(step) if isinstance(values, dict) else None
            continue
        items = values if isinstance(values, list) else []
        if not re.fullmatch(r"[0-9]{1,6}", step) or int(step) > len(items):
            words = (
                f"这里要写第几个,从 0 到 {len(items)} (a place in the list, from 0 to {len(items)})"
            )
            raise YamlFault(words, 0)
        path = (*path, int(step))
        values = items[int(step)] if int(step) < len(items) else None
    return path


def _from_text(path: Path, text: str) -> tuple[Any, Tree | None]:
    """What a text means where this kind of value is wanted, with its places where it has any."""
    if takes_null(path) and text in {"", "null", "~"}:
        return None, None
    if wants_collection(path):
        tree = read_yaml(text)
        if wants_list(path) and isinstance(tree.value, str):
            return [word.strip() for word in tree.value.split(",")], None
        return tree.value, tree
    return as_wanted(path, text), None


def as_wanted(path: Path, text: str) -> Any:
    """A number where one is wanted and written; else the text."""
    number = read_plain(text) if wants_number(path) else text
    return number if isinstance(number, int | float) else text


# ── ${NAME} ─────────────────────────────────────────────────────────────────────────────────────


def expand(reading: Reading, environ: Mapping[str, str]) -> None:
    """Puts the environment's values into `${NAME}` of every text of the file."""

    def expanded(path: Path, text: str) -> Any:
        if "${" not in text:
            return text
        return as_wanted(path, _VARIABLE.sub(lambda match: value_of(path, match), text))

    def value_of(path: Path, match: re.Match[str]) -> str:
        name = match[1]
        if not _NAME.fullmatch(name) or not match[0].endswith("}"):
            reading.complain(path, "只认 ${NAME},名字用字母、数字和 _ (only ${NAME} is understood)")
            return "?"
        value = _without_newline(environ.get(name, ""))
        if fault := _fault_of(name, value, environ):
            reading.complain(path, fault)
        return value or "?"

    reading.map_texts(expanded)


def _fault_of(name: str, value: str, environ: Mapping[str, str]) -> str | None:
    if name not in environ:
        return f"环境变量 {name} 没有设置 ({name} is not set)"
    if not value:
        return f"环境变量 {name} 是空的 ({name} is empty)"
    if "\n" in value or "\r" in value:
        return f"环境变量 {name} 里有换行 ({name} holds a line break)"
    return None


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")
