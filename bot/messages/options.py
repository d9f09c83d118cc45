"""How a message is to be said, and the words that every form shares."""

from dataclasses import dataclass, replace
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.message import Span
from feeds.counts import show
from feeds.models import Article, Issue, Page, ReadCount
from feeds.words import shown_date, shown_weekday, translator

DOT = " · "


@dataclass(frozen=True, slots=True)
class Options:
    """`own_base` is our public URL where titles shall link our own pages, else None: they link the
    newspaper's. `skip` are article kinds, `pages` labels (empty: all), `only` article ids (None:
    all). `most_parts` is how many messages an issue may take. `turns`: the chat can press buttons
    that come back to us (a channel can only open URLs). `silent`: the first part makes no sound.
    """

    language: str = "zh-CN"
    own_base: str | None = None
    skip: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    only: frozenset[int] | None = None
    most_parts: int = 2
    turns: bool = True
    silent: bool = False

    def within_one_part(self) -> "Options":
        """The same, for a message that is turned in place."""
        return replace(self, most_parts=1)


def shows(options: Options, page: Page, article: Article) -> bool:
    """Whether these options leave this article in."""
    if article.kind in options.skip or article.withdrawn:
        return False
    if options.pages and page.label not in options.pages:
        return False
    return options.only is None or article.id in options.only


def title_span(article: Article, options: Options, *, bold: bool = False) -> Span:
    """The title, linked."""
    _ = translator(options.language)
    return Span(article.title or _("（无题）"), bold=bold, url=_link(article, options))


def _link(article: Article, options: Options) -> str | None:
    if options.own_base:
        return f"{options.own_base}{article.source}/{article.issue}/{article.key}"
    return article.url if article.url.startswith(("http://", "https://")) else None


def page_name(page: Page, options: Options) -> str:
    """`第01版 要闻`."""
    _ = translator(options.language)
    name = _("第{label}版").format(label=page.label)
    return f"{name} {page.name}" if page.name else name


def reads_text(reads: ReadCount | None, options: Options, *, zero: bool = False) -> str | None:
    """`阅读数:231`; None where the count is unknown, or 0 where that is not wanted."""
    if reads is None or (reads.value == 0 and not zero):
        return None
    _ = translator(options.language)
    return _("阅读数:{count}").format(count=show(reads))


def day_text(day: date, options: Options, *, with_weekday: bool = False) -> str:
    """`2024年04月08日 星期一`."""
    _ = translator(options.language)
    text = shown_date(day, _)
    return f"{text} {shown_weekday(day, _)}" if with_weekday else text


def counted_at(issue: Issue, timezone: str) -> datetime | None:
    """When the newest of the issue's counts was seen, in the paper's zone."""
    times = [a.reads_at for a in issue.articles if a.reads_at and a.reads and a.reads.value]
    return max(times).astimezone(ZoneInfo(timezone)) if times else None
