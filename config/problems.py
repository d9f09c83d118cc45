"""What is wrong with a configuration: where, what, and the nearest right name. Never a value that
could be a secret.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from difflib import get_close_matches

Path = tuple[str | int, ...]


@dataclass(frozen=True, slots=True)
class Problem:
    """One fault. `line` and `column` count from 1; 0 where it is not in the file (environment)."""

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
        self.problems = tuple(sorted(problems, key=lambda p: (p.line, p.column, p.key)))
        super().__init__("\n".join(map(str, self.problems)))


def show_path(path: Path) -> str:
    """`("sources", 0, "url")` as `sources[0].url`."""
    shown = ""
    for step in path:
        shown += f"[{step}]" if isinstance(step, int) else f".{step}" if shown else step
    return shown


def unknown_key(name: str, known: Iterable[str]) -> str:
    """The words for a name that nobody knows, with the nearest that somebody does."""
    near = get_close_matches(name, list(known), n=1, cutoff=0.6)
    if near:
        return f"没有这个键,是不是 {near[0]}? (unknown key; did you mean {near[0]}?)"
    names = ", ".join(sorted(known))
    return f"没有这个键;这里可以写:{names} (unknown key; known here: {names})"
