"""JSON from outside, read strictly: RFC 8259 and nothing else.

NaN and Infinity, numbers that overflow, a name given twice, text behind the end, JSONP and endless
nesting are all refused: whoever reads such a document reads something that its writer did not mean.
"""

import json
import math
from typing import Any

MAX_DIGITS = 40  # of a whole number: ids have 20


class NotJson(ValueError):
    """Says in a few words what is wrong. The text itself is not in it."""


def read_json(text: str) -> Any:
    """The value of a whole document. Raises `NotJson`."""
    try:
        return _DECODER.decode(text)
    except NotJson:
        raise
    except json.JSONDecodeError as error:
        raise NotJson(f"第 {error.lineno} 行第 {error.colno} 个字处不合 JSON 的写法") from None
    except (ValueError, RecursionError) as error:
        raise NotJson("嵌套太深" if isinstance(error, RecursionError) else "数太大") from None


def read_json_at(text: str, start: int) -> Any:
    """The value that begins at `start`, whatever follows it. Raises `NotJson`."""
    try:
        return _DECODER.raw_decode(text, start)[0]
    except (ValueError, RecursionError) as error:
        raise NotJson("不合 JSON 的写法") from error


def _pairs(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise NotJson("同一个名字出现了两次")
    return found


def _whole(digits: str) -> int:
    if len(digits) > MAX_DIGITS:
        raise NotJson("数太大")
    return int(digits)


def _fraction(digits: str) -> float:
    value = float(digits)
    if not math.isfinite(value):
        raise NotJson("数太大")
    return value


def _constant(name: str) -> Any:
    raise NotJson(f"{name} 不是 JSON 的数")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_pairs, parse_int=_whole, parse_float=_fraction, parse_constant=_constant
)
