"""A whole issue as one entry: its 版 in order, each with its titles and a summary or the text. Pure."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from feeds.models import Article, Issue, Page
from feeds.summary import article_summary
from feeds.text import clean
from feeds.words import shown_date, shown_weekday, translator
from feeds.writers.base import FeedEntry
from feeds.writers.entries import Desk, front_page_at, page_name, shown_articles, text_html
from feeds.writers.links import issue_path, issue_tag, web_url

_TITLES = 5  # in an entry's summary


@dataclass(frozen=True, slots=True)
class Digest:
    """Makes one paper's digests. `whole`: with the articles' texts, where `desk.rules` allow that."""

    desk: Desk
    whole: bool = False

    def entry(self, issue: Issue) -> FeedEntry | None:
        """The issue's entry; None where nothing of it is shown."""
        shown = list(shown_articles(issue, self.desk.rules.skip))
        if not shown:
            return None
        pages = _by_page((page, article) for _place, page, article in shown)
        articles = [article for _place, _page, article in shown]
        images = [url for page, _ in pages if (url := web_url(page.image))]
        pdfs = [url for page, _ in pages if (url := web_url(page.pdf))]
        return FeedEntry(
            id=issue_tag(self.desk.authority, issue),
            title=self._title(issue, pages, articles),
            url=self._link(issue),
            published=front_page_at(issue, self.desk.zone),
            updated=max([issue.updated, *(article.updated for article in articles)]),
            summary=self._summary(articles),
            html="".join(self._page(page, held) for page, held in pages) + self._origin(issue),
            author=clean(self.desk.paper.title),
            categories=(),
            image=images[0] if images else None,
            enclosures=tuple(self.desk.files([*pdfs, *images])),
        )

    def _title(self, issue: Issue, pages: Sequence[object], articles: Sequence[Article]) -> str:
        """`2024年04月08日 星期一 · 第1期 · 4版 18篇`."""
        _ = translator(self.desk.rules.language)
        size = _("{pages}版 {articles}篇").format(pages=len(pages), articles=len(articles))
        number = _("第{number}期").format(number=issue.number) if issue.number else ""
        day = f"{shown_date(issue.date, _)} {shown_weekday(issue.date, _)}"
        return " · ".join(filter(None, (day, number, size)))

    def _summary(self, articles: Sequence[Article]) -> str:
        _ = translator(self.desk.rules.language)
        return _("；").join(article.title for article in articles[:_TITLES] if article.title)

    def _page(self, page: Page, articles: Sequence[Article]) -> str:
        _ = translator(self.desk.rules.language)
        name = escape(page_name(page, _))
        pdf = web_url(page.pdf)
        link = f' <a href="{escape(pdf)}">PDF</a>' if pdf else ""
        held = "".join(self._article(article) for article in articles)
        return f"<h2>{name}{link}</h2>{held}"

    def _article(self, article: Article) -> str:
        _ = translator(self.desk.rules.language)
        title = escape(article.title or _("（无题）"))
        url = self.desk.link(article)
        heading = f'<a href="{escape(url)}">{title}</a>' if url else title
        byline = f"<br><small>{escape(article.byline)}</small>" if article.byline else ""
        return f"<h3>{heading}{byline}</h3>{self._text(article)}"

    def _text(self, article: Article) -> str:
        if self.whole and self.desk.rules.full:
            return text_html(article, translator(self.desk.rules.language))
        summary = article_summary(article)
        return f"<p>{escape(summary)}</p>" if summary else ""

    def _link(self, issue: Issue) -> str | None:
        if self.desk.rules.own_links:
            return self.desk.rules.public_url + issue_path(issue.source, issue.key)
        return web_url(issue.url)

    def _origin(self, issue: Issue) -> str:
        """What must stand by whatever is shown: paper, date, and the original."""
        _ = translator(self.desk.rules.language)
        line = f"{clean(self.desk.paper.title)} · {shown_date(issue.date, _)}"
        url = web_url(issue.url)
        link = f' · <a href="{escape(url)}">{escape(_("阅读原文"))}</a>' if url else ""
        return f"<p><small>{escape(line)}{link}</small></p>"


def _by_page(placed: Iterator[tuple[Page, Article]]) -> list[tuple[Page, list[Article]]]:
    """The pages that have articles, with those of them that are shown."""
    pages: list[tuple[Page, list[Article]]] = []
    for page, article in placed:
        if not pages or pages[-1][0] is not page:
            pages.append((page, []))
        pages[-1][1].append(article)
    return pages
