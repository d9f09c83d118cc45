"""Founder's newer digital newspapers (方正翔宇, `…/pc/layout/202412/25/node_01.html`).

Templates differ from paper to paper and file names are the publisher's choice, so an issue is found by
the words of its links and the date in their addresses; only articles know a few skins by selector.
"""

import re
from dataclasses import replace
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit
from zoneinfo import ZoneInfo

from config.sources import BaseSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleLink, Document, IssueReading, PageReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.conditions import refuse_error_page, why_unreadable
from feeds.sources.fields import Rules
from feeds.sources.founder.article import is_article, read_article
from feeds.sources.labels.issue import read_issue
from feeds.sources.labels.signposts import find_ways, follow
from feeds.sources.links import article_key, date_in, is_same_site
from feeds.sources.page import WebPage, open_page
from feeds.text import one_line

_MARKERS = re.compile(
    r"enpproperty|founder-content|amucsite|enpcontent|PagePicMap|goPrePeriod|id=[\"']?ozoom",
    re.IGNORECASE,
)
_ADDRESS = re.compile(r"/(?:layout|content|col|con|att)/[0-9]{6}/[0-9]{2}/")
_ID = re.compile(r"[A-Za-z]*_?([0-9]{3,20})(?:_[0-9]+)?")
_FILE = re.compile(r"\.(?:pdf|jpe?g|png|gif|zip)(?:\.[0-9])?$", re.IGNORECASE)
# The publisher writes every page image four times: name.jpg, and smaller as name.jpg.0, .1 and .2. Pages
# show one of the small ones; the name without a number is the whole one and has a suffix clients know.
_SIZE = re.compile(r"(\.(?:jpe?g|png|gif))\.[0-9]$", re.IGNORECASE)


class Founder:
    """One paper published with 翔宇."""

    def __init__(self, config: BaseSource) -> None:
        self._config = config
        self._zone = ZoneInfo(config.timezone)
        self._rules = Rules(config.selectors, config.data)

    def entry(self) -> Request:
        return Request(self._config.url, headers=dict(self._config.headers))

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def read(self, document: Document) -> Reading:
        """A page of an issue, an article, or a signpost; see `feeds.sources.base.Source`."""
        page = open_page(document)
        values = self._rules.apply(page, self._zone)
        if not values.found:
            refuse_error_page(page)
        if values.found or is_article(page):
            name = document.request.context.get("page_name")
            article = read_article(page, values, self._zone, name)
            if article is not None:
                url = canonical_url(page.url)
                return Reading(article=replace(article, key=founder_key(url), url=url))
        ways = find_ways(page)
        issue = read_issue(page, ways)
        if issue is not None:
            return Reading(issue=_finish(page, issue))
        further = follow(page, ways)
        if not further:
            raise why_unreadable(page)
        return Reading(follow=further)


def is_founder(page: WebPage) -> bool:
    """Whether a page is one of this family: by its wrappers and scripts, or by its address."""
    return (
        _MARKERS.search(page.html) is not None
        or _ADDRESS.search(urlsplit(page.url).path) is not None
    )


def canonical_url(url: str) -> str:
    """The article's one address: without `?div=`, and that of the pc edition for its pad twin."""
    parts = urlsplit(url)
    query = urlencode([(name, value) for name, value in parse_qsl(parts.query) if name != "div"])
    return urlunsplit(parts._replace(path=parts.path.replace("/pad/", "/pc/"), query=query))


def founder_key(url: str) -> str:
    """The publisher's own number of the article (content_30048054.html), else a slug of the address."""
    name = urlsplit(url).path.rpartition("/")[2].partition(".")[0]
    match = _ID.fullmatch(name)
    return match[1] if match else article_key(url)


def _finish(page: WebPage, issue: IssueReading) -> IssueReading:
    """The issue with this family's keys, areas and images. Its own address is its first page's, for
    index.html shows another issue tomorrow.

    Raises `NotReadable` where the address and the page name different days: half-published.
    """
    if page.is_cut:
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")
    own_day = date_in(page.url)
    if own_day is not None and own_day != issue.date:
        raise NotReadable(
            page.url, Unreadable.UNKNOWN, f"地址里的日期是 {own_day},版面上印的是 {issue.date}"
        )
    pages = tuple(_finish_page(page, sheet, issue) for sheet in issue.pages)
    url = next((sheet.url for sheet in pages if sheet.url), issue.url)
    return replace(issue, url=url, pages=pages)


def _finish_page(page: WebPage, sheet: PageReading, issue: IssueReading) -> PageReading:
    if sheet.articles is None:
        return sheet
    links = [link for link in sheet.articles if date_in(link.url) in {None, issue.date}]
    articles = dict.fromkeys(founder_key(link.url) for link in links)
    named = {founder_key(link.url): link for link in reversed(links)}
    listed = [replace(named[key], key=key, url=canonical_url(named[key].url)) for key in articles]
    return replace(
        sheet,
        articles=tuple(listed) or _areas(page, issue),
        image=_page_image(page) or sheet.image,
        pdf=sheet.pdf or _pdf(page),
    )


def _areas(page: WebPage, issue: IssueReading) -> tuple[ArticleLink, ...]:
    """The articles by the areas of the page's image, where no list names them. One article may have
    several areas; its title is then only in its own document.
    """
    found: dict[str, ArticleLink] = {}
    for node in page.tree.css("area[href]"):
        url = page.link(node.attributes.get("href"))
        if (
            url
            and is_same_site(url, page.url)
            and date_in(url) in {None, issue.date}
            and not _FILE.search(url)
        ):
            url, title = (
                canonical_url(url),
                node.attributes.get("title") or node.attributes.get("alt") or "",
            )
            found.setdefault(founder_key(url), ArticleLink(founder_key(url), url, one_line(title)))
    return tuple(found.values())


def _page_image(page: WebPage) -> str | None:
    node = page.tree.css_first("img[usemap]")
    url = page.link(node.attributes.get("src")) if node is not None else None
    return _SIZE.sub(r"\1", url) if url else None


def _pdf(page: WebPage) -> str | None:
    """The PDF of this page, where it is the only one linked."""
    urls = [page.link(node.attributes.get("href")) for node in page.tree.css("a[href]")]
    pdfs = list(dict.fromkeys(url for url in urls if url and url.lower().endswith(".pdf")))
    return pdfs[0] if len(pdfs) == 1 else None
