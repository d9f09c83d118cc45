"""What an operator is told when something is wrong, and when it is right again."""

from bot.message import Line, Part, Span
from bot.messages.options import DOT, Options
from feeds.text import cut
from feeds.words import translator

MOST_CHARACTERS = 1000


def alarm_message(
    about: str, words: str, options: Options, *, is_over: bool, is_unwatched: bool = False
) -> tuple[Part, ...]:
    """`about` is a newspaper's title or a channel's name, `words` what is wrong and what to do. What is over
    may be so only because nobody looks any more.
    """
    _ = translator(options.language)
    mark = _("✓ 恢复了") if is_over else _("⚠ 要看一下")
    if is_unwatched:
        mark = _("– 不看了")
    head = Line((Span(mark, bold=True), Span(DOT + about)))
    lines = [Line((Span(line),)) for line in cut(words, MOST_CHARACTERS).splitlines() if line]
    return (Part((head, *lines), silent=options.silent or is_over),)
