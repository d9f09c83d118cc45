"""An article in its own words: whole sentences of the lead, in their order, nothing rewritten.

For an official paper the words must stay the paper's. What is left out is what is no summary at all:
datelines, bylines, lists of who attended, and a sentence that only says the title again.
"""

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import Protocol

SENTENCE_LIMIT = 60  # characters of the one sentence in an issue's message
SUMMARY_LEAST, SUMMARY_MOST = 100, 180
REPEATS_FROM = 0.7  # of the title's character pairs
LEAD_LIMIT = 4000  # characters that are looked at: a summary never comes from further down

_STOPS = "。！？!?…"
_PAIRS = {
    "“": "”",
    "《": "》",
    "（": "）",
    "(": ")",
    "「": "」",
    "『": "』",
    "〈": "〉",
    "【": "】",
}
_CLOSERS = frozenset(_PAIRS.values())
_CLAUSE_ENDS = "，,；;"
_GOES_ON = "，,、；;：:的"  # after a closing quote: its sentence is not over

_DATELINE = re.compile(
    r"^\s*(?:"
    r"(?:本报|本刊|本网|本台)[^，。,]{0,12}?(?:讯|电|消息)"
    r"|(?:新华社|人民网|中新社|中新网|央视网|据新华社)[^，。,]{0,24}?[电讯]"
    r"|[（(【][^）)】]{0,40}?(?:记者|通讯员|讯员|摄影|本报)[^）)】]{0,40}?[）)】]"
    r")\s*(?:[（(【][^）)】]{0,60}[）)】])?\s*[:：]?\s*"
)
_BYLINE = re.compile(
    r"(?:融媒体|全媒体|本报)?(?:首席)?(?:记者|通讯员|讯员|实习生|综合报道|综合消息|摄影|文/|图/|责编|编辑)"
)
_BYLINE_LIMIT = 40
_ATTENDANCE = re.compile(
    r"(?:(?:参加|出席|列席|陪同|主持)了?(?:了?(?:此次|本次|这次))?"
    r"(?:会议|大会|活动|调研|座谈会?|仪式|检查|考察|推进会|现场会)?)[。！]?$"
)
_ATTENDANCE_SHORT = 25  # "区长邓萌主持会议。" names one person only


class HasText(Protocol):
    """An article as stored or as just read. `body_text` has a line a paragraph."""

    @property
    def title(self) -> str: ...

    @property
    def body_text(self) -> str: ...


def issue_sentence(article: HasText) -> str:
    """The first sentence that adds something to the title, cut at a clause with 「……」 where it is
    longer than SENTENCE_LIMIT; empty where there is none.
    """
    sentence = next(_telling(article), "")
    return cut(sentence, SENTENCE_LIMIT)


def article_summary(article: HasText) -> str:
    """100 to 180 characters of the lead in whole sentences; less where the article is shorter. Only
    where a single sentence does not fit is it cut, at a clause, with 「……」.
    """
    summary = ""
    for sentence in _telling(article):
        if len(summary) + len(sentence) > SUMMARY_MOST:
            if len(summary) < SUMMARY_LEAST:
                summary += cut(sentence, SUMMARY_MOST - len(summary), must_fit=bool(summary))
            break
        summary += sentence
        if len(summary) >= SUMMARY_LEAST:
            break
    return summary


def repeats(title: str, sentence: str) -> bool:
    """Whether the sentence holds 70 % of the title's character pairs."""
    pairs = _pairs_of(title)
    return bool(pairs) and len(pairs & _pairs_of(sentence)) >= REPEATS_FROM * len(pairs)


def sentences(paragraph: str) -> Iterator[str]:
    """Splits after 。！？… but not inside “” 《》 （）; a stop that closes a quotation ends the
    sentence too. The pieces join back to the paragraph.
    """
    begin = 0
    for end in _ends(paragraph):
        yield paragraph[begin:end]
        begin = end
    if begin < len(paragraph):
        yield paragraph[begin:]


def cut(sentence: str, limit: int, *, must_fit: bool = False) -> str:
    """The sentence, or its clauses up to `limit` characters and 「……」. Never inside a pair of
    quotation marks or 《》: where no clause ends in time the sentence stays whole, or with `must_fit`
    nothing is left.
    """
    if len(sentence) <= limit:
        return sentence
    ends = [at for at in _clause_ends(sentence) if at <= limit]
    if ends:
        return sentence[: ends[-1]] + "……"
    return "" if must_fit else _cut_anywhere(sentence, limit)


def _cut_anywhere(sentence: str, limit: int) -> str:
    outside = [at for at, depth in enumerate(_depths(sentence), start=1) if depth == 0]
    fitting = [at for at in outside if at <= limit]
    return sentence[: fitting[-1]] + "……" if fitting else sentence


def _telling(article: HasText) -> Iterator[str]:
    for paragraph in _lead(article.body_text):
        for sentence in sentences(paragraph):
            if (
                sentence.strip()
                and not _is_attendance(sentence)
                and not repeats(article.title, sentence)
            ):
                yield sentence.strip()


def _lead(body: str) -> Iterator[str]:
    """The paragraphs that say something, without their datelines."""
    for line in body[:LEAD_LIMIT].split("\n"):
        paragraph = _DATELINE.sub("", line.strip(), count=1)
        if paragraph and not _is_byline(paragraph):
            yield paragraph


def _is_byline(paragraph: str) -> bool:
    """A short line without a stop is a byline, a caption's credit or a subhead: no sentence."""
    if any(stop in paragraph for stop in _STOPS):
        return bool(_BYLINE.match(paragraph)) and len(paragraph) <= _BYLINE_LIMIT
    return len(paragraph) <= _BYLINE_LIMIT


def _is_attendance(sentence: str) -> bool:
    names_many = sentence.count("、") >= 2 or "等" in sentence  # noqa: PLR2004 - three names make a list
    is_list = names_many or len(sentence) <= _ATTENDANCE_SHORT
    return is_list and bool(_ATTENDANCE.search(sentence.strip()))


def _pairs_of(text: str) -> set[str]:
    letters = [c for c in text if c.isalnum()]
    return {a + b for a, b in pairwise(letters)}


def _depths(text: str) -> Iterator[int]:
    """How many pairs are open after each character. An unmatched closer opens nothing."""
    open_closers: list[str] = []
    for c in text:
        if c in _PAIRS:
            open_closers.append(_PAIRS[c])
        elif c in _CLOSERS and c in open_closers:
            while open_closers.pop() != c:
                pass
        yield len(open_closers)


def _ends(text: str) -> Iterator[int]:
    for at, depth in enumerate(_depths(text), start=1):
        if depth:
            continue
        c, following = text[at - 1], text[at : at + 1]
        if c in _STOPS:
            if following not in _STOPS or not following:
                yield at
        elif c in _CLOSERS and at > 1 and text[at - 2] in _STOPS and following not in _GOES_ON:
            yield at


def _clause_ends(text: str) -> Iterator[int]:
    """Where a clause outside all pairs ends, the comma not included."""
    for at, depth in enumerate(_depths(text)):
        if depth == 0 and text[at] in _CLAUSE_ENDS and at and not _is_in_number(text, at):
            yield at


def _is_in_number(text: str, at: int) -> bool:
    """The comma of 1,234 ends no clause."""
    return text[at - 1].isdigit() and text[at + 1 : at + 2].isdigit()
