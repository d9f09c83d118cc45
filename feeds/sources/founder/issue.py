"""An issue of Founder's, and its page in one: read by the words of its links, with what the page's own image
map tells about which links are articles, and whose.
"""

import re
from collections.abc import Iterator, Mapping
from dataclasses import replace

from selectolax.lexbor import LexborNode

from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleLink, IssueReading, PageReading
from feeds.sources.founder.addresses import (
    canonical_url,
    founder_key,
    is_article_address,
    whole_image,
)
from feeds.sources.labels.gathering import Clues
from feeds.sources.labels.issue import read_issue
from feeds.sources.labels.signposts import Ways
from feeds.sources.links import date_in, is_same_site, shape
from feeds.sources.page import WebPage
from feeds.text import check_markup, one_line

_FILE = re.compile(r"\.(?:pdf|jpe?g|png|gif|zip)(?:\.[0-9])?$", re.IGNORECASE)
_LINK = re.compile(r"<(?:a|area)\b[^>]{0,500}?\bhref\s*=\s*[\"']?([^\"'\s>]{1,300})", re.IGNORECASE)


def read_founder_issue(page: WebPage, ways: Ways) -> IssueReading | None:
    """The issue, or None. Its own address is its first page's, for index.html shows another issue
    tomorrow.

    Raises `NotReadable` where the address and the page name different days (half published), and
    where the document stops inside one of its lists.
    """
    areas = dict(_areas(page))
    issue = read_issue(page, ways, Clues(articles=_article_urls(page, areas)))
    if issue is None:
        return None
    own_day = date_in(page.url)
    if own_day is not None and own_day != issue.date:
        words = f"地址里的日期是 {own_day},版面上印的是 {issue.date}"
        raise NotReadable(page.url, Unreadable.UNKNOWN, words)
    pages = tuple(_finish_page(page, sheet, issue, areas) for sheet in issue.pages)
    _refuse_cut(page, pages)
    url = next((sheet.url for sheet in pages if sheet.url), issue.url)
    return replace(issue, url=url, pages=pages)


def _areas(page: WebPage) -> Iterator[tuple[str, str]]:
    """The articles of the page's image map: URL and title, which is mostly blank. One article may have
    several areas.
    """
    for node in page.tree.css("area[href]"):
        url = page.link(node.attributes.get("href"))
        if url and is_same_site(url, page.url) and not _FILE.search(url):
            title = node.attributes.get("title") or node.attributes.get("alt") or ""
            yield url, one_line(title)


def _article_urls(page: WebPage, areas: Mapping[str, str]) -> list[str] | None:
    """The links that are articles: those of the shape that the areas' have, or else of a usual name. None
    where neither is there, so that their words must tell.
    """
    shapes = {shape(canonical_url(url)) for url in areas}
    links = [page.link(node.attributes.get("href")) for node in page.tree.css("a[href]")]
    urls = [url for url in dict.fromkeys(links) if url and is_same_site(url, page.url)]
    chosen = [
        url
        for url in urls
        if (shape(canonical_url(url)) in shapes if shapes else is_article_address(url))
        and not _FILE.search(url)
    ]
    return chosen or None


def _finish_page(
    page: WebPage, sheet: PageReading, issue: IssueReading, areas: Mapping[str, str]
) -> PageReading:
    if sheet.articles is None:
        return sheet
    links = [link for link in sheet.articles if date_in(link.url) in {None, issue.date}]
    named = {founder_key(link.url): link for link in reversed(links)}
    keys = dict.fromkeys(founder_key(link.url) for link in links)
    own = _own_list(page, {founder_key(url) for url in areas})
    listed = [
        replace(named[key], key=key, url=canonical_url(named[key].url))
        for key in keys
        if own is None or key in own
    ]
    return replace(
        sheet,
        articles=tuple(listed) or _unlisted(areas, issue),
        image=_page_image(page) or sheet.image,
        pdf=sheet.pdf or _pdf(page),
    )


def _own_list(page: WebPage, mapped: set[str]) -> set[str] | None:
    """The page's articles where its map is known to name them all: where the list that holds the map's
    articles holds no other, links elsewhere (今日关注) are to other pages. None where that is not known.
    """
    places: dict[str, list[LexborNode]] = {}
    for node in page.tree.css("a[href]"):
        url = page.link(node.attributes.get("href"))
        if url and (key := founder_key(url)) in mapped and key not in places:
            places[key] = list(_around(node))
    if len(places) < 2:  # noqa: PLR2004 - the list of one is the link itself
        return None
    chains = [{node.mem_id for node in around} for around in places.values()]
    first = next(iter(places.values()))
    home = next((node for node in first if all(node.mem_id in chain for chain in chains)), None)
    if home is None:
        return None
    urls = (page.link(node.attributes.get("href")) for node in home.css("a[href]"))
    held = {founder_key(url) for url in urls if url and is_article_address(url) is not False}
    return mapped if held <= mapped else None


def _around(node: LexborNode) -> Iterator[LexborNode]:
    parent = node.parent
    while parent is not None:
        yield parent
        parent = parent.parent


def _unlisted(areas: Mapping[str, str], issue: IssueReading) -> tuple[ArticleLink, ...]:
    """The articles by the areas of the page's image, where no list names them; a title is then often only
    in its own document.
    """
    found: dict[str, ArticleLink] = {}
    for url, title in areas.items():
        if date_in(url) in {None, issue.date}:
            key = founder_key(url)
            found.setdefault(key, ArticleLink(key, canonical_url(url), title))
    return tuple(found.values())


def _page_image(page: WebPage) -> str | None:
    node = page.tree.css_first("img[usemap]")
    url = page.link(node.attributes.get("src")) if node is not None else None
    return whole_image(url) if url else None


def _pdf(page: WebPage) -> str | None:
    """The PDF of this page, where it is the only one linked."""
    urls = [page.link(node.attributes.get("href")) for node in page.tree.css("a[href]")]
    pdfs = list(dict.fromkeys(url for url in urls if url and url.lower().endswith(".pdf")))
    return pdfs[0] if len(pdfs) == 1 else None


# ── documents that stop early ───────────────────────────────────────────────────────────────────


def _refuse_cut(page: WebPage, pages: tuple[PageReading, ...]) -> None:
    """A document without its end is whole for us where both of its lists, of pages and of articles, ended:
    templates forget `</html>`, and a connection that breaks stops anywhere.
    """
    if not page.is_cut:
        return
    sheets = {sheet.url for sheet in pages}
    articles = {link.key for sheet in pages for link in sheet.articles or ()}
    places = [
        (match.start(), url) for match in _LINK.finditer(page.html) if (url := page.link(match[1]))
    ]
    lists = (
        [at for at, url in places if url in sheets],
        [at for at, url in places if founder_key(url) in articles],
    )
    if not all(len(links) > 1 and _has_ended(page, links) for links in lists):
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")


def _has_ended(page: WebPage, links: list[int]) -> bool:
    """Whether the element that holds these links was closed before the document stopped."""
    first, last = (check_markup(page.html[:at]) for at in (links[0], links[-1]))
    depth = next(
        (n for n, (a, b) in enumerate(zip(first, last, strict=False)) if a != b),
        min(len(first), len(last)),
    )
    return page.unclosed[:depth] != first[:depth]
