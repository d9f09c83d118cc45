"""Looking again at what was read: lists for what they add and leave out, articles for counts and corrections.

Cheap, because conditional: an answer 304 costs a round trip and a row. An issue's lists are asked at ages
that double; an article's own document only where its list changed, or a few times in a week.
"""

from collections.abc import Collection
from datetime import datetime

import structlog

from feeds.decide import Asked, Failure, KnownIssue, lists_of
from feeds.errors import FetchError, NotReadable
from feeds.store import looks
from feeds.store.looks import Agenda
from feeds.watch.desk import Desk
from feeds.watch.trouble import Patience, failure_of, must_stop

log = structlog.get_logger(__name__)


class Again:
    """The second half of a look. `seen` are the URLs that were asked for in the first. Raises what ends a
    look (`Patience`).
    """

    def __init__(
        self, desk: Desk, until: datetime, patience: Patience, seen: Collection[str]
    ) -> None:
        self._desk = desk
        self._until = until
        self._patience = patience
        self._seen = seen

    async def run(self, agenda: Agenda) -> bool:
        """Does what is due; whether anything was."""
        if not self._is_due(agenda.due_at):
            return False
        await self.close(agenda)
        now = self._desk.clock.now()
        await self._recheck(now)
        await self._look_at_articles(now)
        return True

    async def close(self, agenda: Agenda) -> None:
        """Completes the issues that were shown as they grew and whose day is over."""
        if not self._is_due(agenda.close_at):
            return
        desk, now = self._desk, self._desk.clock.now()
        for key, url in await desk.query(lambda tx: looks.due_closings(tx, desk.config.id, now)):
            await desk.file_unchanged(Asked(url, key))

    def _is_due(self, at: datetime | None) -> bool:
        return at is not None and at <= self._desk.clock.now()

    # ── lists ───────────────────────────────────────────────────────────────────────────────────

    async def _recheck(self, now: datetime) -> None:
        desk = self._desk
        for key in await desk.query(lambda tx: looks.due_rechecks(tx, desk.config.id, now)):
            issue = await desk.issue(key)
            if issue is not None:
                await self._recheck_issue(issue)

    async def _recheck_issue(self, issue: KnownIssue) -> None:
        is_whole = True
        for asked in lists_of(issue):
            failure = await self._take_list(asked)
            if failure is Failure.GONE and asked.page is None and await self._is_taken_out(issue):
                await self._desk.file_gone(issue.key)
                return
            is_whole = is_whole and failure is None
        await self._desk.file_recheck(issue.key, is_whole=is_whole)

    async def _take_list(self, asked: Asked) -> Failure | None:
        """Files a list again; None where it could be read, is as it was, or was filed a moment ago."""
        request = self._desk.source.ask(asked)
        if request.url in self._seen:
            return None
        try:
            answer = await self._desk.reopen(request)
            if answer is not None:
                await self._desk.file(*answer, asked)
        except (FetchError, NotReadable) as error:
            if must_stop(error):
                raise
            log.info("list not read", source=self._desk.config.id, reason=str(error))
            return failure_of(error)
        return None

    async def _is_taken_out(self, issue: KnownIssue) -> bool:
        """Whether the first article that was read is gone as well as its issue."""
        first = next((article for article in issue.articles if article.is_read), None)
        if first is None:
            return False
        asked = Asked(first.url, issue.key, article=first.key)
        try:
            await self._desk.open(self._desk.source.ask(asked))
        except (FetchError, NotReadable) as error:
            return failure_of(error) is Failure.GONE
        return False

    # ── articles ────────────────────────────────────────────────────────────────────────────────

    async def _look_at_articles(self, now: datetime) -> None:
        desk = self._desk
        for number, due in enumerate(
            await desk.query(lambda tx: looks.due_looks(tx, desk.config.id, now))
        ):
            if number and desk.clock.now() >= self._until:
                return
            await self._look_at(
                Asked(due.url, due.issue, article=due.article, page_name=due.page_name)
            )

    async def _look_at(self, asked: Asked) -> None:
        desk = self._desk
        try:
            answer = await desk.reopen(desk.source.ask(asked))
        except (FetchError, NotReadable) as error:
            self._patience.lose(error)
            await desk.file_failure(asked, error.reason, failure_of(error))
            self._patience.check(error)
            return
        self._patience.renew()
        if answer is None:
            await desk.file_unchanged(asked)
        else:
            await desk.file(*answer, asked)
