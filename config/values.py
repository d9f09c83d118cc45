"""The kinds of value that settings are made of: each says in a sentence what it wants."""

import re
from datetime import time, timedelta
from typing import Annotated, Any, Literal
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr

RESERVED_IDS = frozenset({"feeds", "hub", "healthz", "metrics", "search", "static", "export"})

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}
_DURATION = re.compile(r"([0-9]{1,6})([smhd])")
_TIME = re.compile(r"([01][0-9]|2[0-3]):([0-5][0-9])")
_HOST_PORT = re.compile(r"(\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._-]+):([0-9]{1,5})")
_ADDRESS = re.compile(r"[a-z]+:[^\s/:]+(/[^\s/]+)?")


class Section(BaseModel):
    """A part of the file: fixed once read, no unknown keys, no value in an error's text."""

    model_config = ConfigDict(
        frozen=True, extra="forbid", hide_input_in_errors=True, use_attribute_docstrings=True
    )


def _duration(value: Any) -> Any:
    if isinstance(value, timedelta):
        return value
    match = _DURATION.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError(
            "要写成数字和单位 s、m、h 或 d,如 10m (a number and s, m, h or d, like 10m)"
        )
    return timedelta(**{_UNITS[match[2]]: int(match[1])})


def _secret(value: Any) -> Any:
    """An opaque token may look like a number to YAML."""
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


def _source_id(value: str) -> str:
    if not re.fullmatch(r"[a-z0-9-]{1,64}", value):
        raise ValueError("只能用 a-z、0-9 和 -,1 到 64 个字 (1 to 64 of a-z, 0-9 and -)")
    if value in RESERVED_IDS:
        raise ValueError(f"{value} 是我们自己的网址,换一个名字 ({value} is one of our own paths)")
    return value


def _http_url(value: str) -> str:
    parts = urlsplit(value)
    is_clean = not re.search(r"[\s\\\x00-\x1f]", value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or not is_clean:
        raise ValueError("要写完整的网址 http://… 或 https://… (a whole http or https URL)")
    if parts.username or parts.password:
        raise ValueError("网址里不能有用户名和密码 (no user name or password in a URL)")
    _ = parts.port  # raises ValueError where it is not a port
    return value


def _with_slash(value: str) -> str:
    return value if value.endswith("/") else value + "/"


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (KeyError, ValueError, OSError) as error:
        raise ValueError("没有这个时区,如 Asia/Shanghai (no such time zone)") from error
    return value


def _clock_time(value: str) -> str:
    if not _TIME.fullmatch(value):
        raise ValueError('要写成 "20:00" (a time like "20:00", in quotes)')
    return value


def _quiet_hours(value: str) -> str:
    begin, dash, end = value.partition("-")
    if not (dash and _TIME.fullmatch(begin) and _TIME.fullmatch(end)):
        raise ValueError('要写成 "22:00-07:00" (two times like "22:00-07:00", in quotes)')
    return value


def _host_port(value: str) -> str:
    match = _HOST_PORT.fullmatch(value)
    if match is None or not 0 <= int(match[2]) <= 65535:  # noqa: PLR2004 - the largest port
        raise ValueError("要写成 主机:端口,如 127.0.0.1:8080 (host:port, like 127.0.0.1:8080)")
    return value


def _address(value: str) -> str:
    if not _ADDRESS.fullmatch(value):
        raise ValueError(
            "要写成 渠道:会话,如 telegram:-1001234567890 或 telegram:-1001234567890/7 "
            "(channel:chat or channel:chat/topic)"
        )
    return value


def _proxy(value: SecretStr) -> SecretStr:
    parts = urlsplit(value.get_secret_value())
    if parts.scheme not in {"http", "socks5"} or not parts.hostname:
        raise ValueError("要写成 http://… 或 socks5://… (http://… or socks5://…)")
    return value


def _robots(value: str) -> str:
    if value != "obey" and not re.fullmatch(r"ignore:\s*\S.*", value):
        raise ValueError('要写 obey,或 "ignore: 理由" (obey, or "ignore: the reason")')
    return value


Duration = Annotated[
    timedelta,
    BeforeValidator(
        _duration, json_schema_input_type=Annotated[str, Field(pattern=_DURATION.pattern)]
    ),
]
Secret = Annotated[SecretStr, BeforeValidator(_secret)]
SourceId = Annotated[str, AfterValidator(_source_id)]
HttpUrl = Annotated[str, AfterValidator(_http_url)]
HttpBase = Annotated[str, AfterValidator(_http_url), AfterValidator(_with_slash)]
Zone = Annotated[str, AfterValidator(_zone)]
ClockTime = Annotated[str, AfterValidator(_clock_time)]
QuietHours = Annotated[str, AfterValidator(_quiet_hours)]
HostPort = Annotated[str, AfterValidator(_host_port)]
AddressText = Annotated[str, AfterValidator(_address)]
Proxy = Annotated[Secret, AfterValidator(_proxy)]
Robots = Annotated[str, AfterValidator(_robots)]
Language = Literal["zh-CN", "en"]


def parse_time(text: str) -> time:
    """A `ClockTime` as a time of day."""
    return time(int(text[:2]), int(text[3:]))
