"""How a message is to be said, and the words that every form shares."""

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from bot.message import Button, Span
from feeds.counts import show
from feeds.models import Article, Issue, Page, ReadCount
from feeds.words import shown_date, shown_weekday, translator

DOT = " · "
MOST_OF_A_URL = 2000
_ODD = re.compile(r"[\s\x00-\x1f<>\"\\^`{|}]")


@dataclass(frozen=True, slots=True)
class Options:
    """`own_base` is our public URL where titles shall link our own pages, else None: they link the
    newspaper's. `skip` are article kinds, `pages` labels (empty: all), `only` article ids (None:
    all). `most_parts` is how many messages an issue may take. `turns`: the chat can press buttons
    that come back to us (a channel can only open URLs); `browse`: they lead into the pages too.
    `timezone` is that of clock times (None: the paper's). `silent`: the first part makes no sound.
    """

    language: str = "zh-CN"
    own_base: str | None = None
    skip: frozenset[str] = frozenset()
    pages: frozenset[str] = frozenset()
    only: frozenset[int] | None = None
    most_parts: int = 2
    turns: bool = True
    browse: bool = False
    timezone: str | None = None
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


def title_text(article: Article, options: Options) -> str:
    """The title, or words for none."""
    _ = translator(options.language)
    return article.title or _("（无题）")


def title_span(article: Article, options: Options, *, bold: bool = False) -> Span:
    """The title, linked."""
    return Span(title_text(article, options), bold=bold, url=article_link(article, options))


def article_link(article: Article, options: Options) -> str | None:
    """Where the article is read."""
    if options.own_base:
        return f"{options.own_base}{article.source}/{article.issue}/{article.key}"
    return web_url(article.url)


def web_url(url: str | None) -> str | None:
    """The URL, where a browser can open it."""
    return url if url and url.startswith(("http://", "https://")) else None


def button_url(url: str | None) -> str | None:
    """The URL, where a button may open it: Telegram refuses the whole message for one that it does
    not like (a host without a dot, a space, too long).
    """
    if web_url(url) is None or len(url or "") > MOST_OF_A_URL or _ODD.search(url or ""):
        return None
    try:
        host = urlsplit(url or "").hostname or ""
    except ValueError:
        return None
    return url if "." in host.strip(".") else None


def page_name(page: Page, options: Options) -> str:
    """`第01版 要闻`."""
    _ = translator(options.language)
    name = _("第{label}版").format(label=page.label)
    return f"{name} {page.name}" if page.name else name


def page_papers(page: Page | None, options: Options) -> tuple[Button, ...]:
    """The page as it was printed: its image and its PDF, where they are known."""
    if page is None:
        return ()
    _ = translator(options.language)
    papers = ((_("版面图"), button_url(page.image)), ("PDF", button_url(page.pdf)))
    return tuple(Button(text, url=url) for text, url in papers if url)


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


def counted_text(articles: Iterable[Article], zone: str, options: Options) -> str | None:
    """`阅读数截至 06:12`: when the newest of the counts that are shown was seen."""
    times = [a.reads_at for a in articles if a.reads_at and a.reads and a.reads.value]
    if not times:
        return None
    _ = translator(options.language)
    at = max(times).astimezone(ZoneInfo(options.timezone or zone))
    return _("阅读数截至 {time}").format(time=f"{at:%H:%M}")


def issue_link(issue: Issue, options: Options) -> str | None:
    """Where the whole issue is read."""
    if options.own_base:
        return f"{options.own_base}{issue.source}/{issue.key}/"
    return web_url(issue.url)


def rows_of(buttons: Iterable[Button], width: int) -> tuple[tuple[Button, ...], ...]:
    """The buttons in rows of so many."""
    held = tuple(buttons)
    return tuple(held[at : at + width] for at in range(0, len(held), width))
