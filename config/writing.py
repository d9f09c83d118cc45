"""Adding a newspaper to a file that somebody wrote, as text: every comment, blank line and habit of theirs stays.

Nothing is parsed and printed again. Whoever calls this reads the result back before it takes the old
file's place.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_PLAIN = re.compile(r"[^\W\d_](?:[\w./+%&=?~@-]|:(?=[\w/])|[ ](?=[\w/]))*")
_NO_TEXT = re.compile(r"true|false|null|yes|no|on|off|y|n", re.IGNORECASE)
_SOURCES = re.compile(r"sources[ \t]*:[ \t]*(?P<rest>[^#\r\n]*?)[ \t]*(?:#.*)?")
_MARK = "\ufeff"  # of Windows' editors: "this is UTF-8"
_ITEM = re.compile(r"(?P<indent> *)-[ \t]")


class CannotAppend(ValueError):
    """The file's `sources:` are written in a way that text cannot be put behind."""


def source_text(settings: Mapping[str, Any], indent: str = "  ") -> str:
    """A source as an item of `sources:`, a line a key, ending with a line break."""
    lines = list(_lines(settings, indent + "  "))
    return "".join(
        f"{indent}- {line.strip()}\n" if n == 0 else f"{line}\n" for n, line in enumerate(lines)
    )


def settings_text(settings: Mapping[str, Any], indent: str = "") -> str:
    """Settings as lines of YAML."""
    return "".join(f"{line}\n" for line in _lines(settings, indent))


def _lines(settings: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, value in settings.items():
        if isinstance(value, Mapping) and value and not _is_short(value):
            yield f"{indent}{scalar(key)}:"
            yield from _lines(value, indent + "  ")
        else:
            yield f"{indent}{scalar(key)}: {_inline(value)}"


def _is_short(value: Mapping[str, Any]) -> bool:
    """Whether a mapping is shown on one line: one of plain values, few and short."""
    is_flat = all(not isinstance(one, Mapping | list) for one in value.values())
    return is_flat and len(_inline(value)) < 60  # noqa: PLR2004 - leaves room for its key


def _inline(value: Any) -> str:
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{scalar(k)}: {_inline(v)}" for k, v in value.items()) + "}"
    if isinstance(value, list | tuple):
        return "[" + ", ".join(_inline(one) for one in value) + "]"
    return scalar(value)


def scalar(value: Any) -> str:
    """A value as YAML writes it: text plain where nobody could take it for anything else, else quoted."""
    if value is None:
        return "null"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, int | float):
        return str(value)
    text = str(value)
    if _PLAIN.fullmatch(text) and not _NO_TEXT.fullmatch(text):
        return text
    return '"' + "".join(_escaped(char) for char in text) + '"'


def _escaped(char: str) -> str:
    if char in '"\\':
        return "\\" + char
    return char if char.isprintable() else f"\\U{ord(char):08x}"


def append_source(text: str, settings: Mapping[str, Any]) -> str:
    """The file's text with one more source at the end of its `sources:`.

    Raises `CannotAppend` where they are written on one line.
    """
    if text.startswith(_MARK):
        return _MARK + append_source(text.removeprefix(_MARK), settings)
    newline = "\r\n" if "\r\n" in text else "\n"
    lines = text.splitlines()
    place = next((n for n, line in enumerate(lines) if _SOURCES.fullmatch(line)), None)
    if place is None:
        blank = [""] if lines and lines[-1].strip() else []
        return _joined([*lines, *blank, "sources:", *_item(settings, "  ")], newline)
    rest = _SOURCES.fullmatch(lines[place])
    assert rest is not None
    if rest["rest"] not in {"", "[]", "null", "~"}:
        raise CannotAppend("sources 写在一行里")
    if rest["rest"]:
        lines[place] = lines[place].replace(rest["rest"], "", 1).rstrip()
    end, indent = _end_of(lines, place)
    return _joined([*lines[:end], *_item(settings, indent), *lines[end:]], newline)


def replace_sources(text: str, settings: Mapping[str, Any]) -> str:
    """The file's text with this source in place of all of its `sources:`."""
    lines = text.splitlines()
    place = next(n for n, line in enumerate(lines) if _SOURCES.fullmatch(line))
    end, indent = _end_of(lines, place)
    return _joined([*lines[: place + 1], *_item(settings, indent), *lines[end:]], "\n")


def _item(settings: Mapping[str, Any], indent: str) -> list[str]:
    return source_text(settings, indent).splitlines()


def _joined(lines: Sequence[str], newline: str) -> str:
    return newline.join(lines) + newline


def _end_of(lines: Sequence[str], place: int) -> tuple[int, str]:
    """The line behind the last one that belongs to the block, and how its items are indented. Comments at
    the left edge behind the last item belong to what follows.
    """
    end, indent = place + 1, None
    for number in range(place + 1, len(lines)):
        line = lines[number]
        item = _ITEM.match(line)
        if line.strip() and not line.startswith(("#", " ", "\t", "-")):
            break
        if line.strip() and not line.startswith("#"):
            end = number + 1
            if item and indent is None:
                indent = item["indent"]
    return end, "  " if indent is None else indent
