"""By which rules a newspaper's pages are read is kept with the article that tells it."""

from dataclasses import replace

from feeds.store import overview
from tests.fakes.watching import Room

DAY = "2024-04-08"


async def rules(room: Room) -> dict[str, str] | None:
    async with room.store.read() as tx:
        found = (await overview.papers(tx, ["huaian"]))["huaian"].found_by
    return None if found is None else dict(found)


async def test_the_rules_of_the_article_read_last_are_kept(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    room.press.write(DAY, "a", found_by={"title": "label", "body_html": "selector"})
    await room.watch().look("huaian")
    assert await rules(room) == {"title": "label", "body_html": "selector"}
    room.press.print("2024-04-09", {"01": ["b"]})
    room.press.write("2024-04-09", "b", found_by={"title": "data"})
    await room.watch().look("huaian")
    assert await rules(room) == {"title": "data"}


async def test_what_is_read_walking_back_tells_nothing_of_todays_pages(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    room.press.write(DAY, "a", found_by={"title": "label"})
    watch = room.watch()
    desk = watch._desks["huaian"]
    watch._desks["huaian"] = replace(desk, policy=replace(desk.policy, is_backfill=True))
    await watch.look("huaian")
    assert (await room.issue(DAY)).articles
    assert await rules(room) is None
