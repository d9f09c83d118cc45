"""An article page of 云报平台 read by its labels: 内容详情, a date, the title, 阅读数:231, a byline, the body.

The body is found first (`core`); what stands before it is the header. There the date and the
reads are known by their form, the byline by its words or its place, and the title is what is left.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from zoneinfo import ZoneInfo

from feeds.models import ReadCount
from feeds.sources.body import Body, build_body
from feeds.sources.labels.core import Core, find_core, is_inside, is_prose
from feeds.sources.labels.header import (
    Fields,
    Piece,
    instant,
    is_byline,
    is_name,
    is_own_field,
    merge_labels,
    read_fields,
)
from feeds.sources.labels.landmarks import Mark, has_stop
from feeds.sources.labels.title import (
    HEADINGS,
    NEAR,
    SITE,
    SUBHEAD,
    TODAY,
    Titles,
    first_words,
    plain,
)
from feeds.sources.page import WebPage
from feeds.text import Line, one_line

_NEVER_FIELDS = (Mark.NAVIGATION, Mark.LINKS, Mark.RELATED)
_PLAIN = (Mark.TEXT, Mark.CONTACT)
_SHORT_NAME = 20


@dataclass(slots=True)
class Found:
    """What an article page says by its labels. `rest` of the fields is None where it does not say."""

    title: str | None = None
    kicker: str | None = None
    subtitle: str | None = None
    byline: str | None = None
    published: date | datetime | None = None
    reads: ReadCount | None = None
    page: str | None = None
    page_name: str | None = None
    body: Body = field(default_factory=lambda: Body("", "", ()))
    weight: int = 0
    has_detail: bool = False
    has_reads: bool = False


def read_by_labels(page: WebPage, zone: ZoneInfo) -> Found | None:
    """The article in a page, or None where there is no body. A title may still be unknown."""
    core = find_core(page.lines, page.title)
    if core is None:
        return None
    return _Reader(page, core, zone).read()


class _Reader:
    """One page being read: the header's fields by line, and from them the article."""

    def __init__(self, page: WebPage, core: Core, zone: ZoneInfo) -> None:
        self.page = page
        self.core = core
        self.zone = zone
        self.before = dict(self._fields(0, core.first))
        self.spent: set[int] = set()
        self.behind = dict(self._fields(core.last + 1, core.tail))

    def read(self) -> Found:
        found = Found(weight=self.core.weight, has_detail=self.core.has_detail)
        titles = Titles(self.page, self.core, self.before)
        title = titles.find()
        found.title = titles.whole(title) or titles.hinted()
        anchor = title.line if title else self.core.first
        self._date_and_reads(found, anchor)
        used = self._byline(found, title)
        self._neighbours(found, title)
        self._page_label(found)
        header_end = max([anchor if title else -1, used, self._last_field(anchor)])
        found.body = build_body(list(self._body_lines(header_end, found)), self.page.base)
        found.title = found.title or first_words(found.body)
        return found

    # ── the header's lines ──────────────────────────────────────────────────────────────────────

    def _fields(self, start: int, stop: int) -> Iterator[tuple[int, Fields]]:
        """The fields of the lines that may be about the article."""
        lines = self.page.lines[start:stop]
        for place, text in merge_labels(lines, len(lines)).items():
            line, mark = lines[place], self.core.marks[start + place]
            if (
                text
                and (
                    mark not in _NEVER_FIELDS or (mark is Mark.LINKS and line.block.tag in HEADINGS)
                )
                and not is_prose(line, mark)
                and not has_stop(text.rstrip("！!？?"))
            ):
                yield start + place, read_fields(line, text, start + place)

    def _last_field(self, anchor: int) -> int:
        """The last header line that holds a field, unless it is far from the title and not its own."""
        start = min(anchor, self.core.head)
        own = [place for place, fields in self.before.items() if fields.is_field and place >= start]
        return max(own, default=-1)

    # ── date and reads ──────────────────────────────────────────────────────────────────────────

    def _date_and_reads(self, found: Found, anchor: int) -> None:
        """Sets the reads, then the date: of several dates that nearest to the title and the reads."""
        reads_place = self._reads_place(anchor)
        if reads_place is not None:
            found.reads, found.has_reads = self._around()[reads_place].reads, True
            self.spent.add(reads_place)
        scored = [
            (self._date_score(place, fields, anchor, reads_place), -place, fields.dates[0])
            for place, fields in self._around().items()
            if fields.dates
            and self.page.lines[place].linked <= len(self.page.lines[place].text) // 2
        ]
        if scored:
            _, place, best = max(scored, key=lambda one: one[:2])
            found.published = instant(best, self.zone)
            self.spent.add(-place)

    def _around(self) -> dict[int, Fields]:
        """Fields before the body, and those behind it that are still the article's: before the related
        list and the footer.
        """
        return self.before | self.behind

    def _date_score(self, place: int, fields: Fields, anchor: int, reads: int | None) -> float:
        line = self.page.lines[place]
        distance = abs(place - anchor) if place <= self.core.last else place - self.core.last + NEAR
        score = 3.0 * fields.is_labelled_date - distance / 4 + 2 * (place >= anchor)
        score += 6 * (self.core.has_detail and place >= self.core.head)
        score += 4 * (reads is not None and abs(place - reads) <= 2)  # noqa: PLR2004 - beside the reads
        return score - 8 * bool(TODAY.search(line.text)) - 4 * line.block.chrome

    def _reads_place(self, anchor: int) -> int | None:
        """The line with the reads that is the article's: in no list of others, inside it, and nearest to
        the title or, behind the body, to its end.
        """
        every = [place for place, fields in self._around().items() if fields.has_reads]
        holders = [place for place in every if not self._is_related(place, anchor)] or every
        own = [place for place in holders if self.core.head <= place < self.core.first] or holders
        before = [place for place in own if place < self.core.first]
        return min(before or own, key=lambda place: abs(place - anchor), default=None)

    def _is_related(self, place: int, anchor: int) -> bool:
        """Whether a line stands in a list of other articles, as in a page whose parts a parser reordered."""
        for mark in reversed(self.core.marks[:place] if place < anchor else ()):
            if mark in {Mark.RELATED, Mark.DETAIL}:
                return mark is Mark.RELATED
        return False

    # ── byline, kicker, subtitle, page ──────────────────────────────────────────────────────────

    def _byline(self, found: Found, title: Piece | None) -> int:
        """Sets the byline and returns its line, or -1. A labelled one wins, then one by its words, then a
        name between the header and the body.
        """
        for place, fields in self.before.items():
            if fields.writer:
                found.byline = one_line(fields.writer)
                return place
        pieces = [
            piece
            for place, fields in self.before.items()
            for piece in fields.pieces
            if piece is not title and piece.name is None and self._may_hold_byline(place, title)
        ]
        by_words = [piece for piece in pieces if is_byline(piece.text)]
        by_place = [piece for piece in pieces if self._is_name_in_place(piece, title)]
        chosen = next(reversed(by_words or by_place), None)
        if chosen is None:
            return -1
        found.byline = one_line(chosen.text)
        return chosen.line

    def _may_hold_byline(self, place: int, title: Piece | None) -> bool:
        start = (
            min(title.line, self.core.head)
            if title and self.core.has_detail
            else (title.line - NEAR if title else 0)
        )
        return place >= start and self.core.marks[place] not in {
            Mark.CREDITS,
            Mark.LINKS,
            Mark.RELATED,
        }

    def _is_name_in_place(self, piece: Piece, title: Piece | None) -> bool:
        line = self.page.lines[piece.line]
        return (
            title is not None
            and piece.line >= title.line
            and (is_name(piece.text) or self._is_bylines_line(piece))
            and len(piece.text) <= _SHORT_NAME
            and line.block.tag not in HEADINGS
            and not line.linked
            and not SUBHEAD.match(piece.text)
        )

    def _is_bylines_line(self, piece: Piece) -> bool:
        """Whether it stands alone between the reads and the body, where the platform sets its byline."""
        places = range(piece.line - 1, self.core.first)
        before = self.before.get(piece.line - 1)
        alone = [place for place in places if self.page.lines[place].text and place != piece.line]
        return self.core.has_detail and before is not None and before.has_reads and len(alone) == 1

    def _neighbours(self, found: Found, title: Piece | None) -> None:
        """引题 and 副题: by their labels, by a dash, or as the headings right around the title's."""
        for fields in self.before.values():
            for piece in fields.pieces:
                if piece.name in {"引题", "眉题"}:
                    found.kicker = one_line(piece.text)
                elif piece.name in {"副题", "副标题"}:
                    found.subtitle = one_line(piece.text)
        if title is None:
            return
        above, below = self._next_to(title, -1), self._next_to(title, 1)
        if above and self._is_own_heading(above, title) and not SITE.fullmatch(above.text):
            found.kicker = found.kicker or one_line(above.text)
        if below and (below.text.startswith(("—", "--")) or self._is_own_heading(below, title)):
            found.subtitle = found.subtitle or one_line(below.text.lstrip("—- "))

    def _next_to(self, title: Piece, step: int) -> Piece | None:
        fields = self.before.get(title.line + step)
        return (
            fields.pieces[0] if fields and len(fields.pieces) == 1 and not fields.is_field else None
        )

    def _is_own_heading(self, piece: Piece, title: Piece) -> bool:
        """Whether it is a heading of another rank beside the title, inside the article."""
        line, main = self.page.lines[piece.line], self.page.lines[title.line]
        if line.block is main.block or line.block.parent is not main.block.parent:
            return False
        both = line.block.tag in HEADINGS and main.block.tag in HEADINGS
        is_inside_article = (
            piece.line >= self.core.head if self.core.has_detail else bool(line.block.parent)
        )
        return both and line.block.tag != main.block.tag and is_inside_article

    def _page_label(self, found: Found) -> None:
        for fields in self.before.values():
            if fields.page:
                found.page, found.page_name = fields.page.label, fields.page.name

    # ── body ────────────────────────────────────────────────────────────────────────────────────

    def _body_lines(self, header_end: int, found: Found) -> Iterator[Line]:
        """From behind the header to the end of the prose, and the short lines that close it."""
        title = plain(found.title or "")
        for place in range(min(header_end + 1, self.core.first), self.core.tail):
            line = self.page.lines[place]
            if place > self.core.last and not self._is_closing(place):
                return
            if self._is_of_body(place, line, title):
                yield line

    def _is_of_body(self, place: int, line: Line, title: str) -> bool:
        if line.block.chrome and not self.core.home.chrome:
            return False
        if not line.text:
            return is_inside(line, self.core.home)
        if self.core.marks[place] not in _PLAIN:
            return False
        if title.startswith(plain(line.text[:1])) and plain(line.text) == title:
            return False
        in_order = self.core.first <= place <= self.core.last or is_inside(line, self.core.home)
        return in_order and not self._is_spent(place, line)

    def _is_spent(self, place: int, line: Line) -> bool:
        """Whether the line is a field of the article standing inside or behind the body."""
        if place in self.spent:
            return True
        if len(line.text) > 60 or has_stop(line.text):  # noqa: PLR2004 - a paragraph
            return False
        return is_own_field(line.raw)

    def _is_closing(self, place: int) -> bool:
        """Whether a line behind the last sentence still is the article's: a signature, a date, an image."""
        line = self.page.lines[place]
        if line.images and not line.text:
            return is_inside(line, self.core.home)
        return (
            self.core.marks[place] in _PLAIN
            and is_inside(line, self.core.home)
            and not line.block.chrome
        )
