"""Which articles of an issue a subscription wants, and when its clocks say what. Pure."""

from collections.abc import Collection
from datetime import datetime, time, timedelta
from zoneinfo import ZoneInfo

from bot.ledger.subscriptions import Subscription
from feeds.filters import parse
from feeds.models import Article, Issue


def select(issue: Issue, subscription: Subscription, skip: Collection[str]) -> tuple[Article, ...]:
    """In the order of the paper, the front page first."""
    return tuple(
        article
        for article in issue.articles
        if not article.withdrawn and wants(subscription, article, skip)
    )


def wants(subscription: Subscription, article: Article, skip: Collection[str]) -> bool:
    """Whether the article is of a page and has the words that are wanted, be it withdrawn or not.
    `skip` are the kinds that its paper leaves out.
    """
    return (
        article.kind not in skip
        and (not subscription.pages or article.page in subscription.pages)
        and parse(subscription.filter).matches(
            f"{article.kicker or ''}\n{article.title}\n{article.body_text}"
        )
    )


def is_quiet(quiet: str | None, at: datetime, timezone: str) -> bool:
    """Whether `at` lies in these hours ("22:00-07:00", over midnight too) of the zone."""
    if quiet is None:
        return False
    begin, end = (_time(text) for text in quiet.split("-"))
    now = at.astimezone(ZoneInfo(timezone)).time()
    return begin <= now < end if begin <= end else now >= begin or now < end


def end_of_quiet(quiet: str, at: datetime, timezone: str) -> datetime:
    """When the quiet hours that hold at `at` are over."""
    return next_at(quiet.partition("-")[2], at, timezone)


def next_at(clock_time: str, after: datetime, timezone: str) -> datetime:
    """The next time that clocks in the zone show this, from `after` on. Where clocks skip it that
    day, the same instant an hour later by the clock; where they show it twice, the first.
    """
    zone = ZoneInfo(timezone)
    day = after.astimezone(zone).date()
    wanted = _time(clock_time)
    today = datetime.combine(day, wanted, zone)
    if today >= after:
        return today
    return datetime.combine(day + timedelta(days=1), wanted, zone)


def _time(text: str) -> time:
    hour, _, minute = text.partition(":")
    return time(int(hour), int(minute))
