"""The lines about an article (date, title, reads, byline) cut into pieces by the labels in them.

A label may share its line with anything, be split over inline elements, or stand on a line of its
own with its value on the next. Whatever no label claims is a piece of plain text.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import pairwise
from zoneinfo import ZoneInfo

from feeds.counts import parse_count
from feeds.dates import FoundDate, find_dates
from feeds.models import ReadCount
from feeds.sources.labels.landmarks import (
    DETAIL,
    PageLabel,
    compile_for_search,
    narrow,
    parse_label,
)
from feeds.text import Line, clean, join_wrapped

LONGEST = 240
_LONGEST_LABEL = 20

_COUNT = r"[0-9][0-9,]*(?:\.[0-9]+)?\s?[万亿wWkK]?\s?\+?"
_READS_LABEL = r"(?:总|文章|本文)?(?:阅\s?读|浏览|点击|访问|查看|观看|人气|热度)\s?(?:数量|数|量|次数|人数|人次|率|值)"
_READS_BARE = r"(?:阅读|浏览|点击|访问|查看|观看|人气|热度|阅)"
_WHEN = r"(?:(?:发布|发表|发稿|刊发|更新|出版|见报|上传|创建|刊登)?(?:时\s?间|日\s?期)|发布于|发表于|发布)"
_WRITER = r"(?:作\s?者|撰文|撰稿|记者|通讯员|文字|图文|文/图|图/文|文|供稿)"
_CREDIT = (
    r"(?:文章来源|信息来源|稿件来源|来源|稿源|责任编辑|责编|编辑|审核|校对|初审|复审|终审|一审|二审|三审|编审|主编|监制|"
    r"字号|字体|分享到?|关键词|标签|栏目|频道|分类)"
)
_COUNTER = r"(?:评论|点赞|赞|收藏|转发|分享|喜欢|推荐|回复|跟帖|在看)(?:数量|数|量)?"
_FIELDS = compile_for_search(
    rf"""(?P<detail>{DETAIL})
      | (?P<reads>{_READS_LABEL}\s*[:(\[]?\s*(?P<count>{_COUNT})?[-—\s]{{0,4}}[)\]]?\s*[次人]{{0,2}})
      | (?<!\w)(?P<bare>{_READS_BARE}\s*[:(\[]?\s*(?P<count2>{_COUNT})(?![0-9年月日.-])\s*[)\]]?\s*[次人]{{0,2}}(?!\w))
      | {_READS_BARE}\s*:\s*(?P<count4>{_COUNT})(?![0-9年月日.-])
      | (?<![0-9\w.])(?P<count3>{_COUNT})\s*[次人]{{0,2}}\s*(?:阅读|浏览|点击|查看|观看)(?:数|量)?(?!\w)
      | (?<!\w)(?P<counter>{_COUNTER}\s*[:(\[]\s*(?:{_COUNT})?\s*[)\]]?)
      | (?<!\w)(?P<credit>{_CREDIT}\s*:\s*[^\s:|]{{0,30}}?(?=$|[\s|]|{_WRITER}\s*:|{_WHEN}\s*:|{_READS_LABEL}|{_READS_BARE}\s*:))
      | (?P<when>{_WHEN}\s*:)
      | (?P<weekday>(?:星期|周)[一二三四五六日天](?![一-龥]))
    """,
    re.VERBOSE,
)
_BLANKS = re.compile(r"[ \t\xa0]+")
_READS_ONLY = re.compile(rf"(?:{_READS_LABEL}|{_READS_BARE})\s*[:]?")
_LABEL_ONLY = re.compile(
    rf"(?:{_READS_LABEL}|{_READS_BARE}|{_WHEN}|{_WRITER}|标题|题目|引题|副题|副标题)\s*[:]?"
)
_COUNT_ONLY = re.compile(rf":?\s*(?:{_COUNT}|--+)\s*[次人]?")
_TITLE_LABEL = re.compile(r"(?P<name>标题|题目|引题|眉题|主题|副题|副标题)\s*:\s*")
_WRITER_LABEL = re.compile(rf"[(（\[]?{_WRITER}\s*[:/]\s*(?=\S)")
_TRIM = " \t\n\r\u3000\xa0|丨｜·•,，;；:：/\\-—_>»[]【】"
_BYLINE = re.compile(
    r"(?!(?:图片|照片)(?:报道|新闻))"  # a title of its own
    r"(?:[\w·]{0,10}(?:记者|通讯员|评论员|特约撰稿人?|撰稿人|报道组|采访组|编辑部)"
    r"(?:$|[\s:/、,(].{0,60}|\w{2,4}(?:$|[\s、,].{0,60})|(?:综合)?(?:报道|整理|采写|摄影?|文).{0,20})"
    r"|[\w·\s、]{0,24}(?:综合报道|摄影报道|文/图|图/文|综合整理|供稿|采写|报道|联合报道)"
    r"|[\u4e00-\u9fff·、\s]{2,30}\s(?:摄|摄影|绘|图|文|文/图)"
    r"|(?:文|图|摄影|撰文|图文|文图)\s*[/:].{1,40})",
)
_NAMES = re.compile(
    r"(?:[\u4e00-\u9fff]{2,3}|[\u4e00-\u9fff]{1,8}·[\u4e00-\u9fff·]{1,12})(?:[\s、,]+(?:[\u4e00-\u9fff]{2,3}))*"
)
_OFFICE = re.compile(
    r"[\w·]{2,20}(?:中心|日报|晚报|时报|周报|报社|电视台|广播台|电台|新华社|通讯社|新闻网|宣传部|编辑部|工作室|客户端|办公室)(?:[\s·]\w{2,10})?"
)


@dataclass(frozen=True, slots=True)
class Piece:
    """Plain text of a header line that no label claimed. `name` is its own label (引题) if it has one."""

    text: str
    line: int
    name: str | None = None


@dataclass(slots=True)
class Fields:
    """What one header line says. `reads` is None within `has_reads` where the number is nonsense."""

    dates: list[FoundDate]
    reads: ReadCount | None
    has_reads: bool
    has_detail: bool
    is_labelled_date: bool
    writer: str | None
    page: PageLabel | None
    pieces: list[Piece]

    @property
    def is_field(self) -> bool:
        return bool(self.dates) or self.has_reads or self.has_detail or self.writer is not None


def merge_labels(lines: Sequence[Line], upto: int) -> dict[int, str]:
    """Header texts by line: a label alone on its line is joined with its value on the next one (or, for
    a count, on the one before, as counters are often set), whose own text becomes blank.
    """
    texts = {
        place: header_text(lines[place])
        for place in range(upto)
        if len(lines[place].text) <= LONGEST
    }
    places = list(texts)
    for here, after in pairwise(places):
        if not 0 < len(texts[here]) <= _LONGEST_LABEL or not texts[after]:
            continue
        label, value = narrow(texts[here]), narrow(texts[after])
        if _COUNT_ONLY.fullmatch(label) and _READS_ONLY.fullmatch(value):
            texts[here], texts[after] = f"{value.rstrip(':')}:{label}", ""
        elif _LABEL_ONLY.fullmatch(label) and _fits(label, value):
            texts[here], texts[after] = (
                f"{label.rstrip(': ')}:{texts[after].strip().lstrip(':：')}",
                "",
            )
    return texts


def _fits(label: str, value: str) -> bool:
    if _READS_ONLY.fullmatch(label):
        return _COUNT_ONLY.fullmatch(value) is not None
    if re.fullmatch(rf"{_WHEN}\s*:?", label):
        return next(find_dates(value), None) is not None
    return len(value) <= LONGEST and not _LABEL_ONLY.fullmatch(value) and ":" not in value


def header_text(line: Line) -> str:
    """The text of a line with source line breaks kept, so that pieces can be joined as they flow."""
    return _BLANKS.sub(" ", line.raw).strip()


def read_fields(line: Line, text: str, place: int) -> Fields:
    """Cuts one header line. `text` is its text, with a value merged in where labels stand alone."""
    fields, spans = _labelled(text)
    at = 0
    for start, end in [*spans, (len(text), len(text))]:
        if start > at:
            _take_rest(line, text[at:start], place, fields)
        at = max(at, end)
    return fields


def is_own_field(text: str) -> bool:
    """Whether a line says the reads or, by its label, the date."""
    fields, _ = _labelled(text)
    return fields.has_reads or (fields.is_labelled_date and bool(fields.dates))


def _labelled(text: str) -> tuple[Fields, list[tuple[int, int]]]:
    """What the dates and labels in a text say, and where they stand."""
    label = narrow(text)
    fields = Fields([], None, False, False, False, None, None, [])
    dates = list(_date_spans(label, fields))
    for start, end in dates:  # no digit of a date may be read as a count
        label = label[:start] + "\0" * (end - start) + label[end:]
    return fields, sorted([*dates, *_label_spans(label, fields)])


def _label_spans(label: str, fields: Fields) -> Iterator[tuple[int, int]]:
    for match in _FIELDS.finditer(label):
        count = match["count"] or match["count2"] or match["count3"] or match["count4"]
        if match["detail"]:
            fields.has_detail = True
        elif match["when"]:
            fields.is_labelled_date = True
        elif count or match["reads"]:
            fields.reads = fields.reads or parse_count((count or "").replace(" ", ""))
            fields.has_reads = True
        yield match.span()


def _date_spans(label: str, fields: Fields) -> Iterator[tuple[int, int]]:
    for found in find_dates(label):
        fields.dates.append(found)
        yield found.start, found.end


def _take_rest(line: Line, rest: str, place: int, fields: Fields) -> None:
    """What is left between labels: a page's label, a writer, or pieces of plain text."""
    for part in _parts(line, rest):
        text = join_wrapped(clean(part)).strip(_TRIM)
        if not text:
            continue
        label = narrow(text)
        if (page := parse_label(label)) is not None:
            fields.page = fields.page or page
        elif match := _WRITER_LABEL.match(label):
            fields.writer = fields.writer or text[match.end() :].strip("()（） ")
        elif match := _TITLE_LABEL.match(label):
            fields.pieces.append(Piece(text[match.end() :], place, match["name"]))
        else:
            fields.pieces.append(Piece(_unbracket(text), place))


