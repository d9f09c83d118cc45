"""One article as one message (design.md 5): what is unknown is left out."""

from collections.abc import Iterator

from bot.message import Block, Limits, Line, Part, Quote, Span
from bot.messages.measure import measure
from bot.messages.options import DOT, Options, day_text, page_name, reads_text, title_span
from feeds.models import Article, Issue, Page, Paper
from feeds.summary import article_summary
from feeds.words import translator


def article_message(
    paper: Paper, issue: Issue, article: Article, limits: Limits, options: Options
) -> tuple[Part, ...]:
    """One part. Its title is at most 500 characters long, so that only a summary could be too much:
    it is left out where it does not fit.
    """
    blocks = list(article_blocks(paper, issue, article, options))
    return (Part(blocks=_fitting(blocks, limits), silent=options.silent),)


def reads_message(
    paper: Paper, issue: Issue, article: Article, rung: int, limits: Limits, options: Options
) -> tuple[Part, ...]:
    """An article that many have read by now, under a line that says how many."""
    _ = translator(options.language)
    words = _("阅读数过 {count} 了").format(count=rung)
    blocks = [Line((Span(words),)), *article_blocks(paper, issue, article, options)]
    return (Part(blocks=_fitting(blocks, limits), silent=options.silent),)


def _fitting(blocks: list[Block], limits: Limits) -> tuple[Block, ...]:
    while len(blocks) > 1 and not measure(blocks).fits(limits):
        blocks.pop()
    return tuple(blocks)


def article_blocks(
    paper: Paper, issue: Issue, article: Article, options: Options
) -> Iterator[Block]:
    """Title; paper, date and page; count and byline; the summary as a quote."""
    yield Line((title_span(article, options, bold=True),))
    where = [paper.title, day_text(issue.date, options)]
    if (page := page_of(issue, article)) is not None:
        where.append(page_name(page, options))
    yield Line((Span(DOT.join(where)),))
    counted = reads_text(article.reads, options, zero=True)
    if facts := [fact for fact in (counted, article.byline) if fact]:
        yield Line((Span(DOT.join(facts)),))
    if summary := article_summary(article):
        yield Quote((Line((Span(summary),)),))


def page_of(issue: Issue, article: Article) -> Page | None:
    """The page on which the article stands."""
    return next((page for page in issue.pages if page.label == article.page), None)
