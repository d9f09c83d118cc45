"""What a journal entry owes a subscription: pure. Messages in order, with their hour and their sound."""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import Subscription
from bot.ledger.tables import Mode
from bot.selection import is_quiet, next_at, select
from feeds.models import Article, Entry, EntryKind, Issue

PUSHED = frozenset({EntryKind.ISSUE_COMPLETE, EntryKind.ARTICLE_ADDED})
"""The kinds of entries that owe anybody anything."""


@dataclass(frozen=True, slots=True)
class News:
    """An entry with the issue that it is about, as it stands now. `skip` are the kinds of articles that
    the source leaves out, `timezone` that of the clocks in the settings.
    """

    entry: Entry
    issue: Issue
    skip: Collection[str]
    timezone: str
    now: datetime


def owed_by(reader: Subscription, news: News) -> Iterator[Owed]:
    """What this reader is to get of it, in order."""
    articles = select(news.issue, reader, news.skip)
    if news.entry.kind is EntryKind.ARTICLE_ADDED:
        if reader.mode is Mode.ARTICLE:
            added = [article for article in articles if article.id == news.entry.article_id]
            yield from _one_each(reader, news, added)
    elif articles and reader.mode is Mode.ARTICLE:
        yield from _one_each(reader, news, articles[: reader.max_messages])
        if len(articles) > reader.max_messages:
            place = reader.max_messages
            yield _owed(reader, news, f"issue:{news.issue.id}", "rest", place)
    elif articles:
        yield _owed(reader, news, f"issue:{news.issue.id}", str(reader.mode))


def _one_each(reader: Subscription, news: News, articles: Sequence[Article]) -> Iterator[Owed]:
    for place, article in enumerate(articles):
        yield _owed(reader, news, f"article:{article.id}", "article", place)


def _owed(reader: Subscription, news: News, subject: str, form: str, place: int = 0) -> Owed:
    """The first message may sound, the others are silent, and all are in quiet hours."""
    due = news.now
    if reader.mode is Mode.DAILY:
        due = next_at(reader.at or "20:00", due, news.timezone)
    return Owed(
        chat=reader.chat,
        topic=reader.topic,
        subject=subject,
        kind=form,
        source=news.entry.source,
        seq=news.entry.seq,
        place=place,
        entry_at=news.entry.at,
        due_at=due,
        silent=place > 0 or is_quiet(reader.quiet, due, news.timezone),
        issue_id=news.issue.id,
    )
