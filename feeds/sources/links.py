"""Where links lead, and what an article is called by its address."""

import re
from datetime import date
from urllib.parse import parse_qsl, urlsplit, urlunsplit

from feeds.dates import parse_date
from feeds.text import absolute_url, slug

_ID_NAMES = ("id", "articleid", "article_id", "newsid", "news_id", "contentid", "content_id", "aid", "nid", "cid",
             "docid", "infoid", "detailid", "fileid", "uuid", "guid")  # fmt: skip
_TWINS = frozenset({"pc", "pad", "m", "wap", "h5", "mobile", "phone"})
_SUFFIX = re.compile(r"\.(?:s?html?|json|xml|php|jsp|aspx?|do)$", re.IGNORECASE)
_TRACKING = re.compile(r"utm_\w+|div|from|share\w*|spm|timestamp|_?t|_|r|rand(?:om)?|v|isappinstalled|nsukey|scene|clicktime|wx\w*", re.IGNORECASE)  # fmt: skip


def resolve(href: str | None, base: str) -> str | None:
    """An absolute http(s) URL without its fragment, or None."""
    url = absolute_url(href, base) if href else None
    return urlunsplit(urlsplit(url)._replace(fragment="")) if url else None


def is_same_site(url: str, other: str) -> bool:
    """Whether both are on one host; www. makes no difference."""
    hosts = [(urlsplit(one).hostname or "").removeprefix("www.") for one in (url, other)]
    return hosts[0] == hosts[1]


def is_root(url: str) -> bool:
    """Whether this is a whole site's front, which is no article."""
    parts = urlsplit(url)
    return parts.path in {"", "/"} and not parts.query


def article_key(url: str) -> str:
    """The article's identity within its issue: the platform's id in the query, else a slug of the path
    without its suffix. `?div=`, tracking parameters and the pc and pad editions make no difference.
    """
    parts = urlsplit(url)
    query = {name.lower(): value for name, value in parse_qsl(parts.query)}
    named = next((query[name] for name in _ID_NAMES if query.get(name)), None)
    if named:
        return slug(named)
    steps = [step for step in parts.path.split("/") if step and step.lower() not in _TWINS]
    path = "/".join([*steps[:-1], _SUFFIX.sub("", steps[-1])]) if steps else ""
    rest = "-".join(
        f"{k}-{v}" for k, v in sorted(query.items()) if v and not _TRACKING.fullmatch(k)
    )
    return slug("-".join(filter(None, (path, rest))) or "index")


def shape(url: str) -> str:
    """The URL with its numbers and ids taken out: the articles of one paper share a shape."""
    parts = urlsplit(url)
    query = sorted(f"{name}={_NUMBERS.sub('0', value)}" for name, value in parse_qsl(parts.query))
    return f"{_NUMBERS.sub('0', parts.path)}?{'&'.join(query)}"


def date_in(url: str) -> date | None:
    """The issue date in an address: 202404/08, 2024-04/08, 2024/0408, 20240408; else None."""
    match = _URL_DATE.search(urlsplit(url).path) or _URL_DATE.search("/" + urlsplit(url).query)
    return parse_date("-".join(match.groups())) if match else None


def redated(url: str, day: date) -> str | None:
    """The address with this day in place of its own, in its own form (202404/08, 2024-04-08); a folder of
    its month (/2024-04/20240408/) follows. None where there is no date in it.
    """
    own = date_in(url)
    if own is None:
        return None
    written = re.compile(
        rf"(?<![0-9]){own:%Y}([-/_]?){own:%m}(?:([-/_]?){own:%d})?(?![0-9])"  # the day may be missing
    )

    def there(match: re.Match[str]) -> str:
        end = "" if match[2] is None else f"{match[2]}{day:%d}"
        return f"{day:%Y}{match[1]}{day:%m}{end}"

    parts = urlsplit(url)
    path, query = (written.sub(there, part) for part in (parts.path, parts.query))
    return urlunsplit(parts._replace(path=path, query=query))


_NUMBERS = re.compile(r"[0-9a-fA-F]{16,}|[0-9]+")
_URL_DATE = re.compile(r"(?<![0-9])((?:19|20)[0-9]{2})[-/_]?([01][0-9])[-/_]?([0-3][0-9])(?![0-9])")
