"""What a document's list of pages and articles means: nothing is lost, nothing flips to and fro."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.decide.absence import note_absent, note_present
from feeds.decide.draft import Draft
from feeds.decide.known import Asked, Known, KnownArticle, KnownIssue, KnownPage, Policy
from feeds.decide.reads import look_soon, take_reads
from feeds.models import ArticleLink, IssueReading, IssueStatus, PageReading
from feeds.text import cut

_SHORT = 64  # characters of a label or a number: what their columns hold
_EARLIEST = date(1900, 1, 1)
_AHEAD = timedelta(
    days=2
)  # papers are dated tomorrow, a weekend's perhaps a day more; never next year


def is_credible(reading: IssueReading, policy: Policy, now: datetime) -> bool:
    """Whether an issue's date can be: one far in the future, once believed, would be the newest for
    ever and hide all that follow.
    """
    today = now.astimezone(ZoneInfo(policy.timezone)).date()
    return _EARLIEST < reading.date <= today + _AHEAD


def merge_issue(known: Known, reading: IssueReading, asked: Asked, policy: Policy) -> KnownIssue:
    """The issue with what this document adds. Its key, date and url stay as they were first seen:
    another document of it has another url.
    """
    old = known.issue or _new_issue(known, reading, asked, policy)
    return replace(
        old,
        number=reading.number[:_SHORT] if reading.number else old.number,
        previous=reading.previous or old.previous,
        next=reading.next or old.next,
        is_first=reading.is_first or (old.is_first and reading.previous is None),
        closes_at=reading.closes_at or old.closes_at,
        gone_at=None,
    )


def _new_issue(known: Known, reading: IssueReading, asked: Asked, policy: Policy) -> KnownIssue:
    return KnownIssue(
        reading.key,
        reading.date,
        reading.url,
        push=_is_pushed(known, reading, policy),
        unseen_at=known.looked_at if asked.is_newest else None,
    )


def _is_pushed(known: Known, reading: IssueReading, policy: Policy) -> bool:
    """A first look pushes as the settings say; what is older than all we know is never news."""
    if policy.is_backfill:
        return False
    if known.oldest is None:
        return policy.first != "none"
    return (reading.date, reading.key) > known.oldest


def take_pages(draft: Draft, reading: IssueReading, asked: Asked) -> None:
    """Takes in the pages that a document lists, and the articles of those that it lists whole."""
    listed = _named(draft, tuple(_unique(reading.pages)), asked)
    is_overview = len(listed) >= len(draft.pages)
    for page in listed:
        _take_page(draft, page, is_overview)
    for page in listed:
        if page.articles is not None:
            _take_links(draft, page, listed)
    _miss_articles(draft, listed)


def _miss_articles(draft: Draft, listed: Sequence[PageReading]) -> None:
    """Notes what the pages that this document lists whole named once and name no longer. A document that
    holds its articles whole (a feed) holds the last so many: what leaves it is not taken back.
    """
    whole = {page.label for page in listed if page.articles is not None}
    named = {link.key for page in listed for link in page.articles or ()}
    held = [a for a in draft.articles.values() if a.page in whole and not a.is_whole]
    note_absent(draft, [article for article in held if article.key not in named], len(held))


def _named(draft: Draft, pages: tuple[PageReading, ...], asked: Asked) -> tuple[PageReading, ...]:
    """The pages by the labels we know them by: the document of the page that was asked for may call
    it otherwise than the list that led there.
    """
    whole = [page for page in pages if page.articles is not None]
    wanted = asked.page
    is_named = wanted is None or any(page.label == wanted for page in pages)
    if is_named or wanted not in draft.pages or len(whole) != 1 or whole[0].label in draft.pages:
        return pages
    return tuple(replace(page, label=wanted) if page is whole[0] else page for page in pages)


def _unique(pages: Sequence[PageReading]) -> Iterator[PageReading]:
    """One page a label: a label that comes twice is one page, with the articles of both."""
    merged: dict[str, PageReading] = {}
    for page in pages:
        label = page.label[:_SHORT]
        first = merged.get(label)
        if first is None:
            merged[label] = replace(page, label=label)
        elif page.articles is not None:
            merged[label] = replace(first, articles=(first.articles or ()) + page.articles)
    yield from merged.values()


def _take_page(draft: Draft, page: PageReading, is_overview: bool) -> None:
    """A document that shows only some of the pages does not know where they stand."""
    old = draft.pages.get(page.label)
    if old is None:
        after_all = max((known.order for known in draft.pages.values()), default=0) + 1
        old = KnownPage(page.label, page.order if is_overview else max(page.order, after_all))
    is_read = old.is_read or page.articles is not None
    if is_read and not old.is_read:
        _renew_patience(draft)
    draft.put_page(
        replace(
            old,
            order=page.order if is_overview else old.order,
            name=page.name or old.name,
            url=page.url or old.url,
            image=page.image or old.image,
            pdf=page.pdf or old.pdf,
            is_read=is_read,
            given_up=None if is_read else old.given_up,
        )
    )


def _renew_patience(draft: Draft) -> None:
    """A page that came up since the last look says that the paper is still being put up: two looks do
    not agree yet, and what failed before may come too.
    """
    if draft.issue.status is not IssueStatus.PARTIAL:
        return
    for page in list(draft.pages.values()):
        if page.attempts and not page.is_read:
            draft.put_page(replace(page, attempts=0, given_up=None))


def _take_links(draft: Draft, page: PageReading, listed: Sequence[PageReading]) -> None:
    seen: set[str] = set()
    for link in page.articles or ():
        if link.key not in seen:
            seen.add(link.key)
            _take_link(draft, page.label, len(seen), link, listed)


def _take_link(
    draft: Draft, label: str, order: int, link: ArticleLink, listed: Sequence[PageReading]
) -> None:
    title = cut(link.title)
    old = draft.articles.get(link.key)
    if old is None:
        old = KnownArticle(link.key, label, order, link.url, title)
    elif old.page == label or _has_left(old, listed):
        old = replace(old, page=label, order=order)
    if not old.is_read:
        old = replace(old, url=link.url, title=title or old.title)
    old = note_present(draft, old)
    if old.listed and title and title != old.listed:
        old = look_soon(draft, old)
    old = replace(
        old, listed=title or old.listed, reads_listed=old.reads_listed or bool(link.reads)
    )
    draft.put_article(take_reads(draft, old, link.reads))


def _has_left(article: KnownArticle, listed: Sequence[PageReading]) -> bool:
    """An article that two pages list stays where it was first; it moves only when a document shows
    its old page without it, or did before.
    """
    if article.unlisted_at is not None:
        return True
    for page in listed:
        if page.label == article.page and page.articles is not None:
            return all(link.key != article.key for link in page.articles)
    return False
