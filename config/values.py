"""The kinds of text and time that settings are made of: each says in a sentence what it wants."""

import re
from dataclasses import dataclass
from datetime import time, timedelta
from functools import lru_cache
from typing import Annotated, Literal
from zoneinfo import ZoneInfo, available_timezones

from pydantic import AfterValidator, Field

from config.forms import BREAKS_LINE, form, in_language, matching, schema
from config.problems import nearest

RESERVED_IDS = frozenset({"feeds", "hub", "healthz", "metrics", "search", "static", "export"})
# Feeds are files with these names, and Windows opens a device instead, whatever the ending.
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)

ID = r"[a-z0-9-]{1,64}"
_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = r"([0-9]{1,6})([smhd])"
_TIME = r"(?:[01][0-9]|2[0-3]):[0-5][0-9]"
_QUIET = rf"({_TIME})-({_TIME})"
_ROBOTS = r"obey|ignore:\s*\S.*"
_USER_AGENT = r"[\x20-\x7e]{1,300}"
_CONTACT = r"[\x21-\x27\x2a-\x7e]{1,200}"  # no parenthesis: it stands in those of the User-Agent
_AUTHORITY = r"[a-z0-9.-]{1,100}(?:,[0-9-]{4,10})?"
_HEADER_NAME = r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}"  # a token of RFC 9110, 5.6.2
_BREAKS_TEXT = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufffe\uffff]")

# ── texts ───────────────────────────────────────────────────────────────────────────────────────


def _line(text: str) -> str:
    if BREAKS_LINE.search(text):
        raise ValueError("只能写一行,不能有看不见的字符 (one line without invisible characters)")
    return text


def _prose(text: str) -> str:
    if _BREAKS_TEXT.search(text):
        raise ValueError("不能有控制字符 (no control characters)")
    return text


def _filled(text: str) -> str:
    if not text.strip():
        raise ValueError("不能是空的 (must not be empty)")
    return text


def _source_id(text: str) -> str | None:
    if text in RESERVED_IDS:
        names = "、".join(sorted(RESERVED_IDS))
        words = f"这个名字留给我们自己的网址,换一个,如 huaian;留下的有 {names} (a reserved name)"
        raise ValueError(words)
    if text in _DEVICES:
        words = "Windows 不让文件叫这个名字,换一个 (no file may have this name on Windows)"
        raise ValueError(words)
    return text if re.fullmatch(ID, text) else None


Line = Annotated[str, AfterValidator(_line)]
Prose = Annotated[str, AfterValidator(_prose)]
Filled = Annotated[
    str,
    Field(json_schema_extra={"pattern": r"\S"}),
    AfterValidator(_filled),
    AfterValidator(_line),
]
CssSelector = Annotated[Prose, in_language("css")]
JmesPath = Annotated[Prose, in_language("jmespath")]
Language = Literal["zh-CN", "en"]

SourceId = Annotated[
    str,
    form(
        "只能用小写字母 a-z、数字和 -,1 到 64 个字,如 huaian (1 to 64 of a-z, 0-9 and -)",
        _source_id,
    ),
    schema(ID, "huaian"),
]
Robots = Annotated[
    str,
    form('要写 obey,或 "ignore: 理由" (obey, or "ignore: the reason")', matching(_ROBOTS)),
    schema(_ROBOTS, "obey", "ignore: 报社书面同意"),
]
UserAgent = Annotated[
    str,
    form("只能用英文字母、数字和符号,最多 300 个 (at most 300 ASCII ones)", matching(_USER_AGENT)),
    schema(_USER_AGENT),
]
Contact = Annotated[
    str,
    form("要写网址或邮箱,不带空格和括号 (a URL or an e-mail address)", matching(_CONTACT)),
    schema(_CONTACT, "mailto:you@example.com"),
]
Authority = Annotated[
    str,
    form("要写域名,或 域名,日期,如 example.com,2024 (domain or domain,date)", matching(_AUTHORITY)),
    schema(_AUTHORITY, "example.com,2024"),
]
HeaderName = Annotated[
    str, form("请求头的名字只能用字母、数字和 - (letters, digits and -)", matching(_HEADER_NAME))
]
HeaderValue = Annotated[
    str,
    form("要写成一行文字,可加引号 (one line of text; quote it)", matching(r"[^\x00-\x1f\x7f]*")),
]

# ── times ───────────────────────────────────────────────────────────────────────────────────────


def parse_time(text: str) -> time:
    """A `ClockTime` as a time of day."""
    return time(int(text[:2]), int(text[3:]))


def show_duration(value: timedelta) -> str:
    """As it would be written: 7d, 10m."""
    seconds = int(value.total_seconds())
    for size, unit in ((86_400, "d"), (3_600, "h"), (60, "m")):
        if seconds and seconds % size == 0:
            return f"{seconds // size}{unit}"
    return f"{seconds}s"


def _duration(text: str) -> timedelta | None:
    match = re.fullmatch(_DURATION, text)
    return timedelta(**{_UNITS[match[2]]: int(match[1])}) if match else None


@dataclass(frozen=True, slots=True)
class Span:
    """What a duration may be, both ends included, as they are written in a file."""

    least: str
    most: str

    def __call__(self, value: timedelta) -> timedelta:
        """The value. Raises ValueError where it lies outside."""
        low, high = _duration(self.least), _duration(self.most)
        assert low is not None
        assert high is not None
        if not low <= value <= high:
            raise ValueError(
                f"要在 {self.least} 和 {self.most} 之间 (from {self.least} to {self.most})"
            )
        return value


def within(least: str, most: str) -> AfterValidator:
    """A duration between two, which belong to it."""
    return AfterValidator(Span(least, most))


def _quiet_hours(text: str) -> str | None:
    match = re.fullmatch(_QUIET, text)
    if match and match[1] == match[2]:
        raise ValueError("起止时间一样;不要静音就写 null (begins when it ends; null: never quiet)")
    return text if match else None


def _zone(text: str) -> str | None:
    try:
        ZoneInfo(text)
    except (KeyError, ValueError, OSError):
        if near := _nearest_zone(text):
            words = f"没有这个时区,是不是 {near}? (no such time zone; did you mean {near}?)"
            raise ValueError(words) from None
        return None
    return text


@lru_cache
def _nearest_zone(text: str) -> str | None:
    """Cached, for a file in which every paper has the same slip: the names are read from a folder.
    Beirut is no near name of Beijing.
    """
    return nearest(text[:100], available_timezones(), likeness=0.85)


Duration = Annotated[
    timedelta,
    form("要写成数字和单位 s、m、h 或 d,如 10m (a number and s, m, h or d, like 10m)", _duration),
    schema(_DURATION, "10m", "1h"),
]
ClockTime = Annotated[
    str,
    form('要写成 "20:00" (a time like "20:00")', matching(_TIME)),
    schema(_TIME, "20:00"),
]
QuietHours = Annotated[
    str,
    form('要写成 "22:00-07:00" (two times like "22:00-07:00")', _quiet_hours),
    schema(_QUIET, "22:00-07:00"),
]
Zone = Annotated[
    str,
    form("没有这个时区;中国都用 Asia/Shanghai (no such time zone)", _zone),
    schema(r"[A-Za-z0-9_+/-]+", "Asia/Shanghai"),
]
