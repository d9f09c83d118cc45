"""One article from what the operator's rules, the family's own rules and the labels found, field by field."""

from typing import Any

from feeds.errors import NotReadable, Unreadable
from feeds.models import ArticleReading, FoundBy
from feeds.sources.body import Body
from feeds.sources.fields import Values
from feeds.sources.kinds import kind_of
from feeds.sources.labels.article import Found
from feeds.sources.labels.issue import link_weight
from feeds.sources.labels.landmarks import DETAIL, has_stop
from feeds.sources.links import article_key
from feeds.sources.page import WebPage

_SOME_PROSE = 40
_LABELLED = ("title", "kicker", "subtitle", "byline", "published", "reads", "page")


def looks_like_article(page: WebPage, found: Found | None) -> bool:
    """Whether a page with sentences is an article, and not a list of titles with teasers."""
    if found is None:
        return False
    if found.has_detail or any(DETAIL in line.text for line in page.lines):
        return True
    weight = link_weight(page)
    return found.weight > 2 * weight or (found.has_reads and found.weight > weight)


def beside(found: Found | None) -> Found | None:
    """What labels tell of an article whose title and body are known without them: what stands behind a
    label of its own, and nothing that would be a guess.
    """
    if found is None:
        return None
    return Found(published=found.published, reads=found.reads, page=found.page)


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
    """A document that stops in the middle must not replace the whole article. Where we cut the text
    ourselves, its last words tell nothing.
    """
    last = body.paragraphs[-1] if body.paragraphs else ""
    is_whole = body.is_cut or has_stop(last[-3:])
    if page.is_cut or (page.unclosed[:1] == ("html",) and not page.has_end and not is_whole):
        raise NotReadable(page.url, Unreadable.TRUNCATED, "网页没有传完,正文到一半就断了")
