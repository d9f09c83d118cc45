"""The filter grammar of subscriptions and feed queries: plain words, no regular expressions, linear
time.

    春耕 海棠大道        both of them
    春耕|夏种 春耕/夏种  one of them will do; so say 春耕 或 夏种 and 春耕 OR 夏种
    -公告 -公告|广告     not this; neither of these
    "海棠大道 施工"      as it stands, its space and all

Case and width of letters make no difference. A slash between digits (4/8) is no choice. Every text is
a filter: there is nothing that one could write wrong. Where nobody sees at once what was understood,
`fault_in_filter` says what is probably a slip.
"""

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

LONGEST = 500  # characters; what is beyond is not read
_QUOTES = '"“”„'
_DASHES = "-−–—"  # phones like to write another one
_TOKEN = re.compile(
    rf"""(?P<choice>[|/])
      | (?P<minus>[{_DASHES}]+)
      | [{_QUOTES}](?P<phrase>[^{_QUOTES}]*)[{_QUOTES}]?
      | (?P<word>[^\s|/{_QUOTES}{_DASHES}](?:[^\s|/{_QUOTES}]|(?<=[0-9])/(?=[0-9]))*)""",
    re.VERBOSE,
)
_OR = frozenset({"或", "or"})


@dataclass(frozen=True, slots=True)
class Filter:
    """Matches a text that has one of the words of each group in `wanted`, and none of `unwanted`."""

    wanted: tuple[tuple[str, ...], ...] = ()
    unwanted: tuple[str, ...] = ()

    def matches(self, text: str) -> bool:
        if not (self.wanted or self.unwanted):
            return True
        folded = fold(text)
        return all(any(word in folded for word in group) for group in self.wanted) and not any(
            word in folded for word in self.unwanted
        )


@lru_cache(maxsize=1024)  # a fan-out asks for the same few filters a thousand times
def parse(text: str) -> Filter:
    """The filter that this text is; see the module for the grammar."""
    groups: list[tuple[bool, list[str]]] = []
    is_choice = is_minus = False
    for match in _TOKEN.finditer(fold(text[:LONGEST])):
        kind, word = match.lastgroup, match[match.lastgroup or 0].strip()
        if kind == "choice" or (kind == "word" and word in _OR and groups):
            is_choice = bool(groups)
        elif kind == "minus":
            is_minus = True
        elif word:
            joins = is_choice and not (is_minus and groups[-1][0])
            if joins:
                groups[-1][1].append(word)
            else:
                groups.append((not is_minus, [word]))
            is_choice = is_minus = False
    wanted = tuple(tuple(words) for is_wanted, words in groups if is_wanted)
    unwanted = tuple(word for is_wanted, words in groups if not is_wanted for word in words)
    return Filter(wanted, unwanted)


def fault_in_filter(text: str) -> str | None:
    """What was hardly meant as it is written: a quote that nothing closes takes all that follows."""
    if sum(fold(text).count(quote) for quote in _QUOTES) % 2:
        return '引号只有一半,要写成 "海棠大道 施工" 这样一对 (a quote is not closed)'
    return None


@lru_cache(maxsize=512)  # the articles of an issue, each met by many filters
def fold(text: str) -> str:
    """As texts are compared: of one width and one case."""
    return unicodedata.normalize("NFKC", text).casefold()
