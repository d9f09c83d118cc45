"""What a newspaper takes back: believed on proof only, undone when it comes back, and never news twice."""

from datetime import timedelta

import pytest

from feeds.models import EntryKind, IssueStatus, WithdrawnBy
from feeds.store.withdrawals import withdraw
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

DAY = "2024-04-08"
COMPLETE, WITHDRAWN, RESTORED = (
    EntryKind.ISSUE_COMPLETE,
    EntryKind.ARTICLE_WITHDRAWN,
    EntryKind.ARTICLE_RESTORED,
)
EVERY = timedelta(minutes=10)


async def later(room: Room, looks: int = 1, after: timedelta = EVERY) -> None:
    """So many looks, each some time after the one before."""
    for _ in range(looks):
        room.clock.jump(after)
        await room.look()


async def read(room: Room, keys: str = "abc", *, own_pages: bool = False) -> None:
    room.press.print(DAY, {"01": list(keys)}, own_pages=own_pages)
    await room.look()
    assert await room.told() == [COMPLETE]


async def stands(room: Room, key: str) -> bool:
    return any(a.key == key and not a.withdrawn for a in (await room.issue(DAY)).articles)


@pytest.mark.parametrize("own_pages", [False, True])
async def test_an_article_no_longer_listed_and_gone_at_two_looks_is_withdrawn_once(
    room: Room, own_pages: bool
) -> None:
    await read(room, own_pages=own_pages)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=own_pages)
    room.press.take_out(f"/{DAY}/b")
    await later(room)
    assert await room.told() == [COMPLETE], "one look is no proof"
    await later(room, 5)
    assert await room.told() == [COMPLETE, WITHDRAWN]
    assert (await room.journal())[-1].data["by"] == "paper"
    assert not await stands(room, "b")


@pytest.mark.parametrize("gone", [Reply(b"", 404), Reply(b"", 410)], ids=["404", "410"])
async def test_case_044_an_article_that_is_gone_but_listed_is_kept(room: Room, gone: Reply) -> None:
    await read(room)
    room.paper[f"/{DAY}/b"] = gone
    await later(room, 10, timedelta(hours=20))
    assert await room.told() == [COMPLETE]
    assert await stands(room, "b")


async def test_an_article_no_longer_listed_whose_page_is_still_there_is_kept(room: Room) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    await later(room, 10, timedelta(hours=20))
    assert await room.told() == [COMPLETE]
    assert await stands(room, "b")


SOFT = {
    "500": Reply(b"", 500),
    "maintenance": Reply(b"maintenance"),
    "empty": Reply(b""),
    "challenge": Reply(b'{"unreadable": "challenge"}'),
    "error-page": Reply(b'{"unreadable": "error_page"}'),
    "cut": Reply(b"x" * 10, cut=5),
}


@pytest.mark.parametrize("answer", SOFT.values(), ids=SOFT.keys())
async def test_case_035_036_037_nothing_soft_ever_withdraws_an_article(
    room: Room, answer: Reply
) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    room.paper[f"/{DAY}/b"] = answer
    await later(room, 8, timedelta(hours=2))
    assert WITHDRAWN not in await room.told()
    assert await stands(room, "b")


async def test_what_was_gone_once_and_is_back_was_never_withdrawn(room: Room) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    room.press.take_out(f"/{DAY}/b")
    await later(room)
    room.press.print(DAY, {"01": ["a", "b", "c"]}, own_pages=False)
    await later(room, 5)
    assert await room.told() == [COMPLETE]


async def test_an_article_that_comes_back_is_restored_and_not_new(room: Room) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    room.press.take_out(f"/{DAY}/b")
    await later(room, 3)
    room.press.print(DAY, {"01": ["a", "b", "c"]}, own_pages=False)
    await later(room, 3)
    assert await room.told() == [COMPLETE, WITHDRAWN, RESTORED]
    assert await stands(room, "b")


async def test_an_article_that_comes_back_changed_is_a_correction_too(room: Room) -> None:
    await read(room)
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    room.press.take_out(f"/{DAY}/b")
    await later(room, 3)
    room.press.print(DAY, {"01": ["a", "b", "c"]}, own_pages=False)
    room.press.write(DAY, "b", title="改过的标题")
    await later(room, 3)
    assert sorted((await room.told())[2:]) == [EntryKind.ARTICLE_CORRECTED, RESTORED]


