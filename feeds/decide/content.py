"""What an article's own document means: its first text, a correction, or nothing new."""

import re
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

from feeds.decide.absence import take_back
from feeds.decide.draft import Draft
from feeds.decide.known import Content, KnownArticle, KnownIssue, News, Revision
from feeds.decide.reads import next_recheck, plan_look, ring_all, take_reads
from feeds.models import ArticleReading, EntryKind, IssueStatus
from feeds.text import cut

_COMPARED = ("title", "kicker", "subtitle", "byline", "body_text", "images")
_SHOWN_BEFORE = ("title", "kicker", "subtitle", "byline")
_SENTENCE = re.compile(r"[^。！？!?\n]{1,80}[。！？!?]?")
_EARLIEST = datetime(1990, 1, 1, tzinfo=UTC)
_TOLERANCE = timedelta(days=2)


def take_article(
    draft: Draft, article: KnownArticle, reading: ArticleReading, before: Content | None
) -> KnownArticle:
    """The article after its document was read. `before` is its stored content, if any. A document that
    lost its body does not take ours: a redesign looks just so.
    """
    content = _content(draft, article, reading)
    article = replace(article, is_bare=not (reading.title.strip() and _has_body(content)))
    if not article.is_read:
        article = _read_first(draft, article, content)
    elif before is not None and _has_body(before) and not _has_body(content):
        return article
    elif before is not None and content.hash != article.content_hash:
        article = _correct(draft, article, content, before)
    return take_reads(draft, take_back(draft, article), reading.reads)


def _has_body(content: Content) -> bool:
    return bool(content.body_text.strip() or content.images)


def _read_first(draft: Draft, article: KnownArticle, content: Content) -> KnownArticle:
    draft.contents[article.key] = content
    read = replace(article, title=content.title, content_hash=content.hash, given_up=None)
    if draft.issue.is_shown:
        _add(draft, read)
    return read


def _add(draft: Draft, article: KnownArticle) -> None:
    draft.news.append(News(EntryKind.ARTICLE_ADDED, article.key))
    ring_all(draft, article)


def _correct(
    draft: Draft, article: KnownArticle, content: Content, before: Content
) -> KnownArticle:
    # when it came does not change by an edit, though many feeds say only when that was
    content = replace(content, published=before.published or content.published)
    draft.contents[article.key] = content
    draft.revisions.append(
        Revision(article.key, article.revision, article.content_hash or before.hash, before)
    )
    if draft.issue.is_shown:  # what nobody was told needs no correction
        draft.news.append(
            News(EntryKind.ARTICLE_CORRECTED, article.key, _difference(before, content))
        )
    return replace(
        article, title=content.title, content_hash=content.hash, revision=article.revision + 1
    )


def _difference(before: Content, after: Content) -> dict[str, object]:
    """Which fields changed, and what the short ones were."""
    changed = [name for name in _COMPARED if getattr(before, name) != getattr(after, name)]
    was = {name: getattr(before, name) for name in changed if name in _SHOWN_BEFORE}
    return {"changed": changed, "before": was}


def _content(draft: Draft, article: KnownArticle, reading: ArticleReading) -> Content:
    return Content(
        title=_title(article, reading),
        kicker=reading.kicker or None,
        subtitle=reading.subtitle or None,
        byline=reading.byline or None,
        body_html=reading.body_html,
        body_text=reading.body_text,
        images=reading.images,
        kind=reading.kind,
        published=_instant(draft, reading.published),
    )


def _title(article: KnownArticle, reading: ArticleReading) -> str:
    """Its own, or the one by which it was listed, or its first sentence: always the same for the same
    article, and at most 500 characters.
    """
    sentence = _SENTENCE.search(reading.body_text.strip())
    for candidate in (reading.title, article.title, sentence[0] if sentence else ""):
        if candidate.strip():
            return cut(candidate.strip())
    return f"（无题）{article.key}"


def _instant(draft: Draft, published: date | datetime | None) -> datetime | None:
    """A time of day in UTC. A bare date says no more than the issue's; a time far off says nothing."""
    if not isinstance(published, datetime):
        return None
    if published.tzinfo is None:
        published = published.replace(tzinfo=ZoneInfo(draft.policy.timezone))
    moment = published.astimezone(UTC)
    return moment if _EARLIEST < moment < draft.now + _TOLERANCE else None


def announce(draft: Draft) -> None:
    """Completes the issue if nothing is left to wait for, or opens it to be shown as it grows. An issue
    of which no article could be read is no issue yet: a redesign looks just so.
    """
    issue, articles = draft.issue, list(draft.articles.values())
    if not any(article.is_read for article in articles):
        return
    if issue.status is IssueStatus.PARTIAL and _grows(issue, draft.now):
        draft.issue = replace(issue, status=IssueStatus.OPEN)
        for article in articles:
            if article.is_read:
                _add(draft, article)
    elif issue.status is IssueStatus.PARTIAL and _is_settled(draft):
        _complete(draft)
        for article in articles:
            if article.is_read:
                ring_all(draft, article)
    elif issue.status is IssueStatus.OPEN and not _grows(issue, draft.now):
        _complete(draft)


def _grows(issue: KnownIssue, now: datetime) -> bool:
    return issue.closes_at is not None and now < issue.closes_at


def _is_settled(draft: Draft) -> bool:
    return all(page.is_settled for page in draft.pages.values()) and all(
        article.is_settled for article in draft.articles.values()
    )


def _complete(draft: Draft) -> None:
    draft.issue = replace(
        draft.issue, status=IssueStatus.COMPLETE, completed_at=draft.now, recheck_at=None
    )
    draft.news.append(News(EntryKind.ISSUE_COMPLETE))


def plan_looks(draft: Draft) -> None:
    """Gives the articles of a shown issue that have none yet their first look."""
    if not draft.issue.is_shown:
        return
    is_new = News(EntryKind.ISSUE_COMPLETE) in draft.news
    for key, article in list(draft.articles.items()):
        is_fresh = is_new or key in draft.contents
        if is_fresh and not article.reads_looks and article.reads_due_at is None:
            draft.put_article(plan_look(draft, article))


def plan_recheck(draft: Draft) -> None:
    """Has the lists of an issue looked at again: of one that was completed just now, and of one that is
    there with nothing in it, whose pages may still be filled. Of what backfill finds, only of today's or yesterday's.
    """
    issue = draft.issue
    is_new = News(EntryKind.ISSUE_COMPLETE) in draft.news
    is_empty = issue.status is IssueStatus.PARTIAL and _is_settled(draft)
    if draft.is_left or issue.recheck_at is not None or not (is_new or is_empty):
        return
    begun = issue.completed_at or issue.first_seen or draft.now
    again = next_recheck(begun, draft.now, draft.policy.check_every)
    draft.issue = replace(issue, recheck_at=again)
