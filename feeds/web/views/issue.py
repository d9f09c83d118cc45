"""An issue: its 版 in order, the front page open, titles ranked by their place."""

from dataclasses import dataclass
from typing import ClassVar

from feeds.models import ArticleKind, Issue, IssueStatus, Neighbours, Page, Paper
from feeds.store import headlines, library
from feeds.store.engine import Transaction
from feeds.store.headlines import Headline, Sheet
from feeds.web.papers import Papers

FOLDED = (ArticleKind.AD, ArticleKind.NOTICE, ArticleKind.CREDITS)
SENTENCES_UP_TO = 60  # articles; an issue with more has sentences on its front page alone


@dataclass(frozen=True, slots=True)
class Spread:
    """A 版 as it is laid out: what is read first, what is listed, what is folded away."""

    page: Page
    leads: tuple[Headline, ...]
    others: tuple[Headline, ...]
    folded: tuple[Headline, ...]


@dataclass(frozen=True, slots=True)
class IssueView:
    """`full`: the whole texts may be shown, and search engines may list the pages."""

    template: ClassVar[str] = "issue.html"

    paper: Paper
    issue: Issue
    spreads: tuple[Spread, ...]
    neighbours: Neighbours
    full: bool

    @property
    def articles(self) -> int:
        """How many there are on all pages."""
        return sum(len(s.leads) + len(s.others) + len(s.folded) for s in self.spreads)

    @property
    def is_open(self) -> bool:
        """Whether it still grows today."""
        return self.issue.status is IssueStatus.OPEN


@dataclass(frozen=True, slots=True)
class GoneView:
    """A notice in place of what was taken back: an issue, or with `page` one of its articles.
    `by_operator`: ours, not the newspaper's.
    """

    template: ClassVar[str] = "gone.html"

    paper: Paper
    issue: Issue
    page: Page | None = None
    by_operator: bool = False
    reason: str | None = None


async def read_issue(
    tx: Transaction, papers: Papers, source: str, key: str | None
) -> IssueView | GoneView | None:
    """One issue, the newest where `key` is None; None where there is no such issue to be shown."""
    paper = await named(tx, papers, source)
    issue = await _head(tx, source, key)
    if paper is None or issue is None:
        return None
    if issue.status is IssueStatus.WITHDRAWN:
        return GoneView(paper, issue)
    sheets = await headlines.sheets(tx, issue.id, leads=True)
    return IssueView(
        paper=paper,
        issue=issue,
        spreads=lay_out(sheets),
        neighbours=await library.neighbours(tx, source, issue.key),
        full=papers.shows_all(source),
    )


async def named(tx: Transaction, papers: Papers, source: str) -> Paper | None:
    """A paper of the settings or of the archive."""
    return papers.configured(source) or await library.paper(tx, source)


async def _head(tx: Transaction, source: str, key: str | None) -> Issue | None:
    """An issue that is still being read is not there yet."""
    if key is None:
        return await headlines.newest_head(tx, source)
    found = await headlines.head(tx, source, key)
    return None if found is None or found.status is IssueStatus.PARTIAL else found


def lay_out(sheets: tuple[Sheet, ...]) -> tuple[Spread, ...]:
    """Three articles lead the front page and one every other. What was withdrawn leads nothing."""
    with_sentences = sum(len(sheet.headlines) for sheet in sheets) <= SENTENCES_UP_TO
    return tuple(
        _spread(sheet, leads=3 if place == 0 else int(with_sentences))
        for place, sheet in enumerate(sheets)
    )


def _spread(sheet: Sheet, leads: int) -> Spread:
    open_ones = [h for h in sheet.headlines if h.kind not in FOLDED]
    first = [h for h in open_ones if not h.withdrawn][:leads]
    return Spread(
        page=sheet.page,
        leads=tuple(first),
        others=tuple(h for h in open_ones if h not in first),
        folded=tuple(h for h in sheet.headlines if h.kind in FOLDED),
    )
