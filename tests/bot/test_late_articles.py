"""An article that comes into an issue which was sent already: one paper stays one message."""

from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from bot.channels.base import Priority
from bot.errors import TryLater
from bot.fanout import TOGETHER
from bot.ledger import edits
from bot.ledger.edits import Why
from feeds.models import IssueStatus
from tests.fakes.archive import add_late, make_article
from tests.fakes.channel import SendingChannel
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]


@pytest.fixture
async def place(open_office: OpenOffice) -> Office:
    made = await open_office("to: telegram:7")
    await made.publish()
    await made.send()
    return made


async def late(place: Office, key: str = "late", issue: str = "2024-04-08", **changes: Any) -> None:
    """An article comes late; then whatever follows from it at once."""
    await place.clock.advance(1)
    await add_late(place.store, issue, make_article(key, **changes), place.clock.now())
    await place.spread()
    await place.edit()
    await place.send()


async def a_while(place: Office) -> None:
    await place.clock.advance(TOGETHER.total_seconds())
    await place.edit()
    await place.send()


async def test_the_message_takes_it_in_without_sound_and_no_other_is_sent(place: Office) -> None:
    [first] = place.channel.sent
    await late(place)
    await a_while(place)
    [edit] = place.channel.edited
    assert (edit.to, edit.message_id, edit.priority) == (first.to, first.message_id, Priority.EDIT)
    assert "春耕新闻late" in edit.text
    assert "春耕新闻0408-1" in edit.text
    assert "4篇" in edit.text
    assert place.channel.sent == [first]


async def test_several_that_come_close_together_cost_one_edit(place: Office) -> None:
    for number in range(1, 6):
        await late(place, f"late{number}")
    await a_while(place)
    [edit] = place.channel.edited
    assert all(f"春耕新闻late{number}" in edit.text for number in range(1, 6))
    await late(place, "later")
    await a_while(place)
    assert "春耕新闻later" in place.channel.edited[1].text


async def test_who_reads_by_article_gets_a_message_of_its_own(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7, mode: article, max_messages: 2")
    await place.publish()
    await place.send()
    before = len(place.channel.sent)
    await late(place)
    await a_while(place)
    assert [given.text.splitlines()[0] for given in place.channel.sent[before:]] == ["春耕新闻late"]
    assert place.channel.edited == []


async def test_what_was_not_sent_yet_has_it_when_it_is_sent(place: Office) -> None:
    place.channel.answers["7"] = [TryLater("slow down", timedelta(seconds=60))]
    await place.publish(MONDAY + DAY)
    await place.send()  # composed, and put back
    await late(place, "late", issue="2024-04-09")
    await a_while(place)
    await place.clock.advance(60)
    await place.send()
    assert "春耕新闻late" in place.channel.to("7")[-1]
    assert place.channel.edited == []


async def test_a_channel_that_cannot_change_what_it_sent_sends_nothing_and_owes_nothing(
    place: Office,
) -> None:
    place.editing = place.editor(SendingChannel())
    await late(place)
    await a_while(place)
    assert len(place.channel.sent) == 1
    assert await place.edits() == []


async def test_who_does_not_want_it_keeps_the_message_as_it_is(open_office: OpenOffice) -> None:
    place = await open_office('to: telegram:7, filter: "0408"')
    await place.publish()
    await place.send()
    await late(place, body_text="停水通知")
    await a_while(place)
    assert len(place.channel.sent) == 1
    assert place.channel.edited == []


async def test_who_was_sent_nothing_of_the_issue_gets_its_one_message_now(
    open_office: OpenOffice,
) -> None:
    place = await open_office('to: telegram:7, filter: "停水"')
    await place.publish()
    await place.send()
    for number in range(1, 3):
        await late(place, f"late{number}", body_text="停水通知")
    await a_while(place)
    [sent] = place.channel.sent
    assert "春耕新闻late1" in sent.text
    [edit] = place.channel.edited
    assert "春耕新闻late2" in edit.text


async def test_an_issue_that_is_still_open_has_no_message_to_change(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    await place.publish(status=IssueStatus.OPEN)
    await late(place)
    async with place.store.read() as tx:
        assert not await edits.is_planned(tx, 1, Why.ADDED)
