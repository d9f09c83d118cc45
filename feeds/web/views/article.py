"""An article (内容详情): its text, how its count grew, what was corrected, and what stands around it."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from feeds.models import Article, Issue, IssueStatus, Neighbours, Page, Paper, WithdrawnBy
from feeds.store import corrections, headlines, library, ranking
from feeds.store.engine import Transaction
from feeds.store.headlines import Headline, Sheet
from feeds.web.changes import Change, changes
from feeds.web.curve import Curve, draw
from feeds.web.papers import Papers
from feeds.web.views.issue import GoneView, named


@dataclass(frozen=True, slots=True)
class Corrected:
    """When we saw the correction, and what it changed; no changes where pictures alone did."""

    at: datetime
    changes: tuple[Change, ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """`full`: the whole text may be shown, else its summary. `beside` are the other articles of its
    page, `before` and `after` those around it in the whole issue.
    """

    template: ClassVar[str] = "article.html"

    paper: Paper
    issue: Issue
    page: Page
    article: Article
    before: Headline | None
    after: Headline | None
    beside: tuple[Headline, ...]
    neighbours: Neighbours
    full: bool
    rights: str | None
    curve: Curve | None
    corrected: Corrected | None


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What the articles of one issue share: read once for all of them where all are wanted."""

    paper: Paper
    issue: Issue
    sheets: tuple[Sheet, ...]
    neighbours: Neighbours


async def read_article(
    tx: Transaction, papers: Papers, source: str, issue_key: str, key: str
) -> ArticleView | GoneView | None:
    """None where there is no such article to be shown."""
    paper = await named(tx, papers, source)
    issue = await headlines.head(tx, source, issue_key)
    if paper is None or issue is None or issue.status is IssueStatus.PARTIAL:
        return None
    if issue.status is IssueStatus.WITHDRAWN:
        return GoneView(paper, issue)
    article = await library.article(tx, source, issue_key, key)
    if article is None:
        return None
    sheets = await headlines.sheets(tx, issue.id, leads=False)
    around = Surroundings(paper, issue, sheets, await library.neighbours(tx, source, issue_key))
    return await show_article(tx, papers, around, article)


async def show_article(
    tx: Transaction, papers: Papers, around: Surroundings, article: Article
) -> ArticleView | GoneView:
    """An article of an issue that was read already."""
    page, before, after, beside = _place(around.sheets, article)
    if article.withdrawn:
        return await _gone(tx, around, page, article)
    full = papers.shows_all(around.paper.id)
    points = await ranking.curve(tx, article.id) if article.reads else ()
    return ArticleView(
        paper=around.paper,
        issue=around.issue,
        page=page,
        article=article,
        before=before,
        after=after,
        beside=beside,
        neighbours=around.neighbours,
        full=full,
        rights=papers.rights(around.paper.id),
        curve=draw(points),
        corrected=await _corrected(tx, around.issue, article, full),
    )


async def _gone(tx: Transaction, around: Surroundings, page: Page, article: Article) -> GoneView:
    found = await corrections.withdrawal(tx, article.id)
    by_operator = found is not None and found.by is WithdrawnBy.OPERATOR
    reason = found.reason if found else None
    return GoneView(around.paper, around.issue, page, by_operator, reason)


async def _corrected(
    tx: Transaction, issue: Issue, article: Article, full: bool
) -> Corrected | None:
    """The last correction that readers could have missed: what changed while the issue was still
    being read, nobody had seen before.
    """
    if article.revision == 1:
        return None
    found = await corrections.last_correction(tx, article.id)
    if found is None or (issue.completed_at and found.at <= issue.completed_at):
        return None
    return Corrected(found.at, changes(found, article, with_body=full))


def _place(
    sheets: tuple[Sheet, ...], article: Article
) -> tuple[Page, Headline | None, Headline | None, tuple[Headline, ...]]:
    """The article's page, the articles before and after it, and the others of its page. What was
    withdrawn is passed over.
    """
    row = [
        (sheet, headline)
        for sheet in sheets
        for headline in sheet.headlines
        if not headline.withdrawn or headline.id == article.id
    ]
    at = [headline.id for _, headline in row].index(article.id)
    sheet = row[at][0]
    others = [h for other, h in row if other is sheet and h.id != article.id]
    before = row[at - 1][1] if at else None
    after = row[at + 1][1] if at + 1 < len(row) else None
    return sheet.page, before, after, tuple(others)
