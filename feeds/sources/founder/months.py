"""The list of a month's issues that Founder's papers keep beside the day folders: `period.xml`, in some
`navi.xml`. 上一期 is a script that reads it; so do we.

    …/html/2017-10/period.xml#before=2017-10-09&page=node_187.htm

is our address of the issue before that day: the fragment stays with us, the list is what is fetched.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from urllib.parse import parse_qsl, urlencode, urljoin, urlsplit
from zoneinfo import ZoneInfo

from selectolax.lexbor import LexborNode

from feeds.dates import find_date
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document, Reading, Request
from feeds.sources.founder.addresses import month_list
from feeds.sources.page import WebPage
from feeds.text import clean

_LIST = re.compile(r"<(?:periodlist|navi)\b", re.IGNORECASE)
_MONTH = re.compile(r"/((?:19|20)[0-9]{2})([-/]?)([01][0-9])/(?=[^/]*$)")
_PAGE = re.compile(r"[A-Za-z0-9_.-]{1,80}\.[A-Za-z]{2,5}")
_MOST_MONTHS = 3  # back, as far as the publisher's own script looks
_AHEAD = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """Which issue a list was asked for: the newest before a day, or the newest. `page` is the name of a
    first page, for lists that do not say it. `months` is how many lists were asked already.
    """

    before: date | None
    page: str
    months: int


def is_month_list(page: WebPage) -> bool:
    """Whether a document is a list of a month's issues."""
    return _LIST.search(page.html[:2000]) is not None


def issue_before(url: str, day: date, name: str) -> str | None:
    """Our address of the issue before this one, where its own address tells the day's folder."""
    months = month_list(url, name)
    page = urlsplit(url).path.rpartition("/")[2]
    return _address(months, _Wanted(day, page, 0)) if months else None


def read_month(page: WebPage, document: Document, zone: ZoneInfo) -> Reading:
    """A signpost to the issue that was wanted: best first, or the list of the month before.

    Raises `NotReadable` where there is none.
    """
    wanted = _wanted(document.request.url)
    latest = _today(document.fetched_at, zone) + _AHEAD
    issues = {
        day: url
        for day, url in _issues(page, wanted)
        if (day < wanted.before if wanted.before else day <= latest)
    }
    ways = [issues[day] for day in sorted(issues, reverse=True)[:2]]
    if not ways and wanted.months < _MOST_MONTHS and (earlier := _earlier(page.url, wanted)):
        ways = [earlier]
    if not ways:
        raise NotReadable(page.url, Unreadable.NO_ISSUE, "这个月的期次列表里没有更早的报纸")
    return Reading(follow=tuple(Request(way) for way in ways), is_signpost=True)


def _issues(page: WebPage, wanted: _Wanted) -> Iterator[tuple[date, str]]:
    for node in page.tree.css("period, calendar date"):
        told = node.css_first("period_date") or node
        front = node.css_first("front_page")
        name = clean(front.text()).strip() if front is not None else ""
        day = _day(told, page.url)
        file = name if _PAGE.fullmatch(name) else wanted.page
        if day and file:
            yield day, urljoin(page.url, f"{day.day:02}/{file}")


def _day(node: LexborNode, url: str) -> date | None:
    """The date that an element says, in full or as a day of the list's month."""
    text = clean(node.text(deep=True)).strip() or str(node.attributes.get("value") or "")
    month = _MONTH.search(urlsplit(url).path)
    if month and re.fullmatch(r"[0-9]{1,2}", text):
        return find_date(f"{month[1]}-{month[3]}-{text}")
    day = find_date(text)
    is_of_month = (
        month is None or day is None or (day.year, day.month) == (int(month[1]), int(month[3]))
    )
    return day if is_of_month else None


def _wanted(url: str) -> _Wanted:
    said = dict(parse_qsl(urlsplit(url).fragment))
    months = said.get("months", "0")
    page = said.get("page", "")
    return _Wanted(
        find_date(said.get("before", "")),
        page if _PAGE.fullmatch(page) else "",
        int(months) if re.fullmatch("[0-9]", months) else 0,
    )


def _address(months: str, wanted: _Wanted) -> str:
    said = {"before": str(wanted.before), "page": wanted.page, "months": str(wanted.months)}
    return f"{months}#{urlencode(said)}"


def _earlier(url: str, wanted: _Wanted) -> str | None:
    """The list of the month before this one."""
    month = _MONTH.search(urlsplit(url).path)
    if month is None:
        return None
    last = date(int(month[1]), max(1, min(12, int(month[3]))), 1) - timedelta(days=1)
    path = urlsplit(url).path
    earlier = f"{path[: month.start()]}/{last:%Y}{month[2]}{last:%m}/{path[month.end() :]}"
    before = wanted.before or last + timedelta(days=1)
    return _address(urljoin(url, earlier), _Wanted(before, wanted.page, wanted.months + 1))


def _today(now: datetime, zone: ZoneInfo) -> date:
    return now.astimezone(zone).date()
