"""What the newest feeds show: issues one by one, all papers together, corrections, what is gone."""

import json
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest

from feeds.models import Issue, Paper
from feeds.store import library
from feeds.store.engine import Transaction
from tests.fakes.archive import (
    HUAIAN,
    correct,
    simple_issue,
    take_back,
    take_back_issue,
)
from tests.fakes.validators import check_feed
from tests.feeds.publish.conftest import Office

DAY = date(2024, 4, 8)
LATER = datetime(2024, 4, 9, 1, 0, tzinfo=UTC)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
PAPERS = [HUAIAN, CHUZHOU]
Open = Callable[..., Office]


def day(back: int) -> date:
    return DAY - timedelta(days=back)


async def test_issues_one_by_one_reach_back_more_than_a_month(office: Open) -> None:
    at = office()
    await at.publish(*(simple_issue(day(n)) for n in range(50)))

    assert at.keys("huaian.issues.rss") == [day(n).isoformat() for n in range(35)]
    for suffix in ("rss", "atom", "json"):
        check_feed(suffix, (at.folder / f"huaian.issues.{suffix}").read_bytes())
    assert at.read("huaian.issues.atom").feed.title == "淮安区报·每期一条"


async def test_all_papers_stand_together_each_entry_with_its_paper(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(DAY), simple_issue(DAY, source="chuzhou"), papers=PAPERS)
    feed = at.read("all.papers.atom")

    assert len(feed.entries) == 6
    assert {entry.source.title for entry in feed.entries} == {"淮安区报", "楚州晚报"}
    assert {e.id for e in feed.entries} >= {e.id for e in at.read("huaian.atom").entries}
    for suffix in ("rss", "atom", "json"):
        check_feed(suffix, (at.folder / f"all.papers.{suffix}").read_bytes())


async def test_all_papers_hold_a_day_of_arrivals_and_no_more_than_is_good(office: Open) -> None:
    at = office(more="feeds: {entries: 5}")
    issues = [
        simple_issue(day(n), 400, completed_at=LATER - timedelta(hours=11 * n)) for n in range(4)
    ]
    await at.publish(*issues)
    assert len(at.read("all.papers.rss").entries) == 800

    small = [
        simple_issue(day(n + 10), 4, source="chuzhou", completed_at=LATER + timedelta(hours=11 * n))
        for n in range(1, 6)
    ]
    await at.publish(*small, papers=PAPERS)
    assert len(at.read("all.papers.rss").entries) == 12


async def test_a_correction_says_what_was_changed_and_moves_updated_alone(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(DAY))
    before = at.read("huaian.atom").entries[1]
    await correct(at.store, "0408-2", LATER, title="更正后的题目")
    await at.publish()
    after = at.read("huaian.atom").entries[1]

    assert after.id == before.id
    assert after.published == before.published
    assert after.updated_parsed[:4] == (2024, 4, 9, 1)
    assert "更正（2024年04月09日 09:00）：标题原为“春耕新闻0408-2”" in after.content[0].value
    assert "更正" not in at.read("huaian.atom").entries[0].content[0].value


async def test_a_correction_of_an_older_issue_is_brought_forward(office: Open) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(*(simple_issue(day(n)) for n in range(5)))
    await correct(at.store, f"{day(4):%m%d}-2", LATER, title="更正后的题目")
    await at.publish()

    assert len(at.keys("huaian.rss")) == 7
    assert at.keys("huaian.rss")[-1] == f"{day(4)}/{day(4):%m%d}-2"
    await at.publish(*(simple_issue(DAY + timedelta(days=n)) for n in (1, 2, 3, 4)))
    assert len(at.keys("huaian.rss")) == 6


async def test_what_is_taken_back_leaves_every_feed_and_a_tombstone(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(DAY), simple_issue(day(1)))
    gone = at.read("huaian.atom").entries[1].id
    await take_back(at.store, "0408-2", LATER)
    await at.publish()

    for name in ("huaian", "all.papers"):
        feed = (at.folder / f"{name}.atom").read_text()
        assert gone not in [entry.id for entry in at.read(f"{name}.atom").entries]
        assert f'ref="{gone}" when="2024-04-09T01:00:00+00:00"' in feed
        told = json.loads((at.folder / f"{name}.json").read_bytes())["_baotong"]["deleted"]
        assert [stone["id"] for stone in told] == [gone]
        check_feed("atom", feed.encode())
    assert at.read("huaian.atom").feed.updated_parsed[:4] == (2024, 4, 9, 1)
    assert "0408-2" not in (at.folder / "huaian.issues.rss").read_text()


async def test_an_issue_taken_back_takes_its_articles_along(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(DAY), simple_issue(day(1)))
    await take_back_issue(at.store, "huaian", DAY.isoformat(), LATER)
    await at.publish()

    assert all(key.startswith(str(day(1))) for key in at.keys("huaian.atom"))
    assert (at.folder / "huaian.atom").read_text().count("deleted-entry") == 3
    assert at.keys("huaian.issues.atom") == [str(day(1))]
    assert f':huaian/{DAY}"' in (at.folder / "huaian.issues.atom").read_text()


async def test_the_lists_name_the_feeds_of_articles_and_those_of_issues(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(DAY))

    assert "feeds/huaian.rss" in (at.folder / "feeds.opml").read_text()
    assert "feeds/huaian.issues.rss" in (at.folder / "feeds.issues.opml").read_text()


async def test_an_issue_is_loaded_again_only_when_something_in_it_changed(
    office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    loaded: list[int] = []
    load = library.issue_by_id

    async def noted(tx: Transaction, issue_id: int) -> Issue | None:
        loaded.append(issue_id)
        return await load(tx, issue_id)

    at = office()
    await at.publish(*(simple_issue(day(n)) for n in range(20)))
    monkeypatch.setattr(library, "issue_by_id", noted)
    await at.publish(simple_issue(DAY + timedelta(days=1)))

    assert len(set(loaded)) == 1


async def test_incremental_bytes_are_those_of_a_fresh_start(office: Open) -> None:
    at = office()
    await at.publish(*(simple_issue(day(n)) for n in range(3, 9)))
    for n in (2, 1, 0):
        await at.publish(simple_issue(day(n)))
    await correct(at.store, f"{day(1):%m%d}-1", LATER, title="更正")
    await take_back(at.store, f"{day(0):%m%d}-3", LATER)
    await at.publish()
    names = at.files() + at.files("huaian") + at.files("all.papers")
    before = {name: (at.folder / name).read_bytes() for name in names}
    (at.folder / ".cursor.json").unlink()
    for name in names:
        (at.folder / name).unlink()
    at.restart()
    await at.publish()

    assert {name: (at.folder / name).read_bytes() for name in names} == before
