"""What the YAML library complains of → a sentence that says what to do, and where. The library's own
words may quote the file, so none of them is passed on.
"""

import re

from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.reader import ReaderError

from config.problems import Path


class YamlFault(Exception):
    """One thing that is wrong, at a place that counts from 1. `path` is the key where it is known;
    `spoils` says that the value there is not what was meant, so that it needs no other fault.
    """

    def __init__(
        self, message: str, line: int = 1, column: int = 1, path: Path = (), spoils: bool = False
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.path = path
        self.spoils = spoils


# A part of the library's words → ours. The first that fits; * marks the complaints whose cause is
# where the library began to look, not where it gave up.
_WORDS = (
    (r"found character '\t'", "只能用空格,不能用制表符 (a tab; use spaces)"),
    ("mapping values are not allowed", "缩进不对,或文字里有冒号:这样的文字要加引号 (wrong indentation, or a colon in a text: quote it)"),
    ("*could not find expected ':'", "这一行要写成 键: 值,冒号后面有空格 (write key: value, with a space)"),
    ("*scanning an alias", '开头有 * 的文字要加引号,如 "*" (quote a text like "*")'),
    ("*scanning an anchor", "开头有 & 的文字要加引号 (quote a text that begins with &)"),
    ("*scanning a directive", "开头有 % 的文字要加引号 (quote a text that begins with %)"),
    ("tag", "开头有 ! 的文字要加引号 (quote a text that begins with !)"),
    ("that cannot start any token", "这个字符开头的文字要加引号 (quote a text that begins so)"),
    ("*unexpected end of stream", "引号没有结束 (the quotation mark is never closed)"),
    ("*unexpected document separator", "引号没有结束 (the quotation mark is never closed)"),
    ("escape", r"双引号里的 \ 要写成 \\,或改用单引号 (in double quotes write \\, or use single quotes)"),
    ("expected ',' or", "括号没有结束,或少了逗号 (a bracket is never closed, or a comma is missing)"),
    ("expected <block end>", "缩进和上面的行不一致 (indented unlike the lines above)"),
)  # fmt: skip
_OTHER = "这里不是合格的 YAML (not valid YAML)"
_FULL_WIDTH = "全角冒号:要用半角的冒号和空格 (a full-width colon; write : and a space)"
_CONTROL = "有看不见的控制字符,删掉它 (a control character)"
_LINE_END = re.compile(r"\r\n|\r|\n")
_KEY_FULL_WIDTH = re.compile(r"\s*(?:- +)?[A-Za-z_]+：")


def translate(error: Exception, text: str, line: int) -> YamlFault:
    """The fault that an error of the library means. `line` is where reading had come to, for errors
    that do not say.
    """
    if isinstance(error, ReaderError):
        before = _LINE_END.split(text[: error.position])
        return YamlFault(_CONTROL, len(before), len(before[-1]) + 1)
    if not isinstance(error, MarkedYAMLError):
        return YamlFault(_OTHER, line)
    said = f"{error.context} {error.problem}"
    sign, words = next(((s, w) for s, w in _WORDS if s.lstrip("*") in said), ("", _OTHER))
    mark = (error.context_mark if sign[:1] == "*" else None) or error.problem_mark
    place = (mark.line, mark.column) if mark else (line - 1, 0)
    return _in_text(text, words, *place)


def _in_text(text: str, words: str, row: int, column: int) -> YamlFault:
    """A fault at a place that counts from 0 and may lie behind the end. A full-width colon behind
    a key, the commonest slip of a Chinese keyboard, shows only at the next colon.
    """
    rows = _LINE_END.split(text.rstrip("\r\n"))
    for one in (row, row - 1):
        match = _KEY_FULL_WIDTH.match(rows[one]) if 0 <= one < len(rows) else None
        if match:
            return YamlFault(_FULL_WIDTH, one + 1, match.end())
    if row >= len(rows):
        return YamlFault(words, len(rows), len(rows[-1]) + 1)
    return YamlFault(words, row + 1, column + 1)
