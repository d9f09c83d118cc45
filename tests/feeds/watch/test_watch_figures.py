"""What a look counts: how it went, what was read by which rule, and how soon an issue was found."""

from datetime import timedelta

import pytest

from feeds.errors import Unreadable
from feeds.figures import (
    DOCUMENTS,
    FIELDS,
    FOUND,
    ISSUE_SECONDS,
    LOOK_SECONDS,
    LOOKS,
    NEWS,
    UNREADABLE,
    UNSEEN_SECONDS,
)
from tests.fakes.figures import counted_by, counts, spread
from tests.fakes.newspaper import Program, Reply, redirect
from tests.fakes.watching import Room

DAY, NEXT = "2024-04-08", "2024-04-09"


async def test_a_look_is_counted_as_changed_and_the_next_as_unchanged(room: Room) -> None:
    sheet = counted_by(room.store)
    room.press.print(DAY, {"01": ["a", "b"]})
    for _ in range(3):
        await room.look()

    assert counts(sheet, LOOKS) == {("huaian", "changed"): 1, ("huaian", "unchanged"): 2}
    assert spread(sheet, LOOK_SECONDS)[()][0] == 3
    assert counts(sheet, DOCUMENTS) == {("huaian",): 4}  # the issue, its page, two articles
    assert counts(sheet, NEWS) == {("huaian", "issue_complete"): 1}


@pytest.mark.parametrize(
    ("entry", "outcome"),
    [
        (Reply(status=404), "bad_status"),
        (Reply(b"{}", cut=1), "unreachable"),
        (Reply(b"<html>"), "unreadable"),
        (redirect("http://10.0.0.1/"), "refused"),
        (Reply(b"", length=str(1 << 30)), "too_large"),
    ],
    ids=["404", "cut", "not its page", "private", "endless"],
)
async def test_a_failed_look_is_counted_by_its_cause(
    room: Room, entry: Program, outcome: str
) -> None:
    sheet = counted_by(room.store)
    room.paper["/"] = entry
    await room.look()

    assert counts(sheet, LOOKS) == {("huaian", outcome): 1}


async def test_a_look_that_breaks_is_counted_too(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    sheet = counted_by(room.store)
    monkeypatch.setattr(room.fetcher, "fetch", None)  # a defect of ours
    await room.look()

    assert counts(sheet, LOOKS) == {("huaian", "broken"): 1}


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        *(({"unreadable": why.value}, why.value) for why in Unreadable),
        ({"broken": 1}, "reader_failed"),
        ({"follow": []}, "not_an_article"),
    ],
    ids=[*Unreadable, "reader failed", "no article"],
)
async def test_a_document_that_cannot_be_read_is_counted_by_its_reason(
    room: Room, said: dict[str, object], reason: str
) -> None:
    sheet = counted_by(room.store)
    room.press.print(DAY, {"01": ["a"]})
    room.press.put(f"/{DAY}/a", said)
    await room.look()

    assert counts(sheet, UNREADABLE) == {("huaian", reason): 1}


async def test_each_field_of_an_article_is_counted_by_the_rule_that_found_it(room: Room) -> None:
    sheet = counted_by(room.store)
    room.press.print(DAY, {"01": ["a", "b"]})
    room.press.write(DAY, "a", found_by={"title": "label", "reads": "selector", "body": "label"})
    room.press.write(DAY, "b", found_by={"title": "label", "reads": "data"})
    await room.look()

    found = counts(sheet, FOUND)
    assert found["huaian", "title", "label"] == 2
    assert found["huaian", "reads", "selector"] == found["huaian", "reads", "data"] == 1
    assert found["huaian", "body", "label"] == found["huaian", "body", "none"] == 1
    assert sum(found.values()) == 2 * len(FIELDS)


async def test_an_issue_tells_how_long_at_most_it_was_out_before_it_was_seen(room: Room) -> None:
    sheet = counted_by(room.store)
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    assert spread(sheet, UNSEEN_SECONDS) == {}  # of the first nobody can know
    assert spread(sheet, ISSUE_SECONDS) == {("huaian",): (1, 0)}

    room.clock.jump(timedelta(minutes=9))
    await room.look()
    room.clock.jump(timedelta(minutes=9, seconds=59))
    room.press.print(NEXT, {"01": ["b"]})
    await room.look()
    assert spread(sheet, UNSEEN_SECONDS) == {("huaian",): (1, 600)}


async def test_an_issue_that_is_read_in_two_looks_took_the_time_between_them(room: Room) -> None:
    sheet = counted_by(room.store)
    room.press.print(DAY, {"01": ["a"]})
    article = room.paper.programs.pop(f"/{DAY}/a")
    room.paper[f"/{DAY}/a"] = Reply(status=503)
    await room.look()
    assert spread(sheet, ISSUE_SECONDS) == {}

    room.clock.jump(timedelta(seconds=299))
    room.paper[f"/{DAY}/a"] = article
    await room.look()
    assert spread(sheet, ISSUE_SECONDS) == {("huaian",): (1, 300)}
