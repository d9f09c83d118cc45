"""Addresses of Founder's papers: what a page is, what an article is called, where its month's list lies.

    F1 classic   html/2017-10/09/node_187.htm                 html/2017-10/09/content_401862.htm
    F2 D110000   html/2017-10/16/nbs.D110000renmrb_01.htm     html/2017-10/16/nw.D110000renmrb_20171016_1-01.htm
    F3 翔宇      pc/layout/202412/25/node_01.html             pc/content/202412/25/content_30048054.html

File names are the publisher's choice (`l01.html`, `colA01.html`, `c123.html`, `con-123.html`), so a name
that is none of these decides nothing.
"""

import re
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit, urlunsplit

from feeds.dates import parse_date
from feeds.sources.links import article_key

_ARTICLE = re.compile(r"(?:content[_-]|con[_-]|c)[0-9][0-9_]*|nw\.D[0-9]+.*", re.IGNORECASE)
_LAYOUT = re.compile(
    r"(?:node[_-]|l|col|page)_?[A-Z]{0,2}[0-9]+|nbs\.D[0-9]+.*|index|paperindex|default",
    re.IGNORECASE,
)
_FOLDER = re.compile(r"/(?:content|con)/[0-9]{6}/[0-9]{2}/")
_NUMBER = re.compile(r"[A-Za-z]*[_-]?([0-9]{3,20})")
_NUMBERS = re.compile(r"[A-Za-z]*[_-]?([0-9]{3,20}(?:_[0-9]{1,6})+)")
_PLACE = re.compile(r"nw\.D[0-9]+\w*?_[0-9]{8}_([0-9]+-\w{1,8})")
_DAY = re.compile(
    r"(?P<root>/(?:.*/)?)(?P<month>(?:19|20)[0-9]{2}[-/]?[01][0-9])/(?P<day>[0-3][0-9])/(?P<file>[^/]*)"
)
# The publisher writes every page image four times: name.jpg, and smaller as name.jpg.0, .1 and .2. Pages
# show one of the small ones; the name without a number is the whole one and has a suffix clients know.
_SIZE = re.compile(r"(\.(?:jpe?g|png|gif))\.[0-9]$", re.IGNORECASE)


def is_article_address(url: str) -> bool | None:
    """Whether an address is that of an article (True), of a page or an issue (False), or does not say."""
    path = urlsplit(url).path
    name = _name(path)
    if _ARTICLE.fullmatch(name) or _FOLDER.search(path):
        return True
    return False if _LAYOUT.fullmatch(name) else None


def canonical_url(url: str) -> str:
    """The article's one address: without `?div=`, and that of the pc edition for its pad twin."""
    parts = urlsplit(url)
    query = [(name, value) for name, value in parse_qsl(parts.query) if name.lower() != "div"]
    path = re.sub(r"/pad/", "/pc/", parts.path, count=1)
    return urlunsplit(parts._replace(path=path, query=urlencode(query), fragment=""))


def founder_key(url: str) -> str:
    """The publisher's own number of the article (content_30048054.html), its place in the issue (`1-01`,
    for the number holds a date and nothing else), else a slug of the address.
    """
    name = _name(urlsplit(url).path)
    if match := _PLACE.fullmatch(name) or _NUMBERS.fullmatch(name):
        return match[1]
    match = _NUMBER.fullmatch(name)
    return match[1] if match and parse_date(match[1]) is None else article_key(url)


def whole_image(url: str) -> str:
    """The largest copy of an image."""
    return _SIZE.sub(r"\1", url)


def month_list(url: str, name: str) -> str | None:
    """The list of a month's issues, which lies beside their folders, for an address within an issue."""
    match = _DAY.fullmatch(urlsplit(url).path)
    return urljoin(url, f"{match['root']}{match['month']}/{name}") if match else None


def _name(path: str) -> str:
    """The file's name without its suffix, of which names with dots in them have more than one."""
    return re.sub(
        r"\.(?:s?html?|json|xml|jsp|php)$", "", path.rpartition("/")[2], flags=re.IGNORECASE
    )
