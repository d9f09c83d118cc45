"""A correction as a reader sees it: field by field, what went and what came, with a little around it."""

from collections.abc import Iterator
from dataclasses import dataclass

from feeds.difference import Op, Piece, difference
from feeds.models import Article, Correction
from feeds.words import N_

AROUND = 24  # characters of unchanged text shown on either side of a change
_GAP = "……"
_FIELDS = (
    ("title", N_("标题")),
    ("kicker", N_("引题")),
    ("subtitle", N_("副题")),
    ("byline", N_("署名")),
    ("body_text", N_("正文")),
)


@dataclass(frozen=True, slots=True)
class Change:
    """One field that changed. `name` is for the catalogue. `pieces` is empty where the text may not be
    shown.
    """

    name: str
    pieces: tuple[Piece, ...]


def changes(correction: Correction, article: Article, *, with_body: bool) -> tuple[Change, ...]:
    """The fields that differ, the body's words only `with_body`; none where pictures alone changed."""
    return tuple(_changes(correction, article, with_body))


def _changes(correction: Correction, article: Article, with_body: bool) -> Iterator[Change]:
    for field, name in _FIELDS:
        before, after = getattr(correction, field) or "", getattr(article, field) or ""
        if before != after:
            is_shown = with_body or field != "body_text"
            yield Change(name, tuple(_shortened(difference(before, after))) if is_shown else ())


def _shortened(pieces: tuple[Piece, ...]) -> Iterator[Piece]:
    """The same with long runs of unchanged text cut to what stands next to a change."""
    last = len(pieces) - 1
    for place, piece in enumerate(pieces):
        if piece.op is not Op.SAME or len(piece.text) <= 2 * AROUND + len(_GAP):
            yield piece
            continue
        begin = piece.text[:AROUND] if place > 0 else ""
        end = piece.text[-AROUND:] if place < last else ""
        yield Piece(Op.SAME, f"{begin}{_GAP}{end}")
