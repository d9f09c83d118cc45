"""One article as one message (design.md 5): what is unknown is left out."""

from collections.abc import Iterator

from bot.message import Block, Limits, Line, Part, Quote, Span
from bot.messages.measure import measure
from bot.messages.options import DOT, Options, day_text, page_name, reads_text, title_span
from feeds.models import Article, Issue, Page, Paper
from feeds.summary import article_summary


def article_message(
    paper: Paper, issue: Issue, article: Article, limits: Limits, options: Options
) -> tuple[Part, ...]:
    """One part. Its title is at most 500 characters long, so that only a summary could be too much:
    it is left out where it does not fit.
    """
    page = next((page for page in issue.pages if page.label == article.page), None)
    blocks = list(_blocks(paper, issue, article, page, options))
    while len(blocks) > 1 and not measure(blocks).fits(limits):
        blocks.pop()
    return (Part(blocks=tuple(blocks), silent=options.silent),)


def _blocks(
    paper: Paper, issue: Issue, article: Article, page: Page | None, options: Options
) -> Iterator[Block]:
    yield Line((title_span(article, options, bold=True),))
    where = [paper.title, day_text(issue.date, options)]
    if page is not None:
        where.append(page_name(page, options))
    yield Line((Span(DOT.join(where)),))
    facts = [
        fact for fact in (reads_text(article.reads, options, zero=True), article.byline) if fact
    ]
    if facts:
        yield Line((Span(DOT.join(facts)),))
    if summary := article_summary(article):
        yield Quote((Line((Span(summary),)),))
