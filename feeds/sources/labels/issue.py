"""An issue of 云报平台 read by its labels: 第A1版:要闻, the titles under each, the date, 第1期.

What a link leads to is decided in the end by what the linked page turns out to be. Here only cheap
clues count: its words, its site, its place under a page's label, and an address like its neighbours'.
"""

import re
from collections.abc import Sequence
from datetime import date

from feeds.dates import find_date
from feeds.models import IssueReading, PageReading
from feeds.sources.labels.gathering import NO_CLUES, Clues, Gathering, Sheet, article_urls, gather
from feeds.sources.labels.landmarks import (
    Way,
    issue_number,
)
from feeds.sources.labels.signposts import Ways
from feeds.sources.links import date_in
from feeds.sources.page import WebPage
from feeds.text import Line

ONLY_PAGE = "01"
"""The label of the one page of an issue that shows no 版: what is not divided is the front page."""

_TODAY = re.compile(r"今天|现在|当前|北京时间|农历|您好")
_ENOUGH = 3


def read_issue(page: WebPage, ways: Ways, clues: Clues = NO_CLUES) -> IssueReading | None:
    """The issue in a page, or None where it lists no articles and no pages, or shows no date."""
    gathered = gather(page, article_urls(page, clues), clues)
    day = clues.day or find_issue_date(page)
    pages = _pages(gathered, page.url)
    if day is None or not pages or not _is_issue(page, gathered, ways):
        return None
    return IssueReading(
        key=day.isoformat(),
        date=day,
        url=page.url,
        number=_number(page),
        previous=ways.live.get(Way.PREVIOUS),
        next=ways.live.get(Way.NEXT),
        is_first=ways.is_oldest,
        pages=pages,
    )


def link_weight(page: WebPage) -> int:
    """How many characters of titles the page links: against the weight of its prose."""
    return sum(len(text) for text in article_urls(page, NO_CLUES).values())


def _is_issue(page: WebPage, gathered: Gathering, ways: Ways) -> bool:
    """Labels of pages, a neighbouring issue, or a number say so; without them, enough titles."""
    shows_ways = not {Way.PREVIOUS, Way.NEXT}.isdisjoint({*ways.live, *ways.inert})
    return (
        bool(gathered.sheets)
        or shows_ways
        or len(gathered.loose) >= _ENOUGH
        or _number(page) is not None
    )


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


def _pages(gathered: Gathering, url: str) -> tuple[PageReading, ...]:
    """The issue's pages. Where at most one label is followed by articles, the labels are a directory and
    the articles belong to the page that this document is.
    """
    sheets = _in_order(list(gathered.sheets.values()))
    if not sheets:
        return _single(gathered, url)
    filled = [sheet for sheet in sheets if sheet.articles]
    for sheet in sheets:
        sheet.is_here = sheet.url in {None, url}
    if len(filled) <= 1 and len(sheets) > 1:
        _move(filled, _own(sheets, url), gathered, url)
    elif gathered.loose:
        sheets[0].articles = {**gathered.loose, **sheets[0].articles}
    return tuple(_reading(sheet, order) for order, sheet in enumerate(sheets, 1))


def _in_order(sheets: list[Sheet]) -> list[Sheet]:
    """The pages in the order of the list of pages. Where that leaves out the one that is shown, it stands
    where its label belongs.
    """
    listed = [_rank(sheet) for sheet in sheets if sheet.url]
    if len(listed) + 1 != len(sheets) or not listed or listed != sorted(listed):
        return sheets
    return sorted(sheets, key=_rank)


def _rank(sheet: Sheet) -> tuple[str, int]:
    match = re.match(r"([A-Z]*)([0-9]*)", sheet.label.label)
    assert match is not None  # both parts may be blank
    return match[1], int(match[2] or 0)


def _single(gathered: Gathering, url: str) -> tuple[PageReading, ...]:
    if not gathered.loose:
        return ()
    articles = tuple(gathered.loose.values())
    return (PageReading(ONLY_PAGE, 1, None, url, gathered.image, gathered.pdf, articles),)


def _own(sheets: Sequence[Sheet], url: str) -> Sheet:
    """The page that this document shows: the one with its address, or named outside a link, or the first."""
    by_url = [sheet for sheet in sheets if sheet.url == url]
    headed = [sheet for sheet in sheets if sheet.is_heading]
    return next((held[0] for held in (by_url, headed) if len(held) == 1), sheets[0])


def _move(filled: Sequence[Sheet], own: Sheet, gathered: Gathering, url: str) -> None:
    articles = dict(gathered.loose)
    for sheet in filled:
        articles |= sheet.articles
        sheet.articles = {}
    own.articles = articles
    own.is_here = own.is_here or own.is_heading
    own.url = own.url or url
    own.image = own.image or gathered.image
    own.pdf = own.pdf or gathered.pdf


def _reading(sheet: Sheet, order: int) -> PageReading:
    is_elsewhere = not sheet.articles and not sheet.is_here
    return PageReading(
        label=sheet.label.label,
        order=order,
        name=sheet.label.name,
        url=sheet.url,
        image=sheet.image,
        pdf=sheet.pdf,
        articles=None if is_elsewhere else tuple(sheet.articles.values()),
    )


# ── date and number ─────────────────────────────────────────────────────────────────────────────


def find_issue_date(page: WebPage) -> date | None:
    """The date printed on the issue: the line that says it best, else the title's, else the address's."""
    best: tuple[int, date] | None = None
    for line in page.lines:
        if len(line.text) > 120 or (found := find_date(outside_links(line))) is None:  # noqa: PLR2004 - a paragraph
            continue
        score = 3 * ("星期" in line.text) + 3 * (issue_number(line.text) is not None)
        score += 2 * (line.block.tag in {"h1", "h2", "h3"}) - 6 * bool(_TODAY.search(line.text))
        score += 4 * (found == date_in(page.url))
        if best is None or score > best[0]:
            best = (score, found)
    if best is not None and best[0] >= 0:
        return best[1]
    return date_in(page.url) or find_date(page.title) or (best[1] if best else None)


def outside_links(line: Line) -> str:
    return "".join(run.text for run in line.runs if run.link is None)


def _number(page: WebPage) -> str | None:
    for line in page.lines:
        text = outside_links(line)
        if 0 < len(text) <= 120 and (number := issue_number(text)):  # noqa: PLR2004 - a paragraph
            return number
    return issue_number(page.title)
