"""One newspaper's desk: a document is fetched, read, decided on and filed here."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar
from urllib.parse import urlsplit

import structlog

from config.sources import BaseSource
from feeds.arrival import onward
from feeds.clock import Clock
from feeds.decide import (
    Asked,
    Changes,
    Failure,
    Known,
    KnownIssue,
    Policy,
    decide,
    decide_failure,
    decide_gone,
    decide_recheck,
    decide_unchanged,
    is_credible,
)
from feeds.errors import FetchError, NotReadable, Unreadable
from feeds.figures import (
    CRASHED,
    DOCUMENTS,
    FIELDS,
    FOUND,
    ISSUE_SECONDS,
    NOT_AN_ARTICLE,
    NOT_FOUND,
    UNREADABLE,
    UNSEEN_SECONDS,
)
from feeds.http import Fetcher
from feeds.models import (
    ArticleReading,
    Document,
    EntryKind,
    IssueReading,
    NotModified,
    Reading,
    Request,
    Validators,
)
from feeds.parsing.parser import Parser
from feeds.sources.base import Source
from feeds.store import archive, gaps, looks
from feeds.store.archive import Memory
from feeds.store.engine import Store, Transaction
from feeds.store.known import known, known_issue
from feeds.tally import Count
from feeds.watch.moved import settle_moved

_Result = TypeVar("_Result")
Work: TypeAlias = Callable[[Transaction], Awaitable[Sequence[Changes]]]
"""What a document changes, its own issue last."""

log = structlog.get_logger(__name__)


class Paused(Exception):
    """An operator paused this newspaper while it was looked at. What was read until then is filed."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that a look at one newspaper works with. `turns` bounds how many newspapers use the
    store at the same time. Once an operator `is_paused` it, nothing more is fetched: `Paused`.
    """

    config: BaseSource
    source: Source
    store: Store
    fetcher: Fetcher
    parser: Parser
    clock: Clock
    policy: Policy
    turns: asyncio.Semaphore
    is_paused: Callable[[], bool] = lambda: False

    async def query(self, ask: Callable[[Transaction], Awaitable[_Result]]) -> _Result:
        """What a function of the store answers, in a transaction that only reads."""
        async with self.turns, self.store.read() as tx:
            return await ask(tx)

    async def issue(self, key: str) -> KnownIssue | None:
        """An issue as it is stored."""
        return await self.query(lambda tx: known_issue(tx, self.config.id, key))

    async def open(
        self, request: Request, memory: Memory | None = None
    ) -> tuple[Document, Reading] | None:
        """A document and what it says; None where it is as it was when it was filed (`memory`): by its
        validators, or by its own bytes, which decide where validators lie. Of a signpost, the document to
        which it leads at last.

        Raises `FetchError` and `NotReadable`.
        """
        document = await self._fetch(request, memory.validators if memory else None)
        if isinstance(document, NotModified):
            return None
        if memory is not None and memory.body_hash == _hash(document):
            return None
        reading = await self._read(document)
        if reading.is_signpost:
            return await onward(request, reading, self._open)
        return document, reading

    async def _open(self, request: Request) -> tuple[Document, Reading]:
        document = await self._fetch(request)
        assert isinstance(document, Document)  # no validators were sent
        return document, await self._read(document)

    async def reopen(self, request: Request) -> tuple[Document, Reading] | None:
        """`open`, with what is kept of the document."""
        if request.method != "GET":
            return await self.open(request)
        return await self.open(
            request, await self.query(lambda tx: archive.memory(tx, self.config.id, request.url))
        )

    async def _fetch(
        self, request: Request, validators: Validators | None = None
    ) -> Document | NotModified:
        """The operator's headers go to the newspaper's own site only."""
        if self.is_paused():
            raise Paused
        if urlsplit(request.url).netloc == urlsplit(self.config.url).netloc:
            request = replace(request, headers={**self.config.headers, **request.headers})
        obey = self.config.robots == "obey"
        return await self.fetcher.fetch(request, validators, self.config.url, robots=obey)

    async def _read(self, document: Document) -> Reading:
        """Raises `NotReadable`, also where the family's reader fails in a way it should not: one
        document must not stop its newspaper.
        """
        try:
            reading = await self.parser.read(self.source, self.config, document)
        except NotReadable as error:
            self._count(UNREADABLE, error.why)
            raise
        except FetchError:
            raise
        except Exception as error:
            self._count(UNREADABLE, CRASHED)
            log.exception("reader failed", source=self.config.id, url=document.url)
            reason = f"读网页时出错({type(error).__name__})"
            raise NotReadable(document.url, Unreadable.UNKNOWN, reason) from error
        self._count(DOCUMENTS)
        if reading.article is not None:
            self._count_fields(reading.article)
        return reading

    def _count(self, what: Count, *labels: str) -> None:
        self.store.tally.count(what, self.config.id, *labels)

    def _count_fields(self, article: ArticleReading) -> None:
        for field in FIELDS:
            self._count(FOUND, field, article.found_by.get(field, NOT_FOUND))

    async def file(self, document: Document, reading: Reading, asked: Asked) -> Changes:
        """Decides on a document and stores facts, validators and news in one transaction. A document of
        which something was left aside is not remembered: a 304 must not hide that from who asks for it.
        """
        said, reading = reading, _fitting(reading, asked)
        if asked.article is not None and reading.article is None:
            self._count(UNREADABLE, NOT_AN_ARTICLE)
        is_whole = asked.article is not None or reading.issue is said.issue
        is_final = is_whole and (reading.issue is None or reading.issue.next is None)

        async def work(tx: Transaction) -> Sequence[Changes]:
            changes = await self._decide(tx, reading, asked)
            if document.request.method == "GET" and is_final:
                await archive.remember(tx, self.config.id, document, _hash(document))
            return changes

        return await self._write(work, asked)

    async def file_unchanged(self, asked: Asked) -> Changes:
        """A look at something read before that showed nothing new, or none at all that was needed."""
        return await self._judge(
            asked, lambda held, now: decide_unchanged(held, asked, self.policy, now)
        )

    async def file_failure(self, asked: Asked, reason: str, failure: Failure) -> Changes:
        """Stores that a page or an article could not be read."""

        def judge(held: Known, now: datetime) -> Changes:
            return decide_failure(held, asked, reason, failure, self.policy, now)

        return await self._judge(asked, judge)

    async def file_recheck(self, issue: str, *, is_whole: bool) -> Changes:
        """Stores that the lists of an issue were looked at again, all of them or not."""

        def judge(held: Known, now: datetime) -> Changes:
            return decide_recheck(held, self.policy, now, is_whole=is_whole)

        return await self._judge(Asked("", issue), judge)

    async def file_gone(self, issue: str) -> Changes:
        """Stores that an issue's document and its first article were found gone."""
        return await self._judge(
            Asked("", issue), lambda held, now: decide_gone(held, self.policy, now)
        )

    async def _judge(self, asked: Asked, judge: Callable[[Known, datetime], Changes]) -> Changes:
        async def work(tx: Transaction) -> Sequence[Changes]:
            now = self.clock.now()
            changes = judge(await self._known(tx, asked.issue, asked, Reading()), now)
            await archive.record(tx, changes, now)
            return [changes]

        return await self._write(work, asked)

    async def _decide(self, tx: Transaction, reading: Reading, asked: Asked) -> Sequence[Changes]:
        now = self.clock.now()
        moved: list[Changes] = []
        if reading.issue is not None and reading.issue.closes_at is not None:
            reading, moved = await settle_moved(tx, reading, reading.issue, self.policy, now)
        key = reading.issue.key if reading.issue else asked.issue
        held = await self._known(tx, key, asked, reading)
        changes = decide(held, reading, asked, self.policy, now)
        await archive.record(tx, changes, now)
        if asked.is_newest and held.issue is None and changes.issue is not None:
            await gaps.begin(tx, self.config.id, changes.issue.key, now)
        read = reading.article or next(iter(reading.articles), None)
        if read is not None and not self.policy.is_backfill:  # old pages tell nothing of today's
            await looks.note_rules(tx, self.config.id, read.found_by)
        return [*moved, changes]

    async def link(self, issue: KnownIssue, older: KnownIssue) -> None:
        """Stores that the one is the issue before the other, where no page says it."""
        if issue.id is None or issue.previous == older.url:
            return
        async with self.turns, self.store.write() as tx:
            await archive.link(tx, issue.id, older.url)

    def believes(self, issue: IssueReading) -> bool:
        """Whether an issue's date can be."""
        return is_credible(issue, self.policy, self.clock.now())

    async def _known(
        self, tx: Transaction, issue: str | None, asked: Asked, reading: Reading
    ) -> Known:
        if issue is None:
            return Known()
        pages = reading.issue.pages if reading.issue else ()
        counted = {link.key for page in pages for link in page.articles or () if link.reads}
        whole = {article.key for article in reading.articles}
        if asked.article:
            whole.add(asked.article)
        return await known(tx, self.config.id, issue, whole, counted | whole)

    async def _write(self, work: Work, asked: Asked) -> Changes:
        async def transaction() -> Sequence[Changes]:
            async with self.turns, self.store.write() as tx:
                return await work(tx)

        changes = await unbroken(transaction())
        for one in changes:
            self._tell(one, asked)
        return changes[-1]

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
        now = self.clock.now()
        first_seen = issue.first_seen or now
        seconds = (now - first_seen).total_seconds()
        if issue.push:  # not of a backfill, whose issues are old
            self.store.tally.observe(ISSUE_SECONDS, seconds, changes.source)
            if issue.unseen_at is not None:
                unseen = (first_seen - issue.unseen_at).total_seconds()
                self.store.tally.observe(UNSEEN_SECONDS, unseen, changes.source)
        log.info(
            "issue complete",
            source=changes.source,
            key=issue.key,
            pages=len(issue.pages),
            articles=sum(article.is_read for article in issue.articles),
            skipped=sum(not article.is_read for article in issue.articles),
            seconds=round(seconds, 1),
        )


def _fitting(reading: Reading, asked: Asked) -> Reading:
    """What of a reading may be believed. The document of an article says nothing about its issue, and
    one that shows another issue than was asked for (a redirect to the newest) nothing about this one.
    """
    if asked.article is not None:
        return replace(reading, issue=None, articles=())
    if asked.issue is not None and reading.issue is not None and reading.issue.key != asked.issue:
        return replace(reading, issue=None, articles=())
    return reading


def _hash(document: Document) -> str:
    return hashlib.sha256(document.body).hexdigest()


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
