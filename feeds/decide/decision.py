"""The decisions: on a document that was read, on one that could not be, and on an issue looked at again."""

from dataclasses import replace
from datetime import datetime

from feeds.decide.absence import (
    postpone_doubts,
    take_back,
    take_gone,
    take_issue_gone,
    to_be_confirmed,
    welcome_back,
)
from feeds.decide.content import announce, plan_looks, plan_recheck, take_article
from feeds.decide.draft import Draft
from feeds.decide.known import Asked, Changes, Failure, Known, KnownIssue, Policy
from feeds.decide.listing import merge_issue, take_pages
from feeds.decide.reads import count_look, next_recheck
from feeds.decide.work import fail_article, fail_page
from feeds.models import Reading

NOT_LISTED = "这一版的网页里没有它的目录"
NOT_AN_ARTICLE = "网页读不出文章"


def decide(known: Known, reading: Reading, asked: Asked, policy: Policy, now: datetime) -> Changes:
    """What a document that was read changes. `known.issue` is the issue that it shows, or else the
    one it was asked for.
    """
    draft = _begin(known, reading, asked, policy, now)
    if draft is None:
        return Changes(policy.source)
    if reading.issue is not None:
        welcome_back(draft)
        take_pages(draft, reading.issue, asked)
    _take_whole(draft, known, reading)
    if asked.page is not None:
        _settle_page(draft, asked.page)
    if asked.article is not None:
        _settle_article(draft, known, reading, asked.article)
    return _finish(draft)


def decide_unchanged(known: Known, asked: Asked, policy: Policy, now: datetime) -> Changes:
    """What it changes that a document is as it was: a look was made, and time has passed."""
    if known.issue is None:
        return Changes(policy.source)
    draft = Draft(known.issue, known.issue, policy, now)
    article = draft.articles.get(asked.article or "")
    if article is not None:
        draft.put_article(count_look(draft, take_back(draft, article)))
    return _finish(draft)


def decide_failure(
    known: Known, asked: Asked, reason: str, failure: Failure, policy: Policy, now: datetime
) -> Changes:
    """What it changes that a page or an article could not be read. Its issue may be complete now."""
    if known.issue is None:
        return Changes(policy.source)
    draft = Draft(known.issue, known.issue, policy, now)
    if asked.page in draft.pages:
        draft.put_page(fail_page(draft.pages[asked.page], reason, failure, policy))
    if asked.article in draft.articles:
        article = fail_article(draft.articles[asked.article], reason, failure, policy)
        if failure is Failure.GONE:
            article = take_gone(draft, article)
        draft.put_article(count_look(draft, article))
    return _finish(draft)


def decide_recheck(known: Known, policy: Policy, now: datetime, *, is_whole: bool) -> Changes:
    """What it changes that the lists of an issue were looked at again: when that is next. Unless all of
    them could be read, what they left out is not judged yet.
    """
    issue = known.issue
    if issue is None:
        return Changes(policy.source)
    draft = Draft(issue, issue, policy, now)
    if not is_whole:
        postpone_doubts(draft)
    planned = next_recheck(issue.completed_at or issue.first_seen or now, now, policy.check_every)
    again = min(filter(None, (planned, *to_be_confirmed(draft))), default=None)
    draft.issue = replace(issue, recheck_at=again)
    return draft.changes()


def decide_gone(known: Known, policy: Policy, now: datetime) -> Changes:
    """What it changes that an issue's document is gone, and that of its first article too."""
    if known.issue is None:
        return Changes(policy.source)
    draft = Draft(known.issue, known.issue, policy, now)
    take_issue_gone(draft)
    return draft.changes()


def _begin(
    known: Known, reading: Reading, asked: Asked, policy: Policy, now: datetime
) -> Draft | None:
    before = known.issue
    after: KnownIssue | None = before
    if reading.issue is not None:
        after = merge_issue(known, reading.issue, asked, policy)
    return None if after is None else Draft(before, after, policy, now)


def _take_whole(draft: Draft, known: Known, reading: Reading) -> None:
    """Takes the articles that stand whole in their issue's document, or in another's to which they moved."""
    for said in reading.articles:
        article = draft.articles.get(said.key)
        if article is not None:
            whole = replace(article, is_whole=True)
            draft.put_article(take_article(draft, whole, said, known.contents.get(said.key)))


def _settle_page(draft: Draft, label: str) -> None:
    page = draft.pages.get(label)
    if page is not None and not page.is_read:
        draft.put_page(fail_page(page, NOT_LISTED, Failure.SOFT, draft.policy))


def _settle_article(draft: Draft, known: Known, reading: Reading, key: str) -> None:
    article = draft.articles.get(key)
    if article is None:
        return
    if reading.article is None:
        article = fail_article(article, NOT_AN_ARTICLE, Failure.HARD, draft.policy)
    else:
        article = take_article(draft, article, reading.article, known.contents.get(key))
    draft.put_article(count_look(draft, article))


def _finish(draft: Draft) -> Changes:
    announce(draft)
    plan_looks(draft)
    plan_recheck(draft)
    return draft.changes()
