"""The note under a corrected article: when, and what it said before. Pure."""

from collections.abc import Iterator, Sequence
from html import escape
from zoneinfo import ZoneInfo

from feeds.difference import Op, Piece, difference
from feeds.models import Article, Correction
from feeds.words import N_, Translate, shown_date

_MOST_PLACES = 3  # of a text that are shown; how many more there are is said
_LONGEST = 60  # characters of what was put in or taken out

# Lines around the title: what is said where one of them changed, and how it read before.
_LINES = (
    ("title", N_("标题原为“{before}”")),
    ("kicker", N_("引题原为“{before}”")),
    ("subtitle", N_("副题原为“{before}”")),
    ("byline", N_("作者原为“{before}”")),
)


def correction_text(article: Article, correction: Correction, zone: ZoneInfo, _: Translate) -> str:
    """The note as a plain sentence that quotes nothing of the text itself, which may not be shown."""
    changes = list(_lines(article, correction, _))
    if correction.body_text != article.body_text:
        changes.append(_("正文有改动"))
    return _sentence(changes, correction, zone, _)


def correction_html(article: Article, correction: Correction, zone: ZoneInfo, _: Translate) -> str:
    """The note as a paragraph of HTML, with what was taken out of the text and put in."""
    changes = [escape(line, quote=False) for line in _lines(article, correction, _)]
    if correction.body_text != article.body_text:
        changes.append(_("正文{places}").format(places=_shown_places(article, correction, _)))
    return f"<p><em>{_sentence(changes, correction, zone, _)}</em></p>"


def _sentence(changes: Sequence[str], correction: Correction, zone: ZoneInfo, _: Translate) -> str:
    seen = correction.at.astimezone(zone)
    when = f"{shown_date(seen.date(), _)} {seen:%H:%M}"
    said = _("；").join(changes) or _("图片或版式有改动")
    return _("更正（{when}）：{changes}。").format(when=when, changes=said)


def _lines(article: Article, correction: Correction, _: Translate) -> Iterator[str]:
    for name, words in _LINES:
        before, after = getattr(correction, name), getattr(article, name)
        if before != after:
            yield _(words).format(before=before or _("（无）"))


def _shown_places(article: Article, correction: Correction, _: Translate) -> str:
    places = list(_places(difference(correction.body_text, article.body_text)))
    shown = _("，").join(places[:_MOST_PLACES])
    if len(places) > _MOST_PLACES:
        shown += _("等{count}处").format(count=len(places))
    return shown


def _places(pieces: Sequence[Piece]) -> Iterator[str]:
    """Each change: what was taken out, then what came in its place."""
    change = ""
    for piece in pieces:
        if piece.op is Op.SAME:
            if change:
                yield change
            change = ""
            continue
        tag = "del" if piece.op is Op.REMOVED else "ins"
        change += f"<{tag}>{escape(_short(piece.text), quote=False)}</{tag}>"
    if change:
        yield change


def _short(text: str) -> str:
    line = text.replace("\n", " ")
    return line if len(line) <= _LONGEST else f"{line[:_LONGEST]}……"
