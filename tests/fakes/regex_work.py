"""Counts the steps a backtracking engine takes, so that "linear" is a number and not a feeling.

A small matcher over Python's own parse tree. It does what `re` does, without its shortcuts, so its
count is an upper bound of the same order. Finite bounds are shrunk to SHORT: `{0,400}` costs a
constant, which shows in short strings only when it is small.
"""

import re
import re._constants as op
import re._parser as parser
import sys
from collections.abc import Callable, Iterator
from functools import reduce
from typing import Any

SHORT = 12

Go = Callable[[int], bool]
Matcher = Callable[[int, Go], bool]
_CATEGORIES = {
    op.CATEGORY_DIGIT: r"\d",
    op.CATEGORY_NOT_DIGIT: r"\D",
    op.CATEGORY_SPACE: r"\s",
    op.CATEGORY_NOT_SPACE: r"\S",
    op.CATEGORY_WORD: r"\w",
    op.CATEGORY_NOT_WORD: r"\W",
}
_REPEATS = (op.MAX_REPEAT, op.MIN_REPEAT, op.POSSESSIVE_REPEAT)


class Work:
    """A pattern, and the steps taken to find all its matches in a text."""

    def __init__(self, pattern: re.Pattern[Any]) -> None:
        source = pattern.pattern
        self.is_bytes = isinstance(source, bytes)
        self.ignores_case = bool(pattern.flags & re.IGNORECASE)
        text = source.decode("latin-1") if isinstance(source, bytes) else source
        flags = pattern.flags & ~re.UNICODE
        self.tree = parser.parse(text, flags | (re.ASCII if self.is_bytes else 0))
        self.steps = 0
        self.text = ""
        self.groups: dict[int, tuple[int, int]] = {}
        self.matcher = self._sequence(self.tree)

    def spans(self, text: str) -> list[tuple[int, int]]:
        """Where `finditer` would match; `steps` is what it took."""
        sys.setrecursionlimit(100_000)
        self.text, self.steps = text, 0
        found, at = [], 0
        while at <= len(text):
            self.groups = {}
            end: list[int] = []
            if self.matcher(at, lambda stop, end=end: not end.append(stop)):  # type: ignore[misc]
                found.append((at, end[-1]))
                at = end[-1] if end[-1] > at else at + 1
            else:
                at += 1
        return found

    # ── one matcher a node ──────────────────────────────────────────────────────────────────────

    def _sequence(self, nodes: Any) -> Matcher:
        matchers = [self._node(*node) for node in nodes]

        def chain(rest: Matcher, first: Matcher) -> Matcher:
            return lambda at, go: first(at, lambda on: rest(on, go))

        return reduce(chain, reversed(matchers), lambda at, go: go(at))

    def _node(self, code: Any, value: Any) -> Matcher:
        if code in _REPEATS:
            return self._repeat(code, *value)
        if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN):
            return self._one(self._test(code, value))
        return {
            op.BRANCH: self._branch,
            op.SUBPATTERN: self._group,
            op.ATOMIC_GROUP: self._atomic,
            op.ASSERT: self._look,
            op.ASSERT_NOT: self._look_not,
            op.AT: self._at,
            op.GROUPREF: self._same,
            op.GROUPREF_EXISTS: self._if_group,
            op.FAILURE: lambda _: lambda at, go: False,
        }[code](value)

    def _one(self, test: Callable[[str], bool]) -> Matcher:
        def match(at: int, go: Go) -> bool:
            self.steps += 1
            return at < len(self.text) and test(self.text[at]) and go(at + 1)

        return match

    def _test(self, code: Any, value: Any) -> Callable[[str], bool]:
        if code is op.ANY:
            return lambda c: c != "\n"
        items = value if code is op.IN else [(op.LITERAL, value)]
        negated = code is op.NOT_LITERAL or items[0][0] is op.NEGATE
        known: dict[str, bool] = {}

        def test(c: str) -> bool:
            if c not in known:
                forms = {c, c.lower(), c.upper()} if self.ignores_case else {c}
                known[c] = negated != any(_holds(item, form) for item in items for form in forms)
            return known[c]

        return test

    def _repeat(self, code: Any, least: int, most: Any, body: Any) -> Matcher:
        least, most = _shrunk(least), _shrunk(most)
        once = self._sequence(body)

        def grow(at: int, count: int, go: Go) -> bool:
            self.steps += 1
            more = count < most

            def again(on: int) -> bool:
                return (on > at or count < least) and grow(on, count + 1, go)

            if code is op.MIN_REPEAT:
                return (count >= least and go(at)) or (more and once(at, again))
            return (more and once(at, again)) or (count >= least and go(at))

        if code is op.POSSESSIVE_REPEAT:
            code = op.MAX_REPEAT
            return self._committed(lambda at, go: grow(at, 0, go))
        return lambda at, go: grow(at, 0, go)

    def _committed(self, matcher: Matcher) -> Matcher:
        def match(at: int, go: Go) -> bool:
            end: list[int] = []
            return matcher(at, lambda stop: not end.append(stop)) and go(end[-1])  # type: ignore[func-returns-value]

        return match

    def _atomic(self, body: Any) -> Matcher:
        return self._committed(self._sequence(body))

    def _branch(self, value: Any) -> Matcher:
        ways = [self._sequence(way) for way in value[1]]
        return lambda at, go: any(way(at, go) for way in ways)

    def _group(self, value: Any) -> Matcher:
        number, body = value[0], self._sequence(value[-1])

        def match(at: int, go: Go) -> bool:
            def close(stop: int) -> bool:
                before = self.groups.get(number)
                self.groups[number] = (at, stop)
                if go(stop):
                    return True
                self.groups.pop(number)
                if before is not None:
                    self.groups[number] = before
                return False

            return body(at, close)

        return match if number is not None else body

    def _look(self, value: Any) -> Matcher:
        direction, body = value
        ahead = self._sequence(body)
        width = body.getwidth()[0] if direction < 0 else 0
        return lambda at, go: at >= width and ahead(at - width, lambda _: True) and go(at)

    def _look_not(self, value: Any) -> Matcher:
        is_there = self._look(value)
        return lambda at, go: not is_there(at, lambda _: True) and go(at)

    def _at(self, where: Any) -> Matcher:
        def match(at: int, go: Go) -> bool:
            self.steps += 1
            begins = where in (op.AT_BEGINNING, op.AT_BEGINNING_STRING) and at == 0
            ends = where in (op.AT_END, op.AT_END_STRING) and at == len(self.text)
            return (begins or ends) and go(at)

        return match

    def _same(self, number: int) -> Matcher:
        def match(at: int, go: Go) -> bool:
            start, stop = self.groups.get(number, (0, -1))
            self.steps += 1 + max(0, stop - start)
            same = stop >= start and self.text.startswith(self.text[start:stop], at)
            return same and go(at + stop - start)

        return match

    def _if_group(self, value: Any) -> Matcher:
        number, yes, no = value
        then, other = self._sequence(yes), self._sequence(no or [])

        def match(at: int, go: Go) -> bool:
            return then(at, go) if number in self.groups else other(at, go)

        return match