def _parts(line: Line, rest: str) -> list[str]:
    """The rest whole, but for a byline at one of its ends: its own inline element, or a last word."""
    bars = _BAR.split(rest) if "|" in rest or "丨" in rest or "｜" in rest else [rest]
    if _BYLINE_WORD.search(rest) is None:
        return bars
    return [part for bar in bars for part in _without_byline(bar, line)]


def _without_byline(text: str, line: Line) -> list[str]:
    whole = text.strip()
    if is_byline(whole):
        return [whole]
    for run in (clean(run.text).strip() for run in line.runs):
        if run and run != whole and is_byline(run):
            if whole.endswith(run):
                return [whole[: -len(run)], run]
            if whole.startswith(run):
                return [run, whole[len(run) :]]
    head, _, last = whole.rpartition(" ")
    return [head, last] if head and is_byline(last) else [text]


_BAR = re.compile(r"\s*[|丨｜]\s*")
_BYLINE_WORD = re.compile(
    r"记者|通讯员|评论员|撰稿|撰文|报道|采访|采写|编辑部|整理|供稿|摄影|[文图][/／:：]"
)


def _unbracket(text: str) -> str:
    pair = text[0] + text[-1]
    return text[1:-1].strip() if pair in {"()", "（）"} and text.count(text[0]) == 1 else text


def is_byline(text: str) -> bool:
    """Whether the words are a byline's by their vocabulary: 本报记者 张三, 融媒体记者综合报道, 文/图 李四."""
    label = narrow(text).strip()
    return 1 < len(label) <= 60 and _BYLINE.fullmatch(label) is not None  # noqa: PLR2004


def is_byline_line(text: str) -> bool:
    """Whether a whole line is a byline, by its label (作者：) or its words."""
    return len(text) <= 60 and (_WRITER_LABEL.match(narrow(text)) is not None or is_byline(text))  # noqa: PLR2004


def is_name(text: str) -> bool:
    """Whether it could be persons' names or an office, which is a byline only where one is expected."""
    label = narrow(text).strip("() ")
    return len(label) <= 40 and (_NAMES.fullmatch(label) or _OFFICE.fullmatch(label)) is not None  # noqa: PLR2004


def instant(found: FoundDate, zone: ZoneInfo) -> date | datetime:
    """The date, or where the page gives a time of day, that instant in UTC."""
    if found.time is None:
        return found.day
    zoned = datetime.combine(found.day, found.time, found.time.tzinfo or zone)
    return zoned.astimezone(ZoneInfo("UTC"))
