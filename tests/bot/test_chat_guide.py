"""docs/chats.md shows what the program says: its examples are rendered here. `UPDATE=1` writes them anew."""

import os
import re
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from bot.channels.telegram.html import keyboard, render
from bot.commands.table import BY_NAME
from bot.message import Limits, Part
from bot.messages import Options, article_message, issue_message, reads_message
from bot.messages.changes import correction_message
from bot.messages.daily import daily_message
from feeds.models import Issue, ReadCount
from tests.bot.transcript import shown
from tests.fakes.archive import HUAIAN
from tests.fakes.press import monday

GUIDE = Path(__file__).parents[2] / "docs" / "chats.md"
LIMITS, OPTIONS = Limits(), Options()


def paper() -> Issue:
    """Monday's paper as the archive would hold it."""
    made = monday()
    pages = tuple(
        replace(
            page,
            order=number,
            articles=tuple(
                replace(a, id=100 * number + n, page=page.label)
                for n, a in enumerate(page.articles)
            ),
        )
        for number, page in enumerate(made.pages, 1)
    )
    return replace(made, id=2, pages=pages)


def correction() -> tuple[Part, ...]:
    now = replace(paper().articles[3], title="海棠大道北段4月12日起半幅施工")
    said = ("施工期间，过往车辆请绕行翔宇大道。", "施工期间，过往车辆请绕行城东大道。")
    return correction_message(now, paper().articles[3].title, said, LIMITS, OPTIONS)


def read_by_many() -> tuple[Part, ...]:
    many = replace(paper().articles[1], reads=ReadCount(1024))
    return reads_message(HUAIAN, paper(), many, 1000, LIMITS, OPTIONS)


FORMS: dict[str, Callable[[], tuple[Part, ...]]] = {
    "issue": lambda: issue_message(HUAIAN, paper(), LIMITS, OPTIONS),
    "article": lambda: article_message(HUAIAN, paper(), paper().articles[0], LIMITS, OPTIONS),
    "daily": lambda: daily_message(HUAIAN, paper(), LIMITS, OPTIONS),
    "reads": read_by_many,
    "correction": correction,
}


def as_text(part: Part) -> str:
    rows = [
        " ".join(f"［{button['text']}{' ↗' if 'url' in button else ''}］" for button in row)
        for row in keyboard(part)
    ]
    return "\n".join([*shown(render(part)), *rows])


@pytest.mark.parametrize("form", FORMS)
def test_the_guide_shows_what_is_sent(form: str) -> None:
    block = re.compile(rf"(?ms)^```text form={form}\n(.*?)^```$")
    [part] = FORMS[form]()
    guide = GUIDE.read_text("utf-8")
    if os.environ.get("UPDATE"):
        guide = block.sub(lambda _: f"```text form={form}\n{as_text(part)}\n```", guide)
        GUIDE.write_text(guide, "utf-8")
    found = block.search(guide)
    assert found is not None
    assert found[1] == as_text(part) + "\n"


def test_the_guide_names_every_command() -> None:
    named = set(re.findall(r"/([a-z]+)", GUIDE.read_text("utf-8")))
    assert named >= set(BY_NAME) - {"start", "help"}
