"""云报平台, whose markup nobody knows: every document is read by its labels, the way a person does."""

from typing import Any
from zoneinfo import ZoneInfo

from config.sources import BaseSource
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, Document, FoundBy, IssueReading, Reading, Request
from feeds.sources.base import plain_request
from feeds.sources.body import Body
from feeds.sources.conditions import refuse_error_page, why_unreadable
from feeds.sources.fields import Rules, Values
from feeds.sources.kinds import kind_of
from feeds.sources.landmarks import DETAIL, has_stop
from feeds.sources.links import article_key
from feeds.sources.page import WebPage, open_page
from feeds.sources.signposts import find_shelf, find_ways, follow
from feeds.sources.yunbao_article import Found, read_by_labels
from feeds.sources.yunbao_issue import link_weight, read_issue

_SOME_PROSE = 40
_LABELLED = ("title", "kicker", "subtitle", "byline", "published", "reads", "page")


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

    def read(self, document: Document) -> Reading:
        """An issue, an article or a signpost; see `feeds.sources.base.Source`."""
        page = open_page(document)
        values = self._rules.apply(page, self._zone)
        if not values.found:
            refuse_error_page(page)
        found = read_by_labels(page, self._zone) or _hidden(page, self._zone)
        ways = find_ways(page)
        if not _is_article(page, found, values):
            issue = read_issue(page, ways)
            if issue is not None:
                return Reading(issue=_whole(page, issue))
        article = merge(page, found, values)
        shelf = find_shelf(page) if article is None else ()
        further = follow(page, ways, shelf)
        if article is None and not further:
            raise why_unreadable(page)
        return Reading(article=article, follow=further)


def _hidden(page: WebPage, zone: ZoneInfo) -> Found | None:
    """An article that a script shows later, where nothing can be read without it. Only its labels make it
    one: hidden elements hold much that is none.
    """
    found = read_by_labels(page.with_hidden(), zone)
    return found if found and found.has_detail and found.has_reads else None


def _is_article(page: WebPage, found: Found | None, values: Values) -> bool:
    """Whether a page with sentences is an article, and not a list of titles with teasers."""
    if "body" in values.found:
        return True
    if found is None:
        return False
    if found.has_detail or any(DETAIL in line.text for line in page.lines):
        return True
    weight = link_weight(page)
    return found.weight > 2 * weight or (found.has_reads and found.weight > weight)


def merge(page: WebPage, found: Found | None, values: Values) -> ArticleReading | None:
    """The article: the operator's rules first, the labels for the rest.

    None where there is no body, or nothing but sentences without any label. Raises `NotReadable` for
    a body that was cut off.
    """
    found = found or Found()
    body: Body = values.found.get("body") or found.body
    labels: dict[str, Any] = {name: getattr(found, name) for name in _LABELLED}
    known = {name: value for name, value in labels.items() if value is not None} | values.found
    if not (body.text or body.images) or not known.get("title") or not _is_told(found, values):
        return None
    if "body" not in values.found:
        _refuse_cut(page, body)
    by = dict.fromkeys((name for name in labels if name in known), FoundBy.LABEL)
    images = values.found.get("images") or body.images
    return ArticleReading(
        key=article_key(page.url),
        url=page.url,
        title=known["title"],
        kicker=known.get("kicker"),
        subtitle=known.get("subtitle"),
        byline=known.get("byline"),
        published=known.get("published"),
        reads=known.get("reads"),
        page=known.get("page"),
        images=images,
        body_html=body.html,
        body_text=body.text,
        kind=kind_of(known["title"], found.page_name),
        found_by=by | _of_body(images, values) | values.by,
    )


def _of_body(images: tuple[Any, ...], values: Values) -> dict[str, FoundBy]:
    """The rule of the body is that of the images in it too."""
    rule = values.by.get("body", FoundBy.LABEL)
    return {"body": rule, "images": rule} if images else {"body": rule}


def _is_told(found: Found, values: Values) -> bool:
    """Whether anything says that these sentences are an article: a label, or their mere length."""
    labelled = found.has_detail or found.has_reads or found.published is not None or found.byline
    return bool(labelled or values.found) or found.weight >= _SOME_PROSE


def _refuse_cut(page: WebPage, body: Body) -> None:
    """A document that stops in the middle must not replace the whole article."""
    last = body.paragraphs[-1] if body.paragraphs else ""
    if page.is_cut or (
        page.unclosed[:1] == ("html",) and not _ends(page) and not has_stop(last[-3:])
    ):
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,正文到一半就断了")


def _ends(page: WebPage) -> bool:
    tail = page.html[-2000:].lower()
    return "</html" in tail or "</body" in tail


def _whole(page: WebPage, issue: IssueReading) -> IssueReading:
    if page.is_cut:
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,目录到一半就断了")
    return issue
