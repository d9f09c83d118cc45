"""The words of pages, commands and chat, in the reader's language.

The message id is the Chinese sentence itself, so the code reads as the page does and a sentence
that nobody translated is still a sentence. Catalogues lie in `feeds/locale/{language}.po`, compiled
to `.mo` beside them by `python tests/catalogues.py` (see there).
"""

import gettext
import re
from collections.abc import Callable
from datetime import date
from functools import cache
from importlib.resources import files

Translate = Callable[[str], str]

SOURCE_LANGUAGE = "zh-CN"
_SUBTAG = re.compile("[a-z]{2,8}")


def N_(message: str) -> str:  # noqa: N802 - gettext's own name for it; Babel looks for it
    """Marks words of a table for the catalogue; they are translated where they are shown."""
    return message


_WEEKDAYS = (
    N_("星期一"),
    N_("星期二"),
    N_("星期三"),
    N_("星期四"),
    N_("星期五"),
    N_("星期六"),
    N_("星期日"),
)


class Count(int):
    """A number that chooses its word: `{n:page|pages}` is `page` for 1 and `pages` for any other."""

    def __format__(self, spec: str) -> str:
        one, bar, more = spec.partition("|")
        return super().__format__(spec) if not bar else one if self == 1 else more


@cache
def translator(language: str | None) -> Translate:
    """The function usually called `_`. Placeholders are filled after it: `_("第{n}版").format(n=1)`;
    a translation that needs a plural is given a `Count`.

    `language` is an IETF tag; its region is dropped where we have only the language (`en-GB` is
    `en`). Chinese and whatever has no catalogue stay as they are.
    """
    catalogue = files("feeds") / "locale" / f"{_primary(language)}.mo"
    if not catalogue.is_file():
        return _as_it_is
    with catalogue.open("rb") as compiled:
        return gettext.GNUTranslations(compiled).gettext


def languages() -> tuple[str, ...]:
    """The languages that a person may choose: the source language first."""
    names = (entry.name for entry in (files("feeds") / "locale").iterdir())
    return (SOURCE_LANGUAGE, *sorted(n.removesuffix(".mo") for n in names if n.endswith(".mo")))


def shown_date(day: date, _: Translate) -> str:
    """`2024年04月08日`, or as the language writes dates."""
    return _("{day:%Y}年{day:%m}月{day:%d}日").format(day=day)


def shown_weekday(day: date, _: Translate) -> str:
    """`星期一`."""
    return _(_WEEKDAYS[day.weekday()])


def _primary(language: str | None) -> str:
    """The language subtag (RFC 5646: two to eight letters); it becomes part of a file's name."""
    primary = (language or SOURCE_LANGUAGE).replace("_", "-").partition("-")[0].lower()
    return primary if _SUBTAG.fullmatch(primary) else "zh"


def _as_it_is(message: str) -> str:
    return message
