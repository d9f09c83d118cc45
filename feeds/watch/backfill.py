"""Walking back through older issues, one by one by 上一期, as politely as any look and without telling anybody.

    newest known ──上一期──▶ known already? go on from there : fetch, file, read whole ──▶ … ──▶ the goal
                   └─ none, or gone: the address of the day before, as the family says it, and of the one before

Where it stands is in the archive, so it may be stopped anywhere and goes on from there.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import date, timedelta
from enum import StrEnum
from functools import partial
from typing import TypeAlias, TypeVar

import structlog

from feeds.decide import Asked, Failure, KnownIssue
from feeds.errors import FetchError, NotReadable, Unreadable
from feeds.models import IssueReading, IssueStatus
from feeds.store import looks
from feeds.store.looks import Agenda, Standing
from feeds.watch.by_date import day_before, open_day
from feeds.watch.desk import Desk
from feeds.watch.diary import Start
from feeds.watch.look import Look, read_issue
from feeds.watch.trouble import MOST_IN_A_ROW, Patience, Trouble, failure_of, is_answer, must_stop

_TRIES = 5  # of a document that fails softly
_PAUSE = timedelta(seconds=10)  # before the second try; doubled each time
MOST_MISSING = 14  # days in a row without a paper, where they are asked one by one: 春节 is eight

_Result = TypeVar("_Result")

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Goal:
    """How far to walk: so many issues of the archive, the newest included, or to this day."""

    issues: int | None = None
    since: date | None = None

    def is_reached(self, done: int, at: date) -> bool:
        """Whether `done` issues, the oldest of that date, are enough."""
        return (self.issues is not None and done >= self.issues) or (
            self.since is not None and at <= self.since
        )


class Ending(StrEnum):
    """Why a walk ended: the goal, the newspaper's first issue, the first that its site still has, so many
    days without a paper that the last one is taken for the first, or an issue that links none before it
    and whose address does not follow the date.
    """

    DONE = "done"
    FIRST = "first"
    GONE = "gone"
    QUIET = "quiet"
    NO_LINK = "no_link"


@dataclass(frozen=True, slots=True)
class Step:
    """An issue that was walked over: the how manieth, and whether it was fetched only now."""

    number: int
    key: str
    date: date
    is_new: bool


@dataclass(slots=True)
class Passed:
    """The days that a walk passed over, newest first: those without a paper, and those whose answer said
    nothing of a paper, the server being in trouble. A later walk asks for the latter again.
    """

    without: list[date] = field(default_factory=list)
    troubled: list[date] = field(default_factory=list)


_Older: TypeAlias = tuple[KnownIssue, bool]
"""An issue before, and whether it was fetched only now."""


class Backfill:
    """One walk. `desk` decides by a policy of backfill (`Policy.is_backfill`). `tell` hears of every issue;
    `passed` is filled as the walk goes.
    """

    def __init__(
        self, desk: Desk, goal: Goal, tell: Callable[[Step], None], passed: Passed | None = None
    ) -> None:
        self._desk = desk
        self._goal = goal
        self._tell = tell
        self._passed = passed if passed is not None else Passed()
        self._is_there = False  # whether the server answered, however badly

    async def run(self) -> Ending:
        """Raises `FetchError` or `NotReadable` where an issue could not be had after several tries."""
        issue = await self._newest()
        number, is_new = 1, False
        while True:
            issue = await self._read_whole(issue)
            self._tell(Step(number, issue.key, issue.date, is_new))
            if self._goal.is_reached(number, issue.date):
                return Ending.DONE
            if issue.is_first:
                return Ending.FIRST
            found = await self._older(issue)
            if isinstance(found, Ending):
                return found
            (issue, is_new), number = found, number + 1

    async def _newest(self) -> KnownIssue:
        """The newest issue that is stored; that of a look where there is none yet."""
        newest = await self._desk.query(lambda tx: looks.issues_by_age(tx, self._desk.config.id, 1))
        if not newest:
            now = self._desk.clock.now()
            start = Start(Standing(), Agenda(), self._desk.source.entry().url, None)
            await self._again(lambda: Look(self._desk, start, now).run())
            newest = await self._desk.query(
                lambda tx: looks.issues_by_age(tx, self._desk.config.id, 1)
            )
        issue = await self._desk.issue(newest[-1].key)
        assert issue is not None
        return issue

    async def _older(self, issue: KnownIssue) -> _Older | Ending:
        """The issue before: the one that is linked, or else the one of the last day that had a paper."""
        if day_before(self._desk, issue.url, issue.date, issue.previous) is not None:
            return await self._by_date(issue)
        if issue.previous is None:
            return Ending.NO_LINK
        try:
            return await self._linked(issue, issue.previous)
        except (FetchError, NotReadable) as error:
            if (ending := _ending_of(error)) is None:
                raise
        if ending is Ending.FIRST or day_before(self._desk, issue.url, issue.date, None) is None:
            return ending
        found = await self._by_date(issue)
        return ending if found is Ending.QUIET else found

    # ── by 上一期 ───────────────────────────────────────────────────────────────────────────────

    async def _linked(self, issue: KnownIssue, url: str) -> _Older | Ending:
        """The issue that lies at a URL. One of which nothing is stored (all that a feed shows of that day
        came on others) leads on.
        """
        last, is_new = issue.date, False
        while (key := await self._key_of(url)) is None:
            found = await self._file(url)
            if self._goal.since is not None and found.date < self._goal.since:
                return Ending.DONE
            key, is_new = found.key, True
            if await self._desk.issue(key) is not None or found.date >= last:
                break
            if found.previous is None:
                return Ending.NO_LINK
            url, last = found.previous, found.date
        held = await self._desk.issue(key)
        if held is None or (held.date, held.key) >= (issue.date, issue.key):
            reason = f"{issue.key} 的上一期是 {key},没有更早"
            raise NotReadable(url, Unreadable.UNKNOWN, reason)
        return held, is_new or held.status is IssueStatus.PARTIAL

    async def _key_of(self, url: str) -> str | None:
        return await self._desk.query(lambda tx: looks.key_of(tx, self._desk.config.id, url))

    async def _file(self, url: str) -> IssueReading:
        """Files the issue that lies at a URL, unless it is older than wanted."""
        desk = self._desk
        answer = await self._again(lambda: desk.open(desk.source.ask(Asked(url))))
        assert answer is not None  # nothing was remembered
        found = answer[1].issue
        if found is None:
            raise NotReadable(url, Unreadable.UNKNOWN, "上一期的网页里没有报纸")
        if self._goal.since is None or found.date >= self._goal.since:
            await desk.file(*answer, Asked(url))
        return found

    # ── by date ─────────────────────────────────────────────────────────────────────────────────

    async def _by_date(self, issue: KnownIssue) -> _Older | Ending:
        """The issue of the last day before that had a paper. That it is the one before is stored, so that
        no walk asks for the days between again; but not where one of them could not be had, which costs
        itself only, unless it is the third in a row.
        """
        missed = 0
        is_sure = True
        for back in range(1, MOST_MISSING + 1):
            day = issue.date - timedelta(days=back)
            if self._goal.since is not None and day < self._goal.since:
                return Ending.DONE
            try:
                found = await self._on_day(issue, day)
            except (FetchError, NotReadable) as error:
                missed, is_sure = missed + 1, False
                if must_stop(error) or not is_answer(error) or missed == MOST_IN_A_ROW:
                    raise
                self._passed.troubled.append(day)
                log.warning("day passed over", source=self._desk.config.id, reason=str(error))
                continue
            missed = 0
            if found is None:
                self._passed.without.append(day)
                continue
            if is_sure:
                await self._desk.link(issue, found[0])
            return found
        return Ending.QUIET

    async def _on_day(self, issue: KnownIssue, day: date) -> _Older | None:
        """That day's issue; None where there was no paper, or where its address shows another day's."""
        desk = self._desk
        key = await desk.query(lambda tx: looks.key_on(tx, desk.config.id, day))
        is_new = key is None
        request = desk.source.on_day(issue.url, day) if is_new else None
        if request and (answer := await self._again(lambda: open_day(desk, request, day))):
            await desk.file(*answer, Asked(request.url))
            key = answer[1].issue.key if answer[1].issue else None
        held = await desk.issue(key) if key else None
        return (held, is_new or held.status is IssueStatus.PARTIAL) if held else None

    # ── reading ─────────────────────────────────────────────────────────────────────────────────

    async def _read_whole(self, issue: KnownIssue) -> KnownIssue:
        """The issue with all that can be read of it. One that `run` has yet to announce is left to it."""
        for _ in range(self._desk.policy.patience):
            if issue.status is not IssueStatus.PARTIAL or issue.push:
                break
            issue = await self._again(partial(read_issue, self._desk, issue, Patience(True)))
        return issue

    async def _again(self, work: Callable[[], Awaitable[_Result]]) -> _Result:
        """Does it, and again after a while where it fails softly or the server asks us to wait; but not
        where the server never answered: its name may be wrong.
        """
        for tries in range(_TRIES):
            try:
                done = await work()
            except (FetchError, NotReadable) as error:
                is_there = self._is_there = self._is_there or is_answer(error)
                is_soft = failure_of(error) is Failure.SOFT or must_stop(error)
                if tries == _TRIES - 1 or not (is_there and is_soft):
                    raise
                wait = max(_PAUSE * 2**tries, _wait_of(error))
                log.warning("waiting", source=self._desk.config.id, reason=str(error))
                await self._desk.clock.sleep(wait.total_seconds())
            else:
                self._is_there = True
                return done
        raise AssertionError("the last try returns or raises")


def _ending_of(error: Trouble) -> Ending | None:
    """What it means for a walk that the issue before is not to be had; None where it may be, later."""
    if isinstance(error, NotReadable) and error.why is Unreadable.NO_ISSUE:
        return Ending.FIRST
    return Ending.GONE if failure_of(error) is Failure.GONE else None


def _wait_of(error: Trouble) -> timedelta:
    asked = error.retry_after if isinstance(error, FetchError) else None
    return asked or timedelta()
