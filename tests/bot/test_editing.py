"""Messages that were sent follow what becomes of their articles."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta

import pytest
from sqlalchemy import insert, select, update

from bot.book import UNWANTED_IN_DOUBT
from bot.channels.base import Priority
from bot.errors import Gone, Rejected, TryLater, Unknown
from bot.ledger import edits, parts
from bot.ledger.tables import subscriptions
from feeds.models import EntryKind, WithdrawnBy
from feeds.store import withdrawals
from feeds.store.tables import articles, issues, revisions
from tests.fakes.channel import SendingChannel
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]
HOUR = timedelta(hours=1)


@pytest.fixture
async def place(open_office: OpenOffice) -> Office:
    made = await open_office("to: telegram:7", "to: telegram:8, mode: article, max_messages: 3")
    await made.publish()
    await made.send()
    return made


async def withdraw(place: Office, key: str, reason: str | None = None) -> int:
    row = await place.change_article(key, position=1)
    async with place.store.write() as tx:
        now = place.clock.now()
        await withdrawals.withdraw(tx, row, WithdrawnBy.OPERATOR, reason, now)
    await place.spread()
    return row


async def test_a_withdrawn_article_leaves_every_message_that_told_of_it(place: Office) -> None:
    before = place.channel.to("7")[0]
    await place.clock.advance(30 * 24 * 3600)  # at any age
    await withdraw(place, "0408-1")
    await place.edit()
    by_chat = {edit.to: edit.text for edit in place.channel.edited}
    assert set(by_chat) == {"telegram:7", "telegram:8"}
    assert "春耕新闻0408-1" in before
    assert "▪ 此稿已由报社撤回" in by_chat["telegram:7"]
    for text in by_chat.values():
        assert "春耕新闻0408-1" not in text
        assert "(0408-1)" not in text
    assert by_chat["telegram:8"].startswith("此稿已由报社撤回\n淮安区报")
    assert "春耕新闻0408-2" in by_chat["telegram:7"]
    assert await place.edits() == []


async def test_a_withdrawal_goes_before_what_waits_to_be_pushed(place: Office) -> None:
    await place.publish(MONDAY + DAY)
    await withdraw(place, "0408-1")
    await place.edit()
    assert len(place.channel.edited) == 2
    assert {edit.priority for edit in place.channel.edited} == {Priority.PUSH}


async def test_an_article_that_is_given_back_is_told_of_again(place: Office) -> None:
    row = await withdraw(place, "0408-1")
    await place.edit()
    async with place.store.write() as tx:
        await withdrawals.restore(tx, row, WithdrawnBy.OPERATOR, place.clock.now())
    await place.spread()
    await place.edit()
    last = {edit.to: edit.text for edit in place.channel.edited}
    assert last["telegram:7"] == place.channel.to("7")[0]


async def test_what_is_withdrawn_before_its_turn_is_never_sent(place: Office) -> None:
    place.channel.waits = {"7": 60.0, "8": 60.0}
    await place.publish(MONDAY + DAY)
    await place.send()  # claimed, frozen, and put back for its chat's wait
    await withdraw(place, "0409-1")
    await place.edit()
    place.channel.waits.clear()
    await place.clock.advance(60)
    await place.send()
    assert all("0409-1" not in given.text for given in place.channel.sent)
    assert await place.edits() == []


async def test_what_cannot_be_edited_is_listed_with_its_reason(place: Office) -> None:
    place.channel.answers["7"] = [Rejected("message can't be edited")]
    place.channel.answers["8"] = [Gone("bot was blocked by the user")]
    await withdraw(place, "0408-1")
    await place.edit()
    async with place.store.read() as tx:
        left = {(one.chat, one.reason) for one in await edits.not_edited(tx)}
    assert left == {
        ("telegram:7", "message can't be edited"),
        ("telegram:8", "bot was blocked by the user"),
    }


async def test_a_channel_that_cannot_edit_lists_withdrawals_and_forgets_counts(
    place: Office,
) -> None:
    place.editing = place.editor(SendingChannel())
    await _count(place, "0408-1", 99)
    await place.edit()
    assert await place.edits() == []
    await withdraw(place, "0408-1")
    await place.edit()
    assert [state for state, _ in await place.edits()] == ["failed", "failed"]


async def test_an_edit_that_must_wait_is_made_later_and_says_the_latest(place: Office) -> None:
    place.channel.answers["7"] = [TryLater("slow down", timedelta(seconds=35))]
    row = await place.change_article("0408-1", title="改过的题目")
    await place.tell(EntryKind.ARTICLE_CORRECTED, issue_id=1, article_id=row)
    await place.edit()
    await place.change_article("0408-1", title="又改过的题目")
    await place.clock.advance(35)
    await place.edit()
    [edit] = [edit for edit in place.channel.edited if edit.to == "telegram:7"]
    assert "又改过的题目" in edit.text


async def test_a_correction_edits_what_was_sent_and_two_that_come_together_edit_once(
    place: Office,
) -> None:
    for title in ("改过的题目", "又改过的题目"):
        row = await place.change_article("0408-1", title=title)
        await place.tell(EntryKind.ARTICLE_CORRECTED, issue_id=1, article_id=row)
    await place.edit()
    assert sorted(edit.to for edit in place.channel.edited) == ["telegram:7", "telegram:8"]
    assert all("又改过的题目" in edit.text for edit in place.channel.edited)


async def test_a_correction_of_one_article_leaves_the_messages_of_others_alone(
    place: Office,
) -> None:
    row = await place.change_article("0408-2", title="改过的题目")
    await place.tell(EntryKind.ARTICLE_CORRECTED, issue_id=1, article_id=row)
    await place.edit()
    to_articles = [edit.text for edit in place.channel.edited if edit.to == "telegram:8"]
    assert len(to_articles) == 1
    assert to_articles[0].startswith("改过的题目")


async def correct(place: Office, key: str, **values: str) -> None:
    """The newspaper puts an article right; the archive keeps what it was."""
    async with place.store.write() as tx:
        row = (await tx.execute(select(articles).where(articles.c.key == key))).one()
        before = {"title": row.title, "body_text": row.body_text}
        old = {"article_id": row.id, "revision": row.revision, "content_hash": ""}
        await tx.execute(insert(revisions).values(**old, content=before, seen_at=place.clock.now()))
        new = {**values, "revision": row.revision + 1}
        await tx.execute(update(articles).where(articles.c.id == row.id).values(**new))
    await place.tell(EntryKind.ARTICLE_CORRECTED, issue_id=row.issue_id, article_id=row.id)


async def _count(place: Office, key: str, reads: int) -> datetime:
    """A count that was seen an hour after the issue."""
    await place.clock.advance(3600)
    at = place.clock.now()
    await place.change_article(key, reads=reads, reads_exact=True, reads_at=at)
    return at


async def test_counts_are_refreshed_in_issue_messages_when_they_grew(place: Office) -> None:
    await _count(place, "0408-1", 231)
    await place.edit()
    [edit] = place.channel.edited
    assert edit.to == "telegram:7"
    assert edit.priority is Priority.EDIT
    assert "阅读数:231" in edit.text
    await place.clock.advance(5 * 3600)  # at six hours nothing new was counted
    await place.edit()
    assert len(place.channel.edited) == 1


async def test_counts_wait_while_anything_is_to_be_pushed(place: Office) -> None:
    await _count(place, "0408-1", 231)
    await place.publish(MONDAY + DAY)
    await place.edit()
    assert place.channel.edited == []
    await place.send()
    await place.edit()
    assert len(place.channel.edited) == 1


async def test_a_message_that_its_reader_turned_keeps_what_it_shows(place: Office) -> None:
    message = place.channel.sent[0]
    async with place.store.write() as tx:
        await parts.turned(tx, "telegram:7", message.message_id, place.clock.now())
    await _count(place, "0408-1", 231)
    await place.edit()
    assert place.channel.edited == []
    await withdraw(place, "0408-1")
    await place.edit()
    assert {edit.to for edit in place.channel.edited} == {"telegram:7", "telegram:8"}


async def test_a_withdrawal_reaches_those_who_unsubscribed(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7")
    await place.publish()
    await place.send()
    object.__setattr__(place.settings, "deliver", ())
    await place.open()
    await withdraw(place, "0408-1")
    await place.edit()
    assert "此稿已由报社撤回" in place.channel.edited[0].text


async def test_a_message_of_two_parts_stays_one_of_two(open_office: OpenOffice) -> None:
    place = await open_office("to: telegram:7")
    await place.publish(articles=90)
    await place.send()
    assert len(place.channel.sent) == 2
    row = await place.change_article("0408-1", title="长" * 400)
    await place.tell(EntryKind.ARTICLE_CORRECTED, issue_id=1, article_id=row)
    await place.edit()
    assert {edit.message_id for edit in place.channel.edited} <= {"1", "2"}
    assert len(place.channel.edited) == 2


async def test_a_whole_issue_that_is_withdrawn_says_so(place: Office) -> None:
    async with place.store.write() as tx:
        await tx.execute(update(issues).values(status="withdrawn"))
    await place.tell(EntryKind.ISSUE_WITHDRAWN, issue_id=1)
    await place.edit()
    assert {edit.text.splitlines()[-1] for edit in place.channel.edited} == {"这一期已由报社撤回"}


async def test_what_waits_after_a_try_is_not_sent_once_it_is_withdrawn(place: Office) -> None:
    for chat in ("7", "8"):
        place.channel.answers[chat] = [TryLater("slow down", timedelta(seconds=35))]
    await place.publish(MONDAY + DAY)
    await place.send()  # tried, refused for a while
    await withdraw(place, "0409-1")
    await place.edit()
    await place.clock.advance(35)
    await place.send()
    assert any("0409-2" in given.text for given in place.channel.sent)
    assert all("0409-1" not in given.text for given in place.channel.sent)
    assert await place.edits() == []


async def test_a_withdrawal_finds_a_message_that_comes_back_from_a_try_that_failed(
    place: Office,
) -> None:
    place.channel.answers["7"] = [TryLater("slow down", timedelta(seconds=35))]
    place.channel.gate.clear()
    await place.publish(MONDAY + DAY)
    sending = asyncio.create_task(place.send())
    while place.channel.under_way < 2:  # both in flight: nobody can take their words back now
        await asyncio.sleep(0)
    await withdraw(place, "0409-1")
    await place.edit()
    place.channel.gate.set()
    await sending
    await place.clock.advance(35)
    await place.edit()
    await place.send()
    assert "0409-1" not in place.channel.to("7")[-1]
    assert "0409-2" in place.channel.to("7")[-1]


@pytest.mark.parametrize("changed", ["words", "choice"])
async def test_a_withdrawn_article_leaves_messages_whose_reader_would_not_get_it_now(
    open_office: OpenOffice, changed: str
) -> None:
    place = await open_office(
        "to: telegram:7, filter: 0408-1", "to: telegram:8, mode: article, filter: 0408-1"
    )
    await place.publish()
    await place.send()
    assert [len(place.channel.to(chat)) for chat in ("7", "8")] == [1, 1]
    if changed == "words":
        await correct(place, "0408-1", title="改过的题目", body_text="改过的正文。")
        await place.edit()
        assert ["改过的题目" in edit.text for edit in place.channel.edited] == [True, True]
    else:
        async with place.store.write() as tx:
            await tx.execute(update(subscriptions).values(filter="没有的词"))
    await withdraw(place, "0408-1")
    await place.edit()
    last = {edit.to: edit.text for edit in place.channel.edited}
    assert set(last) == {"telegram:7", "telegram:8"}
    for text in last.values():
        assert "此稿已由报社撤回" in text
        assert "题目" not in text
        assert "新闻0408-1" not in text


async def test_a_withdrawn_article_of_a_paper_that_is_no_longer_configured_leaves_its_messages(
    place: Office,
) -> None:
    others = [source for source in place.settings.sources if source.id != "huaian"]
    place.settings = place.settings.model_copy(update={"sources": others})
    place.editing = place.editor()
    await withdraw(place, "0408-1")
    await place.edit()
    assert {edit.to for edit in place.channel.edited} == {"telegram:7", "telegram:8"}
    for edit in place.channel.edited:
        assert "此稿已由报社撤回" in edit.text
        assert "淮安区报" in edit.text
        assert "新闻0408-1" not in edit.text


async def test_an_edit_that_a_channel_breaks_at_is_made_again(place: Office) -> None:
    place.channel.answers["7"] = [RecursionError("deep")]
    await withdraw(place, "0408-1")
    await place.edit()
    assert [(state, reason) for state, reason in await place.edits()] == [
        ("pending", "RecursionError")
    ]
    await place.clock.advance(10)
    await place.edit()
    assert await place.edits() == []


async def test_words_that_were_withdrawn_while_nobody_was_there_are_never_sent(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    place.channel.answers["7"] = [TryLater("HTTP 503", timedelta(seconds=35))]
    await place.publish()
    await place.send()
    row = await place.change_article("0408-1", position=1)
    async with place.store.write() as tx:
        await withdrawals.withdraw(tx, row, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.clock.advance(35)
    await place.send()  # before anybody read of it in the journal
    [text] = place.channel.to("7")
    assert "0408-2" in text
    assert "0408-1" not in text


async def test_what_may_have_arrived_and_is_wanted_no_more_is_unknown_and_listed(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7, filter: 0408-1")
    place.channel.answers["7"] = [Unknown("ServerDisconnectedError")]
    await place.publish()
    await place.send()
    await withdraw(place, "0408-1")
    await place.edit()
    await place.clock.advance(10)
    await place.send()
    assert place.channel.to("7") == []
    assert await place.states("state", "reason") == [("unknown", UNWANTED_IN_DOUBT)]
    await place.clock.advance(30)
    await place.edit()
    assert await place.edits() == [("failed", edits.NEVER_KNOWN)]


async def test_a_copy_in_doubt_of_a_message_that_was_sent_again_is_listed(
    open_office: OpenOffice,
) -> None:
    place = await open_office("to: telegram:7")
    place.channel.answers["7"] = [Unknown("ServerDisconnectedError")]
    await place.publish()
    await place.send()
    await withdraw(place, "0408-1")
    await place.edit()
    await place.clock.advance(10)
    await place.send()
    [text] = place.channel.to("7")
    assert "0408-1" not in text
    await place.clock.advance(30)
    await place.edit()
    assert await place.edits() == [("failed", edits.COPY_UNKNOWN)]
