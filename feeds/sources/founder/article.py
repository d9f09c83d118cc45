"""An article page of Founder's: fields from the publisher's own comments, then by skin, then by labels."""

import re
from dataclasses import replace
from zoneinfo import ZoneInfo

from feeds.models import ArticleKind, ArticleReading, FoundBy
from feeds.sources.fields import Values
from feeds.sources.founder.addresses import is_article_address
from feeds.sources.founder.comment import by_comment, marked_body
from feeds.sources.founder.skins import SKINS
from feeds.sources.kinds import kind_of
from feeds.sources.labels.article import read_by_labels
from feeds.sources.labels.merge import beside, merge
from feeds.sources.links import article_key
from feeds.sources.page import WebPage
from feeds.sources.skins import body_of, by_skin, has_body

_KEPT = ("title", "kicker", "subtitle", "byline", "published", "page")
_WRAPPER = re.compile(r"enpcontent|founder-content|<npm:article-content", re.IGNORECASE)


def is_article(page: WebPage) -> bool:
    """Whether a page holds one article, not a page's list: its address says so, or else the article's
    wrapper. Either kind may carry #ozoom, enpproperty and the page's image map.
    """
    by_address = is_article_address(page.url)
    if by_address is not None:
        return by_address
    if page.tree.css_first("map area") is not None:
        return False
    return _WRAPPER.search(page.html) is not None or any(
        page.tree.css_first(skin.title) is not None and has_body(page, skin) for skin in SKINS
    )


def read_article(
    page: WebPage, values: Values, zone: ZoneInfo, page_name: str | None
) -> ArticleReading | None:
    """The article, or None where there is none. `values` are the operator's rules and win; then the
    publisher's comments (DATA), the skin (SELECTOR), and what labels tell.
    """
    known = Values()
    for found in (_marked(page), by_skin(page, SKINS, zone), by_comment(page, zone), values):
        known.found |= found.found
        known.by |= found.by
    is_whole = "body" in known.found and "title" in known.found
    labels = read_by_labels(page, zone)
    if is_whole:
        labels = beside(labels)
    article = merge(page, labels, known) or _without_body(page, known, page_name)
    return replace(article, kind=kind_of(article.title, page_name)) if article else None


def _marked(page: WebPage) -> Values:
    """The body between the publisher's marks, and the reporter whom only the page's head names (中国青年报)."""
    said = {"body": body_of(marked_body(page), page.base), "byline": page.meta("reporter")}
    found = {name: value for name, value in said.items() if value}
    return Values(found, dict.fromkeys(found, FoundBy.DATA))


def _without_body(page: WebPage, known: Values, page_name: str | None) -> ArticleReading | None:
    """Credits (责编) and advertisements are often a title and nothing else. News never is."""
    title = known.found.get("title")
    if not title or page.is_cut or kind_of(title, page_name) is ArticleKind.NEWS:
        return None
    fields = {name: known.found[name] for name in _KEPT if name in known.found}
    by = {name: known.by[name] for name in fields}
    return ArticleReading(article_key(page.url), page.url, **fields, found_by=by)
