"""Whether an issue looks as if the newspaper's pages had been made anew and we no longer read them."""

from dataclasses import dataclass
from datetime import datetime

from feeds.decide.known import KnownIssue
from feeds.models import IssueStatus

_ENOUGH = 3  # articles; of fewer, all must be bare


@dataclass(frozen=True, slots=True)
class Redesign:
    """What is wrong with an issue: of `articles` that were listed, so many were `read`, and so many of
    those say nothing (`bare`).
    """

    issue: str
    articles: int
    read: int
    bare: int


def find_redesign(issue: KnownIssue, began: datetime) -> Redesign | None:
    """The signs of a redesign: an issue, known before the look that began then, whose pages are there and
    hold no articles or none that can be read; or articles half of which have no title or no body.
    """
    articles = issue.articles
    read = [article for article in articles if article.is_read]
    bare = sum(article.is_bare for article in read)
    found = Redesign(issue.key, len(articles), len(read), bare)
    if issue.status is IssueStatus.PARTIAL and not read:
        return found if issue.pages and _is_old(issue, began) and _is_settled(issue) else None
    is_enough = 2 * bare >= len(read) if len(read) >= _ENOUGH else bare == len(read)
    return found if bare and is_enough else None


def _is_old(issue: KnownIssue, began: datetime) -> bool:
    """A paper that is just being put up is empty for a moment."""
    return issue.first_seen is not None and issue.first_seen < began


def _is_settled(issue: KnownIssue) -> bool:
    return all(page.is_settled for page in issue.pages) and all(
        article.is_settled for article in issue.articles
    )
