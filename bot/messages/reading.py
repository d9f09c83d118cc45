"""Reading in the chat: a page, an article in its place, the most read, and what was found. Each is one
message that buttons turn into another.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from bot.message import Block, Button, Limits, Line, Part, Span
from bot.messages.actions import Verb, button
from bot.messages.article import article_blocks, page_of
from bot.messages.issue import item_lines, page_head
from bot.messages.measure import Size, measure
from bot.messages.options import (
    DOT,
    Options,
    button_url,
    counted_text,
    day_text,
    page_papers,
    reads_text,
    rows_of,
    shows,
    title_span,
)
from feeds.counts import show
from feeds.models import Article, Issue, Page, Paper, ReadCount
from feeds.words import translator

NUMBERS_A_ROW = 8
MOST_NUMBERS = 64  # of a keyboard's hundred buttons
_RESERVE = Size(60, 0, 200)  # for the line of the counts


# ── a page ──────────────────────────────────────────────────────────────────────────────────────


def page_message(paper: Paper, issue: Issue, page: Page, limits: Limits, options: Options) -> Part:
    """All articles of one page with a sentence each, numbered; the numbers are buttons."""
    articles = [article for article in page.articles if shows(options, page, article)]
    when = DOT + day_text(issue.date, options, with_weekday=True)
    head = Line((Span(paper.title, bold=True), Span(when)))
    blocks: list[Block] = [head, page_head(page, len(articles), options)]
    fitted = _fit(
        blocks, [list(_numbered(n, a, options)) for n, a in enumerate(articles, 1)], limits
    )
    if counted := counted_text(articles, paper.timezone, options):
        fitted.append(Line((Span(counted),)))
    numbers = [
        button(str(number), Verb.ARTICLE, article.id)
        for number, article in enumerate(articles[:MOST_NUMBERS], 1)
    ]
    rows = (
        page_papers(page, options),
        *_number_rows(numbers),
        _page_turns(issue, page, options),
        (_to_issue(issue, options),),
    )
    return Part(tuple(fitted), buttons=tuple(row for row in rows if row))


def _numbered(number: int, article: Article, options: Options) -> Iterator[Line]:
    yield from item_lines(article, options, with_sentence=True, mark=f"{number}. ")


def _fit(head: Sequence[Block], items: Sequence[Sequence[Line]], limits: Limits) -> list[Block]:
    """The items that fit below the head: where they are too many without their sentences, where they
    still are only the first.
    """
    for number in (None, 1):
        blocks: list[Block] = [*head]
        size = measure(blocks) + _RESERVE
        for item in items:
            size = size + measure(item[:number])
            if not size.fits(limits):
                break
            blocks.extend(item[:number])
        else:
            return blocks
    return blocks


def _page_turns(issue: Issue, page: Page, options: Options) -> tuple[Button, ...]:
    """◀ 上一版, 下一版 ▶, where there is one."""
    _ = translator(options.language)
    pages = [p for p in issue.pages if any(shows(options, p, a) for a in p.articles)]
    before = [p for p in pages if p.order < page.order][-1:]
    after = [p for p in pages if p.order > page.order][:1]
    return (
        *(button(_("◀ 上一版"), Verb.PAGE, f"{issue.id}:{p.order}") for p in before),
        *(button(_("下一版 ▶"), Verb.PAGE, f"{issue.id}:{p.order}") for p in after),
    )


def _to_issue(issue: Issue, options: Options) -> Button:
    _ = translator(options.language)
    return button(_("‹ 整期"), Verb.ISSUE, issue.id)


# ── an article ──────────────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Around:
    """Where a reader of an article came from (an action; None: its page), how its count grew, and the
    address that brings somebody else to it, where there is one.
    """

    back: str | None = None
    curve: Sequence[tuple[datetime, ReadCount]] = ()
    share: str | None = None


def opened_article(
    paper: Paper, issue: Issue, article: Article, around: Around, limits: Limits, options: Options
) -> Part:
    """The article in its place: its summary, its count and how that grew, its page, and buttons for
    the original, the page as printed, and the articles around it.
    """
    blocks = list(article_blocks(paper, issue, article, options))
    if growth := _growth(paper, around.curve, options):
        blocks.append(Line((Span(growth),)))
    while len(blocks) > 1 and not measure(blocks).fits(limits):
        blocks.pop()
    return Part(tuple(blocks), buttons=_article_buttons(issue, article, around, options))


def _growth(
    paper: Paper, curve: Sequence[tuple[datetime, ReadCount]], options: Options
) -> str | None:
    """`06:12 58 → 07:12 180 → 04-09 231`: the day where it is another than the one before."""
    if len(curve) < 2:  # noqa: PLR2004 - one point is no curve
        return None
    zone = ZoneInfo(options.timezone or paper.timezone)
    told: list[str] = []
    day = None
    for seen_at, count in curve:
        at = seen_at.astimezone(zone)
        when = f"{at:%H:%M}" if at.date() == day or day is None else f"{at:%m-%d %H:%M}"
        told.append(f"{when} {show(count)}")
        day = at.date()
    return " → ".join(told)


def _article_buttons(
    issue: Issue, article: Article, around: Around, options: Options
) -> tuple[tuple[Button, ...], ...]:
    _ = translator(options.language)
    page = page_of(issue, article)
    links = [Button(_("原文"), url=url) for url in (button_url(article.url),) if url]
    links += page_papers(page, options)
    if around.share:
        links.append(Button(_("分享"), url=around.share))
    if not options.turns:
        return rows_of(links, 4)
    row = [a for p in issue.pages for a in p.articles if shows(options, p, a)]
    place = next((n for n, a in enumerate(row) if a.id == article.id), None)
    turns: list[Button] = []
    if place:
        turns.append(button(_("◀ 上一篇"), Verb.ARTICLE, row[place - 1].id, around.back))
    if place is not None and place + 1 < len(row):
        turns.append(button(_("下一篇 ▶"), Verb.ARTICLE, row[place + 1].id, around.back))
    rows = (tuple(links), tuple(turns), tuple(_ways_back(issue, page, around, options)))
    return tuple(row for row in rows if row)


def _ways_back(
    issue: Issue, page: Page | None, around: Around, options: Options
) -> Iterator[Button]:
    _ = translator(options.language)
    if around.back:
        yield Button(_("‹ 返回"), action=around.back)
    if page is not None:
        name = _("‹ 第{label}版").format(label=page.label[:8])
        yield button(name, Verb.PAGE, f"{issue.id}:{page.order}")
    if not around.back:
        yield _to_issue(issue, options)


# ── lists across issues ─────────────────────────────────────────────────────────────────────────


@dataclass(frozen=True, slots=True)
class Listed:
    """An article in a list that is not of one issue, and how much its count grew since we first saw
    it.
    """

    paper: Paper
    article: Article
    grown: int | None = None


def list_message(
    head: Line, rows: Sequence[Listed], here: str, limits: Limits, options: Options
) -> Part:
    """A numbered list; the numbers are buttons that open an article and lead back `here`."""
    told = _Told(
        papers=len({row.paper.id for row in rows}) > 1, days=len({_day(row) for row in rows}) > 1
    )
    items = [list(_list_item(number, row, told, options)) for number, row in enumerate(rows, 1)]
    blocks = _fit([head], items, limits)
    numbers = [
        button(str(number), Verb.ARTICLE, row.article.id, here)
        for number, row in enumerate(rows[:MOST_NUMBERS], 1)
    ]
    return Part(tuple(blocks), buttons=_number_rows(numbers) if options.turns else ())


def _number_rows(numbers: Sequence[Button]) -> tuple[tuple[Button, ...], ...]:
    """In rows of about the same length."""
    rows = -(-len(numbers) // NUMBERS_A_ROW)
    return rows_of(numbers, -(-len(numbers) // rows)) if rows else ()


def only_day(rows: Sequence[Listed]) -> date | None:
    """The day that all of them are of."""
    days = {_day(row) for row in rows}
    return days.pop() if len(days) == 1 else None


@dataclass(frozen=True, slots=True)
class _Told:
    """What each line of a list has to say, because the lines differ in it."""

    papers: bool
    days: bool


def _list_item(number: int, row: Listed, told: _Told, options: Options) -> Iterator[Line]:
    _ = translator(options.language)
    yield Line((Span(f"{number}. "), title_span(row.article, options)))
    facts = [row.paper.title] if told.papers else []
    facts += [day_text(_day(row), options)] if told.days else []
    facts.append(_("第{label}版").format(label=row.article.page))
    if reads := reads_text(row.article.reads, options):
        grown = _("{reads}（+{grown}）").format(reads=reads, grown=row.grown)
        facts.append(grown if row.grown and row.grown > 0 else reads)
    yield Line((Span(DOT.join(facts)),))


def _day(row: Listed) -> date:
    """The issue's: its key is its date, but where a second one came out that day."""
    try:
        return date.fromisoformat(row.article.issue[:10])
    except ValueError:
        return row.article.published.astimezone(ZoneInfo(row.paper.timezone)).date()
