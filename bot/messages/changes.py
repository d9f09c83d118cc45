"""What the newspaper put right, told where the message stands."""

from collections.abc import Iterator

from bot.message import Block, Limits, Line, Part, Quote, Span
from bot.messages.measure import measure
from bot.messages.options import DOT, Options, article_link, title_text
from feeds.difference import Op, difference
from feeds.models import Article
from feeds.words import translator


def correction_message(
    article: Article, before: str, said: tuple[str, str], limits: Limits, options: Options
) -> tuple[Part, ...]:
    """What changed of what a reader was told: the title (`before` is the old one), and the sentences,
    as they were `said` and are now. No part where nothing did.
    """
    _ = translator(options.language)
    is_renamed = before != article.title
    blocks: list[Block] = [_head(_("更正"), article, before, limits, options)]
    if said[0] != said[1]:
        blocks.append(Quote((Line(tuple(_pieces(*said, None))),)))
    while len(blocks) > 1 and not measure(blocks).fits(limits):
        blocks.pop()
    return (Part(tuple(blocks), silent=True),) if is_renamed or len(blocks) > 1 else ()


def _head(words: str, article: Article, before: str, limits: Limits, options: Options) -> Line:
    """The title with what changed in it: linked, or where so many pieces are too much for that, not;
    or in the end just as it is now.
    """
    title, link = title_text(article, options), article_link(article, options)
    ways = (_pieces(before, title, link), _pieces(before, title, None), [Span(title)])
    lines = [Line((Span(words, bold=True), Span(DOT), *way)) for way in ways]
    return next((line for line in lines if measure([line]).fits(limits)), lines[-1])


def _pieces(before: str, after: str, link: str | None) -> Iterator[Span]:
    """The old words struck out, the new ones bold, between what stayed; all but the old linked."""
    for piece in difference(_flat(before), _flat(after)):
        is_old = piece.op is Op.REMOVED
        url = None if is_old else link
        yield Span(piece.text, bold=piece.op is Op.ADDED, url=url, struck=is_old)


def _flat(text: str) -> str:
    return " ".join(text.split("\n"))
