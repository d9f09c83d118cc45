"""What was missed, named in one message instead of a flood of old news."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from bot.message import Block, Limits, Line, Part, Span
from bot.messages.measure import measure
from bot.messages.options import DOT, Options
from feeds.words import shown_date, translator


@dataclass(frozen=True, slots=True)
class MissedPaper:
    """A newspaper with its issues that were not sent: their dates and pages, oldest first."""

    title: str
    issues: tuple[tuple[date, str], ...]


def summary_message(
    missed: Sequence[MissedPaper], limits: Limits, options: Options
) -> tuple[Part, ...]:
    """One silent part: as many papers as fit, the rest as a number."""
    _ = translator(options.language)
    blocks: list[Block] = [
        Line((Span(_("错过的报纸"), bold=True),)),
        Line((Span(_("有一阵没能推送，下面几期不再逐期补发：")),)),
    ]
    for done, line in enumerate(_line(paper, options) for paper in missed):
        rest = Line((Span(_("还有 {papers} 份").format(papers=len(missed) - done)),))
        if not measure([*blocks, line, rest]).fits(limits):
            blocks.append(rest)
            break
        blocks.append(line)
    return (Part(tuple(blocks), silent=True),)


def _line(paper: MissedPaper, options: Options) -> Line:
    return Line((Span(paper.title, bold=True), Span(DOT), *_dates(paper, options)))


MOST_DATES = 8  # of one paper, the newest


def _dates(paper: MissedPaper, options: Options) -> Iterator[Span]:
    _ = translator(options.language)
    for place, (day, url) in enumerate(paper.issues[-MOST_DATES:]):
        if place:
            yield Span(_("、"))
        is_link = url.startswith(("http://", "https://"))
        yield Span(shown_date(day, _), url=url if is_link else None)
    if len(paper.issues) > MOST_DATES:
        yield Span(_(" 等 {issues} 期").format(issues=len(paper.issues)))
