"""A subscription in one line, for those who type: a paper, and in any order how it is wanted. Pure.

    /subscribe 淮安区报 一篇 第01版 22:00-07:00 满1000 春耕|夏种 -公告
               paper    mode  page   quiet hours  rung   filter

A word that says nothing of the kind belongs to the filter; one in quotes always does. What a line does
not name stays as it is.
"""

import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from bot.commands.clocks import parse_clock, parse_quiet
from bot.commands.stand import Stand
from bot.ledger.subscriptions import ALL
from bot.ledger.tables import Mode
from feeds.counts import parse_count
from feeds.decide.reads import RUNGS

MOST_PAGES = 18  # that a subscription chooses: our feeds take as many in one address
MOST_OF_A_FILTER = 200  # characters; likewise
_NAME_WORDS = 4  # of a paper's name, at most
_EVERYTHING = frozenset({"*", "all", "全部", "所有", "所有报纸", "全部报纸"})

_MODES = {
    Mode.ISSUE: ("issue", "一期", "一期一条", "整期"),
    Mode.ARTICLE: ("article", "articles", "一篇", "一篇一条", "逐篇"),
    Mode.DAILY: ("daily", "一天", "一天一条", "每天", "每日"),
}
_ROWS: tuple[tuple[tuple[str, ...], dict[str, Any]], ...] = (
    *((words, {"mode": mode}) for mode, words in _MODES.items()),
    (("loud", "不安静", "不静音"), {"quiet": None, "hold": False}),
    (("hold", "存着", "等天亮"), {"hold": True}),
    (("hush", "静音"), {"hold": False}),
    (("everything", "不筛选"), {"filter": ""}),
    (("allpages", "所有版", "全部版"), {"pages": []}),
    (("noreads", "不提醒"), {"rung": None}),
)
_FLAGS = {word: columns for words, columns in _ROWS for word in words}
_LABELS = r"[a-z]{0,2}[0-9]{1,3}(?:/[0-9]{1,3})?"
_PAGES = re.compile(rf"第?((?:{_LABELS}[、,]?){{1,20}})版|第({_LABELS})|p\.?([0-9]{{1,3}})")
_RUNG = re.compile(r"(?:满|过|超过|阅读数|reads)[:>]?([0-9.,]{1,12}[万wk千]?)")

_TIME = r"(?:[0-9]{1,3}[:点时](?:[0-9]{2,3}|半)?分?)"
_SLIP = re.compile(
    rf"{_TIME}|{_TIME}[-–—~到至]{_TIME}"
    r"|第[0-9a-z/、,~到至-]{1,40}版|第[0-9]{4,20}|满[:>]?[0-9.,]{1,40}[万wk千]?"
)


@dataclass(frozen=True, slots=True)
class Wish:
    """What a line asks for. `paper` is an id, `*`, or None where none was named; `unknown` is a name
    that none has. `columns` are the subscription's that it names (pages as they were typed). `slip` is a
    word that looks like hours, a time, a page or a rung and is none.
    """

    paper: str | None = None
    unknown: str = ""
    columns: dict[str, Any] = field(default_factory=dict)
    slip: str = ""


def parse_wish(words: str, stand: Stand) -> Wish:
    """Total: every line is a wish."""
    tokens = words.split()
    paper, rest = _paper(tokens, stand)
    columns: dict[str, Any] = {}
    filter_words: list[str] = []
    for token in rest:
        named = parse_option(token)
        if named is None and is_slip(token):
            return Wish(paper, slip=token)
        if named is None:
            filter_words.append(token)
        elif named.get("pages") and columns.get("pages"):
            columns["pages"] = [*columns["pages"], *named["pages"]][:MOST_PAGES]
        else:
            columns |= named
    if paper is None and filter_words and len(stand) > 1:
        return Wish(unknown=" ".join(filter_words), columns=columns)
    if filter_words:
        columns["filter"] = " ".join(filter_words)[:MOST_OF_A_FILTER]
    return Wish(paper, columns=columns)


def _paper(tokens: Sequence[str], stand: Stand) -> tuple[str | None, Sequence[str]]:
    """The paper that the line begins with, and the rest. A whole name wins over a part of one, and
    what says how something is wanted names no paper.
    """
    if tokens and tokens[0].casefold() in _EVERYTHING:
        return ALL, tokens[1:]
    for count in range(min(_NAME_WORDS, len(tokens)), 0, -1):
        if (found := stand.exactly(" ".join(tokens[:count]))) is not None:
            return found.id, tokens[count:]
    if tokens and parse_option(tokens[0]) is None and (found := stand.find(tokens[0])) is not None:
        return found.id, tokens[1:]
    only = stand.papers[0].id if len(stand) == 1 else None
    return only, tokens


def parse_option(token: str) -> dict[str, Any] | None:
    """The columns that one word sets; None for a word of the filter."""
    plain = unicodedata.normalize("NFKC", token).casefold()
    if plain in _FLAGS:
        return dict(_FLAGS[plain])
    for parse in _PARSERS:
        if (columns := parse(plain)) is not None:
            return columns
    return None


def is_slip(token: str) -> bool:
    """Whether a word has the form of an option and is none: as a filter it would find nothing."""
    return _SLIP.fullmatch(unicodedata.normalize("NFKC", token).casefold()) is not None


def _quiet(word: str) -> dict[str, Any] | None:
    """Two bare numbers are no hours either."""
    quiet = parse_quiet(word) if re.search("[:点时]|[ap]m", word) else None
    return {"quiet": quiet} if quiet else None


def _clock(word: str) -> dict[str, Any] | None:
    """A bare number is no time: who means one writes 20:00 or 8点."""
    at = None if word.isdecimal() else parse_clock(word)
    return {"mode": Mode.DAILY, "at": at} if at else None


def _pages(word: str) -> dict[str, Any] | None:
    match = _PAGES.fullmatch(word)
    if match is None:
        return None
    labels = [label for label in re.split("[、,]", match[match.lastindex or 0]) if label]
    return {"pages": labels[:MOST_PAGES]} if labels else None


def _rung(word: str) -> dict[str, Any] | None:
    match = _RUNG.fullmatch(word)
    count = parse_count(match[1]) if match else None
    return {"rung": nearest_rung(count.value)} if count is not None else None


_PARSERS: tuple[Callable[[str], dict[str, Any] | None], ...] = (_quiet, _clock, _pages, _rung)


def nearest_rung(count: int) -> int:
    """The first rung that is not below, or the highest."""
    return next((rung for rung in RUNGS if rung >= count), RUNGS[-1])


def match_labels(typed: Sequence[str], labels: Sequence[str]) -> list[str]:
    """Pages as the paper labels them: 1 is 01, a3 is A03. What it has not is left out."""
    by_form = {_form(label): label for label in reversed(labels)}
    found = [by_form[_form(one)] for one in typed if _form(one) in by_form]
    return list(dict.fromkeys(found))


def _form(label: str) -> str:
    """Letters, and numbers without their zeros."""
    return re.sub(r"0+(?=[0-9])", "", label.casefold())
