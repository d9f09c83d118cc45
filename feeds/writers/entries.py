"""From an archive's issues to a feed's entries: pure, and the same for every format.

Paper, Issue ──rules (operator), authority (archive)──▶ FeedEntry… ──▶ writers
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from feeds.models import Article, ArticleKind, Correction, Issue, Page, Paper
from feeds.summary import article_summary
from feeds.text import clean
from feeds.words import N_, Translate, shown_date, translator
from feeds.writers.base import Enclosure, FeedEntry, Origin
from feeds.writers.corrections import correction_html, correction_text
from feeds.writers.heads import FeedRules, paper_of
from feeds.writers.links import (
    article_path,
    article_tag,
    feed_path,
    feed_tag,
    media_type_of,
    web_url,
)

__all__ = [
    "Desk",
    "FeedRules",
    "credit",
    "figures",
    "page_name",
    "paper_of",
    "shown_articles",
    "text_html",
]

_LAST_SECOND = 59 * 60 + 59

KIND_WORDS = {
    ArticleKind.NEWS: N_("新闻"),
    ArticleKind.PHOTO: N_("图片"),
    ArticleKind.CREDITS: N_("版面说明"),
    ArticleKind.AD: N_("广告"),
    ArticleKind.NOTICE: N_("公告"),
}


@dataclass(frozen=True, slots=True)
class Desk:
    """Makes one paper's entries. `authority` is `NAME,DATE` of RFC 4151; `lengths` are the sizes of
    files in bytes, as far as they are known.
    """

    paper: Paper
    rules: FeedRules
    authority: str
    lengths: Mapping[str, int] = field(default_factory=dict)

    @property
    def zone(self) -> ZoneInfo:
        return ZoneInfo(self.paper.timezone)

    @property
    def origin(self) -> Origin:
        """The paper's feed, as other feeds name it."""
        base = self.rules.public_url + feed_path(self.paper.id)
        return Origin(feed_tag(self.authority, self.paper.id), clean(self.paper.title), base)

    def entries(
        self,
        issue: Issue,
        corrected: Mapping[int, Correction] | None = None,
        only: Collection[str] | None = None,
    ) -> tuple[FeedEntry, ...]:
        """The issue's articles, page 1 first; those of the keys `only` where it is given. `corrected`
        are what corrected articles said before, by the article's id.
        """
        known = corrected or {}
        return tuple(
            self.entry(issue, page, article, place, known.get(article.id))
            for place, page, article in shown_articles(issue, self.rules.skip)
            if only is None or article.key in only
        )

    def entry(
        self,
        issue: Issue,
        page: Page,
        article: Article,
        place: int,
        correction: Correction | None = None,
    ) -> FeedEntry:
        """One article's entry. `place` counts from 0 through the whole issue."""
        _ = translator(self.rules.language)
        source_line = credit(self.paper, issue, page, article, _)
        summary = article_summary(article)
        images = [url for image in article.images if (url := web_url(image.url))]
        return FeedEntry(
            id=article_tag(self.authority, article),
            title=article.title or _("（无题）"),
            url=self.link(article),
            published=published_at(issue, article, place, self.zone),
            updated=article.updated,
            summary=summary
            if self.rules.full
            else self._summary(article, summary, source_line, correction),
            html=self._body(article, source_line, correction) if self.rules.full else None,
            author=article.byline,
            categories=(page_name(page, _), _(KIND_WORDS[article.kind])),
            image=images[0] if images else None,
            enclosures=tuple(self.files(images)),
        )

    def files(self, urls: Collection[str]) -> Iterator[Enclosure]:
        """Those of the files whose type is known, each once."""
        for url in dict.fromkeys(urls):
            if media_type := media_type_of(url):
                yield Enclosure(url, media_type, self.lengths.get(url))

    def link(self, article: Article) -> str | None:
        """Where an article's entry leads: the newspaper's page, or ours where that was decided."""
        if self.rules.own_links:
            path = article_path(article.source, article.issue, article.key)
            return self.rules.public_url + path
        return web_url(article.url)

    def _summary(
        self, article: Article, summary: str, source_line: str, correction: Correction | None
    ) -> str:
        """All that may be shown, in one line: what was corrected and where it comes from too."""
        _ = translator(self.rules.language)
        note = correction_text(article, correction, self.zone, _) if correction else ""
        return " — ".join(filter(None, (summary, source_line, note)))

    def _body(self, article: Article, source_line: str, correction: Correction | None) -> str:
        """The article as HTML, with the lines around its title, its images, what was corrected, and
        where it comes from.
        """
        _ = translator(self.rules.language)
        lines = (article.kicker, article.subtitle)
        framed = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in lines if line)
        note = correction_html(article, correction, self.zone, _) if correction else ""
        origin = _origin(article, source_line, _)
        return framed + text_html(article, _) + note + origin


def shown_articles(issue: Issue, skip: Collection[str]) -> Iterator[tuple[int, Page, Article]]:
    """The articles that belong in a feed, each with its place in the whole issue, from 0. The place
    counts what is left out too, so that it does not move when an operator changes `skip`.
    """
    placed = ((page, article) for page in issue.pages for article in page.articles)
    for place, (page, article) in enumerate(placed):
        if article.kind not in skip and not article.withdrawn:
            yield place, page, article


def published_at(issue: Issue, article: Article, place: int, zone: ZoneInfo) -> datetime:
    """The site's own time where it gives one; else the issue's date at 00:59:59 in the paper's zone
    less a second per place, so that every reader sorts page 1 first (design.md, HTTP).
    """
    if article.published_exact:
        return article.published.astimezone(zone)
    return front_page_at(issue, zone) - timedelta(seconds=min(place, _LAST_SECOND))


def front_page_at(issue: Issue, zone: ZoneInfo) -> datetime:
    """When the first article of an issue is published, for readers: late enough for an hour's seconds
    to be taken off before it becomes yesterday's.
    """
    return datetime.combine(issue.date, time(0, 59, 59), zone)


def page_name(page: Page, _: Translate) -> str:
    """`第A01版 要闻`, or without the name where it has none."""
    label = _("第{label}版").format(label=page.label)
    return f"{label} {page.name}" if page.name else label


def credit(paper: Paper, issue: Issue, page: Page, article: Article, _: Translate) -> str:
    """Paper, date, page and byline: what must stand by whatever is shown (design.md section 5)."""
    parts = (clean(paper.title), shown_date(issue.date, _), page_name(page, _), article.byline)
    return " · ".join(part for part in parts if part)


def text_html(article: Article, _: Translate) -> str:
    """The text with its images. Of one that was too long to be kept whole, which is too long for a feed
    as well, the summary and where the rest is.
    """
    if not article.is_cut:
        return article.body_html + figures(article)
    rest = _("文章太长，这里没有收全，全文在报纸网站上。")
    return f"<p>{escape(article_summary(article))}</p><p><em>{escape(rest)}</em></p>"


def figures(article: Article) -> str:
    """The images that the body itself does not show, as HTML with their captions."""
    shown = ((web_url(image.url), image.caption) for image in article.images)
    return "".join(
        f'<figure><img src="{escape(url)}" alt="{escape(caption)}">'
        + (f"<figcaption>{escape(caption)}</figcaption>" if caption else "")
        + "</figure>"
        for url, caption in shown
        if url and escape(url) not in article.body_html
    )


def _origin(article: Article, source_line: str, _: Translate) -> str:
    url = web_url(article.url)
    link = f' · <a href="{escape(url)}">{escape(_("阅读原文"))}</a>' if url else ""
    return f"<p><small>{escape(source_line)}{link}</small></p>"
