"""Read counts (阅读数): which are stored, which is shown, what rings, and when to look again."""

from dataclasses import replace
from datetime import datetime, timedelta

from feeds.decide.draft import Draft
from feeds.decide.known import KnownArticle, News, Sample, Seen
from feeds.models import EntryKind, ReadCount

RUNGS = (100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000)
READ_LOOKS = (
    timedelta(hours=1),
    timedelta(hours=6),
    timedelta(hours=24),
    timedelta(days=3),
    timedelta(days=7),
)
"""At most five looks an article: our own look may be counted by the site."""


def take_reads(draft: Draft, article: KnownArticle, count: ReadCount | None) -> KnownArticle:
    """The article after a count was seen. Unknown changes nothing. Every change is stored; a lower
    count is shown only when a second look, at another time, is lower too: counts fall when a site
    errs, not when readers unread. Of two counts in one document the first holds.
    """
    sample = article.sample
    if count is None or article.key in draft.counted:
        return article
    draft.counted.add(article.key)
    if sample is None or sample.count != count:
        draft.samples.append(Sample(article.key, count))
        sample = Seen(count, draft.now)
    shown, shown_at = article.reads, article.reads_at
    if shown is None or count.value >= shown.value or _fell_before(draft, article, shown):
        shown_at = draft.now if count != shown else shown_at
        shown = count
    taken = replace(article, reads=shown, reads_at=shown_at, sample=sample)
    if draft.issue.is_complete and article.is_read:
        _ring(draft, taken, above=article.peak or 0)
    return replace(taken, peak=max(article.peak or 0, count.value))


def _fell_before(draft: Draft, article: KnownArticle, shown: ReadCount) -> bool:
    sample = article.sample
    return sample is not None and sample.at < draft.now and sample.count.value < shown.value


def ring_all(draft: Draft, article: KnownArticle) -> None:
    """Rings the rungs that an article passed before it was announced."""
    _ring(draft, article, above=0)


def _ring(draft: Draft, article: KnownArticle, above: int) -> None:
    """Each rung rings once: a count that fell and rises again is below its own peak."""
    reached = article.reads.value if article.reads else 0
    for rung in RUNGS:
        if above < rung <= reached:
            draft.news.append(News(EntryKind.READS_RUNG, article.key, {"rung": rung}))


def schedule_looks(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article with its next look, counted from its issue's completion; looks that were missed
    while we were away are not made up for. Without a count at first there is none to look for,
    unless the settings say where.
    """
    how, completed = draft.policy.reads, draft.issue.completed_at
    is_wanted = how in {"list", "page"} or (how == "auto" and article.reads is not None)
    if not is_wanted or not article.is_read or completed is None:
        return replace(article, reads_due_at=None)
    coming = (completed + age for age in draft.policy.read_looks)
    return replace(article, reads_due_at=next((at for at in coming if at > draft.now), None))


def count_look(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article after a look at it that was due, whatever the look showed."""
    if article.reads_due_at is None or article.reads_due_at > draft.now:
        return article
    looked = replace(article, reads_looks=article.reads_looks + 1)
    return schedule_looks(draft, looked)


def is_due(article: KnownArticle, now: datetime) -> bool:
    """Whether its count is to be looked at."""
    return article.reads_due_at is not None and article.reads_due_at <= now
