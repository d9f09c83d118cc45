"""The filter grammar of subscriptions: plain words, no regular expressions, linear time.

    春耕 -公告 "海棠大道"      all of: 春耕 and 海棠大道, and not 公告

Every text is a filter: there is nothing that one could write wrong.
"""

import re
import unicodedata
from dataclasses import dataclass

_TERM = re.compile(r'(-?)(?:"([^"]*)"|“([^”]*)”|([^\s"“]+))')


@dataclass(frozen=True, slots=True)
class Filter:
    """Matches a text that has every one of `wanted` and none of `unwanted`, whatever their case and
    width.
    """

    wanted: tuple[str, ...] = ()
    unwanted: tuple[str, ...] = ()

    def matches(self, text: str) -> bool:
        if not (self.wanted or self.unwanted):
            return True
        folded = _fold(text)
        return all(word in folded for word in self.wanted) and not any(
            word in folded for word in self.unwanted
        )


def parse(text: str) -> Filter:
    """Words apart by spaces; quotes hold a phrase together; a minus before a word forbids it."""
    wanted: list[str] = []
    unwanted: list[str] = []
    for minus, *forms in _TERM.findall(unicodedata.normalize("NFKC", text)):
        if word := _fold("".join(forms)).strip():
            (unwanted if minus else wanted).append(word)
    return Filter(tuple(wanted), tuple(unwanted))


def _fold(text: str) -> str:
    return unicodedata.normalize("NFKC", text).casefold()
