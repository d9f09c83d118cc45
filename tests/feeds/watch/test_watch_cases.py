"""Rows of the catalogue of bad answers, as a watched newspaper meets them: what is stored stays, nobody is
told anything, and the next good look goes on as if nothing had been.
"""

from datetime import timedelta

import pytest

from feeds.models import EntryKind, IssueStatus
from tests.fakes.newspaper import Reply, gzipped, redirect
from tests.fakes.watching import Room

DAY = "2024-04-08"
COMPLETE = EntryKind.ISSUE_COMPLETE

BAD_ENTRIES = {
    "009-cut-gzip": Reply(gzipped(b"x" * 1000).body[:-9], headers={"Content-Encoding": "gzip"}),
    "014-cut-chunk": Reply(b"x" * 100, chunked=True, cut=50),
    "015-cut-page": Reply(b'{"unreadable": "truncated"}'),
    "016-loop": redirect("/"),
    "027-elsewhere": redirect("http://parked.example.org/"),
    "034-empty": Reply(b""),
    "035-soft-404": Reply("页面不存在".encode()),
    "036-maintenance": Reply(b'{"unreadable": "error_page"}'),
    "037-challenge": Reply(b'{"unreadable": "challenge"}'),
    "037-forbidden": Reply(b"blocked", 403),
    "039-parked": Reply(b"<html><title>buy this name</title></html>"),
    "045-999": Reply(b"x", 999),
    "045-nowhere": Reply(status=302, headers={"Location": " "}),
    "429": Reply(b"", 429, {"Retry-After": "60"}),
    "500": Reply(b"", 500),
}


@pytest.mark.parametrize("reply", BAD_ENTRIES.values(), ids=BAD_ENTRIES.keys())
async def test_case_a_bad_home_page_keeps_what_is_stored_and_tells_nobody(
    room: Room, reply: Reply
) -> None:
    room.press.print(DAY, {"01": ["a", "b"]})
    await room.look()
    before = await room.issue(DAY)
    room.paper["/"] = reply
    for _ in range(2):
        room.clock.jump(timedelta(minutes=20))
        await room.look()
    assert await room.issue(DAY) == before
    assert await room.told() in (
        [COMPLETE],
        [COMPLETE, EntryKind.ALARM_RAISED],
    )  # a challenge is told
    assert (await room.standing()).failures == 2
    room.press.print("2024-04-09", {"01": ["c"]})
    room.clock.jump(timedelta(days=1))
    await room.look()
    assert (await room.issue("2024-04-09")).status is IssueStatus.COMPLETE


async def test_case_040_no_request_is_made_before_the_server_said(room: Room) -> None:
    room.paper["/"] = Reply(b"", 429, {"Retry-After": "1200"})
    await room.look()
    standing = await room.standing()
    assert standing.next_look_at is not None
    assert standing.next_look_at >= room.clock.now() + timedelta(seconds=1199)


@pytest.mark.parametrize("day", ["2034-04-08", "2024-04-11", "1899-12-31"])
async def test_an_issue_of_an_incredible_date_hides_no_other(room: Room, day: str) -> None:
    room.press.print(DAY, {"01": ["a"]})
    await room.look()
    whole = {"key": day, "pages": [{"label": "01", "articles": []}]}
    room.press.put("/", {"issue": whole, "follow": [room.paper.url("/2024-04-09/")]})
    room.press.days.clear()
    room.press.print("2024-04-09", {"01": ["b"]})
    room.press.put("/", {"issue": whole, "follow": [room.paper.url("/2024-04-09/")]})
    await room.look()
    assert (await room.issue("2024-04-09")).status is IssueStatus.COMPLETE


async def test_yesterdays_paper_is_never_taken_for_todays(room: Room) -> None:
    room.press.print("2024-04-07", {"01": ["a"]})
    for _ in range(5):
        room.clock.jump(timedelta(days=1))
        await room.look()
    assert [e.kind for e in await room.journal() if e.kind is COMPLETE] == [COMPLETE]
    assert (await room.issue("2024-04-07")).date.isoformat() == "2024-04-07"


async def test_an_articles_time_is_its_issues_midnight_in_the_papers_zone_never_ours(
    room: Room,
) -> None:
    room.press.print(DAY, {"01": ["a"]})
    room.clock.jump(timedelta(days=5))
    await room.look()
    article = (await room.issue(DAY)).articles[0]
    assert article.published.isoformat() == "2024-04-07T16:00:00+00:00"
    assert not article.published_exact


async def test_case_087_089_an_issue_printed_anew_keeps_its_articles_and_adds_what_is_new(
    room: Room,
) -> None:
    room.press.print(DAY, {"01": ["a", "b"]}, own_pages=False)
    await room.look()
    room.press.print(DAY, {"02": ["b"], "03": ["a", "c"]}, own_pages=False)
    room.clock.jump(timedelta(hours=3))
    await room.look()
    issue = await room.issue(DAY)
    assert {article.key for article in issue.articles} == {"a", "b", "c"}
    assert await room.told() == [COMPLETE, EntryKind.ARTICLE_ADDED]


async def test_two_looks_that_agree_announce_an_issue_though_a_page_is_missing(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"], "02": ["b"]})
    room.press.take_out(f"/{DAY}/02")
    await room.look()
    assert await room.told() == []
    await room.look()
    assert await room.told() == [COMPLETE]


async def test_looks_between_which_pages_come_up_do_not_agree(room: Room) -> None:
    pages = {f"{n:02}": [f"k{n}"] for n in range(1, 6)}
    room.press.print(DAY, pages)
    shown = {label: room.paper.programs[f"/{DAY}/{label}"] for label in pages}
    for label in list(pages)[1:]:
        room.press.take_out(f"/{DAY}/{label}")
    for label in list(pages)[1:]:
        await room.look()
        assert await room.told() == [], label
        room.paper[f"/{DAY}/{label}"] = shown[label]
    await room.look()
    assert await room.told() == [COMPLETE]
    assert len((await room.issue(DAY)).articles) == 5


async def test_an_issue_of_which_something_is_missing_is_looked_at_soon(room: Room) -> None:
    room.settings["check_every"] = "3h"
    room.press.print(DAY, {"01": ["a"], "02": ["b"]})
    room.press.take_out(f"/{DAY}/02")
    await room.look()
    at = (await room.standing()).next_look_at
    assert at is not None
    assert at <= room.clock.now() + timedelta(minutes=5)


async def test_a_newspaper_that_failed_for_long_is_asked_one_thing_only(room: Room) -> None:
    room.press.print(DAY, {"01": ["a"], "02": ["b"]})
    room.paper[f"/{DAY}/b"] = Reply(b"busy", 503)
    await room.look()
    room.paper["/"] = Reply(b"", 500)
    for _ in range(3):
        await room.look()
    room.asked()
    await room.look()
    assert room.asked() == ["/"]
