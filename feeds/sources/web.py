"""What families have in common whose issues are pages on the web: the order in which a page is asked what
it is, and where a page that is nothing in itself leads.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import date
from zoneinfo import ZoneInfo

from config.sources import WebSource
from feeds.models import ArticleReading, Document, IssueReading, Reading, Request
from feeds.sources.conditions import refuse_error_page, why_unreadable
from feeds.sources.fields import Rules, Values
from feeds.sources.labels.signposts import Ways, find_ways, lead
from feeds.sources.links import is_same_site, redated
from feeds.sources.page import WebPage
from feeds.sources.templates import Template, guesses


@dataclass(frozen=True, slots=True)
class Manner:
    """How a family reads. `article` is given what the operator's rules found, and the page's name (要闻)."""

    is_article: Callable[[WebPage], bool]
    article: Callable[[WebPage, Values, str | None], ArticleReading | None]
    issue: Callable[[WebPage, Ways], IssueReading | None]


class WebReader:
    """The part of a family that is the same in all of them, made from one paper's configuration."""

    def __init__(self, config: WebSource) -> None:
        self._config = config
        self.zone = ZoneInfo(config.timezone)
        self._rules = Rules(config.selectors, config.data)
        self._guess = Template("guess", config.guess, {"date"}) if config.guess else None

    def entry(self) -> Request:
        """See `feeds.sources.base.Source`."""
        return Request(self._config.url, headers=dict(self._config.headers))

    def on_day(self, issue_url: str, day: date) -> Request | None:
        """See `feeds.sources.base.Source`: by the operator's pattern, or as the known address has it."""
        url = self.guessed(issue_url, day) or redated(issue_url, day)
        return Request(url) if url else None

    def guessed(self, issue_url: str, day: date) -> str | None:
        """The day's address by `guess:`; None without one, and where a preset's is of another site."""
        url = self._guess.fill({"date": day}) if self._guess else None
        return url if url and is_same_site(url, issue_url) else None

    def read(self, page: WebPage, document: Document, manner: Manner) -> Reading:
        """An article, an issue or one page of it, or a signpost. Raises `NotReadable`."""
        values = self._rules.apply(page, self.zone)
        if not values.found:
            refuse_error_page(page)
        if values.found or manner.is_article(page):
            name = document.request.context.get("page_name")
            article = manner.article(page, values, name)
            if article is not None:
                return Reading(article=article)
        ways = find_ways(page)
        issue = manner.issue(page, ways)
        return Reading(issue=issue) if issue is not None else self._lead(page, document, ways)

    def _lead(self, page: WebPage, document: Document, ways: Ways) -> Reading:
        further = lead(page, ways)
        guessed = tuple(guesses(self._guess, document.fetched_at, self.zone))
        if not further.follow and not guessed:
            raise why_unreadable(page)
        return replace(further, follow=(*further.follow, *guessed))
