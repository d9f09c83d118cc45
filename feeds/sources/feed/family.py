"""An upstream feed (RSS, Atom, JSON Feed) as a newspaper: a day's entries are an issue of one page, which
closes when the day is over. Everything stands in one document:

    https://paper.example/rss.xml#day=2024-04-07

is our address of another day's issue in it, and an article is asked for in the feed, not on its page.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from config.sources import FeedSource
from feeds.dates import parse_date
from feeds.decide import Asked
from feeds.errors import NotReadable, Unreadable
from feeds.models import (
    ArticleLink,
    ArticleReading,
    Document,
    FoundBy,
    IssueReading,
    PageReading,
    Reading,
    Request,
)
from feeds.sources.body import Body
from feeds.sources.conditions import why_unreadable
from feeds.sources.convert import convert
from feeds.sources.feed.entries import Entry, Feed, looks_like_feed, read_feed
from feeds.sources.kinds import kind_of
from feeds.sources.labels.issue import ONLY_PAGE
from feeds.sources.page import WebPage, open_page
from feeds.text import absolute_url, cut, slug

MOST_ARTICLES = 500  # of one day
_SHORT_TITLE = 40
_ADVERTISED = 'link[rel~="alternate"][type="application/rss+xml"], link[rel~="alternate"][type="application/atom+xml"], link[rel~="alternate"][type="application/feed+json"]'


@dataclass(frozen=True, slots=True)
class _Day:
    """A day's articles, in the order in which they came out: oldest last, as a front page has it."""

    day: date
    articles: tuple[ArticleReading, ...]


class UpstreamFeed:
    """One feed."""

    def __init__(self, config: FeedSource) -> None:
        self._url = config.url.partition("#")[0]
        self._home = config.url
        self._headers = dict(config.headers)
        self._zone = ZoneInfo(config.timezone)

    def entry(self) -> Request:
        return Request(self._url, headers=self._headers)

    def ask(self, asked: Asked) -> Request:
        """Whatever is asked for is in the feed."""
        day = dict(parse_qsl(urlsplit(asked.url).fragment)).get("day") or (asked.issue or "")[:10]
        context = {"article": asked.article} if asked.article else {}
        fragment = f"#day={day}" if parse_date(day) else ""
        return Request(f"{self._url}{fragment}", headers=self._headers, context=context)

    def on_day(self, issue_url: str, day: date) -> Request | None:  # noqa: ARG002 - what there is, is in the feed
        return None

    def read(self, document: Document) -> Reading:
        """An issue with all its articles, or one of them; see `feeds.sources.base.Source`."""
        feed = read_feed(document, self._zone)
        if feed is None:
            return self._advertised(document)
        days = self._days(document, feed)
        if not days:
            raise NotReadable(document.url, Unreadable.EMPTY, "订阅源里没有条目")
        wanted = parse_date(dict(parse_qsl(urlsplit(document.request.url).fragment)).get("day", ""))
        if key := document.request.context.get("article"):
            return Reading(article=_find(document, days, key))
        newest = max(days)
        if wanted is not None and wanted not in days:
            raise NotReadable(document.url, Unreadable.UNKNOWN, "订阅源里没有这一天的条目")
        return self._issue(feed, days, wanted or newest)

    def _advertised(self, document: Document) -> Reading:
        """A web page that names its feed leads there."""
        page = open_page(document)
        nodes = page.tree.css(_ADVERTISED)
        urls = [url for node in nodes if (url := page.link(node.attributes.get("href")))]
        if not urls:
            raise why_unreadable(page)
        fragment = urlsplit(document.request.url).fragment
        whole = f"{urls[0]}#{fragment}" if fragment else urls[0]
        return Reading(follow=(Request(whole, context=document.request.context),), is_signpost=True)

    def _issue(self, feed: Feed, days: Mapping[date, _Day], day: date) -> Reading:
        articles = days[day].articles
        links = tuple(ArticleLink(a.key, a.url, a.title) for a in articles)
        issue = IssueReading(
            key=day.isoformat(),
            date=day,
            url=absolute_url(feed.site, self._url) or self._home,
            previous=self._address(max((one for one in days if one < day), default=None)),
            next=self._address(min((one for one in days if one > day), default=None)),
            closes_at=_midnight(day + timedelta(days=1), self._zone),
            pages=(PageReading(ONLY_PAGE, 1, articles=links),),
        )
        return Reading(issue=issue, articles=articles)

    def _address(self, day: date | None) -> str | None:
        return f"{self._url}#day={day}" if day else None

    def _days(self, document: Document, feed: Feed) -> dict[date, _Day]:
        """The entries by day. One without a date belongs to the day on which it is seen, and so does one
        whose date is still to come.
        """
        today = document.fetched_at.astimezone(self._zone).date()
        held: dict[date, dict[str, ArticleReading]] = {}
        for entry in feed.entries:
            article = self._article(document.url, entry, today)
            if article is not None:
                day = _day_of(article.published, self._zone) or today
                held.setdefault(day, {}).setdefault(article.key, article)
        return {
            day: _Day(day, tuple(articles.values())[:MOST_ARTICLES])
            for day, articles in held.items()
        }

    def _article(self, base: str, entry: Entry, today: date) -> ArticleReading | None:
        """None for an entry that cannot be told apart from others: without id, address and title."""
        url = absolute_url(entry.url, base) if entry.url else None
        title = convert("title", entry.title, base, self._zone)
        named = entry.id or title or ""
        body = convert("body", entry.content, url or base, self._zone) or Body("", "", ())
        title = title or cut(body.text.partition("\n")[0], _SHORT_TITLE)
        if not named or not (title or body.text):
            return None
        pictures = convert("images", entry.images, url or base, self._zone) or ()
        when = entry.when
        day = _day_of(when, self._zone)
        found = {
            "title": title,
            "body": body.text,
            "byline": convert("byline", entry.author, base, self._zone),
            "published": when if day and day <= today else None,
            "images": body.images or pictures,
        }
        return ArticleReading(
            key=slug(named),
            url=url or self._home,
            title=title or "（无题）",
            byline=found["byline"],
            published=found["published"],
            images=found["images"],
            body_html=body.html,
            body_text=body.text,
            kind=kind_of(title or ""),
            found_by={name: FoundBy.DATA for name, value in found.items() if value},
        )


def is_feed(page: WebPage) -> bool:
    """Whether a document is a feed."""
    return looks_like_feed(page.html)


def _find(document: Document, days: Mapping[date, _Day], key: str) -> ArticleReading:
    articles: Sequence[ArticleReading] = [a for one in days.values() for a in one.articles]
    found = next((article for article in articles if article.key == key), None)
    if found is None:
        raise NotReadable(document.url, Unreadable.UNKNOWN, "订阅源里已经没有这一条")
    return found


def _day_of(when: date | datetime | None, zone: ZoneInfo) -> date | None:
    return when.astimezone(zone).date() if isinstance(when, datetime) else when


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
