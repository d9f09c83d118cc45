"""Which lines of a page are the article's body: the largest run of sentences, from its labels to its
end, with what stands between (subheads) and without what does not belong (share lines, footers).
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from feeds.dates import find_date
from feeds.sources.labels.header import is_byline_line
from feeds.sources.labels.landmarks import HARD, Mark, has_stop, is_paper_contact, mark_of
from feeds.text import Line
from feeds.text.lines import Block

_LONG = 40
_READS = re.compile(r"(?:阅读|浏览|点击|访问)(?:数|量|次数)?\s*[:：]?\s*[0-9０-９]")
_WHOLE_BODY = 0.8
_AFTER_DETAIL = 0.4
_LEAD = 0.35
_FEW_LINES = 2


@dataclass(slots=True)
class Core:
    """`first` and `last` are the places of the first and last line of prose; what is before `first` is
    the header, from `head` on inside the article; `tail` is one past the last line that may still be the
    article's (a footer or related list begins there). `weight` is the number of characters of prose.
    """

    marks: list[Mark]
    head: int
    first: int
    last: int
    tail: int
    weight: int
    has_detail: bool
    home: Block


def find_core(lines: Sequence[Line], headline: str = "") -> Core | None:
    """The article's body in the page, or None where there is no sentence that could be one. `headline`
    is what the page's `<title>` says: a line that says the same is a title.
    """
    marks = [mark_of(line.text, line.linked) for line in lines]
    _settle_contacts(lines, marks)
    weights = _weights(lines, marks)
    if not any(weights):
        weights = _short_weights(lines, marks)
    if not any(weights):
        return None
    begin = _begin(marks, weights)
    head, tail = _heaviest(marks, weights, begin)
    head = _skip_lead(lines, weights, range(head, tail), headline)
    prose = [place for place in range(head, tail) if weights[place]]
    if not prose:
        return None
    home = _home(lines, weights, prose)
    prose = _connected(lines, marks, prose, home)
    weight = sum(weights[place] for place in prose)
    return Core(marks, head, prose[0], prose[-1], tail, weight, marks[begin] is Mark.DETAIL, home)


def _settle_contacts(lines: Sequence[Line], marks: list[Mark]) -> None:
    """Makes addresses and telephone numbers a footer where one of them is the newspaper's own, or where a
    footer follows. Elsewhere they are a notice's and stay with it.
    """
    place = 0 if Mark.CONTACT in marks else len(marks)
    while place < len(marks):
        end = place
        while end < len(marks) and marks[end] is Mark.CONTACT:
            end += 1
        is_footer = end < len(marks) and marks[end] is Mark.FOOTER
        if is_footer or any(is_paper_contact(line.text) for line in lines[place:end]):
            marks[place:end] = [Mark.FOOTER] * (end - place)
        place = end + 1


def is_prose(line: Line, mark: Mark) -> bool:
    """Whether a line reads like a sentence: it has an end, or is too long for a headline."""
    text = line.text
    if mark is not Mark.TEXT or (line.linked > 0.5 * len(text) and len(text) < 2 * _LONG):
        return False
    return len(text) > 2 * _LONG or (has_stop(text) and not _READS.search(text))


def _weights(lines: Sequence[Line], marks: Sequence[Mark]) -> list[int]:
    """Characters of prose by line. What stands in a <nav> or a class named `share` counts nothing, unless
    that would be most of the page: then the class says nothing.
    """
    whole = [
        len(line.text) if is_prose(line, mark) else 0
        for line, mark in zip(lines, marks, strict=True)
    ]
    plain = [0 if line.block.chrome else weight for line, weight in zip(lines, whole, strict=True)]
    return plain if sum(plain) * 2 >= sum(whole) else whole


def _short_weights(lines: Sequence[Line], marks: list[Mark]) -> list[int]:
    """For an article without a sentence (a poem): plain lines behind 内容详情 or a line with reads."""
    anchors = [
        place
        for place, line in enumerate(lines)
        if marks[place] is Mark.DETAIL or _READS.search(line.text) or is_byline_line(line.text)
    ]
    if not anchors:
        return [0] * len(lines)
    return [
        len(line.text)
        if place > anchors[-1] and marks[place] is Mark.TEXT and not line.block.chrome
        else 0
        for place, line in enumerate(lines)
    ]


def _begin(marks: Sequence[Mark], weights: Sequence[int]) -> int:
    """One past the last 内容详情 that has the article behind it; 0 where there is none."""
    total, before = sum(weights), 0
    begin = 0
    for place, weight in enumerate(weights):
        if marks[place] is Mark.DETAIL and total - before >= _AFTER_DETAIL * total:
            begin = place
        before += weight
    return begin


def _heaviest(marks: Sequence[Mark], weights: Sequence[int], begin: int) -> tuple[int, int]:
    """The heaviest stretch between two hard marks. One that begins as a related list or a footer counts
    less: the teasers in it are long, but other people's.
    """
    best, heaviest, start, scale = (begin, len(marks)), -1.0, begin, 1.0
    for place in range(begin, len(marks) + 1):
        if place < len(marks) and marks[place] not in HARD:
            continue
        weight = sum(weights[start:place]) * scale
        if weight > heaviest:
            best, heaviest = (start, place), weight
        start, scale = place + 1, 0.4
    return best


def _skip_lead(lines: Sequence[Line], weights: Sequence[int], among: range, headline: str) -> int:
    """Where the article begins in a stretch: an advertisement's sentences before the title, the date or
    the reads are not its own. A second date may be a subhead and begins nothing.
    """
    start, left, seen = among.start, sum(weights[place] for place in among), set[str]()
    before = 0
    for place in among:
        kind = _anchor(lines[place], headline) if not weights[place] else None
        if kind and kind not in seen:
            seen.add(kind)
            if 0 < before <= _LEAD * left:
                start, before = place, 0
        before += weights[place]
        left -= weights[place]
    return start


def _anchor(line: Line, headline: str) -> str | None:
    text = line.text
    if not text or len(text) > _LONG * 5 or has_stop(text):
        return None
    if line.block.tag == "h1" or (len(text) > 6 and text in headline):  # noqa: PLR2004 - shorter is a site's name
        return "title"
    if _READS.search(text):
        return "reads"
    return "date" if find_date(text) and not line.linked else None


def _home(lines: Sequence[Line], weights: Sequence[int], prose: Sequence[int]) -> Block:
    """The smallest element that holds four fifths of the prose; around a single paragraph, its parent."""
    total = sum(weights[place] for place in prose)
    held: dict[int, int] = {}
    blocks: dict[int, Block] = {}
    for place in prose:
        block: Block | None = lines[place].block
        while block is not None:
            held[block.index] = held.get(block.index, 0) + weights[place]
            blocks[block.index] = block
            block = block.parent
    home = blocks[max(index for index, weight in held.items() if weight >= _WHOLE_BODY * total)]
    is_one_line = any(lines[place].block is home for place in prose) and len(prose) <= _FEW_LINES
    return home.parent if is_one_line and home.parent is not None else home


def is_inside(line: Line, home: Block) -> bool:
    """Whether a line stands in an element."""
    block: Block | None = line.block
    while block is not None and block.index >= home.index:
        if block is home:
            return True
        block = block.parent
    return False


def _connected(
    lines: Sequence[Line], marks: Sequence[Mark], prose: list[int], home: Block
) -> list[int]:
    """The prose in its home, and what follows or leads up to it elsewhere with nothing between."""
    inside = [place for place in prose if is_inside(lines[place], home)]
    first, last = inside[0], inside[-1]
    for place in range(first - 1, -1, -1):
        if place not in prose or not _is_alike(lines[place], lines[first]):
            break
        first = place
    for place in range(last + 1, len(lines)):
        if marks[place] is not Mark.TEXT or place not in prose:
            break
        last = place
    return [place for place in prose if first <= place <= last]


def _is_alike(line: Line, other: Line) -> bool:
    return (line.block.tag, line.block.mark) == (other.block.tag, other.block.mark)
