"""Looking again at what was read: cheap, decaying, and never at the price of what is stored."""

from datetime import timedelta

import pytest

from feeds.difference import Op, difference
from feeds.models import EntryKind
from feeds.store.corrections import last_correction
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

DAY = "2024-04-08"
COMPLETE, CORRECTED = EntryKind.ISSUE_COMPLETE, EntryKind.ARTICLE_CORRECTED
ADDED = EntryKind.ARTICLE_ADDED


async def read(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"], "02": ["b"]})
    await room.look()
    room.asked()


async def test_lists_are_looked_at_again_at_ages_that_double(room: Room) -> None:
    await read(room)
    ages, age = [], timedelta()
    while age < timedelta(days=14):
        room.clock.jump(timedelta(minutes=10) - timedelta(seconds=1))
        await room.look()
        age += timedelta(minutes=10)
        if f"/{DAY}/02" in room.asked():
            ages.append(age // timedelta(minutes=10))
        if age > timedelta(hours=12):  # the rest in larger steps
            room.clock.jump(timedelta(hours=2))
            age += timedelta(hours=2)
    assert ages[:7] == [1, 2, 4, 8, 16, 32, 64]
    assert len(ages) <= 11


async def test_looking_again_is_conditional_and_changes_nothing_by_itself(room: Room) -> None:
    await read(room)
    before = await room.issue(DAY)
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    again = [asked for asked in room.paper.asked if asked.path != "/"]
    assert [asked.path for asked in again] == [f"/{DAY}/01", f"/{DAY}/02"]
    assert all("if-none-match" in asked.headers for asked in again)
    assert await room.issue(DAY) == before


async def test_an_article_added_to_a_page_later_is_found_and_told(room: Room) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a"], "02": ["b", "c"]})
    room.press.put("/", {"issue": {"key": DAY, "pages": []}})
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    assert await room.told() == [COMPLETE, ADDED]


async def test_an_article_whose_title_changed_in_its_list_is_read_again_soon(room: Room) -> None:
    await read(room)
    room.press.write(DAY, "b", title="改过的标题", body="改过的正文。")
    url = room.paper.url(f"/{DAY}/b")
    page = {"label": "02", "articles": [{"key": "b", "url": url, "title": "改过的目录"}]}
    room.press.put(f"/{DAY}/02", {"issue": {"key": DAY, "pages": [page]}})
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/01", f"/{DAY}/02", f"/{DAY}/b"]
    assert await room.told() == [COMPLETE, CORRECTED]


async def test_case_090_a_correction_shows_what_was_removed_and_what_was_added(room: Room) -> None:
    await read(room)
    room.press.write(DAY, "b", title="标题b", body="正文乙。")
    room.clock.jump(timedelta(hours=24))
    await room.look()
    b = next(a for a in (await room.issue(DAY)).articles if a.key == "b")
    async with room.store.read() as tx:
        correction = await last_correction(tx, b.id)
        nothing = await last_correction(tx, b.id - 1)
    assert correction is not None
    pieces = difference(correction.body_text, b.body_text)
    assert [(piece.op, piece.text) for piece in pieces] == [
        (Op.SAME, "正文"), (Op.REMOVED, "b"), (Op.ADDED, "乙"), (Op.SAME, "。"),
    ]  # fmt: skip
    assert correction.title == b.title
    assert nothing is None


@pytest.mark.parametrize("now", [
    {"article": {"key": "b", "title": "标题b", "body": ""}}, {"article": {"key": "b", "title": "", "body": ""}},
    {}, {"unreadable": "script"},
])  # fmt: skip
async def test_a_document_that_lost_its_body_does_not_take_ours(
    room: Room, now: dict[str, object]
) -> None:
    await read(room)
    before = (await room.issue(DAY)).articles
    room.press.put(f"/{DAY}/b", now)
    room.clock.jump(timedelta(hours=24))
    await room.look()
    assert (await room.issue(DAY)).articles == before
    assert CORRECTED not in await room.told()


async def test_a_page_that_answers_with_another_issue_hides_that_from_nobody(room: Room) -> None:
    """The lists of yesterday's issue lie where today's is shown: asking for the former must not make
    us think that we know the latter.
    """
    room.press.print(DAY, {"01": ["a"]}, own_pages=False)
    await room.look()  # its own address is the entry
    room.press.put("/", {"follow": [room.paper.url("/way")]})
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    room.press.print("2024-04-09", {"01": ["b"]}, own_pages=False)
    room.clock.jump(timedelta(minutes=10))
    await room.look()
    assert await room.told() == [COMPLETE, COMPLETE]


async def test_case_056_the_bytes_decide_where_validators_lie(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]}, own_pages=False)
    body = room.paper.programs["/"]
    whole = body(type("Asked", (), {"headers": {}})())  # type: ignore[operator, call-arg]
    tags = iter(["one", "two", "three"])
    room.paper["/"] = lambda asked: Reply(whole.body, headers={"ETag": f'"{next(tags)}"'})
    await room.look()
    before = await room.issue(DAY)
    await room.look()  # a new tag for the same bytes
    assert await room.issue(DAY) == before
    room.press.print(DAY, {"01": ["a", "b"]}, own_pages=False)
    fresh = room.paper.programs["/"](type("Asked", (), {"headers": {}})())  # type: ignore[operator, arg-type]
    room.paper["/"] = Reply(fresh.body, headers={"ETag": '"one"'})  # an old tag for new bytes
    await room.look()
    assert await room.told() == [COMPLETE, ADDED]
