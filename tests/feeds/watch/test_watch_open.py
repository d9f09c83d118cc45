"""Issues that are shown as they grow and close at the end of their day, as an upstream feed's."""

from datetime import UTC, datetime, timedelta

from feeds.models import EntryKind, IssueStatus
from feeds.store import library
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

DAY = "2024-04-08"
ADDED, COMPLETE = EntryKind.ARTICLE_ADDED, EntryKind.ISSUE_COMPLETE
MIDNIGHT = datetime(2024, 4, 8, 16, tzinfo=UTC)  # in China; the room's clock begins at 06:00 UTC


def printed(room: Room, keys: str) -> None:
    room.press.print(DAY, {"01": list(keys)}, own_pages=False, closes_at=MIDNIGHT)


async def test_each_article_is_told_as_it_comes_and_the_issue_when_its_day_is_over(
    room: Room,
) -> None:
    printed(room, "ab")
    await room.look()
    assert await room.told() == [ADDED, ADDED]
    assert (await room.issue(DAY)).status is IssueStatus.OPEN
    printed(room, "abc")
    await room.look()
    assert await room.told() == [ADDED] * 3
    room.clock.jump(timedelta(hours=11))
    await room.look()
    assert await room.told() == [ADDED] * 3 + [COMPLETE]
    await room.look()
    assert len(await room.told()) == 4


async def test_it_is_shown_while_it_grows(room: Room) -> None:
    printed(room, "ab")
    await room.look()
    async with room.store.read() as tx:
        newest = await library.newest_issue(tx, "huaian")
        assert await library.issue_keys(tx, "huaian") == (DAY,)
        assert len(await library.recent_issues(tx, "huaian", 50)) == 1
    assert newest is not None
    assert [article.key for article in newest.articles] == ["a", "b"]


async def test_an_issue_of_which_nothing_was_read_yet_is_not_shown(room: Room) -> None:
    printed(room, "a")
    room.paper[f"/{DAY}/a"] = Reply(b"busy", 503)
    await room.look()
    async with room.store.read() as tx:
        assert await library.newest_issue(tx, "huaian") is None
    assert await room.told() == []


async def test_its_next_look_is_no_later_than_its_end(room: Room) -> None:
    room.settings["check_every"] = "7d"
    printed(room, "a")
    await room.look()
    assert (await room.standing()).next_look_at == MIDNIGHT


async def test_it_closes_though_the_newspaper_cannot_be_reached(room: Room) -> None:
    printed(room, "a")
    await room.look()
    room.paper["/"] = Reply(b"x" * 10, cut=5)
    room.clock.jump(timedelta(hours=11))
    await room.look()
    assert (await room.told())[:2] == [ADDED, COMPLETE]


async def test_an_issue_seen_only_after_its_day_is_told_as_a_whole(room: Room) -> None:
    printed(room, "ab")
    room.clock.jump(timedelta(hours=11))
    await room.look()
    assert await room.told() == [COMPLETE]


async def test_corrections_in_it_are_told(room: Room) -> None:
    printed(room, "a")
    await room.look()
    room.press.write(DAY, "a", title="改过的标题")
    room.clock.jump(timedelta(hours=24))
    await room.look()
    assert await room.told() == [ADDED, COMPLETE, EntryKind.ARTICLE_CORRECTED]


# ── articles that stand whole in their issue's document ─────────────────────────────────────────


def feed(room: Room, **texts: str) -> None:
    """A feed with these entries, newest first."""
    url = room.paper.url
    links = [{"key": k, "url": url(f"/elsewhere/{k}"), "title": k} for k in texts]
    page = {"label": "01", "articles": links}
    issue = {"key": DAY, "pages": [page], "closes_at": MIDNIGHT.isoformat()}
    whole = [{"key": k, "title": k, "body": text} for k, text in texts.items()]
    room.press.put("/", {"issue": issue, "articles": whole})


async def test_whole_articles_are_read_with_their_issue_and_nothing_else_is_asked(
    room: Room,
) -> None:
    feed(room, a="甲", b="乙")
    await room.look()
    assert await room.told() == [ADDED, ADDED]
    feed(room, c="丙", a="甲", b="乙改")
    await room.look()
    assert await room.told() == [ADDED, ADDED, ADDED, EntryKind.ARTICLE_CORRECTED]
    room.clock.jump(timedelta(days=3))
    await room.look()
    assert set(room.asked()) == {"/"}


async def test_an_entry_that_leaves_a_feed_is_not_taken_back(room: Room) -> None:
    feed(room, **{f"k{n}": "文" for n in range(10)})
    await room.look()
    feed(room, k11="新")
    for _ in range(5):
        room.clock.jump(timedelta(hours=1))
        await room.look()
    assert EntryKind.ARTICLE_WITHDRAWN not in await room.told()
    assert set(room.asked()) == {"/"}
