"""Keeps what others wrote from steering a terminal or forging a line: controls are shown, not sent.

Trojan text (CVE-2021-42574) reorders what is seen by bidirectional controls; C1 controls are escape
sequences in one character; a line break in a message would begin a line that looks like ours.
"""

import re
from collections.abc import Iterator
from traceback import TracebackException
from types import TracebackType
from typing import Any

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None]

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
_UNSAFE = re.compile(f"[\x00-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff\ufeff]")
_UNSAFE_BUT_LINES = re.compile(
    f"[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff\ufeff]"
)
_RAW_IN_JSON = re.compile(f"[\x7f-\x9f\u2028\u2029{_BIDI}\ud800-\udfff\ufeff]")
_SHORT = {"\n": r"\n", "\r": r"\r", "\t": r"\t"}
_FRAME = re.compile(r'[\s|+\-\d.]*(?:File "|Traceback \(most recent|Exception Group Traceback)')
_BETWEEN = ("The above exception was", "During handling of the above")
MOST_OF_A_TRACEBACK = 20_000  # characters; a recursion repeats itself


def escape(text: str) -> str:
    """The text on one line, every control character written out as in a Python literal."""
    return text if text.isprintable() else _UNSAFE.sub(_shown, text)


def escape_lines(text: str) -> str:
    """Lines of our own making: their breaks stay, all else is written out."""
    return _UNSAFE_BUT_LINES.sub(_shown, text)


def escaped(value: Any) -> Any:
    """A value of plain data, its texts escaped."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, dict):
        return {escape(key): escaped(item) for key, item in value.items()}
    if isinstance(value, list):
        return [escaped(item) for item in value]
    return value


def escape_json(line: str) -> str:
    """JSON in which nothing steers a terminal either: what it means stays the same."""
    return line if line.isprintable() else _RAW_IN_JSON.sub(lambda m: f"\\u{ord(m[0]):04x}", line)


def shown_traceback(exc_info: ExcInfo) -> str:
    """The traceback, set in; whatever an exception's message holds stays on its line."""
    kind, error, where = exc_info
    chunks = TracebackException(kind, error, where, compact=True).format()
    text = "\n".join(f"  {line}" for chunk in chunks for line in _lines(chunk))
    if len(text) > MOST_OF_A_TRACEBACK:
        half = MOST_OF_A_TRACEBACK // 2
        text = f"{text[:half]}\n  …\n{text[-half:]}"
    return escape_lines(text)


def _lines(chunk: str) -> Iterator[str]:
    """Frames are lines of our own files; all else is one line however many its words make of it."""
    if _FRAME.match(chunk) or chunk.strip(" |\n").startswith(_BETWEEN):
        yield from chunk.rstrip("\n").split("\n")
    else:
        yield escape(chunk.rstrip("\n"))


def _shown(match: re.Match[str]) -> str:
    char = match[0]
    code = ord(char)
    return _SHORT.get(char) or (f"\\x{code:02x}" if code <= 0xFF else f"\\u{code:04x}")  # noqa: PLR2004 - two digits
