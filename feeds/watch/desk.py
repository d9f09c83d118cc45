"""One newspaper's desk: a document is fetched, read, decided on and filed here."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import structlog

from config.sources import BaseSource
from feeds.arrival import arrive
from feeds.clock import Clock
from feeds.decide import Asked, Changes, Known, Policy, decide, decide_failure
from feeds.errors import NotReadable, Unreadable
from feeds.http import Fetcher
from feeds.models import Document, EntryKind, NotModified, Reading, Request, Validators
from feeds.sources.base import Source
from feeds.store import archive
from feeds.store.engine import Store, Transaction

_Result = TypeVar("_Result")
Work: TypeAlias = Callable[[Transaction], Awaitable[Changes]]

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a look at one newspaper works with. `turns` bounds how many newspapers use the
    store at the same time.
    """

    config: BaseSource
    source: Source
    store: Store
    fetcher: Fetcher
    clock: Clock
    policy: Policy
    turns: asyncio.Semaphore

    async def fetch(
        self, request: Request, validators: Validators | None = None
    ) -> Document | NotModified:
        """Raises `FetchError`. The operator's headers go to the newspaper's own site only."""
        if urlsplit(request.url).netloc == urlsplit(self.config.url).netloc:
            request = replace(request, headers={**self.config.headers, **request.headers})
        return await self.fetcher.fetch(request, validators, site=self.config.url)

    async def arrive(self, request: Request) -> tuple[Document, Reading]:
        """The document that a request leads to at last; see `feeds.arrival.arrive`."""

        async def open_(request: Request) -> tuple[Document, Reading]:
            document = await self.fetch(request)
            assert isinstance(document, Document)  # no validators were sent
            return document, self.read(document)

        return await arrive(request, open_)

    def read(self, document: Document) -> Reading:
        """Raises `NotReadable`, also where the family's reader fails in a way it should not: one
        document must not stop its newspaper.
        """
        try:
            return self.source.read(document)
        except NotReadable:
            raise
        except Exception as error:
            log.exception("reader failed", source=self.config.id, url=document.url)
            reason = f"读网页时出错({type(error).__name__})"
            raise NotReadable(document.url, Unreadable.UNKNOWN, reason) from error

    async def file(self, document: Document, reading: Reading, asked: Asked) -> Changes:
        """Decides on a document and stores facts, validators and news in one transaction."""
        reading = _fitting(reading, asked)
        body_hash = hashlib.sha256(document.body).hexdigest()
        is_final = reading.issue is None or reading.issue.next is None

        async def work(tx: Transaction) -> Changes:
            changes = await self._decide(tx, reading, asked)
            if document.request.method == "GET" and is_final:
                await archive.remember(tx, self.config.id, document, body_hash)
            return changes

        return await self._write(work, asked)

    async def file_unchanged(self, asked: Asked) -> Changes:
        """A look at something read before that showed nothing new."""
        return await self._write(lambda tx: self._decide(tx, Reading(), asked), asked)

    async def file_failure(self, asked: Asked, reason: str, *, is_hard: bool) -> Changes:
        """Stores that a page or an article could not be read."""

        async def work(tx: Transaction) -> Changes:
            now = self.clock.now()
            known = await self._known(tx, asked.issue, asked, Reading())
            changes = decide_failure(
                known, asked, reason, is_hard=is_hard, policy=self.policy, now=now
            )
            await archive.record(tx, changes, now)
            return changes

        return await self._write(work, asked)

    async def _decide(self, tx: Transaction, reading: Reading, asked: Asked) -> Changes:
        now = self.clock.now()
        key = reading.issue.key if reading.issue else asked.issue
        known = await self._known(tx, key, asked, reading)
        changes = decide(known, reading, asked, self.policy, now)
        await archive.record(tx, changes, now)
        return changes

    async def _known(
        self, tx: Transaction, issue: str | None, asked: Asked, reading: Reading
    ) -> Known:
        if issue is None:
            return Known()
        pages = reading.issue.pages if reading.issue else ()
        counted = {link.key for page in pages for link in page.articles or () if link.reads}
        if asked.article:
            counted.add(asked.article)
        return await archive.known(tx, self.config.id, issue, asked.article, counted)

    async def _write(self, work: Work, asked: Asked) -> Changes:
        async def transaction() -> Changes:
            async with self.turns, self.store.write() as tx:
                return await work(tx)

        changes = await unbroken(transaction())
        self._tell(changes, asked)
        return changes

    def _tell(self, changes: Changes, asked: Asked) -> None:
        """One line an event, once it is stored."""
        issue = changes.issue
        if issue is None:
            return
        about = {"source": changes.source, "issue": issue.key}
        for article in changes.articles:
            if article.key == asked.article and not article.is_read:
                event = "article skipped" if article.given_up else "article not read yet"
                reason = article.given_up or "soft failure"
                log.warning(event, **about, url=asked.url, reason=reason, tries=article.attempts)
        for news in changes.news:
            if news.kind is EntryKind.ISSUE_COMPLETE:
                self._tell_issue(changes)
            elif news.kind is not EntryKind.READS_RUNG:
                log.info(news.kind.replace("_", " "), **about, article=news.article)

    def _tell_issue(self, changes: Changes) -> None:
        issue = changes.issue
        assert issue is not None
        first_seen = issue.first_seen or self.clock.now()
        log.info(
            "issue complete",
            source=changes.source,
            key=issue.key,
            pages=len(issue.pages),
            articles=sum(article.is_read for article in issue.articles),
            skipped=sum(not article.is_read for article in issue.articles),
            seconds=round((self.clock.now() - first_seen).total_seconds(), 1),
        )


def _fitting(reading: Reading, asked: Asked) -> Reading:
    """What of a reading may be believed. The document of an article says nothing about its issue, and
    one that shows another issue than was asked for (a redirect to the newest) nothing about this one.
    """
    if asked.article is not None:
        return replace(reading, issue=None)
    if asked.issue is not None and reading.issue is not None and reading.issue.key != asked.issue:
        return replace(reading, issue=None)
    return reading


async def unbroken(work: Coroutine[Any, Any, _Result]) -> _Result:
    """Awaits `work` to its end even when we are cancelled meanwhile: a transaction takes milliseconds,
    and a stop in its middle would throw away a document that was read.
    """
    task = asyncio.create_task(work)
    try:
        return await asyncio.shield(task)
    except asyncio.CancelledError:
        await asyncio.wait([task])
        raise
