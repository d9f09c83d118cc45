"""What the models want at a place of the file: which keys, and what kind of value. For the names in
errors, and for texts from the environment, which know no kinds.
"""

from collections.abc import Iterator
from types import NoneType, UnionType
from typing import Annotated, Any, Literal, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr

from config.models import Settings
from config.problems import Path
from config.sources import FAMILIES

_COLLECTIONS = (tuple, frozenset, dict)


def known_keys(path: Path) -> tuple[str, ...]:
    """The keys that may stand at this place; in a source those of all families, or of the one whose
    kind is the path's last step.
    """
    names = [name for kind in _kinds_at(path) if _is_model(kind) for name in kind.model_fields]
    names += [
        name
        for kind in _kinds_at(path)
        if get_origin(kind) is dict
        for name in choices(get_args(kind)[0])
    ]
    return tuple(dict.fromkeys(names))


def choices_at(path: Path) -> tuple[str, ...]:
    """The words of which one must stand at this place, where only certain ones may."""
    return tuple(word for kind in _kinds_at(path) for word in choices(kind))


def choices(kind: Any) -> tuple[str, ...]:
    """The words of a Literal."""
    return get_args(kind) if get_origin(kind) is Literal else ()


def wants_list(path: Path) -> bool:
    """Whether items stand here, one under another."""
    return any(get_origin(kind) in {tuple, frozenset} for kind in _kinds_at(path))


def wants_collection(path: Path) -> bool:
    """Whether a list or a mapping stands here."""
    return any(_is_model(k) or get_origin(k) in _COLLECTIONS for k in _kinds_at(path))


def wants_number(path: Path) -> bool:
    """Whether a number stands here."""
    return any(kind in {int, float} for kind in _kinds_at(path))


def wants_secret(path: Path) -> bool:
    """Whether an opaque text stands here, which may look like anything else."""
    return SecretStr in _kinds_at(path)


def takes_null(path: Path) -> bool:
    """Whether null means something here."""
    return NoneType in _kinds_at(path)


def _kinds_at(path: Path) -> list[Any]:
    kinds: list[Any] = [Settings]
    for step in path:
        kinds = [inner for kind in kinds for inner in _below(kind, step)]
    return kinds


def _below(kind: Any, step: str | int) -> Iterator[Any]:
    if isinstance(step, str) and FAMILIES.get(step) is kind:
        yield kind
    elif _is_model(kind) and step in kind.model_fields:
        yield from _alternatives(kind.model_fields[step].annotation)
    elif get_origin(kind) in {tuple, frozenset} and isinstance(step, int):
        yield from _alternatives(get_args(kind)[0])
    elif get_origin(kind) is dict and isinstance(step, str):
        yield from _alternatives(get_args(kind)[1])


def _alternatives(annotation: Any) -> Iterator[Any]:
    """The kinds that an annotation allows, without what is only said about them."""
    if get_origin(annotation) is Annotated:
        yield from _alternatives(get_args(annotation)[0])
    elif get_origin(annotation) in {Union, UnionType}:
        for one in get_args(annotation):
            yield from _alternatives(one)
    else:
        yield annotation


def _is_model(kind: Any) -> bool:
    return isinstance(kind, type) and issubclass(kind, BaseModel)
