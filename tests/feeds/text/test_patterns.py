"""Every regular expression of our own takes work in proportion to the text, whatever the text is."""

import re
from collections.abc import Iterator
from itertools import islice
from types import ModuleType
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import feeds.counts
import feeds.dates
import feeds.summary.lead
import feeds.summary.passing
import feeds.summary.sentences
import feeds.text.characters
import feeds.text.decoding
import feeds.text.guard
import feeds.text.lines
import feeds.text.markup
from tests.fakes.regex_work import Work, attacks

MODULES = (
    feeds.text.characters,
    feeds.text.decoding,
    feeds.text.guard,
    feeds.text.lines,
    feeds.text.markup,
    feeds.dates,
    feeds.counts,
    feeds.summary.sentences,
    feeds.summary.lead,
    feeds.summary.passing,
)
LENGTH = 30
MOST = 80  # strings a pattern
WORST = 100_000


def patterns_of(module: ModuleType) -> Iterator[tuple[str, re.Pattern[Any]]]:
    for name, value in vars(module).items():
        for number, one in enumerate(value if isinstance(value, tuple) else [value]):
            if isinstance(one, re.Pattern):
                yield f"{module.__name__}.{name}[{number}]", one


PATTERNS = {
    name: pattern
    for module in MODULES
    for name, pattern in (
        *patterns_of(module),
        ("feeds.text.guard.</script>", re.compile(r"</script(?=[\s/>])", re.IGNORECASE)),
    )
}
each_pattern = pytest.mark.parametrize("pattern", PATTERNS.values(), ids=PATTERNS.keys())


def growth(pattern: re.Pattern[Any], prefix: str, pump: str, end: str) -> float:
    """How much more work twice the text is."""
    work = Work(pattern)
    taken = []
    for times in (LENGTH, 2 * LENGTH):
        work.spans(prefix + pump * times + end)
        taken.append(work.steps)
    return taken[1] / taken[0]


@each_pattern
def test_case_101_twice_the_text_is_twice_the_work(pattern: re.Pattern[Any]) -> None:
    tried = list(attacks(pattern))
    tried = tried[:: len(tried) // MOST + 1]
    worst = max((growth(pattern, *attack), attack) for attack in tried)
    assert worst[0] < 3, worst


@each_pattern
def test_case_101_a_hundred_kilobytes_of_the_worst_are_read(pattern: re.Pattern[Any]) -> None:
    for prefix, pump, end in islice(attacks(pattern), 20):
        text = prefix + pump * (WORST // len(pump)) + end
        subject = text.encode("latin-1", "replace") if isinstance(pattern.pattern, bytes) else text
        assert sum(len(match[0]) for match in pattern.finditer(subject)) <= len(subject)


@pytest.mark.parametrize(
    "pattern", [r"=\s*['\"]?\s*x", r"\s+$", r"[ (]*(?:一|二)?[ )]*x", "a*b", "<[^>]*>"]
)
def test_the_count_finds_what_is_not_linear(pattern: str) -> None:
    compiled = re.compile(pattern)
    assert any(growth(compiled, *attack) > 3.3 for attack in attacks(compiled))


@given(st.data())
@settings(max_examples=300, deadline=None)
def test_the_counting_matcher_finds_what_re_finds(data: st.DataObject) -> None:
    pattern = data.draw(st.sampled_from(list(PATTERNS.values())))
    if isinstance(pattern.pattern, bytes) or re.search(r"\{\d*,?\d{2,}\}", pattern.pattern):
        return  # bytes are read as text, and long bounds are shrunk
    parts = sorted({part for attack in islice(attacks(pattern), 40) for part in attack})
    text = "".join(data.draw(st.lists(st.sampled_from(parts), max_size=6)))
    assert Work(pattern).spans(text) == [match.span() for match in pattern.finditer(text)]
