"""Sentences that are passed over: who sat there, who was greeted, what the picture shows."""

import re
from collections.abc import Sequence
from itertools import pairwise

from feeds.summary.sentences import is_whole

REPEATS_FROM = 0.7  # of the title's character pairs
_TELLING_TITLE = 8  # characters; many a sentence names a shorter one without repeating it
_FRAGMENT = 40  # characters; without a stop it is a credit or a heading
_LONGEST_NAME = 4
_AS_WELL = "并"  # 出席仪式，并为获奖者颁奖

_CLAUSES = re.compile("[，,；;]")
_WHEN = re.compile(r"[^，。]{0,12}(?:会上|会前|会后|当天|当日|同日|期间|[上下]午|[0-9]日)$")
_EVENT = "会|会议|活动|式|调研|检查|考察|座谈|督查|慰问|走访|参观|观摩|典礼"
_THERE = rf"(?:[^，。、]{{0,12}}(?:{_EVENT}))?"
_AND = r"(?:并[^，。]{2,12})?$"
_CHAIRED = re.compile(rf"主持了?(?!召开|举行|制定){_THERE}{_AND}|由[^，。]{{2,40}}主持$")
_ATTENDED = re.compile(rf"(?:参加|出席|列席|陪同)了?{_THERE}{_AND}")
_ROLL_CALL = re.compile(r"(?:参加|出席|列席|陪同)[^，。]{0,12}的还?有")
_OFFICE = re.compile(
    "书记|区长|市长|县长|省长|镇长|乡长|主任|主席|部长|局长|厅长|司长|院长|校长|会长|行长|秘书长|总经理|"
    "董事长|常委|委员|政委|领导|负责人|负责同志|代表|同志|干部|人员"
)
_ENDS_WITH_OFFICE = re.compile("(?:书记|长|常委|委员|主席|主任|总理|总统|理事|成员)$")
_SEVERAL = re.compile("等|领导|负责")

_FORMALITY = re.compile(
    r"会议(?:以|采取|采用)[^，。]{2,24}(?:形式|方式)(?:召开|举行)[^，。]{0,12}。?$"
)
_GREETING = re.compile(
    r"^(?:尊敬的[^，。！]{1,24}|各位[^，。！]{1,16}|亲爱的[^，。！]{1,16}|[^，。！]{0,6}(?:同志|朋友|同学|乡亲|老师|女士|先生)们?"
    r"|你好|您好|大家好|大家[上下]午好|[，,、\s])++[！!：:。]?$"
)
_CAPTION = re.compile("[▲△▼↑]|图为|[上下左右题]图|资料图")
_BRACKETED = re.compile(r"^[（(【\[][^）)】\]]*[）)】\]][。.]?$")
_COLUMN = re.compile(r"(?<=.)[（(][^（）()]{1,12}[）)]$")  # 「……（环球热点）」


def is_passed_over(sentence: str) -> bool:
    """Whether the sentence is no summary, whatever the article is about."""
    return (
        (len(sentence) <= _FRAGMENT and not is_whole(sentence))
        or any(form.match(sentence) for form in (_FORMALITY, _GREETING, _CAPTION, _BRACKETED))
        or is_attendance(sentence)
    )


def is_attendance(sentence: str) -> bool:
    """Who was in the chair, and lists of who attended: 「…主持会议」, 「…等参加会议」. That one person
    attended (出席) may be the news itself.
    """
    clauses = [
        clause
        for clause in _CLAUSES.split(sentence.strip().rstrip("。！!"))
        if not _WHEN.match(clause)
    ]
    if not any(map(_tells_who, clauses)) or not all(map(_tells_only_who, clauses)):
        return False
    if any(_CHAIRED.search(clause) or _ROLL_CALL.search(clause) for clause in clauses):
        return True
    return _is_list(clauses) or ("出席" not in sentence and _OFFICE.search(sentence) is not None)


def repeats(title: str, sentence: str) -> bool:
    """Whether the sentence holds 70 % of the title's character pairs. A title of a few characters says
    so little that only a sentence hardly longer repeats it.
    """
    ours, theirs = _letters(_COLUMN.sub("", title)), _letters(sentence)
    if len(ours) < _TELLING_TITLE and len(theirs) > 2 * len(ours):
        return False
    return bool(ours) and _shared(ours, theirs) >= REPEATS_FROM


def adds_nothing(title: str, sentence: str) -> bool:
    """Whether the sentence is the title and hardly a word more."""
    return repeats(title, sentence) and _shared(_letters(sentence), _letters(title)) >= REPEATS_FROM


def _tells_who(clause: str) -> bool:
    return any(form.search(clause) for form in (_CHAIRED, _ATTENDED, _ROLL_CALL))


def _tells_only_who(clause: str) -> bool:
    is_person = len(clause) <= _FRAGMENT and _OFFICE.search(clause) is not None
    is_name = len(clause) <= _LONGEST_NAME
    return is_person or is_name or clause.startswith(_AS_WELL) or _tells_who(clause)


def _is_list(clauses: Sequence[str]) -> bool:
    """Of people: several clauses name somebody, or one names several. 「政治局常委、工委书记某某」 is one
    person in two offices.
    """
    people = [clause for clause in clauses if not clause.startswith(_AS_WELL)]
    names = [name for clause in people for name in clause.split("、")[:-1]]
    is_several = any(not _ENDS_WITH_OFFICE.search(name) for name in names)
    return is_several or len(people) > 1 or any(map(_SEVERAL.search, people))


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


def _shared(ours: str, theirs: str) -> float:
    """How many of our pairs of characters are among theirs."""
    wanted = {a + b for a, b in pairwise(ours)} or {ours}
    return len([pair for pair in wanted if pair in theirs]) / len(wanted)
