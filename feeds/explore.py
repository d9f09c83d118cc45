"""Reads a newspaper once without a store: the newest issue, and one article of it twice."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial

from feeds.errors import NotReadable, Unreadable
from feeds.http import Fetcher
from feeds.models import (
    ArticleReading,
    Document,
    IssueReading,
    NotModified,
    PageReading,
    Reading,
    Request,
)
from feeds.sources.base import Source

MOST_HOPS = 4

Fetch = Callable[[Request], Awaitable[Document | NotModified]]


@dataclass(frozen=True, slots=True)
class Exploration:
    """What a newspaper shows. `requests` is how many a whole issue takes, guessed from the pages
    that were read. `looks_are_counted`: the count rose by our second look.
    """

    issue: IssueReading
    article: ArticleReading | None
    requests: int
    seconds_per_request: float
    looks_are_counted: bool


async def explore(source: Source, fetcher: Fetcher, *, robots: bool = True) -> Exploration:
    """Raises `FetchError` or `NotReadable`, as the newspaper's own look would. `robots`: whether its
    robots.txt is obeyed.
    """
    fetch = partial(fetcher.fetch, site=source.entry().url, robots=robots)
    begun = time.monotonic()
    issue = await _newest_issue(source, fetch)
    page = await _first_page(source, fetch, issue)
    links = page.articles or ()
    first = await _article(source, fetch, links[0].url) if links else None
    seconds = time.monotonic() - begun
    again = await _article(source, fetch, links[0].url) if first and first.reads else None
    per_page = len(links) or 1
    known = sum(len(p.articles) if p.articles is not None else per_page + 1 for p in issue.pages)
    return Exploration(
        issue=issue,
        article=first,
        requests=1 + known,
        seconds_per_request=seconds / 3,
        looks_are_counted=_rose(first, again),
    )


def _rose(first: ArticleReading | None, again: ArticleReading | None) -> bool:
    if not (first and again and first.reads and again.reads):
        return False
    return again.reads.value > first.reads.value


async def _read(source: Source, fetch: Fetch, request: Request) -> Reading:
    document = await fetch(request)
    assert isinstance(document, Document)  # no validators were sent, so no 304
    return source.read(document)


async def _newest_issue(source: Source, fetch: Fetch) -> IssueReading:
    request = source.entry()
    for _ in range(MOST_HOPS):
        reading = await _read(source, fetch, request)
        if reading.issue is not None and reading.issue.pages:
            return reading.issue
        if not reading.follow:
            break
        request = reading.follow[0]
    raise NotReadable(request.url, Unreadable.UNKNOWN, "这里没有找到最新一期")


async def _first_page(source: Source, fetch: Fetch, issue: IssueReading) -> PageReading:
    """The first page that lists articles, fetched where the issue's document did not hold it."""
    for page in issue.pages:
        if page.articles:
            return page
    first = issue.pages[0]
    if first.url is None:
        return first
    reading = await _read(source, fetch, Request(first.url))
    pages = reading.issue.pages if reading.issue else ()
    return next((page for page in pages if page.articles), first)


async def _article(source: Source, fetch: Fetch, url: str) -> ArticleReading | None:
    return (await _read(source, fetch, Request(url))).article