def _holds(item: tuple[Any, Any], c: str) -> bool:
    code, value = item
    if code is op.RANGE:
        return value[0] <= ord(c) <= value[1]
    if code is op.CATEGORY:
        return re.match(_CATEGORIES[value], c) is not None
    return code is op.LITERAL and ord(c) == value


def _shrunk(bound: Any) -> int:
    return sys.maxsize if bound is op.MAXREPEAT else min(int(bound), SHORT)


# ── the strings that hurt ───────────────────────────────────────────────────────────────────────


def attacks(pattern: re.Pattern[Any]) -> Iterator[tuple[str, str, str]]:
    """Prefix, pump and end: for every repeat its body over and over behind what leads there, and every
    character of the pattern, alone and in pairs.
    """
    work = Work(pattern)
    for prefix, pump in _pumps(work.tree, ""):
        for end in ("", "\0", "!", pump[:-1]):
            yield prefix, pump, end
        if prefix:
            yield "", prefix, ""
            yield "", prefix + pump, "\0"
    letters = sorted(set(_letters(work.tree)))[:24]
    yield from (("", letter, "\0") for letter in letters)
    yield from (("", a + b, "\0") for a in letters for b in letters if a != b)


def _pumps(nodes: Any, before: str) -> Iterator[tuple[str, str]]:
    """Every repeat: a string that leads to it, and one that its body matches."""
    for code, value in nodes:
        if code in _REPEATS:
            for pump in _samples(value[2]):
                if pump:
                    yield before, pump
        for inner in _inner(code, value):
            yield from _pumps(inner, before)
        before += next(iter(_samples([(code, value)])), "")


def _inner(code: Any, value: Any) -> list[Any]:
    """The sequences of nodes inside a node."""
    if code in (*_REPEATS, op.SUBPATTERN, op.ASSERT, op.ASSERT_NOT):
        return [value[-1]]
    if code is op.ATOMIC_GROUP:
        return [value]
    ways = {op.BRANCH: lambda: value[1], op.GROUPREF_EXISTS: lambda: value[1:]}
    return [way for way in ways[code]() if way] if code in ways else []


def _samples(nodes: Any) -> list[str]:
    """A few strings that the nodes match, or nearly."""
    texts = [""]
    for code, value in nodes:
        if code in _REPEATS:
            ways = ["", *_samples(value[2])] if value[0] == 0 else _samples(value[2])
        elif code is op.BRANCH:
            ways = [text for way in value[1] for text in _samples(way)]
        elif code in (op.SUBPATTERN, op.ATOMIC_GROUP):
            ways = _samples(_inner(code, value)[0])
        else:
            ways = list(_letters([(code, value)])) or [""]
            ways = ways if code in (op.LITERAL, op.NOT_LITERAL, op.ANY, op.IN) else [""]
        texts = [text + way for text in texts for way in ways][-6:]
    return texts


def _letters(nodes: Any) -> Iterator[str]:
    """A character or two that each class and literal of the nodes matches."""
    for code, value in nodes:
        if code is op.LITERAL:
            yield chr(value)
        elif code in (op.NOT_LITERAL, op.ANY):
            yield "a"
        elif code is op.IN:
            negated = value[0][0] is op.NEGATE
            yield from ("a", " ") if negated else (c for item in value[:4] for c in _member(*item))
        for inner in _inner(code, value):
            yield from _letters(inner)


def _member(code: Any, value: Any) -> tuple[str, ...]:
    if code is op.LITERAL:
        return (chr(value),)
    if code is op.RANGE:
        return (chr(value[0]),)
    return {op.CATEGORY_SPACE: (" ", "\n"), op.CATEGORY_DIGIT: ("1",)}.get(value, ("a",))
