"""From an archive's issues to a feed's head and entries: pure, and the same for every format.

Paper, Issues ──rules (operator), authority (archive)──▶ FeedHead, FeedEntry… ──▶ writers
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from html import escape
from zoneinfo import ZoneInfo

from config.sources import SourceConfig
from feeds.models import Article, ArticleKind, Issue, Page, Paper
from feeds.summary import article_summary
from feeds.text import clean
from feeds.words import N_, Translate, shown_date, translator
from feeds.writers.base import FeedEntry, FeedHead
from feeds.writers.links import article_path, article_tag, feed_path, paper_path, paper_tag, web_url

# Newspapers' language, whatever the language of our own words beside them.
PAPERS_LANGUAGE = "zh-CN"
_NEVER = datetime(1970, 1, 1, tzinfo=UTC)
_LAST_SECOND = 59 * 60 + 59

KIND_WORDS = {
    ArticleKind.NEWS: N_("新闻"),
    ArticleKind.PHOTO: N_("图片"),
    ArticleKind.CREDITS: N_("版面说明"),
    ArticleKind.AD: N_("广告"),
    ArticleKind.NOTICE: N_("公告"),
}


@dataclass(frozen=True, slots=True)
class FeedRules:
    """What an operator decided about one paper's feed. `full`: the whole text may be shown, else a
    summary. `own_links`: entries link our page, else the newspaper's.
    """

    public_url: str
    language: str
    full: bool
    skip: tuple[str, ...] = ()
    own_links: bool = False
    rights: str | None = None
    ttl_minutes: int = 10


def build_feed(
    paper: Paper, issues: Sequence[Issue], rules: FeedRules, authority: str
) -> tuple[FeedHead, tuple[FeedEntry, ...]]:
    """`issues` are whole and newest first; so are the entries, page 1 first within an issue.
    `authority` is `NAME,DATE` of RFC 4151.
    """
    desk = _Desk(paper, rules, authority)
    entries = tuple(entry for issue in issues for entry in desk.entries(issue))
    moments = [*(issue.updated for issue in issues), *(entry.updated for entry in entries)]
    return build_head(paper, rules, authority, max(moments, default=_NEVER)), entries


def paper_of(source: SourceConfig) -> Paper:
    """The paper as the settings name it now; the archive's own row follows at the next look."""
    return Paper(source.id, source.title, str(source.url), source.timezone)


def build_head(paper: Paper, rules: FeedRules, authority: str, updated: datetime) -> FeedHead:
    """The head of a paper's feed; also what OPML lists."""
    _ = translator(rules.language)
    title = clean(paper.title)
    return FeedHead(
        id=paper_tag(authority, paper.id),
        title=title,
        description=_("{paper}的最新报纸").format(paper=title),
        url=rules.public_url + paper_path(paper.id),
        base=rules.public_url + feed_path(paper.id),
        language=PAPERS_LANGUAGE,
        updated=updated,
        ttl_minutes=rules.ttl_minutes,
        rights=rules.rights,
    )


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
    front = datetime.combine(issue.date, time(0, 59, 59), zone)
    return front - timedelta(seconds=min(place, _LAST_SECOND))  # never yesterday


@dataclass(frozen=True, slots=True)
class _Desk:
    """One paper's entries being made."""

    paper: Paper
    rules: FeedRules
    authority: str

    def entries(self, issue: Issue) -> Iterator[FeedEntry]:
        for place, page, article in shown_articles(issue, self.rules.skip):
            yield self._entry(issue, page, article, place)

    def _entry(self, issue: Issue, page: Page, article: Article, place: int) -> FeedEntry:
        _ = translator(self.rules.language)
        source_line = credit(self.paper, issue, page, article, _)
        summary = article_summary(article)
        return FeedEntry(
            id=article_tag(self.authority, article),
            title=article.title or _("（无题）"),
            url=self._link(article),
            published=published_at(issue, article, place, ZoneInfo(self.paper.timezone)),
            updated=article.updated,
            summary=summary
            if self.rules.full
            else " — ".join(filter(None, (summary, source_line))),
            html=_body(article, source_line, _) if self.rules.full else None,
            author=article.byline,
            categories=(page_name(page, _), _(KIND_WORDS[article.kind])),
            image=next((url for image in article.images if (url := web_url(image.url))), None),
        )

    def _link(self, article: Article) -> str | None:
        if self.rules.own_links:
            path = article_path(article.source, article.issue, article.key)
            return self.rules.public_url + path
        return web_url(article.url)


def page_name(page: Page, _: Translate) -> str:
    """`第A01版 要闻`, or without the name where it has none."""
    label = _("第{label}版").format(label=page.label)
    return f"{label} {page.name}" if page.name else label


def credit(paper: Paper, issue: Issue, page: Page, article: Article, _: Translate) -> str:
    """Paper, date, page and byline: what must stand by whatever is shown (design.md section 5)."""
    parts = (clean(paper.title), shown_date(issue.date, _), page_name(page, _), article.byline)
    return " · ".join(part for part in parts if part)


def _body(article: Article, source_line: str, _: Translate) -> str:
    """The article as HTML, with the lines around its title, its images, and where it comes from."""
    lines = (article.kicker, article.subtitle)
    framed = "".join(f"<p><strong>{escape(line)}</strong></p>" for line in lines if line)
    return framed + article.body_html + figures(article) + _origin(article, source_line, _)


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
