"""Times as people type them. Pure."""

import re
import unicodedata
from zoneinfo import ZoneInfo

from feeds.words import N_

_CLOCK = re.compile(
    r"(?P<part>早上|上午|中午|下午|晚上|早|晚)?\s?(?P<hour>[0-2]?[0-9])\s?"
    r"(?:[:点时]\s?(?P<half>半|(?P<minute>[0-5][0-9])分?)?)?\s?(?P<noon>am|pm)?"
)
_LATE = frozenset({"中午", "下午", "晚上", "晚", "pm"})
_SPAN = re.compile(r"\s?(?:-|–|—|~|～|到|至)\s?")
_OFFSET = re.compile(r"(?:utc|gmt)?\s?([+-])\s?(1[0-4]|[0-9])(?::?00)?")
HOURS_A_DAY, NOON = 24, 12

ZONES = {
    "Asia/Shanghai": N_("北京时间"),
    "Asia/Hong_Kong": N_("香港"),
    "Asia/Tokyo": N_("东京"),
    "Asia/Singapore": N_("新加坡"),
    "Australia/Sydney": N_("悉尼"),
    "Europe/London": N_("伦敦"),
    "Europe/Paris": N_("巴黎"),
    "America/New_York": N_("纽约"),
    "America/Los_Angeles": N_("洛杉矶"),
}
"""Zones that a button offers, with what they are called."""
_BY_NAME = {"北京": "Asia/Shanghai", "上海": "Asia/Shanghai", "中国": "Asia/Shanghai"} | {
    name: zone for zone, name in ZONES.items()
}


def parse_clock(text: str) -> str | None:
    """`20:00` of 20:00, 8点, ８：３０, 晚上8点半, 8pm; None for what is no time of day."""
    match = _CLOCK.fullmatch(_plain(text))
    if match is None:
        return None
    hour = int(match["hour"])
    minute = 30 if match["half"] == "半" else int(match["minute"] or 0)
    if (match["part"] in _LATE or match["noon"] == "pm") and hour < NOON:
        hour += NOON
    if match["noon"] == "am" and hour == NOON:
        hour = 0
    return f"{hour:02}:{minute:02}" if hour < HOURS_A_DAY else None


def parse_quiet(text: str) -> str | None:
    """`22:00-07:00` of 22:00-7:00, 22-7, 晚上10点到早上7点; None where it is not two times."""
    ends = _SPAN.split(_plain(text))
    if len(ends) != 2:  # noqa: PLR2004 - a beginning and an end
        return None
    begin, end = (parse_clock(end) for end in ends)
    return f"{begin}-{end}" if begin and end and begin != end else None


def parse_zone(text: str) -> str | None:
    """A zone's name of Asia/Tokyo, asia/tokyo, 东京, UTC+9; None where there is none such."""
    plain = _plain(text)
    if not plain:
        return None
    if plain in _BY_NAME:
        return _BY_NAME[plain]
    if offset := _OFFSET.fullmatch(plain):
        sign = "-" if offset[1] == "+" else "+"  # POSIX counts westwards
        return f"Etc/GMT{sign}{offset[2]}"
    city, typed = "/" + plain.replace(" ", "_"), text.strip()
    known = next((zone for zone in ZONES if zone.casefold().endswith(city)), None)
    for name in (known, typed, typed.upper(), "/".join(p.title() for p in typed.split("/"))):
        if name and is_zone(name):
            return name
    return None


def is_zone(name: str) -> bool:
    """Whether this names a time zone."""
    if not re.fullmatch(r"[A-Za-z0-9_+/-]{2,64}", name):
        return False
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        return False
    return True


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text[:100]).strip().casefold()
