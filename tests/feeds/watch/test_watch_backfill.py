"""Walking back through older issues: one by one, resumable, and nobody is told."""

import asyncio
from datetime import date, timedelta

import pytest

from config.sources import YunbaoSource
from feeds.errors import NotReadable
from feeds.models import EntryKind, IssueStatus
from feeds.store import library
from feeds.watch import Ending, Goal, Step, walk_back
from tests.fakes.json_source import JsonSource
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

COMPLETE = EntryKind.ISSUE_COMPLETE
FIRST = date(2024, 4, 1)
DAYS = [(FIRST + timedelta(days=n)).isoformat() for n in range(8)]


def print_week(room: Room, **changes: object) -> None:
    for number, day in enumerate(DAYS):
        room.press.print(day, {"01": [f"a{number}"], "02": [f"b{number}"]})
    whole = {"key": DAYS[0], "is_first": True, "pages": []}
    room.press.put(f"/{DAYS[0]}/", {"issue": whole | changes})


async def walk(room: Room, steps: list[Step] | None = None, **goal: object) -> Ending:
    values = {"id": "huaian", "kind": "yunbao", "title": "淮安区报", "url": room.paper.url("/")}
    config = YunbaoSource.model_validate(values)
    paper = (config, JsonSource(room.paper.url("/")))
    tell = (steps if steps is not None else []).append
    return await walk_back(room.store, room.fetcher, paper, room.clock, Goal(**goal), tell)  # type: ignore[arg-type]


async def archived(room: Room) -> tuple[str, ...]:
    async with room.store.read() as tx:
        return await library.issue_keys(tx, "huaian")


async def test_so_many_issues_are_walked_back_to_read_whole_and_pushed_to_nobody(
    room: Room,
) -> None:
    print_week(room)
    await room.look()
    steps: list[Step] = []
    assert await walk(room, steps, issues=4) is Ending.DONE
    assert await archived(room) == tuple(DAYS[:3:-1])
    assert [(s.number, s.key, s.is_new) for s in steps] == [
        (1, DAYS[7], False), (2, DAYS[6], True), (3, DAYS[5], True), (4, DAYS[4], True),
    ]  # fmt: skip
    assert [entry.push for entry in await room.journal()] == [True, False, False, False]
    assert len((await room.issue(DAYS[5])).articles) == 2


async def test_walking_to_a_day_stops_there(room: Room) -> None:
    print_week(room)
    await room.look()
    assert await walk(room, since=date(2024, 4, 5)) is Ending.DONE
    assert await archived(room) == tuple(DAYS[:3:-1])


async def test_a_day_without_a_paper_stops_at_the_next_one(room: Room) -> None:
    room.press.print("2024-04-01", {"01": ["a"]})
    room.press.print("2024-04-05", {"01": ["b"]})
    await room.look()
    assert await walk(room, since=date(2024, 4, 3)) is Ending.DONE
    assert await archived(room) == ("2024-04-05",)


async def test_the_newspapers_first_issue_is_the_end(room: Room) -> None:
    print_week(room)
    await room.look()
    assert await walk(room, issues=100) is Ending.FIRST
    assert (await room.issue(DAYS[0])).status is IssueStatus.PARTIAL  # its pages were not shown


async def test_an_issue_that_links_none_before_it_is_the_end_of_the_way(room: Room) -> None:
    print_week(room, is_first=False)
    await room.look()
    assert await walk(room, issues=100) is Ending.NO_LINK


async def test_an_empty_archive_begins_with_the_newest_issue_and_pushes_not_even_that(
    room: Room,
) -> None:
    print_week(room)
    assert await walk(room, issues=2) is Ending.DONE
    assert [entry.push for entry in await room.journal()] == [False, False]
    await room.look()
    assert len(await room.journal()) == 2


async def test_a_walk_that_was_stopped_goes_on_where_it_was_and_fetches_nothing_twice(
    room: Room,
) -> None:
    print_week(room)
    await room.look()
    stop_at = f"/{DAYS[5]}/b5"
    whole = room.paper.programs[stop_at]
    reached = asyncio.Event()

    def slow(_asked: object) -> Reply:
        reached.set()
        return Reply(b"x" * 1000, drip=0.05)

    room.paper[stop_at] = slow
    task = asyncio.create_task(walk(room, issues=4))
    await reached.wait()
    task.cancel()
    await asyncio.wait([task])
    room.paper[stop_at] = whole
    before = set(room.asked())
    assert await walk(room, issues=4) is Ending.DONE
    assert before & set(room.asked()) <= {stop_at}
    assert await archived(room) == tuple(DAYS[:3:-1])


async def test_what_was_backfilled_is_not_looked_at_again(room: Room) -> None:
    print_week(room)
    await room.look()
    await walk(room, issues=4)
    room.asked()
    for _ in range(4):
        room.clock.jump(timedelta(days=2))
        await room.look()
    assert not [path for path in room.asked() if path.startswith(f"/{DAYS[5]}")]


async def test_a_server_that_fails_softly_is_asked_again_after_a_while(room: Room) -> None:
    print_week(room)
    await room.look()
    page = f"/{DAYS[6]}/"
    answers = [Reply(b"", 503), Reply(b"", 503, {"Retry-After": "120"}), room.paper.programs[page]]

    def answer(asked: object) -> Reply:
        program = answers.pop(0)
        return program if isinstance(program, Reply) else program(asked)  # type: ignore[arg-type]

    room.paper[page] = answer
    task = asyncio.create_task(walk(room, issues=2))
    while not task.done():
        await asyncio.sleep(0.01)
        await room.clock.advance(1)
    assert await task is Ending.DONE
    assert room.clock.slept[-2:] == [10.0, 120.0]


@pytest.mark.parametrize("gone", [Reply(b"", 404), Reply(b"", 410)], ids=["404", "410"])
async def test_an_issue_that_is_gone_ends_the_walk_with_what_was_read(
    room: Room, gone: Reply
) -> None:
    print_week(room)
    await room.look()
    room.paper[f"/{DAYS[5]}/"] = gone
    assert await walk(room, issues=4) is Ending.GONE
    assert await archived(room) == (DAYS[7], DAYS[6])


async def test_a_way_that_leads_in_a_circle_ends(room: Room) -> None:
    print_week(room)
    await room.look()
    whole = {"key": DAYS[7], "pages": []}
    room.press.put(f"/{DAYS[6]}/", {"issue": whole})
    with pytest.raises(NotReadable, match="没有更早"):
        await walk(room, issues=4)


async def test_an_issue_that_is_being_announced_is_left_to_the_watch(room: Room) -> None:
    print_week(room)
    room.paper[f"/{DAYS[7]}/b7"] = Reply(b"busy", 503)
    await room.look()
    await walk(room, issues=2)
    assert (await room.issue(DAYS[7])).status is IssueStatus.PARTIAL
    assert [entry.push for entry in await room.journal()] == [False]


async def test_todays_issue_is_looked_at_again_though_a_walk_found_it(room: Room) -> None:
    """It may still be half a paper, and a late article belongs to it."""
    print_week(room)
    await walk(room, issues=2)
    room.press.print(DAYS[7], {"01": ["a7"], "02": ["b7", "late"]})
    for _ in range(3):
        room.clock.jump(timedelta(hours=1))
        await room.look()
    articles = {article.key for article in (await room.issue(DAYS[7])).articles}
    assert articles == {"a7", "b7", "late"}
    assert not any(entry.push for entry in await room.journal() if entry.kind is COMPLETE)
