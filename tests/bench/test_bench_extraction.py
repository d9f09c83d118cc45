"""Reading articles: time and truth, against trafilatura, on one story set in shells of every kind."""

import json
import random
import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count, islice

import pytest
import trafilatura

from config.sources import YunbaoSource
from feeds.models import Document
from feeds.sources.table import build_source
from tests.bench.report import show, spent
from tests.feeds.sources.shells import STORY, Shell, Story, build, document, random_shell

SHELLS, ROUNDS = 150, 5
AT_MOST = 0.2  # of trafilatura's time

pytestmark = pytest.mark.filterwarnings("default")

Said = tuple[str, str, str]
"""Title, day and text."""
Reader = Callable[[Document], Said]


@dataclass(frozen=True)
class Page:
    """A document and what it says."""

    story: Story
    document: Document


def _pages(seed: int) -> list[Page]:
    """Whole pages, with head and body: trafilatura does not take fragments. Every page tells a story of
    its own, as newspapers do: both remember texts that they saw.
    """
    dice = random.Random(seed)
    shells = (random_shell(dice) for _ in count())
    whole = islice((shell for shell in shells if shell.whole), SHELLS)
    return [_page(shell, f"{seed}{number:03}") for number, shell in enumerate(whole)]


def _page(shell: Shell, number: str) -> Page:
    texts = tuple(re.sub("([,。])", rf"{number}号\1", text, count=3) for text in STORY.paragraphs)
    story = replace(STORY, title=f"{STORY.title}之{number}", paragraphs=texts)
    return Page(story, document(build(story, shell)))


def _ours() -> Reader:
    source = build_source(
        YunbaoSource(id="p", kind="yunbao", title="报", url="https://paper.example/")
    )

    def read(page: Document) -> Said:
        article = source.read(page).article
        assert article is not None
        return article.title, str(article.published)[:10], article.body_text

    return read


def _trafilaturas(page: Document) -> Said:
    """By its own front door, with the title and the date."""
    found = trafilatura.extract(page.body, url=page.url, output_format="json", with_metadata=True)
    said = json.loads(found) if found else {}
    return said.get("title") or "", said.get("date") or "", said.get("text") or ""


def _measure(readers: dict[str, Reader]) -> dict[str, tuple[float, tuple[int, int, int]]]:
    """Milliseconds of CPU a page in the best of some rounds, and how many titles, days and whole texts
    (white space apart) were as they were written in the last. The readers take turns, so that what
    else this machine does troubles both.
    """
    rounds: dict[str, list[float]] = {name: [] for name in readers}
    right = {}
    for seed in range(ROUNDS):
        pages = _pages(seed)
        for name, read in readers.items():
            with spent() as used:
                said = [read(page.document) for page in pages]
            rounds[name].append(1000 * used.cpu / len(pages))
            right[name] = _right(pages, said)
    return {name: (min(rounds[name]), right[name]) for name in readers}


def _right(pages: list[Page], said: list[Said]) -> tuple[int, int, int]:
    pairs = [(page.story, *one) for page, one in zip(pages, said, strict=True)]
    return (
        sum(title == story.title for story, title, _, _ in pairs),
        sum(day == story.day.isoformat() for story, _, day, _ in pairs),
        sum(_bare(body) == _bare("".join(story.paragraphs)) for story, _, _, body in pairs),
    )


def _bare(text: str) -> str:
    return re.sub(r"\s", "", text)


def test_an_article_is_read_in_a_fifth_of_trafilaturas_time_and_right_where_it_is_wrong() -> None:
    readers = {"报童": _ours(), "trafilatura": _trafilaturas}
    found = _measure(readers)
    base = found["trafilatura"][0]
    show(
        f"Articles in {SHELLS} shells",
        ("", "ms each", "ratio", "titles right", "days right", "texts exact"),
        [(name, each, f"{each / base:.2f}", *right) for name, (each, right) in found.items()],
    )
    assert found["报童"][0] <= AT_MOST * base
    assert found["报童"][1] == (SHELLS, SHELLS, SHELLS)
