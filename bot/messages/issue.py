"""A whole issue as one calm message: the front page open, every other page folded (design.md 5).

    sections ──▶ one message, every title linked
        └─ too much? ──▶ one message, the later pages' titles unlinked, their heads linked instead
              └─ too much? ──▶ two messages, and a line for what remains

Two thirds of a big paper's markup are addresses. Where the chat can press buttons its readers open
every article from them, so unlinked titles cost less than a second message; a channel has no such
buttons and gets the links.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace

from bot.message import Block, Button, Limits, Line, Part, Quote, Span
from bot.messages.actions import Verb, button
from bot.messages.measure import QUOTE_SIZE, Size, measure, measure_line
from bot.messages.options import (
    DOT,
    Options,
    counted_text,
    day_text,
    issue_link,
    page_name,
    page_papers,
    reads_text,
    rows_of,
    shows,
    title_span,
    web_url,
)
from feeds.models import Article, Issue, Page, Paper
from feeds.summary import issue_sentence
from feeds.words import Count, translator

SENTENCES_UP_TO = 24  # articles; above, only the front page has sentences
MOST_PAGE_BUTTONS, PAGES_A_ROW = 48, 6
# What the end of a message may still need: 「其余 …」 with its link, and 「阅读数截至 …」.
_RESERVE = Size(120, 2, 700)
_REST_BYTES = 600  # of that for 「其余 …」: a longer address is left out

Item = tuple[Line, ...]


@dataclass(frozen=True, slots=True)
class _Section:
    """A page as it is shown: its articles' lines, an article never torn apart. `url` is the page's."""

    head: Line
    items: tuple[Item, ...]
    is_open: bool
    url: str | None

    def blocks(self) -> Iterator[Block]:
        lines = tuple(line for item in self.items for line in item)
        yield self.head
        yield from lines if self.is_open else [Quote(lines)]


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
    head = _head(paper, issue, sections, options)
    counted = _counted(paper, issue, options)
    whole = _in_one(head, sections, counted, limits)
    is_light = False
    if whole is None and options.turns:
        whole = _in_one(head, _lightened(head, sections, counted, limits), counted, limits)
        is_light = whole is not None
    bodies = [whole] if whole else _in_several(issue, head, sections, counted, limits, options)
    buttons = issue_buttons(issue, replace(options, browse=options.browse or is_light))
    return tuple(
        Part(
            blocks=tuple(blocks),
            silent=options.silent or number > 0,
            reply=number > 0,
            buttons=buttons if number == 0 else (),
        )
        for number, blocks in enumerate(bodies)
    )


def _head(paper: Paper, issue: Issue, sections: Sequence[_Section], options: Options) -> Line:
    """The whole issue is counted in its pages; a selection in those that it shows."""
    _ = translator(options.language)
    facts = [day_text(issue.date, options, with_weekday=True)]
    if issue.number:
        facts.append(_("第{number}期").format(number=issue.number))
    count = sum(len(section.items) for section in sections)
    everything = replace(options, only=None, pages=frozenset())
    is_whole = count == sum(
        shows(everything, page, article) for page in issue.pages for article in page.articles
    )
    pages = len(issue.pages) if is_whole else len(sections)
    facts.append(_("{pages}版 {articles}篇").format(pages=Count(pages), articles=Count(count)))
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
            items = tuple(tuple(item_lines(a, options, with_sentences)) for a in articles)
            head = page_head(page, None if first else len(articles), options)
            yield _Section(head, items, first, web_url(page.url))
            first = False


def page_head(page: Page, count: int | None, options: Options) -> Line:
    """`第02版 综合 · 5篇`."""
    _ = translator(options.language)
    name = Span(page_name(page, options), bold=True)
    if count is None:
        return Line((name,))
    return Line((name, Span(DOT + _("{articles}篇").format(articles=Count(count)))))


def item_lines(
    article: Article, options: Options, with_sentence: bool, mark: str = "▪ "
) -> Iterator[Line]:
    """`▪ title · 阅读数:231`, and a sentence that does not repeat the title."""
    reads = reads_text(article.reads, options)
    spans = (Span(mark), title_span(article, options))
    yield Line((*spans, Span(DOT + reads)) if reads else spans)
    if with_sentence and (sentence := issue_sentence(article)):
        yield Line((Span(sentence),))


def _counted(paper: Paper, issue: Issue, options: Options) -> list[Block]:
    shown = [a for page in issue.pages for a in page.articles if shows(options, page, a)]
    counted = counted_text(shown, paper.timezone, options)
    return [Line((Span(counted),))] if counted else []


# ── one message ─────────────────────────────────────────────────────────────────────────────────


def _in_one(
    head: Line, sections: Sequence[_Section], counted: list[Block], limits: Limits
) -> list[Block] | None:
    """Everything in one message, or None where it holds too much."""
    blocks = [head, *(block for section in sections for block in section.blocks()), *counted]
    return blocks if measure(blocks).fits(limits) else None


def _lightened(
    head: Line, sections: Sequence[_Section], counted: list[Block], limits: Limits
) -> list[_Section]:
    """The folded pages without the links of their titles, from the first page on whose links do not
    fit any more. Such a page's head leads to the newspaper's page instead.
    """
    light = [section if section.is_open else _light(section) for section in sections]
    for number, section in enumerate(sections):
        candidate = [*sections[: number + 1], *light[number + 1 :]]
        if not section.is_open and _in_one(head, candidate, counted, limits) is None:
            return [*sections[:number], *light[number:]]
    return light


def _light(section: _Section) -> _Section:
    head = Line((replace(section.head.spans[0], url=section.url), *section.head.spans[1:]))
    return replace(section, head=head, items=tuple(_unlinked(item) for item in section.items))


def _unlinked(item: Item) -> Item:
    return tuple(Line(tuple(replace(span, url=None) for span in line.spans)) for line in item)


# ── several ─────────────────────────────────────────────────────────────────────────────────────


def _in_several(
    issue: Issue,
    head: Line,
    sections: Sequence[_Section],
    counted: list[Block],
    limits: Limits,
    options: Options,
) -> list[list[Block]]:
    drafts, left = _fill(head, sections, limits, options)
    if left:
        drafts[-1].blocks.append(_rest(left, options, issue_link(issue, options)))
    drafts[-1].blocks.extend(counted)
    return [draft.blocks for draft in drafts]


def _fill(
    head: Line, sections: Sequence[_Section], limits: Limits, options: Options
) -> tuple[list[_Draft], list[int]]:
    """Fills one message after the other; returns them and, for every page that did not fit whole,
    how many of its articles are left.
    """
    drafts = [_begin(head, limits)]
    left: list[int] = []
    for section in sections:
        items = [_fitting(section, item, limits) for item in section.items]
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


def _fitting(section: _Section, item: Item, limits: Limits) -> Item:
    """An article whose address alone would fill a message is shown without it."""
    alone = _RESERVE + measure_line(section.head) + measure(item)
    return item if (alone + alone).fits(limits) else _unlinked(item[:1])


def _begin(head: Line, limits: Limits) -> _Draft:
    return _Draft(limits, [head], _RESERVE + measure([head]))


def _continued(options: Options, number: int) -> Line:
    _ = translator(options.language)
    return Line((Span(_("(续 {number}/{of})").format(number=number, of=options.most_parts)),))


def _take(draft: _Draft, section: _Section, items: list[Item]) -> int:
    """Puts as many of the page's articles into the draft as it takes; returns how many."""
    frame = measure_line(section.head) + (Size() if section.is_open else QUOTE_SIZE)
    sizes = [measure(item) for item in items]
    if not draft.takes(frame + sizes[0]):
        return 0
    taken = 1
    while taken < len(items) and draft.takes(sizes[taken]):
        taken += 1
    draft.blocks.extend(replace(section, items=tuple(items[:taken])).blocks())
    return taken


