"""Dates as Chinese newspapers print them: the one place where text becomes a date and back."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, time, timedelta, timezone
from functools import lru_cache

EARLIEST_YEAR = 1949
LATEST_YEAR = 2100

_DIGITS = "〇○零一二三四五六七八九十廿卅"
_WEEKDAYS = "一二三四五六日"
# An offset as ISO 8601 has it; without the T, 9:00-11:30 is a span of time.
_OFFSET = r"(?P<offset>Z|\+[01][0-9]:?[0-5][0-9]|(?(iso)-[01][0-9]:?[0-5][0-9]|(?!)))?"
_TIME = rf"(?:\s{{0,8}}(?:(?P<iso>T)|周[一二三四五六日天]|星期[一二三四五六日天])?\s{{0,8}}(?P<hour>[0-2]?[0-9])[:时]\s?(?P<minute>[0-5][0-9])(?:[:分]\s?(?P<second>[0-5][0-9])(?:[.:][0-9]{{1,9}})?)?{_OFFSET}(?![0-9:]))?"
_DATE = re.compile(
    rf"""(?=[0-9{_DIGITS}])(?<![0-9{_DIGITS}])(?:
        (?P<year>[0-9]{{4}})\s{{0,4}}(?:
            年\s{{0,4}}(?P<month>[0-9]{{1,2}})\s{{0,4}}月\s{{0,4}}(?P<day>[0-9]{{1,2}})\s{{0,4}}[日号]?
          | (?P<mark>[-/.])\s?(?P<month2>[0-9]{{1,2}})\s?(?P=mark)\s?(?P<day2>[0-9]{{1,2}})
        )
      | (?P<packed>[0-9]{{8}})(?![0-9])
      | (?P<chinese>[〇○零一二三四五六七八九]{{4}})\s{{0,4}}年\s{{0,4}}(?P<month3>[{_DIGITS}]{{1,3}})\s{{0,4}}月\s{{0,4}}(?P<day3>[{_DIGITS}]{{1,4}})\s{{0,4}}[日号]?
    )(?![0-9{_DIGITS}]){_TIME}""",
    re.VERBOSE,
)
_WEEKDAY = re.compile(
    r"[\s(]*+(?:(?:星期|周)[一二三四五六日天]|(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]{0,6})?+[\s)]*+"
)
_MIDNIGHT = time()
# Full-width digits and marks, and the space of the same width: like NFKC, but every place stays.
_NARROW = {code: code - 0xFEE0 for code in range(0xFF01, 0xFF5F)} | {0x3000: 0x20, 0xA0: 0x20}


@dataclass(frozen=True, slots=True)
class FoundDate:
    """A date in a text, its time of day where one follows (00:00:00 counts as none), and where it
    stands. The time is aware where an offset from UTC follows it, else it is the paper's own.
    """

    day: date
    time: time | None
    start: int
    end: int


def parse_date(text: str) -> date | None:
    """The date that the whole text is, give or take white space and a weekday; else None.

    Reads 2024年04月08日, ２０２４, 二〇二四年四月八日, 2024/4/8, 2024-04-08, 2024.4.8, 20240408.
    Impossible dates and years out of 1949 to 2100 are None, never another date.
    """
    found = next(find_dates(text), None)
    if found is None:
        return None
    rest = _narrow(text[: found.start] + text[found.end :])
    return found.day if _WEEKDAY.fullmatch(rest) else None


def find_date(text: str) -> date | None:
    """The first possible date in a text, or None."""
    found = next(find_dates(text), None)
    return found.day if found else None


def find_dates(text: str) -> Iterator[FoundDate]:
    """All possible dates in a text, in order."""
    may = _MAY_HOLD_DATE.search(text)
    if may is None:
        return
    for match in _DATE.finditer(_narrow(text), may.start()):
        day = _day(match)
        if day is not None:
            yield FoundDate(day, _time(match), match.start(), match.end())


def _narrow(text: str) -> str:
    return text.translate(_NARROW) if _WIDE_FORM.search(text) else text


_WIDE_FORM = re.compile("[\uff01-\uff5e\u3000\xa0]")
_MAY_HOLD_DATE = re.compile(rf"[0-9０-９]{{4}}|[{_DIGITS}]{{4}}\s*年")


@lru_cache(maxsize=1024)
def chinese_date(day: date) -> str:
    """`2024年04月08日`, as 云报平台 writes it."""
    return f"{day.year:04}年{day.month:02}月{day.day:02}日"


def weekday(day: date) -> str:
    """`星期一`."""
    return f"星期{_WEEKDAYS[day.weekday()]}"


def _day(match: re.Match[str]) -> date | None:
    parts = _parts(match)
    if parts is None or not EARLIEST_YEAR <= parts[0] <= LATEST_YEAR:
        return None
    try:
        return date(*parts)
    except ValueError:
        return None


def _parts(match: re.Match[str]) -> tuple[int, int, int] | None:
    if packed := match["packed"]:
        return int(packed[:4]), int(packed[4:6]), int(packed[6:])
    if year := match["year"]:
        return int(year), int(match["month"] or match["month2"]), int(match["day"] or match["day2"])
    month, day = _number(match["month3"]), _number(match["day3"])
    if month is None or day is None:
        return None
    return int("".join(str(_UNITS[char]) for char in match["chinese"])), month, day


_UNITS = {char: value for value, char in enumerate("零一二三四五六七八九")} | {"〇": 0, "○": 0}
_TENS = re.compile(r"([一二三]?)十([一二三四五六七八九]?)")


def _number(text: str) -> int | None:
    """八, 十, 十二, 三十一, 廿三, 〇八; None for what is no number below a hundred."""
    text = text.replace("廿", "二十").replace("卅", "三十")
    if match := _TENS.fullmatch(text):
        return 10 * _UNITS.get(match[1] or "一", 1) + _UNITS.get(match[2] or "零", 0)
    if "十" in text or len(text) > 2:  # noqa: PLR2004 - a day has at most two digits
        return None
    return int("".join(str(_UNITS[char]) for char in text))


def _time(match: re.Match[str]) -> time | None:
    if match["hour"] is None or int(match["hour"]) > 23:  # noqa: PLR2004 - hours of a day
        return None
    found = time(int(match["hour"]), int(match["minute"]), int(match["second"] or 0))
    return None if found == _MIDNIGHT else found.replace(tzinfo=_zone(match["offset"]))


def _zone(offset: str | None) -> timezone | None:
    if not offset:
        return None
    if offset == "Z":
        return UTC
    ahead = timedelta(hours=int(offset[1:3]), minutes=int(offset[-2:]))
    return timezone(-ahead if offset[0] == "-" else ahead)
