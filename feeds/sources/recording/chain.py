"""How the calls of a recording hang together: which list named the article that was opened, which page's list
that was, of which day's issue.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from feeds.dates import find_date, parse_date
from feeds.sources.recording.candidates import (
    Listing,
    Path,
    Spot,
    articles,
    best_key,
    date_lists,
    lists,
)
from feeds.sources.recording.har import Exchange
from feeds.sources.strict_json import NotJson, read_json
from feeds.text import one_line

_SURE = 3
_PAGE_WORDS = re.compile(r"版|edition|layout|banmian", re.IGNORECASE)
DATE_FORMS = ("%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%Y-%m/%d", "%Y/%m%d", "%Y%m/%d")


@dataclass(frozen=True, slots=True)
class Answer:
    """An exchange whose answer is JSON."""

    exchange: Exchange
    root: Any

    def sent(self) -> dict[str, str]:
        """All values that its request sent, by name; steps of its path by their place."""
        parts = urlsplit(self.exchange.url)
        steps = {f"/{n}": step for n, step in enumerate(parts.path.split("/")) if step}
        query = dict(parse_qsl(parts.query, keep_blank_values=True))
        return {**steps, **query, **dict(leaves(self.exchange.parameters()))}


@dataclass(frozen=True, slots=True)
class Named:
    """A list of an answer, the item of it that the next call asked for, and by which of its keys."""

    answer: Answer
    listing: Listing
    item: Mapping[str, Any]
    key: str

    @property
    def value(self) -> str:
        return str(self.item[self.key])


@dataclass(frozen=True, slots=True)
class Issues:
    """A list of issues: the expression for a date of it, and the key by which an issue was asked for, where
    that was not its date.
    """

    answer: Answer
    listing: Listing
    dated: str
    key: str | None = None
    value: str = ""


@dataclass(frozen=True, slots=True)
class Chain:
    """What was found, from the article back. `pages_in_list`: the list of articles stands inside each page,
    under `inner`.
    """

    article: Answer
    spot: Spot
    listed: Named | None = None
    inner: Path = ()
    pages: Named | None = None
    page_list: tuple[Answer, Listing] | None = None
    issues: Issues | None = None
    day: date | None = None

    @property
    def is_inline(self) -> bool:
        """Whether articles stand whole in their list."""
        return self.listed is not None and self.listed.answer is self.article


def answers_of(exchanges: Sequence[Exchange]) -> list[Answer]:
    """The exchanges that were answered in JSON."""
    found = []
    for exchange in exchanges:
        if exchange.text.lstrip()[:1] in {"{", "["}:
            try:
                found.append(Answer(exchange, read_json(exchange.text.strip())))
            except NotJson:
                continue
    return found


def find_chain(answers: Sequence[Answer]) -> Chain | None:
    """The article that was opened, and what led to it; None where no answer holds an article."""
    spots = [(spot, answer) for answer in answers for spot in articles(answer.root)[:1]]
    if not spots:
        return None
    spot, answer = max(spots, key=lambda one: one[0].weight)
    listed = _inline(answer, spot) or _naming(answers, answer, spot)
    chain = Chain(answer, spot, listed)
    if listed is None:
        return chain
    return _with_pages(answers, chain, listed)


def _inline(answer: Answer, spot: Spot) -> Named | None:
    """The list that holds the article whole."""
    if not spot.path or not isinstance(spot.path[-1], int):
        return None
    listing = next((one for one in lists(answer.root) if one.path == spot.path[:-1]), None)
    key = best_key(spot.raw, "id") if listing else None
    return Named(answer, listing, spot.raw, key) if listing and key else None


def _naming(answers: Sequence[Answer], article: Answer, spot: Spot) -> Named | None:
    """The list that names the article: by an id that the call for it sent, best with the same title."""
    sent = set(article.sent().values())
    title = _plain(spot.raw[spot.fields["title"]])
    best: tuple[int, Named] | None = None
    for answer in answers:
        if answer is article:
            continue
        for named in _items_sent(answer, sent):
            says_title = any(_plain(value) == title for value in named.item.values())
            score = 10 * says_title + 2 * (best_key(named.item, "id") == named.key)
            if score and (best is None or score > best[0]):
                best = (score, named)
    return best[1] if best else None


def _items_sent(answer: Answer, sent: set[str]) -> Iterator[Named]:
    for listing in lists(answer.root):
        for item in listing.items:
            for key, value in item.items():
                if (
                    isinstance(value, str | int)
                    and not isinstance(value, bool)
                    and str(value) in sent
                ):
                    yield Named(answer, listing, item, key)


def _with_pages(answers: Sequence[Answer], chain: Chain, listed: Named) -> Chain:
    """Adds the list of pages, which holds the list of articles or named it, and the list of issues."""
    path = listed.listing.path
    places = [n for n, step in enumerate(path) if isinstance(step, int)]
    if places:
        outer = next((o for o in lists(listed.answer.root) if o.path == path[: places[-1]]), None)
        page_list = (listed.answer, outer) if outer else None
        found = replace(chain, inner=path[places[-1] + 1 :], page_list=page_list)
        return _with_issues(answers, found, listed.answer)
    pages = _page_naming(answers, listed)
    found = replace(chain, pages=pages)
    return _with_issues(answers, found, pages.answer if pages else listed.answer)


def _page_naming(answers: Sequence[Answer], listed: Named) -> Named | None:
    """The list of pages one of whose ids the call for the articles sent: best one that speaks of pages, else
    the last whose id alone proves it.
    """
    sent = {value for value in listed.answer.sent().values() if parse_date(value) is None}
    others = [answer for answer in answers if answer is not listed.answer]
    named = [one for answer in others for one in _items_sent(answer, sent)]
    worded = next((one for one in named if _speaks_of_pages(one)), None)
    dated = [
        item for one in others for listing, _ in date_lists(one.root) for item in listing.items
    ]
    before = {id(answer) for answer in answers[: _place(answers, listed.answer)]}
    proven = (one for one in reversed(named) if id(one.answer) in before and _is_own(one, dated))
    return worded or next(proven, None)


def _place(answers: Sequence[Answer], wanted: Answer) -> int:
    return next(n for n, answer in enumerate(answers) if answer is wanted)


def _speaks_of_pages(named: Named) -> bool:
    told = " ".join(f"{k} {v}" for k, v in named.item.items() if isinstance(v, str | int))
    return _PAGE_WORDS.search(told) is not None


def _is_own(named: Named, dated: Sequence[Any]) -> bool:
    """Whether the value can only be the id of one page of one issue: no two items have it, it is no issue's of
    a list by dates, and its list was asked for by the day or by the number of one of the `dated` issues, not by
    the value itself. A list of a site's papers or channels is asked for by neither.
    """
    asked = set(named.answer.sent().values())
    values = [str(item.get(named.key)) for item in named.listing.items]
    is_sure = len(named.value) >= _SURE and len(set(values)) == len(values)
    if not is_sure or named.value in asked or _lists_days(named):
        return False
    return any(_day(value) for value in asked) or any(_numbering(item, asked) for item in dated)


def _lists_days(named: Named) -> bool:
    """Whether each item of the list is of another day: then it is a list of issues."""
    items, path = named.listing.items, named.listing.path
    keys = [key.strip('"') for one, key in date_lists(named.answer.root) if one.path == path]
    return any(len({str(item.get(key)) for item in items}) == len(items) for key in keys)


def _with_issues(answers: Sequence[Answer], chain: Chain, first: Answer) -> Chain:
    """Adds the list of issues that has the day, or the issue's number, which the first call of it sent."""
    sent = first.sent()
    days = [day for value in sent.values() if (day := _day(value))]
    for answer in (one for one in answers if one is not first):
        for listing, dated in date_lists(answer.root):
            for item in listing.items:
                day = _day(str(item if dated == "@" else item.get(dated.strip('"'))))
                if day is not None and day in days:
                    return replace(chain, issues=Issues(answer, listing, dated), day=day)
                key = _numbering(item, set(sent.values())) if not days else None
                if day is not None and key is not None:
                    issues = Issues(answer, listing, dated, key, str(item[key]))
                    return replace(chain, issues=issues, day=day)
    return replace(chain, day=days[0]) if days else chain


def _numbering(item: Any, sent: set[str]) -> str | None:
    """The key of an issue whose value was sent. Short numbers are anybody's."""
    values = item.items() if isinstance(item, Mapping) else ()
    return next((k for k, v in values if len(str(v)) >= _SURE and str(v) in sent), None)


def _day(text: str) -> date | None:
    return parse_date(text) or find_date(text)


def leaves(value: Any, name: str = "") -> Iterator[tuple[str, str]]:
    """The texts and numbers in a value, each with the key it stands under."""
    if isinstance(value, Mapping):
        for key, inner in value.items():
            yield from leaves(inner, str(key))
    elif isinstance(value, list):
        for inner in value[:50]:
            yield from leaves(inner, name)
    elif isinstance(value, str | int) and not isinstance(value, bool):
        yield name, str(value)


def _plain(value: Any) -> str:
    return re.sub(r"<[^>]{0,200}>|\s", "", one_line(str(value))) if isinstance(value, str) else ""