def _rest(left: list[int], options: Options, link: str | None) -> Line:
    _ = translator(options.language)
    words = _("其余 {pages} 版 {articles} 篇 ›").format(
        pages=Count(len(left)), articles=Count(sum(left))
    )
    line = Line((Span(words, url=link),))
    return line if measure_line(line).markup_bytes <= _REST_BYTES else Line((Span(words),))


# ── buttons ─────────────────────────────────────────────────────────────────────────────────────


def issue_buttons(issue: Issue, options: Options) -> tuple[tuple[Button, ...], ...]:
    """The front page as it was printed, the pages, and the issues on both sides."""
    papers = page_papers(issue.pages[0] if issue.pages else None, options)
    pages = _page_buttons(issue, options) if options.browse and options.turns else ()
    turns = issue_turns(issue, options) if options.turns else ()
    return tuple(row for row in (papers, *pages, turns) if row)


def issue_turns(issue: Issue, options: Options) -> tuple[Button, Button]:
    """◀ 上一期, 下一期 ▶."""
    _ = translator(options.language)
    return (
        button(_("◀ 上一期"), Verb.PREVIOUS, issue.id),
        button(_("下一期 ▶"), Verb.NEXT, issue.id),
    )


def _page_buttons(issue: Issue, options: Options) -> tuple[tuple[Button, ...], ...]:
    pages = [p for p in issue.pages if any(shows(options, p, a) for a in p.articles)]
    _ = translator(options.language)
    return rows_of(
        (
            button(
                _("{label}版").format(label=page.label[:8]), Verb.PAGE, f"{issue.id}:{page.order}"
            )
            for page in pages[:MOST_PAGE_BUTTONS]
        ),
        PAGES_A_ROW,
    )