async def test_what_an_operator_withdrew_no_look_brings_back(room: Room) -> None:
    await read(room)
    b = next(a for a in (await room.issue(DAY)).articles if a.key == "b")
    async with room.store.write() as tx:
        await withdraw(tx, b.id, WithdrawnBy.OPERATOR, "侵权", room.clock.now())
    room.press.print(DAY, {"01": ["a", "c"]}, own_pages=False)
    await later(room, 3)
    room.press.print(DAY, {"01": ["a", "b", "c"]}, own_pages=False)
    room.press.write(DAY, "b", title="改过的标题")
    await later(room, 3, timedelta(hours=24))
    assert RESTORED not in await room.told()
    assert not await stands(room, "b")


async def test_case_092_a_list_that_shrank_is_heard_twice_before_anything_is_asked(
    room: Room,
) -> None:
    keys = [f"k{n}" for n in range(20)]
    room.press.print(DAY, {"01": keys}, own_pages=False)
    await room.look()
    room.press.print(DAY, {"01": keys[:2]}, own_pages=False)
    for key in keys[2:]:
        room.press.take_out(f"/{DAY}/{key}")
    room.asked()
    await later(room)
    assert room.asked() == ["/"]
    assert len((await room.issue(DAY)).articles) == 20
    room.press.print(DAY, {"01": keys}, own_pages=False)  # it was a fault
    await later(room, 5)
    assert await room.told() == [COMPLETE]


async def test_case_092_a_list_that_stays_short_and_whose_articles_are_gone_is_accepted(
    room: Room,
) -> None:
    keys = [f"k{n}" for n in range(20)]
    room.press.print(DAY, {"01": keys}, own_pages=False)
    await room.look()
    room.press.print(DAY, {"01": keys[:2]}, own_pages=False)
    for key in keys[2:]:
        room.press.take_out(f"/{DAY}/{key}")
    await later(room, 6)
    assert (await room.told()).count(WITHDRAWN) == 18


async def test_a_list_that_cannot_be_heard_again_proves_nothing(room: Room) -> None:
    await read(room, own_pages=True)
    room.press.print(DAY, {"01": ["a", "c"]})
    room.press.take_out(f"/{DAY}/b")
    await later(room)  # the list without it, and its page gone
    room.paper[f"/{DAY}/01"] = Reply(b"", 500)
    await later(room, 6)
    assert await room.told() == [COMPLETE]


# ── whole issues ────────────────────────────────────────────────────────────────────────────────


async def take_out_newest(room: Room) -> None:
    """The newest issue is taken out; the entry shows the one before again."""
    room.press.print("2024-04-07", {"01": ["x"]})
    await room.look()
    room.press.print(DAY, {"01": ["a", "b"]})
    room.press.put("/", {"follow": [room.paper.url(f"/{DAY}/")]})
    await room.look()
    room.press.put("/", {"follow": [room.paper.url("/2024-04-07/")]})
    for path in (f"/{DAY}/", f"/{DAY}/01", f"/{DAY}/a", f"/{DAY}/b"):
        room.press.take_out(path)


async def test_an_issue_taken_out_with_its_articles_is_withdrawn_after_two_looks(
    room: Room,
) -> None:
    await take_out_newest(room)
    await later(room)
    assert (await room.issue(DAY)).status is IssueStatus.COMPLETE
    await later(room, 2)
    assert (await room.issue(DAY)).status is IssueStatus.WITHDRAWN
    assert await room.told() == [COMPLETE, COMPLETE, EntryKind.ISSUE_WITHDRAWN]
    room.asked()
    await later(room, 2)
    assert f"/{DAY}/a" not in room.asked()


async def test_an_issue_that_comes_back_is_restored_and_not_new(room: Room) -> None:
    await take_out_newest(room)
    await later(room, 3)
    room.press.print(DAY, {"01": ["a", "b"]})
    room.press.put("/", {"follow": [room.paper.url(f"/{DAY}/")]})
    await later(room, 2)
    assert (await room.told())[2:] == [EntryKind.ISSUE_WITHDRAWN, EntryKind.ISSUE_RESTORED]
    assert (await room.issue(DAY)).status is IssueStatus.COMPLETE


async def test_an_issue_whose_document_moved_while_its_articles_stand_is_kept(room: Room) -> None:
    await take_out_newest(room)
    room.press.write(DAY, "a")
    await later(room, 5)
    assert (await room.issue(DAY)).status is IssueStatus.COMPLETE


async def test_an_old_issue_that_the_site_no_longer_keeps_is_kept_by_us(room: Room) -> None:
    room.press.print("2024-04-07", {"01": ["x"]})
    room.press.put("/", {"follow": [room.paper.url("/2024-04-07/")]})
    await room.look()
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.clock.jump(timedelta(days=6))
    for path in ("/2024-04-07/", "/2024-04-07/01", "/2024-04-07/x"):
        room.press.take_out(path)
    await later(room, 6, timedelta(hours=6))
    assert (await room.issue("2024-04-07")).status is IssueStatus.COMPLETE
