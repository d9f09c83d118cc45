"""What the newspaper put right, told where the message stands."""

from collections.abc import Iterator

from bot.message import Block, Limits, Line, Part, Quote, Span
from bot.messages.measure import measure
from bot.messages.options import DOT, Options, title_span, title_text
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
    blocks: list[Block] = [
        Line((Span(_("更正"), bold=True), Span(DOT), title_span(article, options)))
    ]
    if before != article.title:
        blocks.append(Line((Span(_("标题：")), *_pieces(before, title_text(article, options)))))
    if said[0] != said[1]:
        blocks.append(Quote((Line(tuple(_pieces(*said))),)))
    while len(blocks) > 1 and not measure(blocks).fits(limits):
        blocks.pop()
    return (Part(tuple(blocks), silent=True),) if len(blocks) > 1 else ()


def _pieces(before: str, after: str) -> Iterator[Span]:
    """The old words struck out, the new ones bold, between what stayed."""
    for piece in difference(_flat(before), _flat(after)):
        yield Span(piece.text, bold=piece.op is Op.ADDED, struck=piece.op is Op.REMOVED)


def _flat(text: str) -> str:
    return " ".join(text.split("\n"))
