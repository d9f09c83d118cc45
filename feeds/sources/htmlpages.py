"""A newspaper that its operator described: what an address is by its form, where things stand by CSS. Whatever
he left out is read by its words.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date, timedelta

from selectolax.lexbor import LexborNode

from config.sources import HtmlSource
from feeds.dates import find_date
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import (
    ArticleLink,
    ArticleReading,
    Document,
    IssueReading,
    PageReading,
    Reading,
    Request,
)
from feeds.sources.base import plain_request
from feeds.sources.expressions import compile_css
from feeds.sources.fields import Values
from feeds.sources.kinds import kind_of
from feeds.sources.labels.article import read_by_labels
from feeds.sources.labels.gathering import Clues
from feeds.sources.labels.issue import find_issue_date, read_issue
from feeds.sources.labels.landmarks import PageLabel, Way, loose_label, way_of
from feeds.sources.labels.merge import beside, looks_like_article, merge
from feeds.sources.labels.signposts import Ways
from feeds.sources.links import article_key, is_same_site
from feeds.sources.page import WebPage, open_page
from feeds.sources.prepare import write_out
from feeds.sources.presets import settled
from feeds.sources.templates import Pattern, date_of
from feeds.sources.web import Manner, WebReader
from feeds.text import cut, one_line, slug, text_of

_PARTS = (
    ("issue", ("date", "number", "previous", "next")),
    ("pages", ("links", "image", "pdf")),
    ("articles", ("links",)),
)


class HtmlPages:
    """One paper. Raises `BaotongError` for a selector or a pattern that is none."""

    def __init__(self, config: HtmlSource) -> None:
        config = settled(config)
        self._web = WebReader(config)
        self._forms = _Forms(config)
        self._css = {
            f"{part}.{name}": compile_css(f"{part}.{name}", selector)
            for part, names in _PARTS
            for name in names
            if (selector := getattr(getattr(config, part), name))
        }
        self._manner = Manner(self._is_article, self._article, self._issue)

    def entry(self) -> Request:
        return self._web.entry()

    def ask(self, asked: Asked) -> Request:
        return plain_request(asked)

    def on_day(self, issue_url: str, day: date) -> Request | None:
        return self._web.on_day(issue_url, day)

    def read(self, document: Document) -> Reading:
        """A page of an issue, an article, or a signpost; see `feeds.sources.base.Source`."""
        return self._web.read(open_page(document, write_out), document, self._manner)

    # ── articles ────────────────────────────────────────────────────────────────────────────────

    def _is_article(self, page: WebPage) -> bool:
        what = self._forms.what(page.url)
        if what is not None or self._forms.knows("article"):
            return what == "article"
        return looks_like_article(page, read_by_labels(page, self._web.zone))

    def _article(self, page: WebPage, values: Values, name: str | None) -> ArticleReading | None:
        if not self._is_article(page):
            return None
        is_whole = {"title", "body"} <= set(values.found)
        labels = read_by_labels(page, self._web.zone)
        if is_whole:
            labels = beside(labels)
        article = merge(page, labels, values)
        if article is None:
            return None
        return replace(article, key=self._key(page.url), kind=kind_of(article.title, name))

    def _key(self, url: str) -> str:
        said = self._forms.said("article", url)
        return slug(said["id"]) if said and said.get("id") else article_key(url)

    # ── issues ──────────────────────────────────────────────────────────────────────────────────

    def _issue(self, page: WebPage, ways: Ways) -> IssueReading | None:
        day = self._day(page)
        issue = read_issue(page, self._ways(page, ways), self._clues(page, day))
        if issue is None:
            return None
        if page.is_cut:
            raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")
        pages = tuple(self._finish_page(page, sheet, issue.date) for sheet in issue.pages)
        url = next((sheet.url for sheet in pages if sheet.url), issue.url)
        number = self._text(page, "issue.number") or issue.number
        previous = issue.previous or self._guessed(issue)
        return replace(issue, url=url, number=number, previous=previous, pages=pages)

    def _day(self, page: WebPage) -> date | None:
        """The date in the address, or at its place in the page. Raises `NotReadable` where the address and
        the page name different days: half published.
        """
        addressed = date_of(self._forms.said_of(page.url))
        text = self._text(page, "issue.date")
        printed = find_date(text) if text else find_issue_date(page)
        if addressed and printed and addressed != printed:
            words = f"地址里的日期是 {addressed},版面上印的是 {printed}"
            raise NotReadable(page.url, Unreadable.UNKNOWN, words)
        return addressed or (printed if text else None)

    def _clues(self, page: WebPage, day: date | None) -> Clues:
        """What the operator's rules say of the links: which are articles, which are pages."""
        labels = self._labels(page, day)
        if not self._forms.knows("article") and "articles.links" not in self._css:
            return Clues(None, labels, day)
        found = self._links(page, "articles.links")
        return Clues([url for url in found if self._may_be(url, "article", day)], labels, day)

    def _labels(self, page: WebPage, day: date | None) -> dict[str, PageLabel]:
        """The pages by address: those whose links the operator pointed at, or whose addresses have the form
        of a page's. Their words are a label, or their address holds it.
        """
        if "pages.links" not in self._css and not self._forms.knows("page"):
            return {}
        labels: dict[str, PageLabel] = {}
        for url, text in self._links(page, "pages.links").items():
            is_page = self._may_be(url, "page", day) or self._may_be(url, "issue", day)
            words = None if way_of(text) else loose_label(text)
            label = words or (
                loose_label(self._forms.said_of(url).get("page", "")) if not text else None
            )
            if is_page and label is not None:
                labels[url] = label
        return labels

    def _links(self, page: WebPage, rule: str) -> dict[str, str]:
        """The links that a rule finds, or all: their addresses and words."""
        nodes = page.tree.css(self._css.get(rule, "a[href]"))
        found: dict[str, str] = {}
        for node in nodes:
            url = page.link(node.attributes.get("href"))
            if url and is_same_site(url, page.url):
                found.setdefault(url, _words(node))
        return found

    def _may_be(self, url: str, what: str, day: date | None) -> bool:
        """Whether an address may be such a one of this day's issue."""
        if not self._forms.knows(what):
            return self._forms.what(url) is None
        own = date_of(self._forms.said_of(url))
        return self._forms.what(url) == what and (day is None or own in {None, day})

    def _ways(self, page: WebPage, ways: Ways) -> Ways:
        """上一期 and 下一期 as the operator pointed at them, or by their words. Where it is known how an issue's
        address looks, a link of another form (Alert.php) leads nowhere.
        """
        live, inert = dict(ways.live), set(ways.inert)
        for way, rule in ((Way.PREVIOUS, "issue.previous"), (Way.NEXT, "issue.next")):
            if rule in self._css:
                node = page.tree.css_first(self._css[rule])
                url = page.link(node.attributes.get("href")) if node is not None else None
                live.pop(way, None)
                live |= {way: url} if url and is_same_site(url, page.url) else {}
            if (
                way in live
                and self._forms.what(live[way]) not in {"issue", "page"}
                and self._forms.knows("issue")
            ):
                del live[way]
                inert.add(way)
        return Ways(live, inert)

    def _finish_page(self, page: WebPage, sheet: PageReading, day: date) -> PageReading:
        if sheet.articles is None:
            return sheet
        links = {self._key(a.url): replace(a, key=self._key(a.url)) for a in sheet.articles}
        listed = tuple(links.values()) or tuple(self._unlisted(page, day))
        return replace(
            sheet,
            articles=listed,
            image=self._target(page, "pages.image") or sheet.image,
            pdf=self._target(page, "pages.pdf") or sheet.pdf,
        )

    def _unlisted(self, page: WebPage, day: date) -> Iterator[ArticleLink]:
        """Articles whose links are no words in a line: areas of the page's image."""
        if "articles.links" in self._css:
            for url, text in self._links(page, "articles.links").items():
                if self._may_be(url, "article", day):
                    yield ArticleLink(self._key(url), url, text)

    def _guessed(self, issue: IssueReading) -> str | None:
        """The address of the day before, for papers whose pages do not link it."""
        return (
            None if issue.is_first else self._web.guessed(issue.url, issue.date - timedelta(days=1))
        )

    def _target(self, page: WebPage, rule: str) -> str | None:
        node = page.tree.css_first(self._css[rule]) if rule in self._css else None
        if node is None:
            return None
        return page.link(node.attributes.get("src") or node.attributes.get("href"))

    def _text(self, page: WebPage, rule: str) -> str | None:
        node = page.tree.css_first(self._css[rule]) if rule in self._css else None
        return one_line(text_of(node.html or "")) or None if node is not None else None


class _Forms:
    """What an address is by its form; of forms that fit several, an issue before a page before an article."""

    def __init__(self, config: HtmlSource) -> None:
        self._patterns: Mapping[str, tuple[Pattern, ...]] = {
            what: tuple(
                Pattern(f"paths.{what}", text)
                for text in ((said,) if isinstance(said, str) else said or ())
            )
            for what in ("issue", "page", "article")
            for said in [getattr(config.paths, what)]
        }

    def knows(self, what: str) -> bool:
        return bool(self._patterns[what])

    def what(self, url: str) -> str | None:
        return next((what for what in self._patterns if self.said(what, url) is not None), None)

    def said(self, what: str, url: str) -> dict[str, str] | None:
        """What an address of this form says by its names; None for one of another form."""
        found = (pattern.match(url) for pattern in self._patterns[what])
        return next((said for said in found if said is not None), None)

    def said_of(self, url: str) -> dict[str, str]:
        what = self.what(url)
        return (self.said(what, url) or {}) if what else {}


def _words(node: LexborNode) -> str:
    """A link's words, or those of an area, which only its attributes say."""
    attributes = node.attributes
    text = one_line(node.text(deep=True)) or attributes.get("title") or attributes.get("alt") or ""
    return cut(one_line(text))
