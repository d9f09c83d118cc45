"""Read counts (阅读数): which are stored, which is shown, what rings, and when to look again. The looks
at an article's own document serve its count and its corrections alike.
"""

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
EDIT_LOOKS = (timedelta(hours=24), timedelta(days=7))
_LONGEST_RECHECKED = timedelta(days=7)


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
    if draft.issue.is_shown and article.is_read:
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


def plan_look(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article with its next look, counted from its issue's completion; looks that were missed while
    we were away are not made up for. An article found gone is asked once more before it is believed.
    """
    return replace(article, reads_due_at=_next_look(draft, article))


def look_soon(draft: Draft, article: KnownArticle, pause: timedelta = timedelta()) -> KnownArticle:
    """The article with its next look after a pause, because a list says that something changed."""
    if not article.is_read or article.is_whole or draft.is_left:
        return article
    return replace(article, reads_due_at=draft.now + pause)


def _next_look(draft: Draft, article: KnownArticle) -> datetime | None:
    begun = draft.issue.completed_at or draft.issue.first_seen or draft.now
    is_left = article.withdrawn is not None or article.is_whole or draft.is_left
    if is_left or not article.is_read:
        return None
    if article.gone_at is not None:
        return max(article.gone_at, draft.now) + draft.policy.check_every
    coming = (begun + age for age in _ages(draft, article))
    return next((at for at in coming if at > draft.now), None)


def _ages(draft: Draft, article: KnownArticle) -> tuple[timedelta, ...]:
    """Where lists or nobody tell the count, its own document is opened for corrections only, seldom:
    the site may count us as a reader.
    """
    how = draft.policy.reads
    tells = how == "page" or (how == "auto" and bool(article.reads) and not article.reads_listed)
    return draft.policy.read_looks if tells else EDIT_LOOKS


def count_look(draft: Draft, article: KnownArticle) -> KnownArticle:
    """The article after a look at it that was due, whatever the look showed."""
    if article.reads_due_at is None or article.reads_due_at > draft.now:
        return article
    return plan_look(draft, replace(article, reads_looks=article.reads_looks + 1))


def next_recheck(completed_at: datetime, now: datetime, every: timedelta) -> datetime | None:
    """When the lists of an issue are looked at again: at ages of once, twice, four times … `every`, for
    a week.
    """
    age = every
    while completed_at + age <= now:
        age *= 2
    return completed_at + age if age <= _LONGEST_RECHECKED else None
