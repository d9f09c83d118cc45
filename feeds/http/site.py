"""Which hosts belong to one newspaper, so that a redirect may lead there.

Newspapers move between www., epaper., szb. and their bare name, so everything under the name that they
registered is one site. That name is what the list of public suffixes would tell; the few rules of it that
Chinese newspapers live under are written out here, for the list is long, changes weekly and is mostly of
other countries. What this takes for one site too much (two customers of one host in a country we do not
know) is still public, still read for what it is, and still has to be dated like an issue.
"""

import re
from ipaddress import ip_address

from feeds.text import words

# Second levels under which names are registered: com.cn, gov.cn, edu.hk, co.jp …, and in .cn the provinces.
_SECOND_LEVELS = words(
    "com net org gov edu mil ac co ne or go idv gob nom "
    "ah bj cq fj gd gs gx gz ha hb he hi hk hl hn jl js jx ln mo nm nx qh sc sd sh sn sx tj tw xj xz yn zj"
)
_COUNTRY = re.compile(r"[a-z]{2}|xn--[a-z0-9-]+")


def is_same_site(host: str, other: str) -> bool:
    """Whether two hosts belong to one registered name. An address belongs to itself alone."""
    host, other = host.lower().rstrip("."), other.lower().rstrip(".")
    return host == other or (registered(host) == registered(other) is not None)


def registered(host: str) -> str | None:
    """The name that somebody registered: paper.people.com.cn → people.com.cn. None for an address, and for
    a name that is itself a suffix.
    """
    if _is_address(host):
        return None
    labels = host.split(".")
    is_deep = (
        len(labels) > 1
        and _COUNTRY.fullmatch(labels[-1]) is not None
        and labels[-2] in _SECOND_LEVELS
    )
    length = 3 if is_deep else 2
    return ".".join(labels[-length:]) if len(labels) >= length else None


def _is_address(host: str) -> bool:
    try:
        ip_address(host.strip("[]"))
    except ValueError:
        return False
    return True
