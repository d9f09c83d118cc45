"""One look at one newspaper: what is new, what was missed, what is still open, what is due again."""

from dataclasses import dataclass
from datetime import datetime

import structlog

from feeds.decide import Asked, Changes, KnownIssue, open_work
from feeds.errors import FetchError, NotReadable, Unreadable
from feeds.models import Document, IssueReading, Reading
from feeds.store import looks
from feeds.store.looks import Agenda, KnownUrl
from feeds.watch.again import Again
from feeds.watch.desk import Desk
from feeds.watch.diary import Outcome, Start
from feeds.watch.missed import fill_gaps, is_due
from feeds.watch.trouble import Patience, Trouble, failure_of, is_answer, must_stop

MOST_HOPS = 4
OPEN_AFTER = (
    3  # failed looks, after which a look is one request until one succeeds: the circuit is open
)

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Found:
    """A document that shows an issue."""

    document: Document
    reading: Reading
    issue: IssueReading


class Look:
    """Made for one look. `until`: articles that are due beyond it wait for the next look, so that they
    never keep us from a new issue.
    """

    def __init__(self, desk: Desk, start: Start, until: datetime) -> None:
        self._desk = desk
        self._start = start
        self._until = until
        self._patience = Patience()
        self._seen: set[str] = set()  # URLs that led to the newest issue
        self._has_filled = False

    async def run(self) -> Outcome:
        """What came of it.

        Raises `FetchError` or `NotReadable` where the look as a whole failed. What was read until
        then is stored. A home page that answers badly does not keep us from an issue half read,
        unless it has done so for long.
        """
        began, agenda = self._desk.clock.now(), self._start.agenda
        again = Again(self._desk, self._until, self._patience, self._seen)
        try:
            is_new = await self._look_for_news(agenda)
        except (FetchError, NotReadable):
            await again.close(agenda)
            raise
        is_changed = is_new or agenda.has_open or self._has_filled
        return Outcome(began, await again.run(agenda) or is_changed)

    async def _look_for_news(self, agenda: Agenda) -> bool:
        trouble: Trouble | None = None
        is_new = False
        try:
            is_new = await self._discover()
            self._patience.is_site_up = True
        except (FetchError, NotReadable) as error:
            if (
                must_stop(error)
                or not is_answer(error)
                or self._start.standing.failures >= OPEN_AFTER
            ):
                raise
            trouble = error
        if trouble is None and (is_new or is_due(agenda.gap_at, self._desk.clock.now())):
            self._has_filled = await fill_gaps(self._desk)
        if is_new or agenda.has_open or self._has_filled:
            await self._read_open()
        if trouble is not None:
            raise trouble
        return is_new

    # ── the newest issue ────────────────────────────────────────────────────────────────────────

    async def _discover(self) -> bool:
        """Follows the entry's signposts, best first, and 下一期 where it is linked; files the newest
        issue that this leads to. Only documents with facts are remembered, so a signpost is always
        read anew. False where the entry is as it was.
        """
        entry = self._desk.source.entry()
        ways, seen = [entry], self._seen
        found: _Found | None = None
        trouble: Trouble | None = None
        while ways and len(seen) <= MOST_HOPS:
            request = ways.pop(0)
            if request.url in seen:
                continue
            seen.add(request.url)
            try:
                is_begun = request is entry and entry.url == self._start.url
                answer = await (
                    self._desk.open(entry, self._start.memory)
                    if is_begun
                    else self._desk.reopen(request)
                )
            except (FetchError, NotReadable) as error:
                if request is entry or must_stop(error):
                    raise
                trouble = error
                continue
            if answer is None:
                return False
            document, reading = answer
            issue = self._credible(reading)
            if issue is None:
                ways = [*reading.follow, *ways]
            elif found is None or _age(issue) > _age(found.issue):
                found = _Found(document, reading, issue)
                further = _onward(issue, await self._newest_known())
                ways = [self._desk.source.ask(asked) for asked in further]
        if found is None:
            raise trouble or _nothing_found(entry.url)
        asked = Asked(found.document.request.url, is_newest=True)
        await self._desk.file(found.document, found.reading, asked)
        return True

    def _credible(self, reading: Reading) -> IssueReading | None:
        issue = reading.issue
        if issue is None or self._desk.believes(issue):
            return issue
        log.warning("issue of an incredible date", source=self._desk.config.id, key=issue.key)
        return None

    async def _newest_known(self) -> KnownUrl | None:
        known = await self._desk.query(lambda tx: looks.issues_by_age(tx, self._desk.config.id, 1))
        return known[-1] if known else None

    # ── what is open ────────────────────────────────────────────────────────────────────────────

    async def _read_open(self) -> None:
        desk = self._desk
        most = 2 * desk.policy.patience
        keys = await desk.query(lambda tx: looks.open_issues(tx, desk.config.id, most))
        for key in keys:
            issue = await desk.issue(key)
            if issue is not None:
                await read_issue(desk, issue, self._patience)


async def read_issue(desk: Desk, issue: KnownIssue, patience: Patience) -> KnownIssue:
    """Reads each open document of an issue once; a page that is read opens its articles. Returns the
    issue as it then stands. Raises what ends a whole look (`Patience`).
    """
    tried: set[tuple[str | None, str | None]] = set()
    while True:
        work = open_work(issue, desk.policy)
        asked = next((one for one in work if (one.page, one.article) not in tried), None)
        if asked is None:
            return issue
        tried.add((asked.page, asked.article))
        changes = await _take(desk, asked, patience)
        issue = changes.issue or issue


async def _take(desk: Desk, asked: Asked, patience: Patience) -> Changes:
    """Fetches and files one document that was not read yet: of it nothing is stored that a 304 could
    mean, so none is asked for.
    """
    try:
        answer = await desk.open(desk.source.ask(asked))
    except (FetchError, NotReadable) as error:
        patience.lose(error)
        changes = await desk.file_failure(asked, error.reason, failure_of(error))
        patience.check(error)
        return changes
    assert answer is not None  # nothing was remembered
    patience.renew()
    return await desk.file(*answer, asked)


def _age(issue: IssueReading) -> tuple[object, str]:
    return issue.date, issue.key


def _onward(issue: IssueReading, newest: KnownUrl | None) -> list[Asked]:
    """Where an issue leads that is not the newest: to the newest we know, or to its next."""
    if newest is not None and (newest.date, newest.key) > (issue.date, issue.key):
        return [Asked(newest.url, newest.key)]
    return [Asked(issue.next)] if issue.next else []


def _nothing_found(url: str) -> NotReadable:
    return NotReadable(url, Unreadable.UNKNOWN, "这里没有找到最新一期")
