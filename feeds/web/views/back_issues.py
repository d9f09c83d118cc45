"""Back issues (往期): one month of a paper as a calendar, with the way to all the others."""

from calendar import Calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from feeds.models import Paper
from feeds.store import days
from feeds.store.days import Day, Month
from feeds.store.engine import Transaction
from feeds.web.papers import Papers
from feeds.web.views.issue import named


@dataclass(frozen=True, slots=True)
class Square:
    """A day of the calendar with the issues of that day; `day` is None beside the month."""

    day: date | None
    issues: tuple[Day, ...]


@dataclass(frozen=True, slots=True)
class BackIssuesView:
    """`months` are those in which the paper came out, newest first; `earlier` and `later` the nearest
    of them. `month` is None while there is none.
    """

    template: ClassVar[str] = "back_issues.html"

    paper: Paper
    month: date | None
    weeks: tuple[tuple[Square, ...], ...]
    issues: tuple[Day, ...]
    months: tuple[Month, ...]

    @property
    def earlier(self) -> date | None:
        return next((m.first for m in self.months if self.month and m.first < self.month), None)

    @property
    def later(self) -> date | None:
        later = (m.first for m in reversed(self.months) if self.month and m.first > self.month)
        return next(later, None)

    @property
    def years(self) -> dict[int, list[Month]]:
        """The months by year, the newest year first and January first in it."""
        years: dict[int, list[Month]] = {}
        for month in self.months:
            years.setdefault(month.first.year, []).insert(0, month)
        return years


async def read_back_issues(
    tx: Transaction, papers: Papers, source: str, month: date | None
) -> BackIssuesView | None:
    """One month, the newest where `month` is None. None for a paper that is none, or a month without
    issues.
    """
    paper = await named(tx, papers, source)
    months = await days.months(tx, [source])
    known = [known.first for known in months]
    if paper is None or (month and month not in known):
        return None
    if not known:
        return BackIssuesView(paper, None, (), (), ())
    wanted = month or known[0]
    issues = await days.days(tx, source, wanted)
    return BackIssuesView(paper, wanted, weeks_of(wanted, issues), issues, months)


def weeks_of(month: date, issues: Sequence[Day]) -> tuple[tuple[Square, ...], ...]:
    """The month's weeks from Monday to Sunday."""
    return tuple(
        tuple(_square(day, month, issues) for day in week)
        for week in Calendar().monthdatescalendar(month.year, month.month)
    )


def _square(day: date, month: date, issues: Sequence[Day]) -> Square:
    if day.month != month.month:
        return Square(None, ())
    return Square(day, tuple(issue for issue in issues if issue.date == day))
