"""Reads a newspaper once without a store: the newest issue, and one article of it twice."""

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from feeds.arrival import arrive, must_stop
from feeds.decide import Asked
from feeds.errors import FetchError, NotReadable, Unreadable
from feeds.http import Fetcher
from feeds.models import (
    ArticleLink,
    ArticleReading,
    Document,
    IssueReading,
    PageReading,
    Reading,
    Request,
)
from feeds.sources.base import Source

MOST_ARTICLES = 3  # that are tried


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
    return await _Explorer(source, fetcher, robots).explore()


class _Explorer:
    """One exploration; `requests` counts its documents."""

    def __init__(self, source: Source, fetcher: Fetcher, robots: bool) -> None:
        self._source = source
        self._fetcher = fetcher
        self._robots = robots
        self._entry = source.entry()
        self._requests = 0

    async def explore(self) -> Exploration:
        begun = time.monotonic()
        newest = await self._newest()
        issue = newest.issue
        assert issue is not None
        links, whole = await self._first_page(newest, issue)
        link, first = await self._any_article(links, issue, whole)
        seconds = time.monotonic() - begun
        requests = self._requests
        is_counted = first is not None and first.reads is not None and not whole
        again = await self._article(link, issue, {}) if link and is_counted else None
        return Exploration(
            issue=issue,
            article=first,
            requests=_requests_of(issue, len(links), is_apart=not whole),
            seconds_per_request=seconds / max(requests, 1),
            looks_are_counted=_rose(first, again),
        )

    async def _newest(self) -> Reading:
        """What the entry leads to. Whatever shows no issue only points the way."""

        async def open_(request: Request) -> tuple[Document, Reading]:
            document, reading = await self._open(request)
            is_issue = reading.issue is not None and bool(reading.issue.pages)
            return document, replace(reading, is_signpost=not is_issue)

        reading = (await arrive(self._entry, open_))[1]
        if reading.issue is None:
            raise NotReadable(self._entry.url, Unreadable.UNKNOWN, "这里没有找到最新一期")
        return reading

    async def _first_page(
        self, newest: Reading, issue: IssueReading
    ) -> tuple[tuple[ArticleLink, ...], Mapping[str, ArticleReading]]:
        """The articles of the first page that lists some, fetched where the issue's document did not
        hold it; and the articles that stood whole beside them.
        """
        reading, page = newest, _filled(issue)
        if page is None and issue.pages[0].url is not None:
            asked = Asked(issue.pages[0].url, issue.key, page=issue.pages[0].label)
            reading = (await arrive(self._source.ask(asked), self._open))[1]
            page = _filled(reading.issue) if reading.issue else None
        links = page.articles if page and page.articles else ()
        return links, {article.key: article for article in reading.articles}

    async def _any_article(
        self,
        links: tuple[ArticleLink, ...],
        issue: IssueReading,
        whole: Mapping[str, ArticleReading],
    ) -> tuple[ArticleLink | None, ArticleReading | None]:
        """The first article that can be read, of a few: one bad article says nothing of its newspaper.
        Raises what the first one raised where none of them can.
        """
        trouble: FetchError | NotReadable | None = None
        for link in links[:MOST_ARTICLES]:
            try:
                if (found := await self._article(link, issue, whole)) is not None:
                    return link, found
            except (FetchError, NotReadable) as error:
                if must_stop(error):
                    raise
                trouble = trouble or error
        if trouble is not None:
            raise trouble
        return None, None

    async def _article(
        self, link: ArticleLink, issue: IssueReading, whole: Mapping[str, ArticleReading]
    ) -> ArticleReading | None:
        if link.key in whole:
            return whole[link.key]
        asked = Asked(link.url, issue.key, article=link.key)
        article = (await arrive(self._source.ask(asked), self._open))[1].article
        return replace(article, reads=article.reads or link.reads) if article else None

    async def _open(self, request: Request) -> tuple[Document, Reading]:
        """The operator's headers go to the newspaper's own site only."""
        if urlsplit(request.url).netloc == urlsplit(self._entry.url).netloc:
            request = replace(request, headers={**self._entry.headers, **request.headers})
        self._requests += 1
        document = await self._fetcher.fetch(request, site=self._entry.url, robots=self._robots)
        assert isinstance(document, Document)  # no validators were sent, so no 304
        return document, self._source.read(document)


def _filled(issue: IssueReading) -> PageReading | None:
    return next((page for page in issue.pages if page.articles), None)


def _requests_of(issue: IssueReading, per_page: int, *, is_apart: bool) -> int:
    """How many requests a whole issue takes, where pages not read yet are like the one that was."""
    pages = [page.articles for page in issue.pages]
    lists = 1 + sum(articles is None for articles in pages)
    if not is_apart:
        return lists
    return lists + sum(per_page if articles is None else len(articles) for articles in pages)


def _rose(first: ArticleReading | None, again: ArticleReading | None) -> bool:
    if not (first and again and first.reads and again.reads):
        return False
    return again.reads.value > first.reads.value
