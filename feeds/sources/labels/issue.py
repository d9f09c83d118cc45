"""An issue of 云报平台 read by its labels: 第A1版:要闻, the titles under each, the date, 第1期.

What a link leads to is decided in the end by what the linked page turns out to be. Here only cheap
clues count: its words, its site, its place under a page's label, and an address like its neighbours'.
"""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from urllib.parse import urlsplit

from feeds.dates import find_date
from feeds.models import ArticleLink, IssueReading, PageReading
from feeds.sources.labels.header import read_fields
from feeds.sources.labels.landmarks import (
    Mark,
    PageLabel,
    Way,
    issue_number,
    mark_of,
    narrow,
    parse_label,
    way_of,
)
from feeds.sources.labels.signposts import Ways
from feeds.sources.links import article_key, date_in, is_same_site, shape
from feeds.sources.page import WebPage
from feeds.text import Line, Link, absolute_url, cut, is_wide, one_line

ONLY_PAGE = "01"
"""The label of the one page of an issue that shows no 版: what is not divided is the front page."""

_FILE = re.compile(r"\.(?:jpe?g|png|gif|webp|bmp|svg)(?:\.[0-9])?$", re.IGNORECASE)
_TODAY = re.compile(r"今天|现在|当前|北京时间|农历|您好")
_PAGE_IMAGE = re.compile(
    r"版面|第.{1,4}版|版图|(?:^|[\s_.-])(?:page|layout|banmian)[_.-]?[0-9]*", re.IGNORECASE
)
_AMOUNT = re.compile(r"\s*[(（]?\s*[0-9]+\s*(?:篇|条|个)\s*[)）]?$")
_ENOUGH = 3


@dataclass(slots=True)
class _Sheet:
    """A page (版) as it is gathered. `is_linked`: its label is a link to a document of its own."""

    label: PageLabel
    url: str | None = None
    image: str | None = None
    pdf: str | None = None
    is_heading: bool = False
    is_here: bool = False
    articles: dict[str, ArticleLink] = field(default_factory=dict)


@dataclass(slots=True)
class _Gathering:
    """What the walk over a page's lines has gathered. `loose` are articles before any label."""

    sheets: dict[str, _Sheet] = field(default_factory=dict)
    loose: dict[str, ArticleLink] = field(default_factory=dict)
    current: _Sheet | None = None
    image: str | None = None
    pdf: str | None = None
    last: ArticleLink | None = None


def read_issue(page: WebPage, ways: Ways) -> IssueReading | None:
    """The issue in a page, or None where it lists no articles and no pages, or shows no date."""
    allowed = _article_urls(page)
    gathered = _gather(page, allowed)
    day = find_issue_date(page)
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
    return sum(len(text) for text in _article_urls(page).values())


def _is_issue(page: WebPage, gathered: _Gathering, ways: Ways) -> bool:
    """Labels of pages, a neighbouring issue, or a number say so; without them, enough titles."""
    shows_ways = not {Way.PREVIOUS, Way.NEXT}.isdisjoint({*ways.live, *ways.inert})
    return (
        bool(gathered.sheets)
        or shows_ways
        or len(gathered.loose) >= _ENOUGH
        or _number(page) is not None
    )


# ── articles ────────────────────────────────────────────────────────────────────────────────────


def _article_urls(page: WebPage) -> dict[str, str]:
    """The links that look like articles, by URL: title-like words, and an address of the shape that most
    of them have. Links in a <nav> or a footer count only where there are no others.
    """
    every: list[tuple[str, str, bool]] = []
    other: set[str] = set()
    for line in page.lines:
        for link in line.links:
            url = page.link(link.href)
            if url is None or not is_same_site(url, page.url) or url == page.url:
                continue
            if _is_title(link.text):
                every.append((url, link.text, line.block.chrome))
            elif parse_label(link.text) or way_of(link.text) or find_date(link.text):
                other.add(shape(url))
    plain = [one for one in every if not one[2]] or every
    kept = [one for one in plain if shape(one[0]) not in other] or plain
    shapes = Counter(shape(url) for url, _, _ in kept)
    most = max(shapes.values(), default=0)
    return {url: text for url, text, _ in kept if shapes[shape(url)] * 4 >= most}


def _is_title(text: str) -> bool:
    label = narrow(text).strip()
    if len(label) < 2 or not is_wide(text):  # noqa: PLR2004 - a character is no title
        return False
    if (
        way_of(text)
        or parse_label(text)
        or find_date(text)
        or issue_number(label) == label.strip("第期 ")
    ):
        return False
    return mark_of(text, 0) in {Mark.TEXT, Mark.CREDITS, Mark.RELATED}


def _gather(page: WebPage, allowed: dict[str, str]) -> _Gathering:
    gathered = _Gathering()
    for line in page.lines:
        label = _heading(line)
        if label is not None:
            _enter(gathered, label, None)
        for link in line.links:
            _take_link(page, gathered, link, allowed)
        if line.images:
            _take_image(page, gathered, line)
        if gathered.last is not None and line.text:
            _take_reads(gathered, line)
    return gathered


def _heading(line: Line) -> PageLabel | None:
    """The page's label that a line is, outside of any link; a PDF link may stand beside it."""
    if len(line.text) > 80:  # noqa: PLR2004 - no heading
        return None
    return parse_label(_AMOUNT.sub("", "".join(run.text for run in line.runs if run.link is None)))


