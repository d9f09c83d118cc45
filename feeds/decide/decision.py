"""The two decisions: on a document that was read, and on one that could not be."""

from datetime import datetime

from feeds.decide.content import announce, plan_looks, take_article
from feeds.decide.draft import Draft
from feeds.decide.known import Asked, Changes, Known, KnownIssue, Policy
from feeds.decide.listing import merge_issue, take_pages
from feeds.decide.reads import count_look
from feeds.decide.work import fail_article, fail_page
from feeds.models import Reading

NOT_LISTED = "这一版的网页里没有它的目录"
NOT_AN_ARTICLE = "网页读不出文章"


def decide(known: Known, reading: Reading, asked: Asked, policy: Policy, now: datetime) -> Changes:
    """What a document that was read changes. `known.issue` is the issue that it shows, or else the
    one it was asked for.
    """
    draft = _begin(known, reading, policy, now)
    if draft is None:
        return Changes(policy.source)
    if reading.issue is not None:
        take_pages(draft, reading.issue, asked)
        _take_whole(draft, reading)
    if asked.page is not None:
        _settle_page(draft, asked.page)
    if asked.article is not None:
        _settle_article(draft, known, reading, asked.article)
    return _finish(draft)


def decide_failure(
    known: Known, asked: Asked, reason: str, *, is_hard: bool, policy: Policy, now: datetime
) -> Changes:
    """What it changes that a page or an article could not be read. Its issue may be complete now."""
    if known.issue is None:
        return Changes(policy.source)
    draft = Draft(known.issue, known.issue, policy, now)
    if asked.page in draft.pages:
        draft.put_page(fail_page(draft.pages[asked.page], reason, policy))
        _count_page_look(draft, asked.page)
    if asked.article in draft.articles:
        failed = fail_article(draft.articles[asked.article], reason, is_hard, policy)
        draft.put_article(count_look(draft, failed))
    return _finish(draft)


def _begin(known: Known, reading: Reading, policy: Policy, now: datetime) -> Draft | None:
    before = known.issue
    after: KnownIssue | None = before
    if reading.issue is not None:
        after = merge_issue(known, reading.issue, policy)
    return None if after is None else Draft(before, after, policy, now)


def _settle_page(draft: Draft, label: str) -> None:
    page = draft.pages.get(label)
    if page is not None and not page.is_read:
        draft.put_page(fail_page(page, NOT_LISTED, draft.policy))
    _count_page_look(draft, label)


def _count_page_look(draft: Draft, label: str) -> None:
    """A look at a page's list was a look at the counts of all its articles."""
    if draft.policy.reads == "list":
        for article in list(draft.articles.values()):
            if article.page == label:
                draft.put_article(count_look(draft, article))


def _take_whole(draft: Draft, reading: Reading) -> None:
    """Articles that the issue's own document holds are read with it. What was read before is compared
    when its own turn comes, for only then is its stored content at hand.
    """
    for told in reading.articles:
        article = draft.articles.get(told.key)
        if article is not None and not article.is_read:
            draft.put_article(take_article(draft, article, told, None))


def _settle_article(draft: Draft, known: Known, reading: Reading, key: str) -> None:
    article = draft.articles.get(key)
    if article is None:
        return
    if reading.article is None:
        article = fail_article(article, NOT_AN_ARTICLE, True, draft.policy)
    else:
        article = take_article(draft, article, reading.article, known.content)
    draft.put_article(count_look(draft, article))


def _finish(draft: Draft) -> Changes:
    announce(draft)
    plan_looks(draft)
    return draft.changes()
