"""Founder's digital newspapers (方正): classic (F1), D110000 (F2) and 翔宇 (F3, `…/pc/layout/202412/25/…`).

Which of them a page is nobody needs to say: templates differ from paper to paper and file names are the
publisher's choice, so an issue is found by the words of its links and the date in their addresses; only
articles know a few skins by selector.
"""

import re
from dataclasses import replace
from datetime import date
from urllib.parse import urlsplit

from config.sources import FounderSource
from feeds.decide import Asked
from feeds.models import ArticleReading, Document, IssueReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.fields import Values
from feeds.sources.founder.addresses import canonical_url, founder_key
from feeds.sources.founder.article import is_article, read_article
from feeds.sources.founder.issue import read_founder_issue
from feeds.sources.founder.months import is_month_list, issue_before, read_month
from feeds.sources.labels.signposts import Ways
from feeds.sources.page import WebPage, open_page
from feeds.sources.prepare import drop_arrows, open_cdata, write_out
from feeds.sources.web import Manner, WebReader

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
        self._web = WebReader(config)
        self._months = config.months
        self._manner = Manner(is_article, self._article, self._issue)

    def entry(self) -> Request:
        return self._web.entry()

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        return self._web.on_day(issue_url, day)

    def read(self, document: Document) -> Reading:
        """A page of an issue, an article, or a signpost; see `feeds.sources.base.Source`."""
        page = open_page(document, _prepare)
        if is_month_list(page):
            return read_month(page, document, self._web.zone)
        return self._web.read(page, document, self._manner)

    def _article(self, page: WebPage, values: Values, name: str | None) -> ArticleReading | None:
        article = read_article(page, values, self._web.zone, name)
        url = canonical_url(page.url)
        return replace(article, key=founder_key(url), url=url) if article else None

    def _issue(self, page: WebPage, ways: Ways) -> IssueReading | None:
        """The issue. 上一期 is a script in most templates, which looks into the month's list."""
        issue = read_founder_issue(page, ways)
        if issue is None or issue.previous is not None or issue.is_first:
            return issue
        return replace(issue, previous=issue_before(issue.url, issue.date, self._months))


def is_founder(page: WebPage) -> bool:
    """Whether a page is one of this family: by its wrappers and scripts, or by its address."""
    return (
        _MARKERS.search(page.html) is not None
        or _ADDRESS.search(urlsplit(page.url).path) is not None
    )


def _prepare(html: str) -> str:
    return open_cdata(drop_arrows(write_out(html)))
