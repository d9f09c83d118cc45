"""What a newspaper no longer shows: doubted long, taken back only on proof, and welcome back.

An article is withdrawn when its page lists it no longer and its own document is gone, twice, at least
`check_every` apart; an issue when its document and its first article are gone, twice. A page that is in
trouble never proves anything, and a list that suddenly holds but a few (80 → 2) is heard a second time
before anything is asked about what it left out.
"""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from feeds.decide.draft import Draft
from feeds.decide.known import KnownArticle, News
from feeds.decide.reads import look_soon, plan_look
from feeds.models import EntryKind, IssueStatus, WithdrawnBy

_FEW = 3  # articles that may leave a list at once without its being doubted
_TAKEN_OUT_WITHIN = timedelta(days=3)
"""Of an issue's completion. Later its documents are gone because the site keeps only so many."""


def note_absent(draft: Draft, missing: Sequence[KnownArticle], held: int) -> None:
    """The articles that their pages, which held so many, list no longer are asked for themselves."""
    is_doubtful = len(missing) > _FEW and 2 * len(missing) > held
    pause = draft.policy.check_every if is_doubtful else timedelta()
    for article in missing:
        if article.is_read and article.unlisted_at is None and article.withdrawn is None:
            unlisted = replace(article, unlisted_at=draft.now)
            draft.put_article(look_soon(draft, unlisted, pause))
            recheck_soon(draft, pause)


def note_present(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article, listed. What the newspaper took back and lists again is read again."""
    if article.unlisted_at is None:
        return article
    present = replace(article, unlisted_at=None, gone_at=None)
    is_back = article.withdrawn is WithdrawnBy.PAPER
    return look_soon(draft, present) if is_back else plan_look(draft, present)


def take_gone(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article after its own document was found gone."""
    if article.unlisted_at is None or article.withdrawn is not None:
        return article
    if article.gone_at is None:
        recheck_soon(draft, draft.policy.check_every)
        return plan_look(draft, replace(article, gone_at=draft.now))
    if draft.now < article.gone_at + draft.policy.check_every:
        return article
    draft.withdrawn.append(article.key)
    return replace(article, withdrawn=WithdrawnBy.PAPER, reads_due_at=None)


def take_back(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article after its own document was read: alive, and news if the newspaper had withdrawn it."""
    alive = replace(article, gone_at=None)
    if article.withdrawn is not WithdrawnBy.PAPER or article.unlisted_at is not None:
        return alive
    draft.restored.append(article.key)
    return replace(alive, withdrawn=None)


def recheck_soon(draft: Draft, pause: timedelta) -> None:
    """Has the issue's lists looked at again before what they left out is judged."""
    at, planned = draft.now + pause, draft.issue.recheck_at
    draft.issue = replace(draft.issue, recheck_at=at if planned is None else min(at, planned))


def to_be_confirmed(draft: Draft) -> Iterator[datetime]:
    """When the lists must be looked at again because an article that they left out is asked for then."""
    for article in draft.articles.values():
        if article.unlisted_at and article.reads_due_at and article.reads_due_at > draft.now:
            yield article.reads_due_at


def postpone_doubts(draft: Draft) -> None:
    """What lists left out is asked for only right after they were heard."""
    for article in list(draft.articles.values()):
        due = article.reads_due_at
        if article.unlisted_at is not None and due is not None and due <= draft.now:
            draft.put_article(look_soon(draft, article, draft.policy.check_every))


def take_issue_gone(draft: Draft) -> None:
    """Notes that the issue's document and its first article were found gone, or believes it now."""
    issue, every = draft.issue, draft.policy.check_every
    if issue.completed_at is None or draft.now > issue.completed_at + _TAKEN_OUT_WITHIN:
        draft.issue = replace(issue, recheck_at=None)
    elif issue.gone_at is None:
        draft.issue = replace(issue, gone_at=draft.now, recheck_at=draft.now + every)
    elif draft.now >= issue.gone_at + every:
        _withdraw_issue(draft)


def _withdraw_issue(draft: Draft) -> None:
    by = WithdrawnBy.PAPER
    draft.issue = replace(
        draft.issue, status=IssueStatus.WITHDRAWN, withdrawn_by=by, recheck_at=None
    )
    for article in list(draft.articles.values()):
        draft.put_article(replace(article, reads_due_at=None))
    draft.news.append(News(EntryKind.ISSUE_WITHDRAWN, data={"by": by}))


def welcome_back(draft: Draft) -> None:
    """An issue that the newspaper took out and shows again is what it was."""
    issue = draft.issue
    if issue.status is IssueStatus.WITHDRAWN and issue.withdrawn_by is WithdrawnBy.PAPER:
        draft.issue = replace(
            issue, status=IssueStatus.COMPLETE, withdrawn_by=None, recheck_at=draft.now
        )
        draft.news.append(News(EntryKind.ISSUE_RESTORED, data={"by": WithdrawnBy.PAPER}))
