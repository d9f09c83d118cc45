"""云报平台, whose markup nobody knows: every document is read by its labels, the way a person does."""

from dataclasses import replace
from datetime import date
from zoneinfo import ZoneInfo

from config.sources import BaseSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import Document, IssueReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.conditions import refuse_error_page, why_unreadable
from feeds.sources.fields import Rules
from feeds.sources.labels.article import Found, read_by_labels
from feeds.sources.labels.issue import read_issue
from feeds.sources.labels.merge import looks_like_article, merge
from feeds.sources.labels.signposts import find_shelf, find_ways, lead
from feeds.sources.links import redated
from feeds.sources.page import WebPage, open_page


class Yunbao:
    """One paper of the platform."""

    def __init__(self, config: BaseSource) -> None:
        self._config = config
        self._zone = ZoneInfo(config.timezone)
        self._rules = Rules(config.selectors, config.data)

    def entry(self) -> Request:
        return Request(self._config.url, headers=dict(self._config.headers))

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        url = redated(issue_url, day)
        return Request(url) if url else None

    def read(self, document: Document) -> Reading:
        """An issue, an article or a signpost; see `feeds.sources.base.Source`."""
        page = open_page(document)
        values = self._rules.apply(page, self._zone)
        if not values.found:
            refuse_error_page(page)
        found = read_by_labels(page, self._zone) or _hidden(page, self._zone)
        ways = find_ways(page)
        if "body" not in values.found and not looks_like_article(page, found):
            issue = read_issue(page, ways)
            if issue is not None:
                return Reading(issue=_whole(page, issue))
        article = merge(page, found, values)
        shelf = find_shelf(page) if article is None else ()
        further = lead(page, ways, shelf)
        if article is not None:
            return replace(further, article=article, is_signpost=False)
        if not further.follow:
            raise why_unreadable(page)
        return further


def _hidden(page: WebPage, zone: ZoneInfo) -> Found | None:
    """An article that a script shows later, where nothing can be read without it. Only its labels make it
    one: hidden elements hold much that is none.
    """
    found = read_by_labels(page.with_hidden(), zone)
    return found if found and found.has_detail and found.has_reads else None


def _whole(page: WebPage, issue: IssueReading) -> IssueReading:
    if page.is_cut:
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")
    return issue
