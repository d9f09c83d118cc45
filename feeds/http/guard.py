"""Which addresses and URLs may be fetched: the guard against being sent to private machines.

The check of addresses sits where the socket is made. A check of the URL or of the resolver's answer
would be no guard: literals skip the resolver, and an answer can change before it is used.
"""

import re
import socket
from collections.abc import Iterator
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Any, TypeAlias

from yarl import URL

from feeds.errors import Refused

Address: TypeAlias = IPv4Address | IPv6Address
AddressInfo: TypeAlias = tuple[
    int | socket.AddressFamily, int | socket.SocketKind, int, str, tuple[Any, ...]
]

USUAL_PORTS = frozenset({80, 443})
PRIVATE = "指向内网的地址 (leads to a private address)"

# IANA's special-purpose registries, written out: `ipaddress.is_global` of Python 3.11 calls
# 192.0.0.8, 192.88.99.1 and multicast global (CVE-2024-4032 and more).
_CLOSED_4 = tuple(
    IPv4Network(network)
    for network in (
        "0.0.0.0/8",  # this network
        "10.0.0.0/8",
        "100.64.0.0/10",  # carriers' NAT, and some clouds' metadata
        "127.0.0.0/8",
        "169.254.0.0/16",  # link-local: clouds' metadata
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",  # multicast
        "240.0.0.0/4",  # reserved, and broadcast
    )
)
# Of IPv6 only 2000::/3 was ever handed out; these parts of it are special.
_OPEN_6 = IPv6Network("2000::/3")
_CLOSED_6 = tuple(
    IPv6Network(network) for network in ("2001::/23", "2001:db8::/32", "3fff::/20", "2002::/16")
)
_TEREDO = IPv6Network("2001::/32")
_6TO4 = IPv6Network("2002::/16")
# An IPv4 address stands in the last 32 bits: mapped, translated, NAT64, and the old "compatible".
_LAST_32_BITS = tuple(
    IPv6Network(network)
    for network in ("::ffff:0:0/96", "::ffff:0:0:0/96", "64:ff9b::/96", "::/96")
)
_FORBIDDEN = re.compile(r"[\\\x00-\x20\x7f]")


class ForbiddenAddress(OSError):
    """A connection was about to be made to an address that is not public."""


def is_public(address: Address) -> bool:
    """Whether an address belongs to the open internet. One that carries an IPv4 address in it is
    as public as that one.
    """
    if isinstance(address, IPv4Address):
        return not any(address in network for network in _CLOSED_4)
    carried = tuple(_carried(address))
    if carried:
        return all(is_public(inner) for inner in carried)
    return address in _OPEN_6 and not any(address in network for network in _CLOSED_6)


def is_private(host: str) -> bool:
    """Whether a host is written as an address that is not public, or as a name of this machine. For the
    error's sake only: the guard is at the socket.
    """
    try:
        return not is_public(ip_address(host.partition("%")[0]))
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def guarded_socket(info: AddressInfo) -> socket.socket:
    """A socket for aiohttp's `socket_factory`, which sees every address before it is connected to:
    literals, DNS answers and redirects alike. Raises `ForbiddenAddress`.
    """
    family, kind, protocol, _, where = info
    if not is_public(ip_address(str(where[0]))):
        raise ForbiddenAddress("the address is not public")
    return socket.socket(family, kind, protocol)


def parse_url(text: str) -> URL:
    """A URL that may be asked for at all: http or https, with a host, without userinfo, backslash,
    spaces or control characters. Raises `Refused`.
    """
    if _FORBIDDEN.search(text):
        raise Refused(
            redact(text), "网址里有不该有的字符 (the URL holds characters that do not belong there)"
        )
    if not _SCHEME.match(text):
        words = "前面要写上 https:// 或 http:// (write the whole address, with https://)"
        raise Refused(redact(text), words)
    try:
        url = URL(text)
        is_whole = url.host is not None and url.port is not None
    except ValueError as error:
        raise Refused(redact(text), "不是网址 (not a URL)") from error
    if url.scheme not in {"http", "https"} or not is_whole:
        raise Refused(redact(text), "只取 http 和 https (only http and https are fetched)")
    if url.raw_user is not None or url.raw_password is not None:
        raise Refused(redact(text), "网址里带着用户名 (a URL with a user name in it)")
    return url.with_fragment(None)


def host_and_port(url: URL) -> str:
    """`host:port` as `allow_hosts` names it, IPv6 in brackets, with the scheme's own port."""
    host = (url.host or "").lower()
    return f"[{host}]:{url.port}" if ":" in host else f"{host}:{url.port}"


_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:(?![0-9])")  # localhost:8080 has none
_SECRET_NAME = re.compile(r"(?i)token|key|secret|sign|pass|pwd|auth|session|ticket|code|credential")
_OPAQUE = 32  # characters: no page number is so long
_HIDDEN = "***"


def redact(text: str) -> str:
    """The URL as logs and people may see it: no userinfo, no fragment, no values that may be secret."""
    address, _, query = text.partition("#")[0].partition("?")
    address = re.sub(r"(?:(?<=//)|\A)[^/?#]*@", "", address)
    if not query:
        return address[:500]
    shown = "&".join(_redact_pair(pair) for pair in query.split("&"))
    return f"{address}?{shown}"[:500]


def _redact_pair(pair: str) -> str:
    name, _, value = pair.partition("=")
    is_secret = _SECRET_NAME.search(name) or len(value) >= _OPAQUE or len(name) >= _OPAQUE
    return f"{name[:_OPAQUE]}={_HIDDEN}" if is_secret else pair


def _carried(address: IPv6Address) -> Iterator[IPv4Address]:
    """The IPv4 addresses inside an IPv6 address: where the packets would end up."""
    bits = int(address)
    if any(address in network for network in _LAST_32_BITS):
        yield IPv4Address(bits & 0xFFFF_FFFF)
    elif address in _6TO4:
        yield IPv4Address(bits >> 80 & 0xFFFF_FFFF)
    elif address in _TEREDO:
        yield IPv4Address(bits >> 64 & 0xFFFF_FFFF)  # its server
        yield IPv4Address(~bits & 0xFFFF_FFFF)  # its client, stored inverted
