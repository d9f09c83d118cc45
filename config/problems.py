"""What is wrong with a configuration: where, what, and the nearest right name. Never a value: any value
could be a secret in the wrong place.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]

MAX_NAME = 40
COLON = "冒号要用半角,后面要有空格 (a colon must be half-width and followed by a space)"


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `file` is the file or the environment's variable; `line` and `column` count from 1
    in it, and are 0 where it has no lines.
    """

    file: str
    line: int
    column: int
    key: str
    message: str

    def __str__(self) -> str:
        where = f"{self.file}:{self.line}:{self.column}" if self.line else self.file
        return f"{where} {self.key}: {self.message}" if self.key else f"{where} {self.message}"


class ConfigError(Exception):
    """A configuration that cannot be used. `str()` is one line a problem, in the file's order."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(sorted(problems, key=lambda p: (p.file, p.line, p.column, p.key)))
        super().__init__("\n".join(map(str, self.problems)))


def show_path(path: Path) -> str:
    """`("sources", 0, "url")` as `sources[0].url`."""
    shown = ""
    for step in path:
        shown += (
            f"[{step}]" if isinstance(step, int) else f".{_name(step)}" if shown else _name(step)
        )
    return shown


def _name(step: str) -> str:
    """A key as far as it looks like a name: `{token:123…}` without a space makes the token one."""
    end = next((i for i, c in enumerate(step) if not (c.isalpha() or c in "_-")), len(step))
    return step if end == len(step) <= MAX_NAME else f"{step[: min(end, MAX_NAME)]}…"


def nearest(name: str, known: Iterable[str], likeness: float = 0.6) -> str | None:
    """The name that somebody meant who wrote this one."""
    names = {one.lower(): one for one in known}
    found = get_close_matches(name.lower(), names, n=1, cutoff=likeness)
    return names[found[0]] if found else None


def unknown_key(name: str, known: Iterable[str]) -> str:
    """The words for a name that nobody knows, with the nearest that somebody does."""
    names = sorted(known)
    if "：" in name or ":" in name:
        return COLON
    if near := nearest(name, names):
        return f"没有这个键,是不是 {near}? (unknown key; did you mean {near}?)"
    if not names:
        return "这里不能再有下一级 (nothing may stand below this)"
    listed = ", ".join(names)
    return f"没有这个键;这里可以写:{listed} (unknown key; known here: {listed})"
