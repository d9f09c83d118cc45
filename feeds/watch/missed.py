"""The issues that came out while nobody looked, between two that are known (`feeds.store.gaps`).

a gap ──▶ 上一期, from issue to issue ──▶ the days between, where no page links them ──▶ closed
                 └──────── trouble ────────────┴──▶ tried again later, as long as a page is; then given up
"""

from collections.abc import Sequence
from datetime import date, datetime, timedelta

import structlog

from feeds.decide import Asked, Failure
from feeds.errors import FetchError, NotReadable, Unreadable
from feeds.models import IssueReading
from feeds.schedule import back_off
from feeds.store import gaps, looks
from feeds.store.gaps import Gap
from feeds.store.looks import KnownUrl
from feeds.watch.by_date import day_before, open_day
from feeds.watch.desk import Desk, unbroken
from feeds.watch.trouble import MOST_IN_A_ROW, Trouble, failure_of, is_answer, must_stop

MOST_BACK = 10

log = structlog.get_logger(__name__)


def is_due(at: datetime | None, now: datetime) -> bool:
    """Whether it is time."""
    return at is not None and at <= now


async def fill_gaps(desk: Desk) -> bool:
    """Files what is missing in the gaps that are due, at most ten issues each; they are filed before anything
    of them is read, so that they are read oldest first. Whether there was a gap.

    Raises where the server wants to be left alone, once that is written down.
    """
    now = desk.clock.now()
    found = await desk.query(lambda tx: gaps.due(tx, desk.config.id, now))
    for gap in found:
        await _Filling(desk, gap).run()
    return bool(found)


class _Filling:
    """One try to fill one gap. A document that cannot be had costs itself only."""

    def __init__(self, desk: Desk, gap: Gap) -> None:
        self._desk = desk
        self._gap = gap
        self._tried: set[str] = set()
        self._troubles: list[Trouble] = []
        self._is_further = False  # whether anything was found

    async def run(self) -> None:
        try:
            await self._by_links()
            await self._by_date()
        except (FetchError, NotReadable) as error:
            self._troubles.append(error)
            await self._settle()
            raise
        await self._settle()

    async def _known(self) -> tuple[KnownUrl, ...]:
        return await self._desk.query(lambda tx: gaps.across(tx, self._desk.config.id, self._gap))

    def _lose(self, error: Trouble) -> None:
        """Raises where it is no use to ask for anything else now."""
        if must_stop(error):
            raise error
        log.warning("older issue not read", source=self._desk.config.id, reason=str(error))
        self._troubles.append(error)

    async def _by_links(self) -> None:
        for _ in range(MOST_BACK):
            known = await self._known()
            url = next_link(known, self._tried)
            if url is None:
                return
            self._tried.add(url)
            try:
                answer = await self._desk.reopen(self._desk.source.ask(Asked(url)))
            except (FetchError, NotReadable) as error:
                if not (isinstance(error, NotReadable) and error.why is Unreadable.NO_ISSUE):
                    self._lose(error)
                continue
            if answer is None or answer[1].issue is None or not _fills(answer[1].issue, known):
                continue
            await self._desk.file(*answer, Asked(url))
            self._is_further = True

    async def _by_date(self) -> None:
        """For papers that link no issue before, or where the links broke off."""
        known = await self._known()
        if len(known) < 2:  # noqa: PLR2004 - both sides
            return
        older, newer = known[0], known[-1]
        is_linked = day_before(self._desk, newer.url, newer.date, newer.previous) is None
        if is_linked and not self._troubles:
            return
        silent = 0
        for back in range(1, min((newer.date - older.date).days, MOST_BACK + 1)):
            try:
                await self._fill(newer.url, newer.date - timedelta(days=back))
            except (FetchError, NotReadable) as error:
                self._lose(error)
                silent = 0 if is_answer(error) else silent + 1
                if silent == MOST_IN_A_ROW:
                    return

    async def _fill(self, url: str, day: date) -> None:
        """Files the day's issue where there is one and it is not known."""
        desk = self._desk
        request = desk.source.on_day(url, day)
        if request is None or request.url in self._tried:
            return
        if await desk.query(lambda tx: looks.key_on(tx, desk.config.id, day)) is not None:
            return
        if answer := await open_day(desk, request, day):
            await desk.file(*answer, Asked(request.url))
            self._is_further = True

    async def _settle(self) -> None:
        """Closes the gap, or says when it is tried again. What was found renews the patience."""
        desk, gap = self._desk, self._gap
        attempts = (0 if self._is_further else gap.attempts) + self._cost()
        is_over = not self._troubles or attempts >= 2 * desk.policy.patience
        again = desk.clock.now() + max(
            back_off(desk.config.check_every, attempts), *map(_wait_of, self._troubles), timedelta()
        )

        async def write() -> None:
            async with desk.turns, desk.store.write() as tx:
                if is_over:
                    await gaps.close(tx, desk.config.id, gap)
                else:
                    await gaps.postpone(tx, desk.config.id, gap, attempts, again)

        await unbroken(write())
        if is_over:
            self._tell_given_up(attempts)

    def _cost(self) -> int:
        """As for a page: a third of the patience where time may mend it, or else more."""
        if any(failure_of(error) is Failure.SOFT for error in self._troubles):
            return 1
        return (self._desk.policy.patience + 1) // 2

    def _tell_given_up(self, attempts: int) -> None:
        between = {"after": self._gap.older, "before": self._gap.newer}
        for error in self._troubles:
            source = self._desk.config.id
            log.warning(
                "issue given up", source=source, **between, tries=attempts, reason=str(error)
            )


def next_link(known: Sequence[KnownUrl], tried: set[str]) -> str | None:
    """The URL of an issue in a gap that we do not know, by the newest that links one. `known` are both sides
    of the gap and what is between them.
    """
    new = known[1:]
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


def _wait_of(error: Trouble) -> timedelta:
    asked = error.retry_after if isinstance(error, FetchError) else None
    return asked or timedelta()
