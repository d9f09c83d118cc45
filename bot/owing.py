"""What a journal entry owes a subscription: pure. Messages in order, with their hour and their sound.

    issue complete     one message (issue, daily), or one an article and the rest in one
    article added      mode article: it; mode daily: the digest of an issue that is still open; else the
                       issue, where this is the first of it that its reader wants
    reads rung         an article passed the rung that the reader chose
    corrected          what the chat was told is wrong: told where the message stands

A subscription that is paused is owed nothing. What is withdrawn goes out of the messages themselves,
and what comes late comes into them (bot.rewriting).
"""

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from bot.ledger.deliveries import Owed
from bot.ledger.subscriptions import Subscription
from bot.ledger.tables import Mode
from bot.selection import end_of_quiet, is_quiet, next_at, select, wants
from feeds.models import Article, Entry, EntryKind, Issue, IssueStatus

DAILY_AT = "20:00"
_TOLD_FIELDS = frozenset({"title", "body_text"})  # what a message shows of an article

Told = Mapping[tuple[str, str], Collection[int]]


@dataclass(frozen=True, slots=True)
class News:
    """An entry with the issue that it is about, as it stands now. `skip` are the kinds of articles that
    the source leaves out, `timezone` that of clocks whose chat chose none. `told` are the articles of
    an issue that was shown while it grew which each (chat, topic) got a message of their own about.
    """

    entry: Entry
    issue: Issue
    skip: Collection[str]
    timezone: str
    now: datetime
    told: Told = field(default_factory=dict)

    def told_to(self, reader: Subscription) -> Collection[int]:
        return self.told.get((reader.chat, reader.topic), ())

    def subject(self) -> Article | None:
        """The article that the entry is about."""
        return next((a for a in self.issue.articles if a.id == self.entry.article_id), None)


def owed_by(reader: Subscription, news: News) -> Iterator[Owed]:
    """What this reader is to get of it, in order."""
    owes = _BY_KIND.get(news.entry.kind)
    if owes is not None and not reader.paused:
        yield from owes(reader, news)


def _issue_complete(reader: Subscription, news: News) -> Iterator[Owed]:
    articles = select(news.issue, reader, news.skip)
    if reader.mode is not Mode.ARTICLE:
        if articles:
            yield _owed(reader, news, f"issue:{news.issue.id}", str(reader.mode))
        return
    told = news.told_to(reader)
    fresh = [article for article in articles if article.id not in told]
    room = max(0, reader.max_messages - len(told))
    for place, article in enumerate(fresh[:room]):
        yield _owed(reader, news, f"article:{article.id}", "article", place + len(told))
    if fresh[room:]:
        yield _owed(reader, news, f"issue:{news.issue.id}", "rest", reader.max_messages)


def _article_added(reader: Subscription, news: News) -> Iterator[Owed]:
    """An article that comes late into a complete issue is always told: in the message about the issue,
    where there is one. Of an issue that grows through the day the first few are, and the rest when it
    closes.
    """
    article = news.subject()
    if article is None or article.withdrawn or not wants(reader, article, news.skip):
        return
    is_open = news.issue.status is IssueStatus.OPEN
    if reader.mode is Mode.ARTICLE:
        place = len(news.told_to(reader)) if is_open else 0
        if place < reader.max_messages:
            yield _owed(reader, news, f"article:{article.id}", "article", place)
        return
    is_due = reader.mode is Mode.DAILY if is_open else _has_no_message(reader, news)
    if is_due:
        yield _owed(reader, news, f"issue:{news.issue.id}", str(reader.mode))


def _has_no_message(reader: Subscription, news: News) -> bool:
    """Nothing was owed of the issue when it was complete: all that is wanted of it came later."""
    complete = news.issue.completed_at
    wanted = select(news.issue, reader, news.skip)
    return complete is not None and all(article.first_seen > complete for article in wanted)


def _reads_rung(reader: Subscription, news: News) -> Iterator[Owed]:
    """What passed the rung before its issue was out is no surprise: it makes no sound."""
    article = news.subject()
    if article is None or reader.rung is None or news.entry.data.get("rung") != reader.rung:
        return
    if not article.withdrawn and wants(reader, article, news.skip):
        is_old = news.entry.at == news.issue.completed_at
        yield _owed(reader, news, f"article:{article.id}", "reads", place=int(is_old))


def _corrected(reader: Subscription, news: News) -> Iterator[Owed]:
    """Owed to whoever wants the article now; whether it was ever told to this chat, and whether what
    it was told changed, is seen when the message is composed.
    """
    article = news.subject()
    changed = news.entry.data.get("changed")
    is_told = isinstance(changed, list) and not _TOLD_FIELDS.isdisjoint(changed)
    if article and is_told and not article.withdrawn and wants(reader, article, news.skip):
        # It may happen again, so the entry is part of the subject; and it makes no sound.
        subject = f"article:{article.id}:{news.entry.seq}"
        yield _owed(reader, news, subject, "correction", place=1)


_BY_KIND: Mapping[EntryKind, Callable[[Subscription, News], Iterator[Owed]]] = {
    EntryKind.ISSUE_COMPLETE: _issue_complete,
    EntryKind.ARTICLE_ADDED: _article_added,
    EntryKind.READS_RUNG: _reads_rung,
    EntryKind.ARTICLE_CORRECTED: _corrected,
}
PUSHED = frozenset(_BY_KIND)
"""The kinds of entries that owe anybody anything."""


def _owed(reader: Subscription, news: News, subject: str, form: str, place: int = 0) -> Owed:
    """The first message may sound, the others are silent. In quiet hours all are, or they wait for
    the end of the hours; who chose an hour for the digest gets it then, quiet or not.
    """
    zone = reader.timezone or news.timezone
    due = news.now
    if form == "daily":
        due = next_at(reader.at or DAILY_AT, due, zone)
    elif reader.hold and reader.quiet and is_quiet(reader.quiet, due, zone):
        due = end_of_quiet(reader.quiet, due, zone)
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
        silent=place > 0 or is_quiet(reader.quiet, due, zone),
        issue_id=news.issue.id,
    )
