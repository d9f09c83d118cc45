"""YAML + environment + secret files → Settings.

    bytes ──yaml_tree──▶ values, places ──environment, ${NAME}, *_file──▶ values ──pydantic──▶ Settings

All faults of a file are told at once, each with its place; none holds a value.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path as FilePath
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from config.channels import LATER
from config.models import Settings
from config.problems import ConfigError, Path, Problem, show_path, unknown_key
from config.sources import KINDS
from config.yaml_tree import Tree, YamlFault, read_yaml

__all__ = ["ConfigError", "Problem", "load"]

PREFIX = "BAOTONG_"
MAX_SECRET_BYTES = 64 * 1024
_VARIABLE = re.compile(r"\$\{([A-Za-z_][A-Za-z0-9_]*)\}")


@dataclass(slots=True)
class _Reading:
    """A file on its way to Settings, with what was found wrong so far."""

    file: str
    tree: Tree
    problems: list[Problem] = field(default_factory=list)

    def complain(self, path: Path, message: str) -> None:
        self.problems.append(Problem(self.file, *self.tree.place(path), show_path(path), message))


def load(path: FilePath, environ: Mapping[str, str]) -> Settings:
    """The settings in this file, with the environment's overrides. Raises `ConfigError`."""
    reading = _Reading(str(path), _parse(path))
    for fault in reading.tree.faults:
        place = (reading.file, fault.line, fault.column, fault.key)
        reading.problems.append(Problem(*place, fault.message))
    values = _override(reading, environ)
    values = _map_text(values, lambda where, text: _expand(reading, where, text, environ))
    _read_secret_files(reading, values, path.parent)
    settings = _validate(reading, values)
    if settings is None or reading.problems:
        raise ConfigError(reading.problems)
    return settings.model_copy(update={"data_dir": (path.parent / settings.data_dir).resolve()})


def _parse(path: FilePath) -> Tree:
    try:
        return read_yaml(path.read_bytes())
    except FileNotFoundError:
        words = "没有这个文件,运行 baotong init 写一份 (no such file; baotong init writes one)"
        raise ConfigError([Problem(str(path), 0, 0, "", words)]) from None
    except OSError as error:
        words = f"读不了:{error.strerror} (cannot be read)"
        raise ConfigError([Problem(str(path), 0, 0, "", words)]) from None
    except YamlFault as fault:
        place = (str(path), fault.line, fault.column, fault.key)
        raise ConfigError([Problem(*place, fault.message)]) from None


# ── the environment ─────────────────────────────────────────────────────────────────────────────


def _override(reading: _Reading, environ: Mapping[str, str]) -> dict[str, Any]:
    """`BAOTONG_SERVER__LISTEN` over `server.listen`. Lists and mappings are written as YAML."""
    values = dict(reading.tree.value)
    for name in sorted(environ):
        steps = name.removeprefix(PREFIX).lower().split("__")
        if not name.startswith(PREFIX) or not all(steps):
            continue
        known = _known_keys(())
        if steps[0] in known:
            _put(values, steps, _plain(environ[name]))
        elif len(steps) > 1 or _is_near(steps[0], known):
            words = unknown_key(steps[0], known)
            reading.problems.append(Problem(f"环境变量 {name}", 0, 0, "", words))
    return values


def _is_near(name: str, known: tuple[str, ...]) -> bool:
    """Other programs may use the prefix; only what looks like a slip of ours is one."""
    return "did you mean" in unknown_key(name, known)


def _put(values: dict[str, Any], steps: list[str], value: Any) -> None:
    *above, last = steps
    for step in above:
        inner = values.get(step)
        values[step] = dict(inner) if isinstance(inner, dict) else {}
        values = values[step]
    values[last] = value


def _plain(text: str) -> Any:
    """A whole number, a list or a mapping as YAML writes them; all else is text."""
    if re.fullmatch(r"-?[0-9]{1,9}|null|[\[{].*", text, re.DOTALL):
        try:
            return read_yaml(f"value: {text}".encode()).value["value"]
        except YamlFault:
            return text
    return text


# ── ${NAME} and *_file ──────────────────────────────────────────────────────────────────────────


def _map_text(value: Any, change: Callable[[Path, str], str], path: Path = ()) -> Any:
    if isinstance(value, dict):
        return {key: _map_text(inner, change, (*path, key)) for key, inner in value.items()}
    if isinstance(value, list):
        return [_map_text(inner, change, (*path, i)) for i, inner in enumerate(value)]
    return change(path, value) if isinstance(value, str) else value


def _expand(reading: _Reading, path: Path, text: str, environ: Mapping[str, str]) -> str:
    def value_of(match: re.Match[str]) -> str:
        name = match[1]
        value = _without_newline(environ.get(name, ""))
        if name not in environ:
            reading.complain(path, f"环境变量 {name} 没有设置 ({name} is not set)")
        elif not value:
            reading.complain(path, f"环境变量 {name} 是空的 ({name} is empty)")
        elif "\n" in value or "\r" in value:
            reading.complain(path, f"环境变量 {name} 里有换行 ({name} holds a line break)")
        return value or "?"

    return _VARIABLE.sub(value_of, text)


def _without_newline(text: str) -> str:
    return text.removesuffix("\n").removesuffix("\r")


