"""An issue while a decision works on it: it begins as the store knows it and ends as Changes."""

from dataclasses import replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.decide.known import (
    Changes,
    Content,
    KnownArticle,
    KnownIssue,
    KnownPage,
    News,
    Policy,
    Revision,
    Sample,
)

_STILL_PRINTED = timedelta(days=1)  # yesterday's paper is still put right today


class Draft:
    """Lives for one decision only. `news` keeps the order in which things happened."""

    def __init__(
        self, before: KnownIssue | None, after: KnownIssue, policy: Policy, now: datetime
    ) -> None:
        self.policy = policy
        self.now = now
        self.issue = after
        self.pages = {page.label: page for page in after.pages}
        self.articles = {article.key: article for article in after.articles}
        self.contents: dict[str, Content] = {}
        self.revisions: list[Revision] = []
        self.samples: list[Sample] = []
        self.counted: set[str] = set()
        self.withdrawn: list[str] = []
        self.restored: list[str] = []
        self.news: list[News] = []
        self._before = before

    @property
    def is_left(self) -> bool:
        """Whether nothing of it is looked at again: it was found walking back, and its day is over."""
        today = self.now.astimezone(ZoneInfo(self.policy.timezone)).date()
        return self.policy.is_backfill and self.issue.date < today - _STILL_PRINTED

    def put_page(self, page: KnownPage) -> None:
        self.pages[page.label] = page

    def put_article(self, article: KnownArticle) -> None:
        self.articles[article.key] = article

    def changes(self) -> Changes:
        """The difference between what was known and what this draft came to."""
        before = self._before
        old_pages = set(before.pages) if before else set()
        old_articles = set(before.articles) if before else set()
        after = replace(
            self.issue, pages=tuple(self.pages.values()), articles=tuple(self.articles.values())
        )
        return Changes(
            source=self.policy.source,
            issue=after,
            is_issue_changed=before is None or _bare(before) != _bare(after),
            pages=tuple(page for page in after.pages if page not in old_pages),
            articles=tuple(article for article in after.articles if article not in old_articles),
            contents=self.contents,
            revisions=tuple(self.revisions),
            samples=tuple(self.samples),
            withdrawn=tuple(self.withdrawn),
            restored=tuple(self.restored),
            news=tuple(self.news),
        )


def _bare(issue: KnownIssue) -> KnownIssue:
    return replace(issue, pages=(), articles=())
