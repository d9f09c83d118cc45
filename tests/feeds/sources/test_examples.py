"""The example configurations: every one is read, and every newspaper in it can be built."""

from pathlib import Path

import pytest

import config
from config.load import load
from feeds.sources.jsonapi.plan import build_plan
from feeds.sources.presets import settled
from feeds.sources.table import build_source

EXAMPLES = sorted((Path(config.__file__).parent / "examples").glob("*.yaml"))


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.name)
def test_every_newspaper_of_an_example_can_be_built(path: Path) -> None:
    for source in load(path, {"TELEGRAM_TOKEN": "1:x"}).sources:
        assert build_source(source).entry().url


def test_the_examples_by_hand_ask_what_the_presets_ask() -> None:
    by_hand = {s.id: s for s in load(EXAMPLES[0].parent / "json-by-hand.yaml", {}).sources}
    presets = {s.id: s for s in load(EXAMPLES[0].parent / "families.yaml", {}).sources}
    for name in ("kjrb", "wzsb", "app-paper"):
        written, chosen = by_hand[name], presets[name]
        assert written.kind == chosen.kind == "json"
        mine, theirs = build_plan(written), build_plan(settled(chosen))
        mark = {"date": "2024-04-08", "month": "2024-04-01", "page_id": "7", "id": "5"}
        assert set(mine.callers) == set(theirs.callers)
        for step, caller in mine.callers.items():
            assert caller.request(mark) == theirs.callers[step].request(mark)
