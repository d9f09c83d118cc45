"""Archives (RFC 5005): no entry is lost to a reader that comes rarely, and no document is stale."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy import update

from feeds.models import IssueStatus, Paper
from feeds.publish import service
from feeds.store import tables
from tests.fakes.archive import (
    correct,
    fill,
    make_article,
    make_issue,
    make_page,
    simple_issue,
    take_back,
    take_back_issue,
)
from tests.fakes.validators import check_feed
from tests.feeds.publish.conftest import Office

DAY = date(2024, 4, 8)
LATER = datetime(2024, 5, 9, 1, 0, tzinfo=UTC)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
Open = Callable[..., Office]


def day(back: int) -> date:
    return DAY - timedelta(days=back)


def walk(office: Office, name: str, suffix: str = "atom") -> tuple[list[str], list[str]]:
    """What a reader of archives reads: the ids of all entries, and the documents they stood in."""
    ids, documents = [], [f"{name}.{suffix}"]
    while True:
        ids += [entry.id for entry in office.read(documents[-1]).entries]
        before = office.links(documents[-1]).get("prev-archive")
        if before is None:
            return ids, documents
        documents.append(before)


@pytest.mark.parametrize("suffix", ["rss", "atom"])
async def test_a_reader_that_comes_monthly_finds_every_entry_once(
    office: Open, suffix: str
) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(*(simple_issue(day(n)) for n in range(30)))
    ids, documents = walk(at, "huaian", suffix)

    assert len(at.read(f"huaian.{suffix}").entries) == 6
    assert documents[:2] == [f"huaian.{suffix}", f"huaian/{day(2)}.{suffix}"]
    assert len(documents) == 29
    assert len(ids) == len(set(ids)) == 90


async def test_every_document_is_valid_marked_and_linked_both_ways(office: Open) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(*(simple_issue(day(n)) for n in range(4)))

    for suffix in ("rss", "atom", "json"):
        for name in at.files("huaian") + at.files("all.papers"):
            if name.endswith(suffix):
                check_feed(suffix, (at.folder / name).read_bytes())
    middle = at.links(f"huaian/{day(2)}.atom")
    assert middle["self"] == f"huaian/{day(2)}.atom"
    assert middle["current"] == "huaian.atom"
    assert middle["prev-archive"] == f"huaian/{day(3)}.atom"
    assert middle["next-archive"] == f"huaian/{day(1)}.atom"
    assert b"fh:archive" in (at.folder / f"huaian/{day(2)}.atom").read_bytes()
    assert "hub" not in middle
    assert b"fh:archive" not in (at.folder / "huaian.atom").read_bytes()


async def test_a_new_issue_is_bound_at_once_and_its_neighbour_leads_to_it(office: Open) -> None:
    at = office()
    await at.publish(simple_issue(day(1)))
    await fill(at.store, issues=[simple_issue(day(0))])
    await at.publisher.catch_up()

    assert at.links(f"huaian/{day(1)}.rss")["next-archive"] == f"huaian/{day(0)}.rss"
    assert at.links(f"huaian/{day(0)}.rss")["prev-archive"] == f"huaian/{day(1)}.rss"
    assert not await at.publisher.bind()


async def test_a_backfilled_issue_takes_its_place_in_the_middle(office: Open) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(simple_issue(day(0)), simple_issue(day(5)))
    await at.publish(simple_issue(day(3)))

    _, documents = walk(at, "huaian")
    assert documents == ["huaian.atom", f"huaian/{day(5)}.atom"]
    assert at.links(f"huaian/{day(5)}.atom")["next-archive"] == f"huaian/{day(3)}.atom"
    assert at.links(f"huaian/{day(0)}.atom")["prev-archive"] == f"huaian/{day(3)}.atom"


async def test_a_correction_changes_the_document_of_its_issue(office: Open) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(*(simple_issue(day(n)) for n in range(4)))
    key = f"{day(3):%m%d}-1"
    await correct(at.store, key, LATER, title="更正后的题目")
    await at.publisher.catch_up()

    entry = at.read(f"huaian/{day(3)}.atom").entries[0]
    assert entry.title == "更正后的题目"
    assert "标题原为“春耕新闻" in entry.content[0].value
    assert entry.updated_parsed[:4] == (2024, 5, 9, 1)


async def test_a_withdrawn_article_leaves_its_document_and_a_withdrawn_issue_the_archive(
    office: Open,
) -> None:
    at = office(more="feeds: {entries: 1}")
    await at.publish(*(simple_issue(day(n)) for n in range(4)))
    await take_back(at.store, f"{day(3):%m%d}-2", LATER)
    await take_back_issue(at.store, "huaian", day(2).isoformat(), LATER)
    await at.publisher.catch_up()

    assert at.keys(f"huaian/{day(3)}.atom") == [f"{day(3)}/{day(3):%m%d}-{n}" for n in (1, 3)]
    assert not [name for name in at.files("huaian") if str(day(2)) in name]
    assert not [name for name in at.files("all.papers") if str(day(2)) in name]
    assert at.links("huaian.atom")["prev-archive"] == f"huaian/{day(3)}.atom"
    assert at.links(f"huaian/{day(3)}.atom")["next-archive"] == f"huaian/{day(1)}.atom"


async def test_an_open_issue_is_shown_and_not_yet_archived(office: Open) -> None:
    at = office()
    growing = simple_issue(day(0), status=IssueStatus.OPEN, completed_at=None)
    await at.publish(growing, simple_issue(day(1)))

    assert len(at.keys("huaian.rss")) == 6
    assert at.files("huaian") == [f"huaian/{day(1)}.{s}" for s in ("atom", "json", "rss")]
    assert len(at.read("all.papers.rss").entries) == 6


async def test_nothing_new_touches_no_document_even_after_a_restart(office: Open) -> None:
    at = office()
    await at.publish(*(simple_issue(day(n)) for n in range(3)))
    before = {name: (at.folder / name).stat().st_mtime_ns for name in at.files("huaian")}
    at.restart()
    await at.publish()

    assert before == {name: (at.folder / name).stat().st_mtime_ns for name in at.files("huaian")}


@pytest.mark.parametrize("suffix", ["rss", "json"])
async def test_a_lost_document_is_back_and_a_foreign_one_gone_after_the_next_start(
    office: Open, suffix: str
) -> None:
    at = office()
    await at.publish(simple_issue(day(0)), simple_issue(day(1)))
    lost = at.folder / f"huaian/{day(1)}.{suffix}"
    before = lost.read_bytes()
    lost.unlink()
    (at.folder / "huaian/1999-01-01.atom").write_bytes(b"of another archive")
    at.restart()
    await at.publish()

    assert lost.read_bytes() == before
    assert not (at.folder / "huaian/1999-01-01.atom").exists()


async def test_a_changed_setting_binds_everything_again(office: Open) -> None:
    await (at := office()).publish(simple_issue(day(0)), simple_issue(day(1)))
    await (later := office(huaian="rights: 经授权")).publish()

    assert at.folder == later.folder
    for name in (f"huaian/{day(1)}.atom", f"huaian/{day(0)}.rss"):
        assert "经授权" in (later.folder / name).read_text()


async def test_a_restart_in_the_middle_of_binding_goes_on_to_the_end(
    office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.publish.archives.STEP", 1)
    at = office()
    await fill(at.store, issues=[simple_issue(day(n)) for n in range(5)])
    await at.publisher.catch_up()
    assert await at.publisher.bind()
    assert await at.publisher.bind()
    assert not at.publisher.is_whole("huaian")
    at.restart()
    await at.publish()

    assert at.publisher.is_whole("huaian")
    assert len(at.files("huaian")) == 15


async def test_an_issue_withdrawn_while_its_archive_is_bound_stays_away(
    office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.publish.archives.STEP", 1)
    at = office()
    await fill(at.store, issues=[simple_issue(day(n)) for n in range(3)])
    await at.publisher.catch_up()
    while not at.files("huaian"):
        assert await at.publisher.bind()
    await take_back_issue(at.store, "huaian", day(0).isoformat(), LATER)
    await at.publisher.catch_up()
    while await at.publisher.bind():
        assert not [name for name in at.files("huaian") if str(day(0)) in name]

    assert len(at.files("huaian")) == 6


async def test_many_changes_while_an_archive_is_bound_begin_it_again(
    office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.publish.archives.STEP", 1)
    monkeypatch.setattr(service, "MOST_AT_ONCE", 0)
    at = office()
    await fill(at.store, issues=[simple_issue(day(n)) for n in range(3)])
    await at.publisher.catch_up()
    while not at.files("huaian"):
        assert await at.publisher.bind()
    key = f"{day(2):%m%d}-1"
    await correct(at.store, key, LATER, title="更正后的题目")
    await at.publish()

    assert at.read(f"huaian/{day(2)}.atom").entries[0].title == "更正后的题目"


async def test_many_changes_at_once_are_left_to_the_background(
    office: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(service, "MOST_AT_ONCE", 2)
    at = office()
    await at.publish(simple_issue(day(0)))
    await fill(at.store, issues=[simple_issue(day(n)) for n in range(1, 5)])
    await at.publisher.catch_up()
    assert len(at.files("huaian")) == 3
    assert not at.publisher.is_whole("huaian")
    await at.publish()

    assert len(at.files("huaian")) == 15


async def test_the_common_archive_is_in_order_of_arrival_and_backfill_is_no_arrival(
    office: Open,
) -> None:
    at = office(more="feeds: {entries: 1}")
    moments = [LATER + timedelta(days=2 * n) for n in range(4)]
    late = simple_issue(day(9), source="chuzhou", completed_at=moments[1])
    papers = [Paper("huaian", "淮安区报", "http://paper.test/", "Asia/Shanghai"), CHUZHOU]
    await at.publish(
        simple_issue(day(0), completed_at=moments[0]),
        late,
        simple_issue(day(1), completed_at=moments[2]),
        papers=papers,
    )
    await fill(at.store, issues=[simple_issue(day(30), completed_at=moments[3])])
    async with at.store.write() as tx:
        backfilled = tables.issues.c.date == day(30)
        await tx.execute(update(tables.issues).where(backfilled).values(push=False))
    await at.publish()
    _, documents = walk(at, "all.papers")

    assert f"huaian/{day(30)}.atom" in at.files("huaian")
    assert documents == [
        "all.papers.atom",
        f"all.papers/chuzhou.{day(9)}.atom",
        f"all.papers/huaian.{day(0)}.atom",
    ]


async def test_an_issue_of_two_thousand_articles_keeps_its_order(office: Open) -> None:
    at = office()
    articles = [make_article(f"x{n}") for n in range(2000)]
    await at.publish(make_issue(DAY, [make_page("01", articles)]))

    assert at.keys("huaian.atom") == [f"{DAY}/x{n}" for n in range(2000)]
