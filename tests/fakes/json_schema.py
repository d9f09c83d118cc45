"""A small validator of JSON Schema (2020-12): the keywords that our schema uses, and no others, so that a
new one is noticed.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any

# What says nothing about a value.
NOTES = frozenset({"title", "description", "default", "examples", "format", "writeOnly", "$defs", "$schema", "discriminator"})  # fmt: skip

_TYPES: dict[str, Callable[[Any], bool]] = {
    "object": lambda value: isinstance(value, dict),
    "array": lambda value: isinstance(value, list),
    "string": lambda value: isinstance(value, str),
    "integer": lambda value: isinstance(value, int) and not isinstance(value, bool),
    "number": lambda value: isinstance(value, int | float) and not isinstance(value, bool),
    "boolean": lambda value: isinstance(value, bool),
    "null": lambda value: value is None,
}


def faults(value: Any, schema: dict[str, Any], root: dict[str, Any], at: str = "$") -> list[str]:
    """Where a value is not what the schema wants. An unknown keyword is a KeyError."""
    found = []
    for keyword, wanted in schema.items():
        if keyword not in NOTES:
            found += [f"{at}: {fault}" for fault in _KEYWORDS[keyword](value, wanted, schema, root)]
    return found


def _type(value: Any, wanted: Any, _schema: Any, _root: Any) -> Iterator[str]:
    names = [wanted] if isinstance(wanted, str) else wanted
    if not any(_TYPES[name](value) for name in names):
        yield f"no {'/'.join(names)}"


def _ref(value: Any, wanted: str, _schema: Any, root: dict[str, Any]) -> list[str]:
    return faults(value, root["$defs"][wanted.removeprefix("#/$defs/")], root, wanted)


def _properties(value: Any, wanted: Any, _schema: Any, root: Any) -> Iterator[str]:
    for name in wanted if isinstance(value, dict) else ():
        if name in value:
            yield from faults(value[name], wanted[name], root, name)


def _additional(value: Any, wanted: Any, schema: Any, root: Any) -> Iterator[str]:
    for name in set(value) - set(schema.get("properties", ())) if isinstance(value, dict) else ():
        if wanted is False:
            yield f"unknown {name}"
        else:
            yield from faults(value[name], wanted, root, name)


def _names(value: Any, wanted: Any, _schema: Any, root: Any) -> Iterator[str]:
    for name in value if isinstance(value, dict) else ():
        yield from faults(name, wanted, root, "name")


def _required(value: Any, wanted: list[str], _schema: Any, _root: Any) -> Iterator[str]:
    if isinstance(value, dict):
        yield from (f"{name} is missing" for name in wanted if name not in value)


def _items(value: Any, wanted: Any, _schema: Any, root: Any) -> Iterator[str]:
    for index, item in enumerate(value if isinstance(value, list) else ()):
        yield from faults(item, wanted, root, str(index))


def _any_of(value: Any, wanted: list[Any], _schema: Any, root: Any) -> Iterator[str]:
    if all(faults(value, one, root) for one in wanted):
        yield "fits none"


def _one_of(value: Any, wanted: list[Any], _schema: Any, root: Any) -> Iterator[str]:
    fits = sum(not faults(value, one, root) for one in wanted)
    if fits != 1:
        yield f"fits {fits}"


def _all_of(value: Any, wanted: list[Any], _schema: Any, root: Any) -> Iterator[str]:
    for one in wanted:
        yield from faults(value, one, root)


def _simple(fits: Callable[[Any, Any], bool], kind: type | tuple[type, ...] = object) -> Any:
    def check(value: Any, wanted: Any, _schema: Any, _root: Any) -> Iterator[str]:
        if isinstance(value, kind) and not fits(value, wanted):
            yield f"not {wanted!r}"

    return check


_NUMBER = (int, float)
_KEYWORDS: dict[str, Callable[[Any, Any, Any, Any], Any]] = {
    "type": _type,
    "$ref": _ref,
    "properties": _properties,
    "additionalProperties": _additional,
    "propertyNames": _names,
    "required": _required,
    "items": _items,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "allOf": _all_of,
    "enum": _simple(lambda value, wanted: value in wanted),
    "const": _simple(lambda value, wanted: value == wanted),
    "pattern": _simple(lambda value, wanted: re.search(wanted, value) is not None, str),
    "minLength": _simple(lambda value, wanted: len(value) >= wanted, str),
    "maxLength": _simple(lambda value, wanted: len(value) <= wanted, str),
    "minimum": _simple(lambda value, wanted: value >= wanted, _NUMBER),
    "maximum": _simple(lambda value, wanted: value <= wanted, _NUMBER),
    "exclusiveMinimum": _simple(lambda value, wanted: value > wanted, _NUMBER),
    "uniqueItems": _simple(
        lambda value, _wanted: all(value.count(one) == 1 for one in value), list
    ),
}
