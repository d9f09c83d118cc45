"""Read counts (阅读数) as newspapers show them: the one place where they are read and shown."""

import re
import unicodedata

from feeds.models import ReadCount

MAX_COUNT = 2**63 - 1  # what the store's integer holds

# 1.2万 is rounded, 10万+ a lower bound. A comma groups three digits, or it is no number.
_COUNT = re.compile(
    r"(?P<whole>[0-9]{1,3}(?:,[0-9]{3}){1,6}|[0-9]{1,20})(?:\.(?P<part>[0-9]{1,6}))?\s?(?P<unit>[万亿wWkK千])?\s?(?P<more>\+)?"
)
_UNITS = {"万": 10_000, "w": 10_000, "亿": 100_000_000, "k": 1_000, "千": 1_000}
_TEN_THOUSAND = 10_000
_HUNDRED_MILLION = 100_000_000


def parse_count(text: str) -> ReadCount | None:
    """The count that the text is: `231`, `1,234`, `１２３`, `1.2万`, `1.2w`, `3.5亿`, `10万+`.

    None for anything else (`--`, blank, negative, beyond 2^63-1): unknown is never 0.
    """
    match = _COUNT.fullmatch(unicodedata.normalize("NFKC", text).strip())
    if match is None or (match["part"] and not match["unit"]):
        return None
    part = match["part"] or ""
    unit = _UNITS[match["unit"].lower()] if match["unit"] else 1
    value = int(match["whole"].replace(",", "") + part) * unit // 10 ** len(part)
    if value > MAX_COUNT:
        return None
    return ReadCount(value, exact=not (match["unit"] or match["more"]))


def show(reads: ReadCount) -> str:
    """`231` where exact; `1.2万` where rounded; `10万+` where it is a whole unit and only a lower
    bound as the site shows it.
    """
    if reads.exact:
        return str(reads.value)
    for unit, name in ((_HUNDRED_MILLION, "亿"), (_TEN_THOUSAND, "万")):
        if reads.value >= unit:
            return _in_units(reads.value, unit, name)
    return f"{reads.value}+"


def _in_units(value: int, unit: int, name: str) -> str:
    whole, rest = divmod(value, unit)
    if not rest:
        return f"{whole}{name}+"
    return f"{whole}.{str(rest * 10_000 // unit).zfill(4).rstrip('0') or '0'}{name}"
