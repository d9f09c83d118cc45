"""What of the settings no log, error or page may hold: found by its type, or by the name it goes by."""

import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote

from pydantic import BaseModel, SecretStr

_SECRET_NAME = re.compile(
    r"(?i)cookie|token|key|secret|sign|pass|pwd|auth|session|ticket|credential"
)
_PASSWORD = re.compile(r"://[^/?#@:]*:(.+)@")
_SHORTEST = 4
"""A value shorter than this hides nothing, and blotting it out would eat whole log lines."""


def secrets_in(value: Any) -> Iterator[str]:
    """Every secret that stands in settings, longest first, so that a whole one goes before its parts."""
    found = {one for one in _walk("", value) if len(one) >= _SHORTEST}
    yield from sorted(found, key=lambda one: (-len(one), one))


def _walk(name: str, value: Any) -> Iterator[str]:
    if isinstance(value, SecretStr):
        yield from _forms(value.get_secret_value())
    elif isinstance(value, BaseModel):
        for _, inner in value:
            yield from _walk("", inner)
    elif isinstance(value, Mapping):
        for inner_name, inner in value.items():
            yield from _walk(inner_name, inner)
    elif isinstance(value, tuple):
        for inner in value:
            yield from _walk(name, inner)
    elif isinstance(value, str):
        yield from _by_name(name, value)


def _forms(secret: str) -> Iterator[str]:
    """The secret itself; as a URL may show it; the password in it, where it is a URL."""
    yield secret
    yield quote(secret, safe="")
    if match := _PASSWORD.search(secret):
        yield match[1]
        yield unquote(match[1])


def _by_name(name: str, text: str) -> Iterator[str]:
    """A header or a URL's parameter whose name tells."""
    if _SECRET_NAME.search(name):
        yield text
    if "://" in text:
        for parameter, value in parse_qsl(text.partition("?")[2].partition("#")[0]):
            if _SECRET_NAME.search(parameter):
                yield from (value, quote(value, safe=""))
