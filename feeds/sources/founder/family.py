"""Founder's digital newspapers (方正): classic (F1), D110000 (F2) and 翔宇 (F3, `…/pc/layout/202412/25/…`).

Which of them a page is nobody needs to say: templates differ from paper to paper and file names are the
publisher's choice, so an issue is found by the words of its links and the date in their addresses; only
articles know a few skins by selector.
"""

import re
from dataclasses import replace
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from config.sources import FounderSource
from feeds.decide import Asked
from feeds.models import Document, IssueReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.conditions import refuse_error_page, why_unreadable
from feeds.sources.fields import Rules
from feeds.sources.founder.addresses import canonical_url, founder_key
from feeds.sources.founder.article import is_article, read_article
from feeds.sources.founder.issue import read_founder_issue
from feeds.sources.founder.months import is_month_list, issue_before, read_month
from feeds.sources.labels.signposts import find_ways, lead
from feeds.sources.page import WebPage, open_page
from feeds.sources.prepare import drop_arrows, open_cdata, write_out
from feeds.sources.templates import Template, guesses

_MARKERS = re.compile(
    r"enpproperty|founder-content|amucsite|enpcontent|PagePicMap|goPrePeriod|id=[\"']?ozoom|<npm:article|<periodlist\b",
    re.IGNORECASE,
)
_ADDRESS = re.compile(
    r"/(?:layout|content|col|con|att)/[0-9]{6}/[0-9]{2}/|/html/[0-9]{4}-[0-9]{2}/[0-9]{2}/(?:node_|content_|nbs\.D|nw\.D)"
)


class Founder:
    """One paper published with Founder's system."""

    def __init__(self, config: FounderSource) -> None:
        self._config = config
        self._zone = ZoneInfo(config.timezone)
        self._rules = Rules(config.selectors, config.data)
        self._guess = Template("guess", config.guess, {"date"}) if config.guess else None

    def entry(self) -> Request:
        return Request(self._config.url, headers=dict(self._config.headers))

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def read(self, document: Document) -> Reading:
        """A page of an issue, an article, or a signpost; see `feeds.sources.base.Source`."""
        page = open_page(document, _prepare)
        if is_month_list(page):
            return read_month(page, document, self._zone)
        values = self._rules.apply(page, self._zone)
        if not values.found:
            refuse_error_page(page)
        if values.found or is_article(page):
            name = document.request.context.get("page_name")
            article = read_article(page, values, self._zone, name)
            if article is not None:
                url = canonical_url(page.url)
                return Reading(article=replace(article, key=founder_key(url), url=url))
        ways = find_ways(page)
        issue = read_founder_issue(page, ways)
        if issue is not None:
            return Reading(issue=self._with_previous(issue))
        further = lead(page, ways)
        guessed = tuple(guesses(self._guess, document.fetched_at, self._zone))
        if not further.follow and not guessed:
            raise why_unreadable(page)
        return replace(further, follow=(*further.follow, *guessed))

    def _with_previous(self, issue: IssueReading) -> IssueReading:
        """上一期 is a script in most templates, which looks into the month's list."""
        if issue.previous is not None or issue.is_first:
            return issue
        return replace(issue, previous=issue_before(issue.url, issue.date, self._config.months))


def is_founder(page: WebPage) -> bool:
    """Whether a page is one of this family: by its wrappers and scripts, or by its address."""
    return (
        _MARKERS.search(page.html) is not None
        or _ADDRESS.search(urlsplit(page.url).path) is not None
    )


def _prepare(html: str) -> str:
    return open_cdata(drop_arrows(write_out(html)))