def _enter(gathered: _Gathering, label: PageLabel, url: str | None) -> None:
    sheet = gathered.sheets.setdefault(label.label, _Sheet(label))
    if label.name and not sheet.label.name:
        sheet.label = label
    sheet.url = sheet.url or url
    sheet.is_heading = sheet.is_heading or url is None
    gathered.current, gathered.last = sheet, None


def _take_link(page: WebPage, gathered: _Gathering, link: Link, allowed: dict[str, str]) -> None:
    url = page.link(link.href)
    if url and urlsplit(url).path.lower().endswith(".pdf"):
        _set_pdf(gathered, url)
    elif (label := parse_label(_AMOUNT.sub("", link.text))) is not None:
        _enter(gathered, label, url)
    elif (
        url in allowed
        and url is not None
        and link.text == one_line(link.text)
        and _is_title(link.text)
    ):
        _add(gathered, ArticleLink(article_key(url), url, cut(one_line(link.text))))


def _add(gathered: _Gathering, article: ArticleLink) -> None:
    """The same article again (an area of the page's image, a second list) is no second article."""
    if any(article.key in sheet.articles for sheet in gathered.sheets.values()):
        return
    place = gathered.current.articles if gathered.current else gathered.loose
    gathered.last = place.setdefault(article.key, article)
    if gathered.current:
        gathered.loose.pop(article.key, None)


def _take_reads(gathered: _Gathering, line: Line) -> None:
    """The count that stands beside a title in a list."""
    last = gathered.last
    if last is None or len(line.text) > 240 or last.reads is not None:  # noqa: PLR2004 - a paragraph
        return
    outside = " ".join(run.text for run in line.runs if run.link is None)
    fields = read_fields(line, outside, 0)
    if fields.reads is not None:
        counted = ArticleLink(last.key, last.url, last.title, fields.reads)
        place = gathered.current.articles if gathered.current else gathered.loose
        place[last.key] = counted
        gathered.last = None


def _take_image(page: WebPage, gathered: _Gathering, line: Line) -> None:
    """The image of a page (版面图): by its words or address, and not a title's thumbnail."""
    for run in line.images:
        target = page.link(run.link.href) if run.link else None
        large = target if target and _FILE.search(urlsplit(target).path) else None
        url = large or absolute_url(run.image or "", page.base)
        if url and (
            large or _PAGE_IMAGE.search(f"{run.group} {(run.image or '').rpartition('/')[2]}")
        ):
            holder = gathered.current or gathered
            holder.image = holder.image or url
            return


def _set_pdf(gathered: _Gathering, url: str) -> None:
    holder = gathered.current or gathered
    holder.pdf = holder.pdf or url


# ── pages ───────────────────────────────────────────────────────────────────────────────────────


def _pages(gathered: _Gathering, url: str) -> tuple[PageReading, ...]:
    """The issue's pages. Where at most one label is followed by articles, the labels are a directory and
    the articles belong to the page that this document is.
    """
    sheets = list(gathered.sheets.values())
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


def _single(gathered: _Gathering, url: str) -> tuple[PageReading, ...]:
    if not gathered.loose:
        return ()
    articles = tuple(gathered.loose.values())
    return (PageReading(ONLY_PAGE, 1, None, url, gathered.image, gathered.pdf, articles),)


def _own(sheets: Sequence[_Sheet], url: str) -> _Sheet:
    """The page that this document shows: the one with its address, or named outside a link, or the first."""
    by_url = [sheet for sheet in sheets if sheet.url == url]
    headed = [sheet for sheet in sheets if sheet.is_heading]
    return next((held[0] for held in (by_url, headed) if len(held) == 1), sheets[0])


def _move(filled: Sequence[_Sheet], own: _Sheet, gathered: _Gathering, url: str) -> None:
    articles = dict(gathered.loose)
    for sheet in filled:
        articles |= sheet.articles
        sheet.articles = {}
    own.articles = articles
    own.is_here = own.is_here or own.is_heading
    own.url = own.url or url
    own.image = own.image or gathered.image
    own.pdf = own.pdf or gathered.pdf


def _reading(sheet: _Sheet, order: int) -> PageReading:
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
        if len(line.text) > 120 or (found := find_date(_outside_links(line))) is None:  # noqa: PLR2004 - a paragraph
            continue
        score = 3 * ("星期" in line.text) + 3 * (issue_number(line.text) is not None)
        score += 2 * (line.block.tag in {"h1", "h2", "h3"}) - 6 * bool(_TODAY.search(line.text))
        score += 4 * (found == date_in(page.url))
        if best is None or score > best[0]:
            best = (score, found)
    if best is not None and best[0] >= 0:
        return best[1]
    return date_in(page.url) or find_date(page.title) or (best[1] if best else None)


def _outside_links(line: Line) -> str:
    return "".join(run.text for run in line.runs if run.link is None)


def _number(page: WebPage) -> str | None:
    for line in page.lines:
        text = _outside_links(line)
        if 0 < len(text) <= 120 and (number := issue_number(text)):  # noqa: PLR2004 - a paragraph
            return number
    return issue_number(page.title)
