"""A look, from the entry to the journal, over real HTTP and on both databases."""

from datetime import timedelta

import pytest
from sqlalchemy import update

from feeds.models import EntryKind, IssueStatus
from feeds.store.tables import issues
from tests.fakes.newspaper import Reply
from tests.fakes.watching import Room

COMPLETE = EntryKind.ISSUE_COMPLETE
DAY = "2024-04-08"
TWO_PAGES = {"01": ["a", "b"], "02": ["c"]}


async def test_a_first_look_reads_the_newest_issue_whole_and_announces_it_once(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    await room.look()
    issue = await room.issue(DAY)
    assert issue.status is IssueStatus.COMPLETE
    assert [(p.label, [a.title for a in p.articles]) for p in issue.pages] == [
        ("01", ["标题a", "标题b"]),
        ("02", ["标题c"]),
    ]
    assert await room.told() == [COMPLETE]
    assert room.asked() == ["/", f"/{DAY}/01", f"/{DAY}/02", *(f"/{DAY}/{k}" for k in "abc")]


async def test_a_second_look_is_one_conditional_request_and_changes_nothing(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    await room.look()
    before = await room.issue(DAY)
    room.asked()
    await room.look()
    assert room.asked() == ["/"]
    assert await room.issue(DAY) == before
    assert await room.told() == [COMPLETE]


@pytest.mark.parametrize(("first", "push"), [("newest", True), ("all", True), ("none", False)])
async def test_a_first_look_pushes_as_the_settings_say(room: Room, first: str, push: bool) -> None:
    room.settings["first"] = first
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    room.press.print("2024-04-09", {"01": ["b"]})
    await room.look()
    assert [entry.push for entry in await room.journal()] == [push, True]


async def test_signposts_are_followed_and_read_anew_each_time(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    room.press.put("/", {"follow": [room.paper.url("/gone"), room.paper.url("/way")]})
    room.press.put("/way", {"follow": [room.paper.url(f"/{DAY}/")]})
    await room.look()
    assert await room.told() == [COMPLETE]
    assert not {"/", "/way"} & await room.remembered()
    room.asked()
    await room.look()
    assert room.asked() == ["/", "/gone", "/way", f"/{DAY}/"]


async def test_signposts_in_a_circle_are_a_failed_look(room: Room) -> None:
    room.press.put("/", {"follow": [room.paper.url("/way")]})
    room.press.put("/way", {"follow": [room.paper.url("/")]})
    await room.look()
    assert (await room.standing()).failures == 1


async def test_an_entry_that_is_an_old_issue_leads_on_to_the_newest(room: Room) -> None:
    for day in ("2024-04-08", "2024-04-09"):
        room.press.print(day, {"01": [day[-1]]})
    old = {"key": "2024-04-08", "pages": [], "next": room.paper.url("/2024-04-09/")}
    room.press.put("/", {"issue": old})
    await room.look()
    assert [e.issue_id for e in await room.journal()] == [(await room.issue("2024-04-09")).id]


async def test_304_on_the_entry_does_not_hide_an_issue_half_read(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    whole = room.paper.programs[f"/{DAY}/c"]
    room.paper[f"/{DAY}/c"] = Reply(b"busy", 503)
    await room.look()
    assert (await room.issue(DAY)).status is IssueStatus.PARTIAL
    assert await room.told() == []
    room.paper[f"/{DAY}/c"] = whole
    room.asked()
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/c"]
    assert await room.told() == [COMPLETE]


@pytest.mark.parametrize(
    "home",
    [Reply(b"", 404), Reply(b"", 500), Reply(b"maintenance", 200)],
    ids=["404", "500", "maintenance"],
)
async def test_a_home_page_that_answers_badly_does_not_hide_an_issue_half_read(
    room: Room, home: Reply
) -> None:
    room.press.print(DAY, TWO_PAGES)
    whole = room.paper.programs[f"/{DAY}/c"]
    room.paper[f"/{DAY}/c"] = Reply(b"busy", 503)
    await room.look()
    room.paper[f"/{DAY}/c"] = whole
    room.paper["/"] = home
    await room.look()
    assert await room.told() == [COMPLETE]
    assert (await room.standing()).failures == 1


@pytest.mark.parametrize(
    "broken", [Reply(b"", 404), Reply(b"<html>"), Reply(b'{"broken": 1}'), Reply(b"{}")]
)
async def test_a_broken_article_is_skipped_and_the_issue_goes_on(room: Room, broken: Reply) -> None:
    room.press.print(DAY, TWO_PAGES)
    room.paper[f"/{DAY}/b"] = broken
    await room.look()
    assert await room.told() == [COMPLETE]
    assert [a.key for a in (await room.issue(DAY)).articles] == ["a", "c"]


async def test_a_skipped_article_is_tried_three_more_times_and_then_left(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    room.paper[f"/{DAY}/b"] = Reply(b"", 404)
    for _ in range(6):
        await room.look()
    assert room.asked().count(f"/{DAY}/b") == 4


async def test_a_skipped_article_that_appears_later_is_told_as_added(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    whole = room.paper.programs[f"/{DAY}/b"]
    room.paper[f"/{DAY}/b"] = Reply(b"", 404)
    await room.look()
    room.paper[f"/{DAY}/b"] = whole
    await room.look()
    assert await room.told() == [COMPLETE, EntryKind.ARTICLE_ADDED]
    assert [a.key for a in (await room.issue(DAY)).articles] == ["a", "b", "c"]


async def test_a_soft_failure_holds_its_issue_open_for_three_looks(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    room.paper[f"/{DAY}/b"] = Reply(b"", 500)
    told = []
    for _ in range(3):
        await room.look()
        told.append(await room.told())
    assert told == [[], [], [COMPLETE]]


async def test_three_broken_articles_in_a_row_do_not_keep_an_issue_for_ever(room: Room) -> None:
    room.press.print(DAY, {"01": list("abcdefg")})
    for key in "bcde":
        room.paper[f"/{DAY}/{key}"] = Reply(b"", 500)
    for _ in range(5):
        await room.look()
    assert await room.told() == [COMPLETE]
    assert [a.key for a in (await room.issue(DAY)).articles] == ["a", "f", "g"]


async def test_a_page_that_is_not_there_yet_is_waited_for(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    whole = room.paper.programs[f"/{DAY}/02"]
    room.paper[f"/{DAY}/02"] = Reply(b"", 404)
    await room.look()
    assert await room.told() == []
    room.paper[f"/{DAY}/02"] = whole
    await room.look()
    assert len((await room.issue(DAY)).articles) == 3
    assert await room.told() == [COMPLETE]


async def test_a_page_whose_address_shows_another_issue_is_not_taken_for_it(room: Room) -> None:
    room.press.print("2024-04-07", {"01": ["x"]})
    room.press.print(DAY, TWO_PAGES)
    room.paper[f"/{DAY}/02"] = room.paper.programs["/2024-04-07/01"]
    for _ in range(3):
        await room.look()
    assert [a.key for a in (await room.issue(DAY)).articles] == ["a", "b"]


async def test_when_the_server_asks_to_wait_the_look_ends_and_nothing_is_given_up(
    room: Room,
) -> None:
    room.press.print(DAY, TWO_PAGES)
    room.paper[f"/{DAY}/a"] = Reply(b"", 429, {"Retry-After": "7200"})
    await room.look()
    standing = await room.standing()
    assert standing.failures == 1
    assert standing.next_look_at is not None
    assert standing.next_look_at >= room.clock.now() + timedelta(seconds=7199)
    assert room.asked()[-1] == f"/{DAY}/a"
    assert (await room.issue(DAY)).status is IssueStatus.PARTIAL


async def test_an_unreachable_newspaper_backs_off_and_keeps_what_it_has(room: Room) -> None:
    room.press.print(DAY, TWO_PAGES)
    await room.look()
    before = await room.issue(DAY)
    room.paper["/"] = Reply(b"x" * 10, cut=5)
    for failures in (1, 2, 3):
        await room.look()
        standing = await room.standing()
        assert standing.failures == failures
        wait = standing.next_look_at - room.clock.now()
        assert wait >= timedelta(minutes=min(10 * 2**failures, 60)) - timedelta(seconds=1)
    assert await room.issue(DAY) == before
    room.press.print(DAY, TWO_PAGES)
    await room.look()
    assert (await room.standing()).failures == 0


async def test_an_entry_without_an_issue_stores_no_validators(room: Room) -> None:
    room.paper["/"] = Reply(b'{"follow": []}', headers={"ETag": '"x"'})
    await room.look()
    assert await room.remembered() == set()


async def test_issues_that_were_missed_are_walked_back_to_and_told_oldest_first(room: Room) -> None:
    room.press.print("2024-04-01", {"01": ["a"]})
    await room.look()
    for day in ("2024-04-02", "2024-04-03", "2024-04-04"):
        room.press.print(day, {"01": [day[-1]]})
    await room.look()
    told = [entry.issue_id for entry in await room.journal()]
    keys = ["2024-04-01", "2024-04-02", "2024-04-03", "2024-04-04"]
    assert told == [(await room.issue(key)).id for key in keys]


async def test_a_first_look_walks_back_nowhere(room: Room) -> None:
    for day in ("2024-04-01", "2024-04-02"):
        room.press.print(day, {"01": [day[-1]]})
    await room.look()
    assert "/2024-04-01/" not in room.asked()


async def test_a_long_gap_is_walked_back_ten_issues_at_most(room: Room) -> None:
    room.press.print("2024-03-01", {"01": ["a"]})
    await room.look()
    for day in range(2, 30):
        room.press.print(f"2024-03-{day:02}", {"01": [f"k{day}"]})
    for _ in range(3):
        await room.look()
    assert 10 <= len(await room.journal()) <= 12


async def test_an_article_listed_later_is_told_as_added(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]}, own_pages=False)
    await room.look()
    room.press.print(DAY, {"01": ["a", "b"]}, own_pages=False)
    await room.look()
    assert await room.told() == [COMPLETE, EntryKind.ARTICLE_ADDED]


async def test_an_issue_that_shrank_keeps_what_it_had(room: Room) -> None:
    room.press.print(DAY, {"01": ["a", "b"], "02": ["c"]}, own_pages=False)
    await room.look()
    room.press.print(DAY, {"01": ["a"]}, own_pages=False)
    await room.look()
    assert len((await room.issue(DAY)).articles) == 3
    assert await room.told() == [COMPLETE]


async def test_an_issue_of_which_nothing_can_be_read_is_not_announced(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    room.paper[f"/{DAY}/a"] = Reply(b"", 404)
    for _ in range(5):
        await room.look()
    assert await room.told() == [EntryKind.ALARM_RAISED]


async def test_counts_are_looked_at_again_when_due_and_corrections_found_then(room: Room) -> None:
    room.press.print(DAY, {"01": ["a", "b"]}, reads=90)
    await room.look()
    room.asked()
    room.press.write(DAY, "a", reads=250)
    room.press.write(DAY, "b", reads=91, title="改过的标题")
    await room.look()
    assert room.asked() == ["/"]
    room.clock.jump(timedelta(hours=1))
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/01", f"/{DAY}/a", f"/{DAY}/b"]
    issue = await room.issue(DAY)
    assert [a.reads.value for a in issue.articles if a.reads] == [250, 91]
    assert [a.revision for a in issue.articles] == [1, 2]
    rungs = [e.data for e in await room.journal() if e.kind is EntryKind.READS_RUNG]
    assert rungs == [{"rung": 100}, {"rung": 200}]
    assert (await room.told())[-1] is EntryKind.ARTICLE_CORRECTED
    room.clock.jump(timedelta(days=9))
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/01"]  # one last time
    await room.look()
    assert room.asked() == ["/"]


async def test_a_count_that_is_not_modified_was_looked_at_all_the_same(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]}, reads=90)
    await room.look()
    room.clock.jump(timedelta(hours=1))
    await room.look()
    room.asked()
    await room.look()
    assert room.asked() == ["/"]


async def test_counts_by_list_are_looked_at_a_page_at_a_time(room: Room) -> None:
    room.settings["reads"] = "list"
    room.press.print(DAY, {"01": ["a", "b"]})
    await room.look()
    room.asked()
    room.clock.jump(timedelta(hours=1))
    await room.look()
    assert room.asked() == ["/", f"/{DAY}/01"]
    await room.look()
    assert room.asked() == ["/"]


async def test_counts_switched_off_are_never_looked_at(room: Room) -> None:
    room.settings["reads"] = "off"
    room.press.print(DAY, {"01": ["a"]}, reads=5)
    await room.look()
    room.clock.jump(timedelta(hours=1))
    room.asked()
    await room.look()
    assert f"/{DAY}/a" not in room.asked()


async def test_a_withdrawn_issue_does_not_come_back_by_itself(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    async with room.store.write() as tx:
        await tx.execute(update(issues).values(status=IssueStatus.WITHDRAWN))
    room.press.print(DAY, {"01": ["a", "b"]})
    await room.look()
    assert await room.told() == [COMPLETE]
    assert (await room.issue(DAY)).status is IssueStatus.WITHDRAWN


async def test_the_operators_headers_are_sent(room: Room) -> None:
    room.settings["headers"] = {"X-Requested-With": "XMLHttpRequest"}
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    assert all(a.headers["x-requested-with"] == "XMLHttpRequest" for a in room.paper.asked)
