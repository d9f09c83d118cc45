"""Gathers the entries of a feed that was made to order, within one view of the archive."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from html import escape

from config.models import Settings
from config.sources import SourceConfig
from feeds.counts import show
from feeds.models import Article, Correction, Issue, Page
from feeds.publish.orders import MOST_ENTRIES, Order
from feeds.publish.printing import of_several
from feeds.publish.recipes import rules_of
from feeds.store import corrections, library, marks, ranking
from feeds.store.engine import Transaction
from feeds.store.marks import Window
from feeds.words import Translate, translator
from feeds.writers.base import FeedEntry
from feeds.writers.digest import Digest
from feeds.writers.entries import Desk, shown_articles
from feeds.writers.heads import paper_of

SCANNED = 2000  # articles that are looked through for one order
RANKED = 500


@dataclass(frozen=True, slots=True)
class Asked:
    """A feed and what is asked of it. `source` is None for all papers together."""

    source: str | None
    of_issues: bool
    order: Order


@dataclass(frozen=True, slots=True)
class Gathering:
    """One order being filled."""

    tx: Transaction
    settings: Settings
    authority: str
    asked: Asked

    @property
    def papers(self) -> list[SourceConfig]:
        """The papers that are looked through."""
        source = self.asked.source
        return [s for s in self.settings.sources if source is None or s.id == source]

    @property
    def limit(self) -> int:
        """The most entries."""
        return min(self.asked.order.limit or self.settings.feeds.entries, MOST_ENTRIES)

    async def entries(self) -> list[FeedEntry]:
        """The entries, newest or most read first."""
        found: list[FeedEntry] = []
        ranked = self.asked.order.top is not None
        async for some in self._by_reads() if ranked else self._by_date():
            found += some
            if len(found) >= self.limit:
                break
        return found[: self.limit]

    async def _by_date(self) -> AsyncIterator[list[FeedEntry]]:
        ids = [source.id for source in self.papers]
        if self.asked.source is None:
            shown = await marks.arrived(self.tx, ids, Window(SCANNED))
        else:
            shown = await marks.of_paper(self.tx, self.asked.source, Window(SCANNED))
        for mark in shown:
            issue = await library.issue_by_id(self.tx, mark.id)
            assert issue is not None  # a mark is a row
            yield await self._of_issue(issue)

    async def _by_reads(self) -> AsyncIterator[list[FeedEntry]]:
        """The most read; each in the issue that it stands in."""
        days = self.asked.order.top or 1
        ids = [source.id for source in self.papers]
        issues: dict[tuple[str, str], dict[str, FeedEntry]] = {}
        for ranked in await ranking.most_read(self.tx, ids, days, RANKED):
            place = (ranked.article.source, ranked.article.issue)
            if place not in issues:
                issue = await library.issue(self.tx, *place)
                assert issue is not None  # the ranking found it there
                issues[place] = dict(await self._articles(issue))
            entry = issues[place].get(ranked.article.key)
            yield [entry] if entry else []

    async def _of_issue(self, issue: Issue) -> list[FeedEntry]:
        if not self.asked.of_issues:
            return [entry for _, entry in await self._articles(issue)]
        whole = self.asked.order.content == "full"
        entry = Digest(self._desk(issue.source), whole).entry(self._trimmed(issue))
        return [entry] if entry else []

    async def _articles(self, issue: Issue) -> list[tuple[str, FeedEntry]]:
        """The issue's wanted articles: key and entry."""
        desk, wanted = self._desk(issue.source), self.asked.order.matcher()
        corrected = await corrections.of_issue(self.tx, issue.id)
        return [
            (article.key, self._entry(desk, issue, page, article, place, corrected.get(article.id)))
            for place, page, article in shown_articles(issue, desk.rules.skip)
            if wanted(page, article)
        ]

    def _entry(
        self,
        desk: Desk,
        issue: Issue,
        page: Page,
        article: Article,
        place: int,
        correction: Correction | None,
    ) -> FeedEntry:
        entry = desk.entry(issue, page, article, place, correction)
        if self.asked.source is None:
            entry = of_several(desk, entry)
        _ = translator(self.settings.language)
        return with_reads(entry, article, _) if self.asked.order.reads else entry

    def _desk(self, source_id: str) -> Desk:
        source = self.settings.source(source_id)
        assert source is not None  # only configured papers are looked through
        rules = rules_of(self.settings, source)
        full = rules.full and self.asked.order.content != "summary"
        return Desk(paper_of(source), replace(rules, full=full), self.authority)

    def _trimmed(self, issue: Issue) -> Issue:
        """The issue with nothing but what is wanted."""
        wanted = self.asked.order.matcher()
        pages = (
            replace(page, articles=tuple(a for a in page.articles if wanted(page, a)))
            for page in issue.pages
        )
        return replace(issue, pages=tuple(pages))


def with_reads(entry: FeedEntry, article: Article, _: Translate) -> FeedEntry:
    """The entry with its count as the site shows it: for people at the end of what they read, for
    machines in the format's own way.
    """
    if article.reads is None:
        return entry
    line = _("阅读数:{count}").format(count=show(article.reads))
    if entry.html is not None:
        html = f"{entry.html}<p><small>{escape(line)}</small></p>"
        return replace(entry, html=html, reads=article.reads)
    return replace(entry, summary=f"{entry.summary} — {line}", reads=article.reads)
