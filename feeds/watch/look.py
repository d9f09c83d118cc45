"""One look at one newspaper: what is new, what was missed, what is still open, what counts are due."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import structlog

from feeds.decide import Asked, Changes, KnownIssue, open_work
from feeds.errors import (
    BadStatus,
    FetchError,
    NotReadable,
    Refused,
    TooLarge,
    Unreadable,
)
from feeds.models import Document, IssueReading, IssueStatus, NotModified, Reading, Request
from feeds.store import archive, looks
from feeds.store.looks import KnownUrl
from feeds.watch.desk import Desk

MOST_HOPS = 4
MOST_BACK = 10
MOST_IN_A_ROW = 3  # soft failures, after which the newspaper itself is taken to be in trouble
_SOFT_READINGS = frozenset({Unreadable.TRUNCATED, Unreadable.CHALLENGE})

log = structlog.get_logger(__name__)

Trouble = FetchError | NotReadable


@dataclass(frozen=True, slots=True)
class _Found:
    """A document that shows an issue."""

    document: Document
    reading: Reading
    issue: IssueReading


class Look:
    """Made for one look. `until`: counts that are due beyond it wait for the next look, so that they
    never keep us from a new issue.
    """

    def __init__(self, desk: Desk, until: datetime) -> None:
        self._desk = desk
        self._until = until
        self._is_site_up = False
        self._in_a_row = 0
        self._newest_before: KnownUrl | None = None

    async def run(self) -> None:
        """Raises `FetchError` or `NotReadable` where the look as a whole failed. What was read until
        then is stored. A home page that answers badly does not keep us from an issue half read.
        """
        trouble: Trouble | None = None
        try:
            await self._discover()
            self._is_site_up = True
            await self._walk_back()
        except (BadStatus, NotReadable) as error:
            if _must_stop(error):
                raise
            trouble = error
        await self._read_open()
        if trouble is not None:
            raise trouble
        await self._look_at_counts()

    # ── the newest issue ────────────────────────────────────────────────────────────────────────

    async def _discover(self) -> None:
        """Follows the entry's signposts, best first, and 下一期 where it is linked; files the newest
        issue that this leads to. Only documents with facts have stored validators, so a signpost is
        always read anew.
        """
        newest = self._newest_before = await self._newest_known()
        entry = self._desk.source.entry()
        ways, seen = [entry], set[str]()
        found: _Found | None = None
        trouble: Trouble | None = None
        while ways and len(seen) <= MOST_HOPS:
            request = ways.pop(0)
            if request.url in seen:
                continue
            seen.add(request.url)
            try:
                answer = await self._open(request)
            except (FetchError, NotReadable) as error:
                if request is entry or _must_stop(error):
                    raise
                trouble = error
                continue
            if answer is None:
                return
            document, reading = answer
            if reading.issue is None:
                ways = [*reading.follow, *ways]
            elif found is None or _age(reading.issue) > _age(found.issue):
                found = _Found(document, reading, reading.issue)
                ways = [self._desk.source.ask(one) for one in _onward(reading.issue, newest)]
        if found is None:
            raise trouble or _nothing_found(entry.url)
        await self._desk.file(found.document, found.reading, Asked(found.document.request.url))

    async def _open(self, request: Request) -> tuple[Document, Reading] | None:
        """A document and what it says; None where it is as it was when it was filed."""
        validators = None
        if request.method == "GET":
            async with self._desk.turns, self._desk.store.read() as tx:
                validators = await archive.validators(tx, self._desk.config.id, request.url)
        document = await self._desk.fetch(request, validators)
        if isinstance(document, NotModified):
            return None
        return document, self._desk.read(document)

    async def _newest_known(self) -> KnownUrl | None:
        known = await self._known_issues(1)
        return known[-1] if known else None

    async def _known_issues(self, limit: int) -> tuple[KnownUrl, ...]:
        async with self._desk.turns, self._desk.store.read() as tx:
            return await looks.issues_by_age(tx, self._desk.config.id, limit)

    # ── what was missed ─────────────────────────────────────────────────────────────────────────

    async def _walk_back(self) -> None:
        """Walks from new issues by 上一期 to those that came out while nobody looked, at most ten. They
        are filed before anything of them is read, so that they are read oldest first.
        """
        tried: set[str] = set()
        for _ in range(MOST_BACK):
            known = await self._known_issues(3 * MOST_BACK)
            gap = _find_gap(known, tried, self._newest_before)
            if gap is None:
                return
            tried.add(gap)
            try:
                answer = await self._desk.arrive(self._desk.source.ask(Asked(gap)))
            except (FetchError, NotReadable) as error:
                if _must_stop(error):
                    raise
                log.warning("older issue not read", source=self._desk.config.id, reason=str(error))
                return
            if answer[1].issue is None or not _fills(answer[1].issue, known):
                continue
            await self._desk.file(*answer, Asked(gap))

    # ── what is open ────────────────────────────────────────────────────────────────────────────

    async def _read_open(self) -> None:
        desk = self._desk
        most = 2 * desk.policy.patience
        async with desk.turns, desk.store.read() as tx:
            keys = await looks.open_issues(tx, desk.config.id, most)
        for key in keys:
            async with desk.turns, desk.store.read() as tx:
                issue = await archive.known_issue(tx, desk.config.id, key)
            if issue is not None:
                await self._read_issue(issue)

    async def _read_issue(self, issue: KnownIssue) -> None:
        """Reads each open document once; a page that is read opens its articles."""
        tried: set[tuple[str | None, str | None]] = set()
        while True:
            work = open_work(issue, self._desk.policy)
            asked = next((one for one in work if (one.page, one.article) not in tried), None)
            if asked is None:
                return
            tried.add((asked.page, asked.article))
            changes = await self._take(asked, is_again=False)
            issue = changes.issue or issue

    async def _take(self, asked: Asked, *, is_again: bool) -> Changes:
        """Fetches and files one document. Only what was read before may be `not modified`: of the rest
        nothing is stored that a 304 could mean.
        """
        try:
            if is_again:
                answer = await self._open(self._desk.source.ask(asked))
            else:
                answer = await self._desk.arrive(self._desk.source.ask(asked))
        except (FetchError, NotReadable) as error:
            return await self._fail(asked, error)
        self._in_a_row = 0
        if answer is None:
            return await self._desk.file_unchanged(asked)
        return await self._desk.file(*answer, asked)

    async def _fail(self, asked: Asked, error: Trouble) -> Changes:
        """A document that could not be read costs itself. Where the server asks us to wait, where the
        home page failed too, or after three soft failures in a row, the whole look ends.
        """
        is_hard = _is_hard(error)
        if _must_stop(error) or not (is_hard or self._is_site_up):
            raise error
        changes = await self._desk.file_failure(asked, error.reason, is_hard=is_hard)
        self._in_a_row = 0 if is_hard else self._in_a_row + 1
        if self._in_a_row >= MOST_IN_A_ROW:
            raise error
        return changes

    # ── read counts ─────────────────────────────────────────────────────────────────────────────

    async def _look_at_counts(self) -> None:
        desk = self._desk
        async with desk.turns, desk.store.read() as tx:
            due = await looks.due_looks(tx, desk.config.id, desk.clock.now())
        if desk.policy.reads == "list":
            work = [Asked(one.page_url, one.issue, page=one.page) for one in due]
        else:
            work = [Asked(d.url, d.issue, article=d.article, page_name=d.page_name) for d in due]
        for number, asked in enumerate(dict.fromkeys(work)):
            if number and desk.clock.now() >= self._until:
                return
            await self._take(asked, is_again=True)


def _age(issue: IssueReading) -> tuple[object, str]:
    return issue.date, issue.key


def _onward(issue: IssueReading, newest: KnownUrl | None) -> list[Asked]:
    """Where an issue leads that is not the newest: to the newest we know, or to its next."""
    if newest is not None and (newest.date, newest.key) > (issue.date, issue.key):
        return [Asked(newest.url, newest.key)]
    return [Asked(issue.next)] if issue.next else []


def _find_gap(known: Sequence[KnownUrl], tried: set[str], before: KnownUrl | None) -> str | None:
    """The URL of an issue before a new one that we do not know, though we know older ones. New is what is
    still being read, and what was not known `before` this look, though it may have come whole.
    """
    new = [
        issue
        for issue in known[1:]
        if issue.status is IssueStatus.PARTIAL
        or (before is not None and (issue.date, issue.key) > (before.date, before.key))
    ]
    urls = {issue.url for issue in known} | tried
    if len(new) >= MOST_BACK:
        return None
    for issue in reversed(new):
        if issue.previous is not None and issue.previous not in urls:
            return issue.previous
    return None


def _fills(issue: IssueReading, known: Sequence[KnownUrl]) -> bool:
    """Whether an issue stands between those we know, and is not one of them."""
    ages = [(one.date, one.key) for one in known]
    return (issue.date, issue.key) not in ages and ages[0] < (issue.date, issue.key) < ages[-1]


def _is_hard(error: Trouble) -> bool:
    """Whether asking again soon changes nothing."""
    if isinstance(error, NotReadable):
        return error.why not in _SOFT_READINGS
    return isinstance(error, Refused | TooLarge) or (isinstance(error, BadStatus) and error.is_gone)


def _must_stop(error: Trouble) -> bool:
    """Whether the server wants to be left alone."""
    if isinstance(error, NotReadable):
        return error.why is Unreadable.CHALLENGE
    return error.retry_after is not None


def _nothing_found(url: str) -> NotReadable:
    return NotReadable(url, Unreadable.UNKNOWN, "这里没有找到最新一期")
