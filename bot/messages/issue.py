"""A whole issue as one calm message: the front page open, every other page folded (design.md 5)."""

from collections.abc import Iterator
from dataclasses import dataclass, field

from bot.message import Block, Button, Limits, Line, Part, Quote, Span
from bot.messages.actions import Action, Verb
from bot.messages.measure import QUOTE_SIZE, Size, measure, measure_line
from bot.messages.options import (
    DOT,
    Options,
    counted_at,
    day_text,
    page_name,
    reads_text,
    shows,
    title_span,
)
from feeds.models import Article, Issue, Page, Paper
from feeds.summary import issue_sentence
from feeds.words import translator

SENTENCES_UP_TO = 24  # articles; above, only the front page has sentences
# What the end of a message may still need: 「其余 …」 with its link, and 「阅读数截至 …」.
_RESERVE = Size(120, 2, 700)


@dataclass(frozen=True, slots=True)
class _Section:
    """A page as it is shown: its articles' lines, an article never torn apart."""

    head: Line
    items: tuple[tuple[Line, ...], ...]
    is_open: bool


@dataclass(slots=True)
class _Draft:
    """One message being filled."""

    limits: Limits
    blocks: list[Block] = field(default_factory=list)
    size: Size = _RESERVE

    def takes(self, more: Size) -> bool:
        if not (self.size + more).fits(self.limits):
            return False
        self.size += more
        return True


def issue_message(paper: Paper, issue: Issue, limits: Limits, options: Options) -> tuple[Part, ...]:
    """At most `options.most_parts` parts; what does not fit is one line that says how much it is.
    The first part may sound, the second is a silent reply to it.
    """
    sections = list(_sections(issue, options))
    count = sum(len(section.items) for section in sections)
    head = _head(paper, issue, count, options)
    drafts, left = _fill(head, sections, limits, options)
    tail = list(_tail(paper, issue, left, options))
    drafts[-1].blocks.extend(tail)
    buttons = _buttons(issue, options)
    return tuple(
        Part(
            blocks=tuple(draft.blocks),
            silent=options.silent or number > 0,
            reply=number > 0,
            buttons=buttons if number == 0 else (),
        )
        for number, draft in enumerate(drafts)
    )


def _head(paper: Paper, issue: Issue, count: int, options: Options) -> Line:
    _ = translator(options.language)
    facts = [day_text(issue.date, options, with_weekday=True)]
    if issue.number:
        facts.append(_("第{number}期").format(number=issue.number))
    facts.append(_("{pages}版 {articles}篇").format(pages=len(issue.pages), articles=count))
    return Line((Span(paper.title, bold=True), Span(DOT + DOT.join(facts))))


def _sections(issue: Issue, options: Options) -> Iterator[_Section]:
    shown = [
        (page, [article for article in page.articles if shows(options, page, article)])
        for page in issue.pages
    ]
    total = sum(len(articles) for _, articles in shown)
    first = True
    for page, articles in shown:
        if articles:
            with_sentences = first or total <= SENTENCES_UP_TO
            items = tuple(tuple(_item(a, options, with_sentences)) for a in articles)
            yield _Section(_page_head(page, len(articles), first, options), items, first)
            first = False


def _page_head(page: Page, count: int, is_open: bool, options: Options) -> Line:
    _ = translator(options.language)
    name = Span(page_name(page, options), bold=True)
    if is_open:
        return Line((name,))
    return Line((name, Span(DOT + _("{articles}篇").format(articles=count))))


def _item(article: Article, options: Options, with_sentence: bool) -> Iterator[Line]:
    reads = reads_text(article.reads, options)
    spans = (Span("▪ "), title_span(article, options))
    yield Line((*spans, Span(DOT + reads)) if reads else spans)
    if with_sentence and (sentence := issue_sentence(article)):
        yield Line((Span(sentence),))


# ── filling messages ────────────────────────────────────────────────────────────────────────────


def _fill(
    head: Line, sections: list[_Section], limits: Limits, options: Options
) -> tuple[list[_Draft], list[int]]:
    """Fills one message after the other; returns them and, for every page that did not fit whole,
    how many of its articles are left.
    """
    drafts = [_begin(head, limits)]
    left: list[int] = []
    for section in sections:
        items = list(section.items)
        while items and not left:
            taken = _take(drafts[-1], section, items)
            items = items[taken:]
            if items and len(drafts) < options.most_parts:
                drafts.append(_begin(_continued(options, len(drafts) + 1), limits))
            elif items:
                break
        if items:
            left.append(len(items))
    return drafts, left


def _begin(head: Line, limits: Limits) -> _Draft:
    return _Draft(limits, [head], _RESERVE + measure([head]))


def _continued(options: Options, number: int) -> Line:
    _ = translator(options.language)
    return Line((Span(_("(续 {number}/{of})").format(number=number, of=options.most_parts)),))


def _take(draft: _Draft, section: _Section, items: list[tuple[Line, ...]]) -> int:
    """Puts as many of the page's articles into the draft as it takes; returns how many."""
    frame = measure_line(section.head) + (Size() if section.is_open else QUOTE_SIZE)
    sizes = [sum((measure_line(line) for line in item), Size()) for item in items]
    if not draft.takes(frame + sizes[0]):
        return 0
    taken = 1
    while taken < len(items) and draft.takes(sizes[taken]):
        taken += 1
    lines = tuple(line for item in items[:taken] for line in item)
    draft.blocks.append(section.head)
    draft.blocks.extend(lines if section.is_open else [Quote(lines)])
    return taken


def _tail(paper: Paper, issue: Issue, left: list[int], options: Options) -> Iterator[Block]:
    _ = translator(options.language)
    if left:
        words = _("其余 {pages} 版 {articles} 篇 ›").format(pages=len(left), articles=sum(left))
        yield Line((Span(words, url=_issue_link(issue, options)),))
    counted = counted_at(issue, paper.timezone)
    if counted is not None:
        yield Line((Span(_("阅读数截至 {time}").format(time=f"{counted:%H:%M}")),))


def _issue_link(issue: Issue, options: Options) -> str | None:
    if options.own_base:
        return f"{options.own_base}{issue.source}/{issue.key}/"
    return issue.url if issue.url.startswith(("http://", "https://")) else None


def _buttons(issue: Issue, options: Options) -> tuple[tuple[Button, ...], ...]:
    _ = translator(options.language)
    front = issue.pages[0] if issue.pages else None
    papers = [
        Button(text, url=url)
        for text, url in (
            (_("版面图"), front.image if front else None),
            ("PDF", front.pdf if front else None),
        )
        if url
    ]
    turns = [
        Button(_("◀ 上一期"), action=str(Action(Verb.PREVIOUS, str(issue.id)))),
        Button(_("下一期 ▶"), action=str(Action(Verb.NEXT, str(issue.id)))),
    ]
    rows = (tuple(papers), tuple(turns) if options.turns else ())
    return tuple(row for row in rows if row)
