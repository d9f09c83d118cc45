"""The sentences of a Chinese paragraph, and where one may be cut: never inside a pair of marks."""

import re
from collections.abc import Iterator

from feeds.text import cut as cut_characters

STOPS = "。！？!?"
MORE = "……"

_QUOTES = {"“": "”", "‘": "’", "「": "」", "『": "』"}
_PARENTHESES = {"（": "）", "(": ")"}
_PAIRS = {**_QUOTES, **_PARENTHESES, "《": "》", "〈": "〉", "【": "】", "[": "]"}
_CLOSERS = frozenset(_PAIRS.values())
_INTRODUCES = ("：", ":", "，", ",")  # before a quotation that is a sentence of its own
_GOES_ON = frozenset("，,、；;：:的和与等")  # after a quotation: its sentence is not over
_ENDED = re.compile(rf"[{STOPS}…．.][{re.escape(''.join(sorted(_CLOSERS)))}]*\s*\Z")
_CLAUSE_ENDS = "，,；;"
_PHRASE_ENDS = "、：: \u3000"
_DANGLING = _CLAUSE_ENDS + _PHRASE_ENDS + "…—"
_CLAUSE = re.compile("[，,；;：:。！？!?…—]")
# A clause that says nothing without the next one: 近日, 4月7日上午, 其中
_LEADS_IN = re.compile(
    "(?:[0-9〇一二三四五六七八九十年月日号时分许上下中午晚早晨凌当今昨明近前期天来目周末至起以]{1,14}"
    "|其中|此外|同时|另外|据悉|据介绍|据了解|然而|但是|因此|为此|会上|随后)"
)


def sentences(paragraph: str) -> Iterator[str]:
    """Splits after 。！？ outside all pairs, and behind a quotation that ends with one and was led in
    by a colon. A quotation that opens a sentence belongs to what follows it: “听声音，是链条松了。”韩松说。
    The pieces join back to the paragraph.
    """
    opened = pairs(paragraph)
    is_outside = outside(paragraph)
    begin = 0
    for at in range(1, len(paragraph) + 1):
        if is_outside[at] and _ends(paragraph, begin, at, opened):
            yield paragraph[begin:at]
            begin = at
    if begin < len(paragraph):
        yield paragraph[begin:]


def is_whole(piece: str) -> bool:
    """Whether the piece ends as a sentence does."""
    return _ENDED.search(piece[-8:]) is not None


def cut(sentence: str, limit: int, *, anywhere: bool = False) -> str:
    """The sentence, or as many of its clauses as fit with 「……」 in `limit` characters: at least half of
    what would fit. Empty where no clause ends there outside all pairs; `anywhere` takes less, and cuts
    between two words where it must.
    """
    if len(sentence) <= limit:
        return sentence
    room = limit - len(MORE)
    is_outside = outside(sentence)
    places = [at for at in range(room, 0, -1) if is_outside[at]]
    least = 1 if anywhere else room // 2
    for is_end in (_is_clause_end, _is_phrase_end, _is_between_words)[: 3 if anywhere else 2]:
        end = next((at for at in places if is_end(sentence, at)), 0)
        if end >= least and (kept := sentence[:end].rstrip(_DANGLING)):
            return kept + MORE
    return ""


def pairs(text: str) -> dict[int, int]:
    """Where each closing mark stands, and where its opening one. A mark without its other half (each
    paragraph of a long quotation opens, only the last one closes) is no pair.
    """
    found: dict[int, int] = {}
    waiting: list[tuple[str, int]] = []
    for at, mark in enumerate(text):
        if mark in _PAIRS:
            waiting.append((_PAIRS[mark], at))
        elif mark in _CLOSERS and any(closer == mark for closer, _ in waiting):
            closer, start = waiting.pop()
            while closer != mark:
                closer, start = waiting.pop()
            found[at] = start
    return found


def outside(text: str) -> list[bool]:
    """For every place between two characters, both ends included: whether it is in no pair."""
    change = [0] * (len(text) + 2)
    for end, start in pairs(text).items():
        change[start + 1] += 1
        change[end + 1] -= 1
    depth, result = 0, []
    for step in change[:-1]:
        depth += step
        result.append(depth == 0)
    return result


def _ends(text: str, begin: int, at: int, opened: dict[int, int]) -> bool:
    """Whether the sentence that begins at `begin` ends before `at`."""
    last, following = text[at - 1], text[at : at + 1]
    if following and (following in STOPS or following in _CLOSERS):
        return False
    if last in STOPS:
        return True
    if last not in _CLOSERS or text[:at].rstrip("".join(_CLOSERS))[-1:] not in STOPS:
        return False
    if (start := opened.get(at - 1)) is None:
        return True
    before = text[begin:start].strip()
    if last in _QUOTES.values():
        return before.endswith(_INTRODUCES) and following not in _GOES_ON
    return last in _PARENTHESES.values() and not before


def _is_clause_end(text: str, at: int) -> bool:
    """Before a comma (but for that of 1,234), an ellipsis or a dash."""
    if text[at] in _CLAUSE_ENDS:
        is_number = text[at - 1].isdigit() and text[at + 1 : at + 2].isdigit()
        return not is_number and not _LEADS_IN.fullmatch(_last_clause(text[:at]))
    return text.startswith((MORE, "——"), at)


def _last_clause(text: str) -> str:
    return _CLAUSE.split(text)[-1].lstrip("".join(_CLOSERS)).strip()


def _is_phrase_end(text: str, at: int) -> bool:
    return text[at] in _PHRASE_ENDS and not text[at - 1].isascii()


def _is_between_words(text: str, at: int) -> bool:
    """Not inside a number or a word of letters, nor inside what a reader sees as one character."""
    if text[at - 1].isascii() and text[at].isascii() and not text[at].isspace():
        return False
    return len(cut_characters(text, at)) == at
