"""The lead of a body: the paragraphs that say something, without their datelines, or lines of verse."""

import re
from collections.abc import Iterator, Sequence
from itertools import islice

from feeds.summary.sentences import STOPS, is_whole

LEAD_LIMIT = 4000  # characters that are looked at: a summary never comes from further down

_SHORT = 40  # without a stop: a subhead, a byline, a credit
_LONGEST_VERSE = 30
_LEAST_LINES = 3  # of verse
_MOST_LINES = 40

_AGENCY = "本报|本刊|本网|本台|新华社|中新社|中新网|人民网|央视网|央视新闻|光明网"
_NAMED = r"(?:\s?(?:记者|通讯员|特约记者|见习记者)\s?[\u4e00-\u9fff·]{2,3}(?:[\s、][\u4e00-\u9fff·]{2,3}){0,3}(?=\s))"
_DATELINE = re.compile(
    rf"""(?:
        [（(【\[][^）)】\]]{{0,12}}(?:本报|记者|通讯员|讯员|见习|上接|下转|接[第0-9A-Z])[^）)】\]]{{0,40}}[）)】\]]
      | (?:据|综合)?(?:{_AGENCY})(?:
            [^，。,：:“\s]{{0,16}}?[0-9]{{1,2}}日(?:专)?[电讯](?:\s{{0,2}}[（(【][^）)】]{{0,60}}[）)】])?
          | [^，。,：:“\s]{{0,8}}?(?:[电讯]|消息|综合报道)(?=[\s（(【：:]|$)(?:\s{{0,2}}[（(【][^）)】]{{0,60}}[）)】])?
          | 讯(?![员息号])
        ){_NAMED}{{0,3}}
      | (?:本报)?记者\s?[\u4e00-\u9fff·]{{2,4}}报道(?=[：:])
      | [【\[]?(?:核心阅读|核心提示|阅读提示|内容提要|提要|导读)[】\]]?(?=[：:\s])
    )\s*[：:]?\s*""",
    re.VERBOSE,
)
_NOTE = "(?:编者按|编者的话|编前|开栏语|开栏的话|主持人语)"
_EDITORS_NOTE = re.compile(rf"[【\[（(]{_NOTE}[】\]）)][：:\s]*|{_NOTE}(?:[：:\s]|$)")
_CREDIT = re.compile(
    r"[□■○●◎◆▲△]|[（(【][^）)】]{0,80}[）)】]$|[文图][/／:：]|.{0,12}(?:摄|摄影|综合报道)[）)]?$"
    r"|.{0,8}(?:记者|通讯员|实习生|责编|编辑|供图|制图|校对|版式|作者|来源|邮箱)(?:[\s：:]|[\u4e00-\u9fff]{2,3}$)"
)


def paragraphs(body: str) -> Iterator[str]:
    """The paragraphs of the lead that are prose, without editors' notes and datelines."""
    is_note = False
    for line in _lines(body):
        if note := _EDITORS_NOTE.match(line):
            is_note = note.end() == len(line)
        elif is_note:
            is_note = False
        elif (paragraph := _without_dateline(line)) and not _is_fragment(paragraph):
            yield paragraph


def verse(body: str, title: str) -> list[str]:
    """The lines of a poem (or of a notice set in lines), or nothing: short ones, of which no more than
    half end as sentences do.
    """
    lines = []
    for line in _uncredited(body, title):
        if len(line) > _LONGEST_VERSE:
            return []
        lines.append(line)
    whole = sum(map(is_whole, lines))
    return lines if len(lines) >= _LEAST_LINES and 2 * whole <= len(lines) else []


def joined(lines: Sequence[str]) -> str:
    """Lines set one after the other: a space stands where a line ends without a mark."""
    return "".join(line if _ends_with_mark(line) else f"{line} " for line in lines).rstrip()


def leftovers(body: str, title: str) -> str:
    """What there is where nothing is prose: its short lines, without the credits."""
    return joined(list(_uncredited(body, title)))


def _uncredited(body: str, title: str) -> Iterator[str]:
    """The lines that are neither a credit nor the title."""
    for line in map(_without_dateline, _lines(body)):
        if line and line != title and not _CREDIT.match(line):
            yield line


def _lines(body: str) -> Iterator[str]:
    lines = (line.strip() for line in body[:LEAD_LIMIT].split("\n"))
    return islice(filter(None, lines), _MOST_LINES)


def _without_dateline(line: str) -> str:
    dateline = _DATELINE.match(line)
    return line[dateline.end() :] if dateline else line


def _is_fragment(paragraph: str) -> bool:
    return len(paragraph) <= _SHORT and not any(stop in paragraph for stop in STOPS)


def _ends_with_mark(line: str) -> bool:
    return not line[-1].isalnum()
