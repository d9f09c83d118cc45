"""What a backup still owed when it was made is not sent again; what can be known of since is kept."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from bot.address import Address, ChatKind
from bot.fanout import FanOut
from bot.ledger import chats, subscriptions
from bot.ledger.deliveries import Owed, owe
from bot.ledger.leavers import Left
from bot.ledger.summaries import RESTORED
from bot.ledger.tables import Mode, deliveries, delivery_parts
from bot.restoring import Settled, settle_restored
from feeds.models import EntryKind, WithdrawnBy
from feeds.store import library, tables
from feeds.store.engine import Store
from feeds.store.outbox import State
from feeds.store.withdrawals import Withdrawn
from tests.fakes.archive import fill, simple_issue
from tests.fakes.clock import FakeClock
from tests.fakes.office import DAY, MONDAY, Office, office

Opened = Callable[..., Awaitable[Office]]


@pytest.fixture
async def opened(store: Store, tmp_path: Path, clock: FakeClock) -> AsyncIterator[Opened]:
    made: list[Office] = []

    async def open_it(*deliver: str) -> Office:
        made.append(office(store, tmp_path, clock, deliver))
        await made[-1].open()
        return made[-1]

    yield open_it
    for one in made:
        await one.close()


async def put_back(place: Office, *taken: Withdrawn) -> Settled:
    """What `restore` does to the database, and the first moments of the worker after it."""
    settled = await settle_restored(place.store, place.settings, place.clock, taken)
    await place.clock.advance(60)
    place.fanout = FanOut(place.store, place.settings, place.clock)
    await place.fanout._gaps.note_alive()
    return settled


async def test_what_waits_to_be_sent_becomes_a_name_in_one_summary(opened: Opened) -> None:
    place = await opened("to: telegram:7", "to: telegram:8, mode: article, max_messages: 2")
    await place.publish(MONDAY)
    settled = await put_back(place)
    assert settled == Settled(named=4, doubtful=0, withdrawn=0)
    await place.send()
    assert place.channel.sent == []
    await place.clock.advance(20 * 60)
    await place.send()
    for chat in ("7", "8"):
        [summary] = place.channel.to(chat)
        assert summary.splitlines()[0] == "错过的报纸"
        assert "2024年04月08日" in summary


async def test_who_unsubscribed_since_gets_no_summary_of_what_waited(opened: Opened) -> None:
    place = await opened("to: telegram:7")
    reader = Address("telegram", "9")
    async with place.store.write() as tx:
        await chats.meet(tx, str(reader), ChatKind.PRIVATE, place.clock.now())
        wish = {"mode": Mode.ISSUE}
        await subscriptions.subscribe(tx, reader, "huaian", wish, 0, place.clock.now())
    await place.publish(MONDAY)
    left = Left("telegram:9", "", "huaian")
    settled = await settle_restored(place.store, place.settings, place.clock, (), (left,))
    assert (settled.named, settled.left) == (1, 1)
    await place.clock.advance(30 * 60)
    await place.send()
    assert (len(place.channel.to("7")), place.channel.to("9")) == (1, [])


async def test_what_was_not_even_fanned_out_is_named_too(opened: Opened) -> None:
    place = await opened("to: telegram:7")
    await fill(place.store, issues=[simple_issue(MONDAY, updated=place.clock.now())])
    assert (await put_back(place)).named == 1
    await place.clock.advance(20 * 60)
    await place.send()
    assert [text.splitlines()[0] for text in place.channel.to("7")] == ["错过的报纸"]


async def test_the_newest_is_pushed_and_the_rest_stands_in_the_same_summary(
    opened: Opened,
) -> None:
    place = await opened("to: telegram:7")
    await place.publish(MONDAY)
    await put_back(place)
    found = place.clock.now()
    await place.put(*(simple_issue(MONDAY + n * DAY, updated=found) for n in (1, 2)))
    await place.send()
    await place.clock.advance(20 * 60)
    await place.send()
    newest, summary = sorted(place.channel.to("7"), key=lambda text: "错过" in text)
    assert "2024年04月10日" in newest
    assert summary.splitlines()[2] == "淮安区报 · 2024年04月08日、2024年04月09日"


@pytest.mark.parametrize("how", ["sending", "in part"])
async def test_what_was_being_sent_is_in_doubt_and_not_sent_again(opened: Opened, how: str) -> None:
    place = await opened("to: telegram:7")
    await place.publish(MONDAY)
    async with place.store.write() as tx:
        if how == "sending":
            await tx.execute(update(deliveries).values(state=State.SENDING, owner="dead"))
    if how == "in part":
        await place.send()
        async with place.store.write() as tx:
            anew = {"state": State.PENDING, "settled_at": None}
            await tx.execute(update(deliveries).values(**anew))
    sent = len(place.channel.sent)
    assert (await put_back(place)).doubtful == 1
    await place.delivery._book.recover()
    await place.clock.advance(20 * 60)
    await place.send()
    assert len(place.channel.sent) == sent
    assert await place.states("state", "owner", "lane") == [(State.UNKNOWN, None, None)]


async def test_an_old_alarm_is_not_raised_again(opened: Opened) -> None:
    place = await opened("to: telegram:7")
    now = place.clock.now()
    alarm = Owed("telegram:7", "", "alarm:1", "alarm", "huaian", 1, 0, now, now, silent=False)
    async with place.store.write() as tx:
        await owe(tx, [alarm], now)
    await put_back(place)
    assert await place.states("kind", "state") == [("alarm", State.SKIPPED)]


async def test_corrections_that_are_found_anew_are_not_told_again(opened: Opened) -> None:
    place = await opened("to: telegram:7")
    await place.publish(MONDAY)
    await place.send()
    await put_back(place)
    async with place.store.read() as tx:
        issue = await library.newest_issue(tx, "huaian")
    assert issue is not None
    about = {"issue_id": issue.id, "article_id": issue.articles[0].id, "push": True}
    await place.tell(EntryKind.ARTICLE_CORRECTED, **about, data={"changed": ["title"]})
    assert [reason for (reason,) in await place.states("reason")] == [None, RESTORED]
    await place.send()
    assert len(place.channel.sent) == 1
    assert await place.states("kind", "state") == [
        ("issue", State.SENT),
        ("correction", State.SKIPPED),
    ]
    await place.clock.advance(timedelta(hours=25).total_seconds())
    await place.tell(EntryKind.ARTICLE_CORRECTED, **about, data={"changed": ["title"]})
    assert (await place.states("kind", "state"))[-1] == ("correction", State.PENDING)


async def test_what_was_withdrawn_since_goes_out_of_messages_and_comes_in_withdrawn(
    opened: Opened,
) -> None:
    place = await opened("to: telegram:7")
    await place.publish(MONDAY)
    await place.send()
    operator = WithdrawnBy.OPERATOR
    settled = await put_back(
        place,
        Withdrawn("huaian", "2024-04-08", "0408-1", operator, "侵权"),
        Withdrawn("huaian", "2024-04-09", "0409-1", operator, None),
        Withdrawn("huaian", "2024-04-09", "0409-2", WithdrawnBy.PAPER, None),
    )
    assert settled.withdrawn == 2
    await place.spread()
    await place.edit()
    assert ["春耕新闻0408-1" in edit.text for edit in place.channel.edited] == [False]
    async with place.store.read() as tx:
        rows = (await tx.execute(select(tables.withheld))).all()
    assert [(row.issue, row.article) for row in rows] == [("2024-04-09", "0409-1")]


async def test_a_restore_of_the_same_backup_twice_settles_nothing_twice(opened: Opened) -> None:
    place = await opened("to: telegram:7")
    await place.publish(MONDAY)
    taken = Withdrawn("huaian", "2024-04-09", "0409-1", WithdrawnBy.OPERATOR, None)
    await put_back(place, taken)
    assert await put_back(place, taken) == Settled(0, 0, 0)
    async with place.store.read() as tx:
        parts = (await tx.execute(select(delivery_parts))).all()
    assert parts == []
