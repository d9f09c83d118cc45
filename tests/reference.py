"""docs/configuration.md, made of the settings themselves: every key with its default and its words. `make docs`."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from types import UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

import click
from annotated_types import Ge, Gt, Le
from pydantic import AfterValidator, BaseModel
from pydantic.fields import FieldInfo

from config.models import Settings
from config.sources import FAMILIES, BaseSource
from config.values import Span, show_duration
from tests.locks import ROOT

PATH = ROOT / "docs" / "configuration.md"
REQUIRED = "*required*"
BELOW = "*below*"

_OPENING = """\
# Configuration: every key

This page is made of the settings' own models by `make docs`, in both languages; a test holds it to them. Where to begin is in
[getting started](getting-started.md), newspapers are in [newspapers](newspapers.md), chats in [chats](chats.md).

- A key that is not written, or whose lines are all commented out, has its default. A file with none of them is valid.
- Durations are a number and `s`, `m`, `h` or `d`: `10m`. Clock times are `"20:00"`, spans of them `"22:00-07:00"`.
- `${NAME}` in a text is the environment's variable of this name. Each secret may stand in a file instead, which its `…_file` names; both is an error.
- Every key may be set by the environment, which wins: `BAOTONG_SERVER__LISTEN=0.0.0.0:8080` is `server.listen`. Two underscores go one level down, a number is the place in a list: `BAOTONG_SOURCES__0__URL`.
- Paths are relative to the file. `[]` in a key stands for the place in a list, `NAME` for a name of your own.
- All faults of a file are told at once, each with its line and column. An editor that is given `baotong schema` tells them while you write.
"""


@dataclass(frozen=True, slots=True)
class Key:
    """One key that may be written. `path` is `server.listen`, `default` as it would be written."""

    path: str
    default: str
    may_be: str
    words: str


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the file with its keys."""

    title: str
    words: str
    keys: tuple[Key, ...]


def parts() -> Iterator[Part]:
    """Every part of the file, the whole first, each before those that it holds."""
    yield from _parts("", Settings)


def _parts(path: str, model: type[BaseModel], kind: str = "") -> Iterator[Part]:
    title = f"`{path}`{kind}" if path else "The file"
    yield Part(title, _line(model.__doc__), tuple(_keys(path, model.model_fields)))
    yield from _inner(path, model.model_fields, kind)


def _inner(path: str, fields: Mapping[str, FieldInfo], kind: str = "") -> Iterator[Part]:
    for name, field in fields.items():
        if (path, name) == ("", "sources"):
            yield from _newspapers(f"{name}[]")
            continue
        for place, model in _models(_join(path, name), field.annotation):
            yield from _parts(place, model, kind)


def _newspapers(path: str) -> Iterator[Part]:
    """What all newspapers have, then what each family has of its own."""
    common = BaseSource.model_fields
    yield Part(f"`{path}`", _line(BaseSource.__doc__), tuple(_keys(path, common)))
    for name, model in FAMILIES.items():
        kind = f" of `kind: {name}`"
        own = {key: field for key, field in model.model_fields.items() if key not in common}
        yield Part(f"`{path}`{kind}", _line(model.__doc__), tuple(_keys(path, own)))
        yield from _inner(path, own, kind)


def _keys(path: str, fields: Mapping[str, FieldInfo]) -> Iterator[Key]:
    for name, field in fields.items():
        inner = list(_models(name, field.annotation))
        yield Key(
            _join(path, name),
            _default(field, bool(inner)),
            _choices(field),
            _line(field.description),
        )


def _models(path: str, annotation: Any) -> Iterator[tuple[str, type[BaseModel]]]:
    """The sections below a key, each with its place: `deliver[]`, `channels.wecom.NAME`."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield path, annotation
    origin, inner = get_origin(annotation), get_args(annotation)
    if origin in {Union, UnionType}:
        for one in inner:
            yield from _models(path, one)
    elif origin is Annotated:
        yield from _models(path, inner[0])
    elif origin is tuple:
        yield from _models(f"{path}[]", inner[0])
    elif origin is dict:
        yield from _models(f"{path}.NAME", inner[1])


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _line(words: str | None) -> str:
    return " ".join((words or "").split())


def _default(field: FieldInfo, holds_sections: bool) -> str:
    if field.is_required():
        return REQUIRED
    value = field.get_default(call_default_factory=True)
    return BELOW if holds_sections and isinstance(value, BaseModel) else f"`{as_written(value)}`"


def as_written(value: Any) -> str:
    """A default as an operator would write it in YAML."""
    if value is None or isinstance(value, bool):
        return {None: "null", True: "true", False: "false"}[value]
    if isinstance(value, timedelta):
        return show_duration(value)
    if isinstance(value, dict | tuple | list | frozenset):
        assert not value
        return "{}" if isinstance(value, dict) else "[]"
    text = str(value)
    is_plain = isinstance(value, int | float) or re.match(r"[A-Za-z/]", text)
    return text if is_plain else f'"{text}"'


def _choices(field: FieldInfo) -> str:
    """What may stand there, where that is a few words, or a span of numbers or of time."""
    words = [f"`{word}`" for word in _words(field.annotation)]
    if words:
        return ", ".join(words)
    for one in field.metadata:
        if isinstance(one, AfterValidator) and isinstance(one.func, Span):
            return f"{one.func.least} to {one.func.most}"
    least = next((one for one in field.metadata if isinstance(one, Ge | Gt)), None)
    most = next((one.le for one in field.metadata if isinstance(one, Le)), None)
    if least is None or most is None:
        return ""
    return f"{least.ge} to {most}" if isinstance(least, Ge) else f"above {least.gt}, to {most}"


def _words(annotation: Any) -> Iterator[str]:
    if annotation is bool:
        yield from ("true", "false")
    elif get_origin(annotation) is Literal:
        yield from map(str, get_args(annotation))
    elif get_origin(annotation) in {Union, UnionType, frozenset}:
        for one in get_args(annotation):
            yield from _words(one)
    elif get_origin(annotation) is dict and get_origin(get_args(annotation)[0]) is Literal:
        yield from map(str, get_args(get_args(annotation)[0]))


def page() -> str:
    """The whole page."""
    return "\n".join([_OPENING, *(_section(part) for part in parts())])


def _section(part: Part) -> str:
    lines = [f"## {part.title}", ""]
    if part.words:
        lines += [part.words, ""]
    if part.keys:
        lines += ["| key | default | may be | what it is |", "|---|---|---|---|"]
        lines += [
            f"| `{key.path}` | {key.default} | {key.may_be} | {_cell(key.words)} |"
            for key in part.keys
        ]
        lines.append("")
    return "\n".join(lines)


def _cell(words: str) -> str:
    return words.replace("|", "\\|").replace("<", "&lt;")


if __name__ == "__main__":
    PATH.write_text(page(), "utf-8")
    click.echo(f"{PATH.relative_to(ROOT)}: {sum(len(part.keys) for part in parts())} keys")
