"""The demo newspaper's press, a pure function of time: which issues are out, what each prints, and how
often each piece was read. Nothing is kept; asked twice at one moment it says the same.
"""

import math
from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from bot.demo.texts import FIGURES, PEOPLE, SECTIONS, WORDS, Section, Story
from feeds.clock import Clock

FIRST_NUMBER = 5206
"""第5206期 is the oldest issue that the newspaper still has; it did not begin with the demo."""

READING_DAYS = 1.5
"""After this many of its days a piece has found 63 % of its readers."""


@dataclass(frozen=True, slots=True)
class Piece:
    """An article as printed. `id` is the platform's own and tells no date."""

    id: str
    title: str
    byline: str
    paragraphs: tuple[str, ...]
    caption: str


@dataclass(frozen=True, slots=True)
class Sheet:
    """A 版 as printed."""

    label: str
    name: str
    pieces: tuple[Piece, ...]


@dataclass(frozen=True, slots=True)
class Edition:
    """A 期 as printed. `index` counts from 0, the oldest that is kept."""

    index: int
    date: date
    sheets: tuple[Sheet, ...]

    @property
    def number(self) -> int:
        return FIRST_NUMBER + self.index


@dataclass(frozen=True, slots=True)
class Press:
    """Prints an issue every `every`, each dated a day after the one before. `first` is the date of the
    oldest issue, `kept` the number of issues that are out when the press is started, at the
    monotonic time `started`. No issue is dated later than the clock's own day.
    """

    clock: Clock
    every: timedelta
    first: date
    kept: int
    started: float

    def newest(self) -> int:
        """The index of the newest issue."""
        today = self.clock.now().date()
        return max(0, min(int(self._days()), (today - self.first).days))

    def edition(self, index: int) -> Edition | None:
        """An issue that is out, or None."""
        if not 0 <= index <= self.newest():
            return None
        return print_edition(index, self.first + timedelta(days=index))

    def reads(self, index: int, piece: Piece) -> int:
        """阅读数 of a piece of issue `index` by now."""
        return count_reads(piece.id, self._days() - index)

    def _days(self) -> float:
        """The newspaper's time in its own days, since the oldest issue."""
        return self.kept - 1 + (self.clock.monotonic() - self.started) / self.every.total_seconds()


def print_edition(index: int, day: date) -> Edition:
    """The issue of a day: the same index always gives the same text."""
    sheets = (_sheet(index, order, section, day) for order, section in enumerate(SECTIONS, start=1))
    return Edition(index, day, tuple(sheets))


def count_reads(piece_id: str, days: float) -> int:
    """How often a piece was read `days` (of the newspaper) after it was printed: never falls, rises
    fast and levels off, and moves four times a day, so that in between the page is unchanged.
    """
    chance = Random(piece_id)  # noqa: S311 - a seed for repeatable figures, not a secret
    regulars, crowd = chance.randint(12, 60), chance.lognormvariate(5.3, 0.9)
    quarters = math.floor(max(days, 0) * 4) / 4
    return regulars + int(crowd * (1 - math.exp(-quarters / READING_DAYS)))


def _sheet(index: int, order: int, section: Section, day: date) -> Sheet:
    turn = index * section.size
    stories = [section.stories[(turn + n) % len(section.stories)] for n in range(section.size)]
    pieces = (
        _piece(f"{FIRST_NUMBER + index}{order}{place:02}", story, day)
        for place, story in enumerate(stories, start=1)
    )
    return Sheet(section.label, section.name, tuple(pieces))


def _piece(piece_id: str, story: Story, day: date) -> Piece:
    words = _words(piece_id, day)
    return Piece(
        id=piece_id,
        title=story.title.format_map(words),
        byline=story.byline.format_map(words),
        paragraphs=tuple(story.text.format_map(words).splitlines()),
        caption=story.caption.format_map(words),
    )


def _words(piece_id: str, day: date) -> dict[str, str]:
    """What the braces of a story become in this issue."""
    chance = Random(piece_id)  # noqa: S311 - as above
    eve = day - timedelta(days=1)
    pools = {**WORDS, **PEOPLE, **FIGURES}
    chosen = {name: str(chance.choice(pool)) for name, pool in pools.items()}
    return chosen | {"day": f"{day.month}月{day.day}日", "eve": f"{eve.month}月{eve.day}日"}