def _read_secret_files(reading: _Reading, values: dict[str, Any], folder: FilePath) -> None:
    """`token_file` becomes `token` in every channel; both is an error."""
    channels = values.get("channels")
    for name, section in channels.items() if isinstance(channels, dict) else ():
        for key in [k for k in section if k.endswith("_file")] if isinstance(section, dict) else ():
            target, path = key.removesuffix("_file"), ("channels", name, key)
            if section[key] is None or not isinstance(section[key], str):
                continue
            if section.get(target) is not None:
                words = f"{target} 和 {key} 只能写一个 (either {target} or {key}, not both)"
                reading.complain(path, words)
                continue
            section[target] = _secret_in(reading, path, folder / section[key])


def _secret_in(reading: _Reading, path: Path, file: FilePath) -> str:
    try:
        with file.open("rb") as opened:
            data = opened.read(MAX_SECRET_BYTES + 1)
    except OSError as error:
        reading.complain(path, f"读不了 {file}:{error.strerror} (cannot be read)")
        return "?"
    text = _without_newline(data.decode("utf-8", "replace"))
    if not text.strip():
        reading.complain(path, f"{file} 是空的 (the file is empty)")
    elif len(data) > MAX_SECRET_BYTES or "\n" in text:
        reading.complain(path, f"{file} 不像一个密钥:只该有一行 (not a secret: one line only)")
    return text or "?"


# ── pydantic ────────────────────────────────────────────────────────────────────────────────────


def _validate(reading: _Reading, values: dict[str, Any]) -> Settings | None:
    try:
        return Settings.model_validate(values)
    except ValidationError as error:
        for fault in error.errors(include_url=False, include_input=False):
            _translate(reading, dict(fault))
        return None


def _translate(reading: _Reading, fault: dict[str, Any]) -> None:
    context = fault.get("ctx", {})
    if fault["type"] == "faults":
        for path, words, near in context["faults"]:
            reading.complain(path, f"{words};有:{near}" if near else words)
        return
    path = _in_file(fault["loc"])
    if fault["type"] == "extra_forbidden":
        reading.complain(path, _unknown(path))
        return
    if fault["type"].startswith("union_tag"):
        path = (*path, "kind")
    words = _WORDS.get(fault["type"])
    shown = words.format(**context) if words else str(fault["msg"]).removeprefix("Value error, ")
    reading.complain(path, shown)


def _in_file(loc: tuple[str | int, ...]) -> Path:
    """The place that pydantic names, without the tags of unions, which are not in the file."""
    path: list[str | int] = []
    for step in loc:
        if isinstance(step, str) and step in KINDS and path[-2:-1] == ["sources"]:
            continue
        path.append(step)
    return tuple(path)


def _unknown(path: Path) -> str:
    name = str(path[-1])
    if path[:-1] == ("channels",) and name in LATER:
        return f"这个版本还没有 {name} 渠道 ({name} is not in this version yet)"
    return unknown_key(name, _known_keys(path[:-1]))


def _known_keys(path: Path) -> tuple[str, ...]:
    """The keys that may stand at this place, by walking the models."""
    models: list[type[BaseModel]] = [Settings]
    for step in path:
        if isinstance(step, int):
            continue
        inner = [m.model_fields[step].annotation for m in models if step in m.model_fields]
        models = [model for annotation in inner for model in _models_in(annotation)]
    return tuple(dict.fromkeys(name for model in models for name in model.model_fields))


def _models_in(annotation: Any) -> Iterator[type[BaseModel]]:
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for argument in get_args(annotation):
        yield from _models_in(argument)


_KINDS_TEXT = "、".join(KINDS)
_WORDS = {
    "missing": "必须写上 (required)",
    "string_type": "要写文字,可加引号 (must be text; quote it)",
    "int_type": "要写整数 (must be a whole number)",
    "int_from_float": "要写整数 (must be a whole number)",
    "int_parsing": "要写整数 (must be a whole number)",
    "float_type": "要写数字 (must be a number)",
    "float_parsing": "要写数字 (must be a number)",
    "bool_type": "要写 true 或 false (must be true or false)",
    "path_type": "要写路径 (must be a path)",
    "tuple_type": "要写成列表 (must be a list)",
    "frozen_set_type": "要写成列表 (must be a list)",
    "dict_type": "要写成 键: 值 (must be a mapping)",
    "model_type": "要写成 键: 值 (must be a mapping)",
    "model_attributes_type": "要写成 键: 值 (must be a mapping)",
    "literal_error": "只能是 {expected} (must be one of these)",
    "union_tag_invalid": f"没有这个 kind;有:{_KINDS_TEXT} (unknown kind; known: {', '.join(KINDS)})",
    "union_tag_not_found": f"要写 kind:{_KINDS_TEXT} (kind is required: {', '.join(KINDS)})",
    "greater_than": "要大于 {gt} (must be greater)",
    "greater_than_equal": "不能小于 {ge} (must not be less)",
    "less_than": "要小于 {lt} (must be less)",
    "less_than_equal": "不能大于 {le} (must not be more)",
    "string_too_short": "不能是空的 (must not be empty)",
    "string_too_long": "太长了,最多 {max_length} 个字 (too long)",
    "string_pattern_mismatch": "写法不对 (does not match {pattern})",
    "too_long": "太多了,最多 {max_length} 个 (too many)",
}
