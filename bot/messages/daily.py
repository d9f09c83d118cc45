"""The day's articles by reads, with summaries: the `daily` form."""

from collections.abc import Iterator

from bot.message import Block, Limits, Line, Part, Quote, Span
from bot.messages.measure import measure, measure_block
from bot.messages.options import DOT, Options, day_text, page_name, reads_text, shows, title_span
from feeds.models import Article, Issue, Paper
from feeds.summary import article_summary
from feeds.words import translator


def daily_message(paper: Paper, issue: Issue, limits: Limits, options: Options) -> tuple[Part, ...]:
    """One part: as many articles as fit, the most read first; equals keep the paper's order."""
    _ = translator(options.language)
    pages = {a.id: page for page in issue.pages for a in page.articles if shows(options, page, a)}
    articles = sorted(
        (a for a in issue.articles if a.id in pages),
        key=lambda a: -(a.reads.value if a.reads else 0),
    )
    when = day_text(issue.date, options, with_weekday=True)
    blocks: list[Block] = [
        Line((Span(paper.title, bold=True), Span(DOT + when + DOT + _("读得最多的"))))
    ]
    size = measure(blocks)
    for article in articles:
        item = list(_item(article, page_name(pages[article.id], options), options))
        more = sum((measure_block(block) for block in item), size)
        if not more.fits(limits):
            break
        blocks.extend(item)
        size = more
    return (Part(tuple(blocks), silent=options.silent),)


def _item(article: Article, page: str, options: Options) -> Iterator[Block]:
    facts = [fact for fact in (reads_text(article.reads, options), page) if fact]
    yield Line((Span("▪ "), title_span(article, options), Span(DOT + DOT.join(facts))))
    if summary := article_summary(article):
        yield Quote((Line((Span(summary),)),))
