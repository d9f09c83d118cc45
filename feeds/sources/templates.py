"""Addresses with names in braces, as operators write them: filled in (`…?date={date:%Y%m%d}`) or recognised
(`/Html/{date}/{id}.html`).
"""

import re
from collections.abc import Collection, Iterator, Mapping
from datetime import date, datetime, timedelta
from urllib.parse import quote
from zoneinfo import ZoneInfo

from feeds.dates import parse_date
from feeds.errors import BaotongError
from feeds.models import Request

_NAME = re.compile(r"\{([a-z][A-Za-z0-9_]{0,40})(?::([^{}]{1,40}))?\}")
_ANY = r"[^/?#&]+?"
_FORMS = {"digits": "[0-9]+", None: _ANY}
_PARTS = ("date", "page", "id")
_KINDS = {"date": r"(?:19|20)[0-9]{2}[-/_.]?[01][0-9][-/_.]?[0-3][0-9]"}
_DAYS_BACK = 4


class Template:
    """A text with `{name}`s. A date may say its form: `{date:%Y%m%d}`; without one it is 2024-04-08.

    Raises `BaotongError` that begins with `place` for a name that there is not.
    """

    def __init__(self, place: str, text: str, known: Collection[str]) -> None:
        self.text = text
        self.names = frozenset(match[1] for match in _NAME.finditer(text))
        for name in sorted(self.names - set(known)):
            raise BaotongError(
                f"{place}: 没有 {{{name}}} 这个名字,可用的是 {'、'.join(sorted(known))}"
            )

    def fill(self, values: Mapping[str, object], *, quoted: bool = False) -> str:
        """The text with its names' values; a name without one is nothing. `quoted` makes the values fit to
        stand in an address.
        """

        def value_of(match: re.Match[str]) -> str:
            shown = _shown(values.get(match[1]), match[2])
            return quote(shown, safe="/" if match[2] else "") if quoted else shown

        return _NAME.sub(value_of, self.text)


def _shown(value: object, form: str | None) -> str:
    if value is None:
        return ""
    if isinstance(value, date):
        return value.strftime(form) if form else value.isoformat()
    return str(value)


class Pattern:
    """An address with `{name}`s (`{date}`, `{page}`, `{id:digits}`) and `*` for anything within a step. It is
    found anywhere in a URL, but ends where the URL ends, give or take a query. Case makes no difference.
    """

    def __init__(self, place: str, text: str) -> None:
        if not text.strip("/*{}"):
            raise BaotongError(
                f"{place}: 这个网址样式什么都认,要写出它的文字,如 /Html/{{date}}/{{id}}.html"
            )
        self._regex = re.compile(_regex(place, text), re.IGNORECASE)

    def match(self, url: str) -> dict[str, str] | None:
        """The names' texts in this URL, or None where it is of another form."""
        match = self._regex.search(url.partition("#")[0])
        return match.groupdict() if match else None


def _regex(place: str, text: str) -> str:
    parts, at, seen = [], 0, set[str]()
    for found in _NAME.finditer(text):
        if found[1] in seen:
            raise BaotongError(f"{place}: {{{found[1]}}} 写了两次")
        if found[1] not in _PARTS or found[2] not in _FORMS:
            raise BaotongError(
                f"{place}: 没有 {found[0]},可用的是 {{date}}、{{page}}、{{id}}、{{id:digits}} 和 *"
            )
        seen.add(found[1])
        form = _KINDS.get(found[1], _FORMS[found[2]])
        parts += [_literal(text[at : found.start()]), f"(?P<{found[1]}>{form})"]
        at = found.end()
    parts.append(_literal(text[at:]))
    end = "$" if "?" in text else r"(?:\?.*)?$"
    return "".join(parts) + end


def _literal(text: str) -> str:
    return _ANY.join(re.escape(part) for part in text.split("*"))


def date_of(found: Mapping[str, str]) -> date | None:
    """The day that a pattern's `{date}` found."""
    text = re.sub(r"[^0-9]", "", found.get("date") or "")
    return parse_date(f"{text[:4]}-{text[4:6]}-{text[6:]}") if text else None


def guesses(template: Template | None, now: datetime, zone: ZoneInfo) -> Iterator[Request]:
    """Today's address and those of the days before, for papers that have no page which leads to the
    newest issue. What such a page shows is believed only for the day that is printed on it.
    """
    today = now.astimezone(zone).date()
    for days in range(_DAYS_BACK if template else 0):
        assert template is not None
        yield Request(template.fill({"date": today - timedelta(days=days)}))
