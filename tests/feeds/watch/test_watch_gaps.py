"""Issues that came out while nobody looked, and could not be had at once: they are asked for until they are
had or given up, by whichever watch looks. Every look here is one after a restart.
"""

from datetime import timedelta

import pytest
from sqlalchemy import func, select
from structlog.testing import capture_logs

from feeds.store import library
from feeds.store.engine import Store
from feeds.store.tables import gaps
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Program, Reply, page
from tests.fakes.watching import Room
from tests.feeds.watch import test_every_family as families
from tests.feeds.watch.test_backfill_by_date import ago, stand

DAYS = KNOWN, FIRST, SECOND, NEWEST = ["2024-04-04", "2024-04-05", "2024-04-06", "2024-04-07"]
LATER = timedelta(hours=2)  # more than any wait
FAILING = Reply(b"", 500)


async def _come_back(room: Room, trouble: Reply, day: str) -> Program:
    """Three issues came out meanwhile, and the page of one fails. What it would show."""
    room.press.print(KNOWN, {"01": ["a"]})
    await room.look()
    for number, one in enumerate(DAYS[1:]):
        room.press.print(one, {"01": [f"k{number}"]})
    whole, room.paper[f"/{day}/"] = room.paper.programs[f"/{day}/"], trouble
    await room.look()
    return whole


async def _look_later(room: Room) -> None:
    room.clock.jump(LATER)
    await room.look()


async def _keys(store: Store, source: str = "huaian") -> list[str]:
    async with store.read() as tx:
        return sorted(await library.issue_keys(tx, source))


async def _gaps(store: Store) -> int:
    async with store.read() as tx:
        return (await tx.execute(select(func.count()).select_from(gaps))).scalar_one()


@pytest.mark.parametrize("times", [1, 4])
async def test_an_issue_whose_page_fails_is_asked_for_by_later_looks(
    room: Room, times: int
) -> None:
    whole = await _come_back(room, FAILING, SECOND)
    for _ in range(times - 1):
        await _look_later(room)
    assert await _keys(room.store) == [KNOWN, NEWEST]
    room.paper[f"/{SECOND}/"] = whole
    await _look_later(room)
    assert await _keys(room.store) == DAYS
    assert len(await room.told()) == len(DAYS)
    assert await _gaps(room.store) == 0


async def test_it_is_asked_for_further_and_further_apart(room: Room) -> None:
    await _come_back(room, FAILING, SECOND)
    room.asked()
    await room.look()  # a second later
    assert f"/{SECOND}/" not in room.asked()
    standing = await room.standing()
    waits = [standing.next_look_at]
    for _ in range(2):
        await _look_later(room)
        assert f"/{SECOND}/" in room.asked()
        async with room.store.read() as tx:
            waits.append((await tx.execute(select(gaps.c.due_at))).scalar_one())
    assert waits[2] - room.clock.now() > timedelta(minutes=30)


@pytest.mark.parametrize(("trouble", "tries"), [(FAILING, 6), (Reply(b"", 404), 3)])
async def test_what_never_answers_is_given_up_as_a_page_is_and_that_is_told(
    room: Room, trouble: Reply, tries: int
) -> None:
    with capture_logs() as logs:
        await _come_back(room, trouble, SECOND)
        for _ in range(8):
            await _look_later(room)
    assert room.asked().count(f"/{SECOND}/") == tries
    (told,) = [line for line in logs if line["event"] == "issue given up"]
    assert (told["after"], told["before"], told["tries"]) == (KNOWN, NEWEST, 6)
    assert f"/{SECOND}/" in told["reason"]
    assert await _gaps(room.store) == 0
    assert await _keys(room.store) == [KNOWN, NEWEST]


async def test_what_was_found_renews_the_patience(room: Room) -> None:
    whole = await _come_back(room, FAILING, SECOND)
    for _ in range(4):
        await _look_later(room)
    room.paper[f"/{SECOND}/"] = whole
    first, room.paper[f"/{FIRST}/"] = room.paper.programs[f"/{FIRST}/"], FAILING
    for _ in range(4):
        await _look_later(room)
    room.paper[f"/{FIRST}/"] = first
    await _look_later(room)
    assert await _keys(room.store) == DAYS


async def test_a_server_that_asks_to_wait_is_left_alone_and_asked_again(room: Room) -> None:
    whole = await _come_back(room, Reply(b"", 503, {"Retry-After": "3600"}), SECOND)
    assert (await room.standing()).failures == 1
    room.clock.jump(timedelta(minutes=50))
    room.asked()
    await room.look()
    assert f"/{SECOND}/" not in room.asked()
    room.paper[f"/{SECOND}/"] = whole
    await _look_later(room)
    assert await _keys(room.store) == DAYS


async def test_a_quiet_look_while_a_gap_waits_is_one_request(room: Room) -> None:
    await _come_back(room, FAILING, SECOND)
    await room.look()
    room.asked()
    await room.look()
    assert room.asked() == ["/"]


@pytest.mark.parametrize("name", ["html: 新民晚报", "html: qpaper"])
@pytest.mark.parametrize(
    "trouble", [FAILING, page("<p>系统正在维护</p>")], ids=["500", "maintenance"]
)
async def test_a_day_that_fails_does_not_keep_us_from_the_days_before_it(
    name: str, trouble: Reply, store: Store, clock: FakeClock
) -> None:
    path = {"html: 新民晚报": "/html/xmwb/{}/1.html", "html: qpaper": "/new/Html/{}/Qpaper.html"}
    async with stand(name, store, clock, [3]) as here:
        await here.look()
        here.print(2, 1, 0)
        failing = path[name].format(ago(1)[0])
        whole, here.paper[failing] = here.paper.programs[failing], trouble
        await here.look()
        assert await here.days() == ago(0, 2, 3)
        here.paper[failing] = whole
        clock.jump(LATER)
        await here.look()
        assert await here.days() == ago(0, 1, 2, 3)
        assert await _gaps(store) == 0


@pytest.mark.parametrize("name", ["founder: classic"])
async def test_a_candidate_of_a_months_list_that_fails_is_not_passed_by(
    name: str, store: Store, clock: FakeClock
) -> None:
    async with families.stand(name, store, clock) as here:
        today = families.today(clock)
        days = [today - timedelta(days=back) for back in (3, 2, 1, 0)]
        here.print(days[0])
        await here.look()
        here.print(*days[1:])
        pages = {
            path: program
            for path, program in here.paper.programs.items()
            if f"{days[2]:%Y-%m/%d}/node_" in path
        }
        assert pages
        for path in pages:
            here.paper[path] = FAILING
        await here.look()
        for path, program in pages.items():
            here.paper[path] = program
        clock.jump(LATER)
        await here.look()
        assert await _keys(store, "paper") == [str(day) for day in days]
