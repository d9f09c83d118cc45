"""Which callbacks the hub calls at all: pure, and stricter than what may be fetched.

The socket refuses private addresses once more when the call is made (`feeds.http.guard`), since a
name may lead anywhere; this says no at once where it can be seen, and keeps us from calling ourselves.
"""

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from yarl import URL

from config.models import Settings
from feeds.errors import Refused
from feeds.http.guard import USUAL_PORTS, host_and_port, is_public, parse_url
from feeds.words import N_

LONGEST = 2000  # characters
_LOCAL = (".localhost", ".local", ".internal", ".lan", ".home", ".home.arpa", ".corp", ".intranet")
_NUMBER = re.compile(
    r"(?:0x[0-9a-f]*|[0-9]+)$"
)  # the last label of an address, however it is written


class BadCallback(ValueError):
    """The callback is refused; the text is a message id that says why."""


@dataclass(frozen=True, slots=True)
class Callback:
    """A callback that may be called. `is_exempt`: the operator named its host, so that its address may
    be private.
    """

    url: str
    host: str
    is_exempt: bool


def check_callback(text: str, settings: Settings) -> Callback:
    """The callback, as it was spelt. Raises `BadCallback`."""
    if len(text) > LONGEST or "#" in text:
        raise BadCallback(N_("hub.callback 太长，或带有 # 之后的部分"))
    try:
        url = parse_url(text)
    except Refused:
        raise BadCallback(N_("hub.callback 要是完整的 http 或 https 网址，不带用户名")) from None
    host = host_and_port(url)
    if host in {name.lower() for name in settings.hub.allow_hosts}:
        return Callback(text, host, is_exempt=True)
    if url.port not in USUAL_PORTS:
        raise BadCallback(N_("hub.callback 的端口只能是 80 或 443"))
    if _is_ours(url, settings):
        raise BadCallback(N_("hub.callback 不能是我们自己"))
    if not _may_be_public(url):
        raise BadCallback(N_("hub.callback 不能是内网地址"))
    return Callback(text, host, is_exempt=False)


def _is_ours(url: URL, settings: Settings) -> bool:
    ours = {urlsplit(settings.public_url).hostname, settings.server.host}
    return url.host in ours


def _may_be_public(url: URL) -> bool:
    """False where the host's spelling alone shows that it is not."""
    host = (url.host or "").lower().rstrip(".")
    try:
        return is_public(ip_address(host))
    except ValueError:
        is_name = "." in host and not _NUMBER.fullmatch(host.rpartition(".")[2])
        return is_name and not host.endswith(_LOCAL)
