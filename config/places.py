"""The kinds of value that say where something is, and the secrets that let us in there."""

import re
from ipaddress import IPv6Address
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import BeforeValidator, SecretStr, WithJsonSchema

from config.forms import BREAKS_LINE, UNSEEN, form, schema

_HTTP = r"[Hh][Tt][Tt][Pp][Ss]?://"
_HOST_PORT = r"(?:\[([0-9A-Fa-f:.]+)\]|([A-Za-z0-9._-]+)):([0-9]{1,5})"
_ADDRESS = r"([a-z]+):([^\s/:]+(?:/[^\s/:]+)?)"
_TELEGRAM_CHAT = r"(?:-?[0-9]{1,20}|@[A-Za-z][A-Za-z0-9_]{3,31})(?:/[0-9]{1,20})?"
_BREAKS_URL = re.compile(rf"[\s\\{UNSEEN}]")
_VARIABLE = r"\$[A-Za-z_][A-Za-z0-9_]*"
_HIDDEN = {"writeOnly": True, "format": "password"}


def _split(text: str) -> SplitResult | None:
    """The parts of a URL whose port can be one. urllib's own errors quote the URL."""
    try:
        parts = urlsplit(text)
        usable = parts.port != 0
    except ValueError:
        return None
    return parts if usable and not _BREAKS_URL.search(text) else None


def _http_url(text: str) -> str | None:
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "https"} or not parts.hostname:
        return None
    if parts.username is not None or parts.password is not None:
        raise ValueError("网址里不能有用户名和密码 (no user name or password in a URL)")
    return text


def _http_base(text: str) -> str | None:
    if _http_url(text) is None:
        return None
    if set("?#") & set(text):
        raise ValueError("这个网址里不能有 ? 和 # (no ? and # in this URL)")
    return text if text.endswith("/") else text + "/"


def _host_port(text: str) -> str | None:
    """In one form, so that two ways of writing one place are the same: lower case, port without
    zeros, IPv6 compressed.
    """
    match = re.fullmatch(_HOST_PORT, text)
    if match is None or int(match[3]) > 65535:  # noqa: PLR2004 - the largest port
        return None
    try:
        host = f"[{IPv6Address(match[1])}]" if match[1] else match[2].lower()
    except ValueError:
        return None
    return f"{host}:{int(match[3])}"


def _address(text: str) -> str | None:
    match = re.fullmatch(_ADDRESS, text)
    if match and match[1] == "telegram" and not re.fullmatch(_TELEGRAM_CHAT, match[2]):
        raise ValueError(
            "Telegram 的会话是数字或 @频道名,话题是数字,如 telegram:-1001234567890/7 "
            "(a number or @channel; a topic is a number)"
        )
    return text if match else None


def _path(value: Any) -> Any:
    """`~` is the home of whoever runs us. Python's own paths pass, for tests and the demo."""
    if isinstance(value, Path):
        return value
    try:
        usable = isinstance(value, str) and value.strip() and not BREAKS_LINE.search(value)
        path = Path(value).expanduser() if usable else None
    except RuntimeError:  # no such user
        path = None
    if path is None:
        raise ValueError("要写路径 (must be a path)")
    return path


FilePath = Annotated[
    Path, BeforeValidator(_path), WithJsonSchema({"type": "string", "minLength": 1})
]
HttpUrl = Annotated[
    str,
    form("要写完整的网址 http://… 或 https://… (a whole http or https URL)", _http_url),
    schema(_HTTP + r"[^\s\\]+", "https://paper.example.com/"),
]
HttpBase = Annotated[
    str,
    form("要写完整的网址 http://… 或 https://… (a whole http or https URL)", _http_base),
    schema(_HTTP + r"[^\s\\?#]+", "https://news.example.com/"),
]
HostPort = Annotated[
    str,
    form("要写成 主机:端口,如 127.0.0.1:8080 (host:port, like 127.0.0.1:8080)", _host_port),
    schema(_HOST_PORT, "127.0.0.1:8080", "0.0.0.0:8080"),
]
AddressText = Annotated[
    str,
    form(
        "要写成 渠道:会话,如 telegram:-1001234567890 或 telegram:-1001234567890/7 "
        "(channel:chat or channel:chat/topic)",
        _address,
    ),
    schema(_ADDRESS, "telegram:-1001234567890", "telegram:@channel"),
]

# ── secrets ─────────────────────────────────────────────────────────────────────────────────────


def _secret(text: str) -> str | None:
    """One line, opaque but for the slips that can be seen. A file's last line break is not in it."""
    text = text.removesuffix("\n").removesuffix("\r")
    if re.fullmatch(_VARIABLE, text):
        raise ValueError("环境变量要写成 ${NAME},带花括号 (write ${NAME}, with braces)")
    if not text:
        raise ValueError("不能是空的 (must not be empty)")
    return None if text != text.strip() or BREAKS_LINE.search(text) else text


def _proxy(text: str) -> str | None:
    parts = _split(text)
    if parts is None or parts.scheme not in {"http", "socks5"} or not parts.hostname:
        return None
    return text if parts.port or parts.scheme == "http" else None


def _database(text: str) -> str | None:
    """A host may be missing: libpq takes a socket's folder as `?host=`."""
    parts = _split(text)
    usable = parts is not None and parts.scheme in {"postgresql", "postgres"}
    return text if usable else None


_ONE_LINE = form("要写成一行文字,前后没有空格 (one line of text without spaces around it)", _secret)

Secret = Annotated[
    SecretStr,
    _ONE_LINE,
    WithJsonSchema({"type": ["string", "number", "boolean"], "minLength": 1, **_HIDDEN}),
]
Proxy = Annotated[
    SecretStr,
    form("要写成 http://主机:端口 或 socks5://主机:端口 (with host and port)", _proxy),
    _ONE_LINE,
    schema(r"(http|socks5)://[^\s\\]+", "socks5://127.0.0.1:1080", **_HIDDEN),
]
DatabaseUrl = Annotated[
    SecretStr,
    form(
        "要写 postgresql://用户:密码@主机/库名,密码里的符号写成 %XX;或 null "
        "(a postgresql:// URL, symbols of the password as %XX; or null)",
        _database,
    ),
    _ONE_LINE,
    schema(r"(postgresql|postgres)://\S+", "postgresql://user@host/name", **_HIDDEN),
]
