"""Where a page leads: 上一期, 下一期, 往期, a refresh, the newest issue of a list."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date

from feeds.dates import find_date, find_dates
from feeds.models import Reading, Request
from feeds.sources.labels.landmarks import Way, issue_number, narrow, way_of
from feeds.sources.links import is_same_site
from feeds.sources.page import WebPage
from feeds.text import Line

_REFRESH = re.compile(
    r"\A\s*(?P<delay>[0-9.]{0,8})\s*[;,]?\s*(?:url\s*=\s*)?[\"']?(?P<url>[^\"'\s]{1,2000})",
    re.IGNORECASE,
)
_SCRIPT_MOVE = re.compile(
    r"(?:^|[;{}\s>])(?:window\.|top\.|self\.|document\.|parent\.)?location(?:\.href)?\s*=\s*[\"']([^\"'<>\s+]{1,2000})[\"']"
    r"|location\.(?:replace|assign)\s*\(\s*[\"']([^\"'<>\s+]{1,2000})[\"']\s*\)"
)
_SCRIPT = re.compile(r"<script\b[^>]{0,500}>(.{0,5000}?)</script", re.IGNORECASE | re.DOTALL)
_SHELF_DIRT = re.compile(
    r"星期[一二三四五六日天]|周[一二三四五六日天]|第\s*[0-9一二三四五六七八九十百]{1,6}\s*期|总第?\s*[0-9]+\s*期|[\s()·:|,-]+"
)
_PAPER_NAME = 12
_MOST_FOLLOWED = 5
_FEW = 40


@dataclass(slots=True)
class Ways:
    """The ways that a page shows. A way is in `inert` where its words are there but lead nowhere."""

    live: dict[Way, str] = field(default_factory=dict)
    inert: set[Way] = field(default_factory=set)

    @property
    def is_oldest(self) -> bool:
        """A newer issue is linked, and 上一期 is there and leads nowhere."""
        return (
            Way.NEXT in self.live and Way.PREVIOUS in self.inert and Way.PREVIOUS not in self.live
        )


@dataclass(frozen=True, slots=True)
class ShelfItem:
    """An issue in a list of issues."""

    url: str
    day: date | None
    number: str | None


def find_ways(page: WebPage) -> Ways:
    """上一期, 下一期, 往期, 目录 by their words. `#`, `javascript:` and the page itself lead nowhere."""
    ways = Ways()
    for line in page.lines:
        for link in line.links:
            way = way_of(link.text)
            url = page.link(link.href) if way else None
            if way and url and url != page.url.partition("#")[0] and is_same_site(url, page.url):
                ways.live.setdefault(way, url)
            elif way:
                ways.inert.add(way)
        if len(line.text) <= _FEW and "期" in line.text:
            ways.inert.update(_plain_ways(line))
    return ways


def _plain_ways(line: Line) -> Iterator[Way]:
    """The ways whose words stand outside any link."""
    for run in line.runs:
        for word in re.split(r"[\s|丨/·]+", run.text) if run.link is None else ():
            if (way := way_of(word)) in {Way.PREVIOUS, Way.NEXT}:
                yield way


def find_shelf(page: WebPage) -> tuple[ShelfItem, ...]:
    """The issues that a page lists by date or number (往期), newest first; empty for fewer than two."""
    items: dict[str, ShelfItem] = {}
    for line in page.lines:
        for link in line.links:
            url = page.link(link.href)
            text = link.text if find_date(link.text) or issue_number(link.text) else line.text
            if (
                url
                and is_same_site(url, page.url)
                and len(line.links) <= _FEW
                and _is_shelf_text(text)
            ):
                items.setdefault(url, ShelfItem(url, find_date(text), issue_number(text)))
    if len(items) < 2:  # noqa: PLR2004 - one is no list
        return ()
    return tuple(sorted(items.values(), key=_age))


def _is_shelf_text(text: str) -> bool:
    """Nothing but a date or a number, and perhaps the paper's name."""
    label = narrow(text)
    dates = list(find_dates(label))
    for found in reversed(dates):
        label = label[: found.start] + label[found.end :]
    has_number = issue_number(label) is not None
    return (bool(dates) or has_number) and len(_SHELF_DIRT.sub("", label)) <= _PAPER_NAME


def _age(item: ShelfItem) -> tuple[int, int]:
    number = (
        int(item.number) if item.number and item.number.isascii() and item.number.isdigit() else 0
    )
    return (-item.day.toordinal() if item.day else 0, -number)


def find_refresh(page: WebPage) -> str | None:
    """Where a page that is only a doorway sends its reader: a meta refresh, or a script that sets the
    location. Only to the same site, never to itself.
    """
    targets = [*_meta_targets(page), *_script_targets(page)]
    urls = (page.link(target) for target in targets)
    return next(
        (url for url in urls if url and url != page.url and is_same_site(url, page.url)), None
    )


def _meta_targets(page: WebPage) -> Iterator[str]:
    for node in page.tree.tags("meta"):
        told = node.attributes
        if (told.get("http-equiv") or "").lower() != "refresh":
            continue
        match = _REFRESH.match(told.get("content") or "")
        if match and not match["url"].isdigit():
            yield match["url"]


def _script_targets(page: WebPage) -> Iterator[str]:
    for script in _SCRIPT.finditer(page.html[:200_000]):
        for match in _SCRIPT_MOVE.finditer(script[1]):
            yield match[1] or match[2]


def lead(page: WebPage, ways: Ways, shelf: Sequence[ShelfItem] = ()) -> Reading:
    """The documents that lead to the newest issue, best first. A doorway leads to what is behind it."""
    door = find_refresh(page)
    urls = [door, ways.live.get(Way.NEWEST)]
    urls += [item.url for item in shelf[:2]]
    urls += [ways.live.get(way) for way in (Way.CONTENTS, Way.SHELF)]
    wanted = dict.fromkeys(url for url in urls if url and url != page.url)
    further = tuple(Request(url) for url in list(wanted)[:_MOST_FOLLOWED])
    return Reading(follow=further, is_signpost=door is not None)
