"""Upkeep lets go of what is over and of nothing else, in short steps, and nothing comes back for it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import delete, event, func, insert, select, update

from bot.errors import Gone, Rejected
from bot.fanout import FanOut
from bot.ledger import parts, pruning, questions
from bot.ledger.deliveries import Owed, owe
from bot.ledger.tables import chats, deliveries, delivery_parts, edits, wordings
from bot.ledger.tables import questions as questions_table
from bot.message import Line, Part, Span
from bot.upkeep import ARTICLES, MOST, REST, Upkeep
from feeds.cursor import FileCursor, write_cursor
from feeds.models import EntryKind, WithdrawnBy
from feeds.store import journal, ranking, tables
from feeds.store.engine import Store
from feeds.store.journal import Cursor
from feeds.store.outbox import State
from feeds.store.withdrawals import withdraw
from tests.fakes.archive import SEEN, fill, simple_issue
from tests.fakes.clock import QuickClock
from tests.fakes.office import DAY, MONDAY, Office, office

Opened = Callable[..., Awaitable[Office]]
READER = "to: telegram:7"


@pytest.fixture
def clock() -> QuickClock:
    return QuickClock()


@pytest.fixture
async def opened(store: Store, tmp_path: Path, clock: QuickClock) -> AsyncIterator[Opened]:
    made: list[Office] = []

    async def open_it(*deliver: str, more: str = "") -> Office:
        made.append(office(store, tmp_path, clock, deliver, more))
        await made[-1].open()
        return made[-1]

    yield open_it
    for one in made:
        await one.close()


def upkeep(place: Office, *fixed: str) -> Upkeep:
    return Upkeep(place.store, place.settings, place.clock, frozenset(fixed))


async def after(place: Office, days: float, *fixed: str) -> None:
    """So many days pass, and the upkeep does its round."""
    place.clock.jump(timedelta(days=days))
    await upkeep(place, *fixed).once()


async def count(place: Office, table: object) -> int:
    async with place.store.read() as tx:
        return int((await tx.execute(select(func.count()).select_from(table))).scalar_one())  # type: ignore[arg-type]


# ── deliveries ──────────────────────────────────────────────────────────────────────────────────


async def test_a_message_that_stands_is_kept_where_what_never_arrived_is_let_go(
    opened: Opened,
) -> None:
    place = await opened(READER, "to: telegram:8")
    place.channel.answers["8"] = [Rejected("empty")]
    await place.publish()
    await place.send()
    await after(place, 89)
    assert len(await place.states()) == 2
    await after(place, 2)
    assert await place.states() == [("telegram:7", State.SENT)]
    await after(place, 3650)
    assert await place.states() == []


async def test_parts_and_wordings_that_nothing_names_go_along_and_others_stay(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    await after(place, 3600)
    await place.publish(MONDAY + DAY)
    await place.send()
    assert [await count(place, t) for t in (delivery_parts, wordings)] == [2, 2]
    await after(place, 60)
    assert [await count(place, t) for t in (deliveries, delivery_parts, wordings)] == [1, 1, 1]


async def test_where_messages_cannot_be_changed_they_are_not_kept_for_it(opened: Opened) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    await after(place, 91, "wecom")
    assert len(await place.states()) == 1
    await after(place, 0, "telegram")
    assert await place.states() == []


async def test_messages_in_a_chat_that_we_left_long_ago_go_and_it_may_come_back(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    place.channel.answers["7"] = [Gone("blocked")]
    await place.publish(MONDAY + DAY)
    await place.send()
    await after(place, 89)
    assert len(await place.states()) == 2
    await after(place, 2)
    assert await place.states() == []
    async with place.store.write() as tx:
        await tx.execute(update(chats).values(gone_at=None, gone_reason=None))
    await place.publish(MONDAY + 2 * DAY)
    await place.send()
    assert await place.states() == [("telegram:7", State.SENT)]


async def test_what_is_still_owed_is_never_let_go(opened: Opened) -> None:
    place = await opened(READER)
    await place.publish()
    await after(place, 40_000)
    assert await place.states() == [("telegram:7", State.PENDING)]


async def test_alarms_and_other_words_about_no_issue_go_once_they_are_over(
    opened: Opened,
) -> None:
    place = await opened(READER)
    now = place.clock.now()
    alarm = Owed("telegram:7", "", "issue-less", "alarm", "huaian", 1, 0, now, now, silent=False)
    async with place.store.write() as tx:
        await owe(tx, [alarm], now)
        over = {"state": State.SENT, "settled_at": now, "lane": None}
        await tx.execute(update(deliveries).values(**over))
    await after(place, 91)
    assert await place.states() == []


async def test_what_was_let_go_is_owed_to_nobody_again(opened: Opened) -> None:
    """Neither by a restart, nor by looking again, nor by a cursor that was lost."""
    place = await opened(READER, "to: telegram:8, mode: article")
    await place.publish()
    await place.send()
    await after(place, 91, "telegram")
    assert await place.states() == []
    place.fanout = FanOut(place.store, place.settings, place.clock)
    await place.spread()
    await place.tell(EntryKind.READS_RUNG, issue_id=1, article_id=1, push=True, data={"rung": 100})
    assert await place.states() == []
    async with place.store.write() as tx:
        await tx.execute(delete(tables.cursors))
    place.fanout = FanOut(place.store, place.settings, place.clock)
    await place.spread()
    await place.send()
    assert await place.states() == []


async def test_a_withdrawal_reaches_a_message_of_last_year(opened: Opened) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    await after(place, 365)
    async with place.store.write() as tx:
        await withdraw(tx, 1, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.spread()
    await place.edit()
    [edit] = place.channel.edited
    assert "春耕新闻0408-1" not in edit.text
    assert "春耕新闻0408-2" in edit.text


async def test_a_correction_of_last_year_is_taken_back_without_its_journal_entry(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    row = await place.change_article("0408-1", title="改了")
    old = {"article_id": row, "revision": 1, "seen_at": place.clock.now(), "content_hash": "x"}
    said = {"title": "春耕新闻0408-1", "body_text": "全区春耕生产全面展开。", "body_html": ""}
    async with place.store.write() as tx:
        await tx.execute(insert(tables.revisions).values(**old, content=said))
    about = {"issue_id": 1, "article_id": row, "push": True}
    await place.tell(EntryKind.ARTICLE_CORRECTED, **about, data={"changed": ["title"]})
    await place.send()
    assert len(place.channel.sent) == 2
    await after(place, 365)
    assert await count(place, tables.journal) == 0
    async with place.store.write() as tx:
        await withdraw(tx, row, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.spread()
    await place.edit()
    assert len(place.channel.edited) == 2
    assert all("改了" not in edit.text for edit in place.channel.edited)


async def test_a_wording_that_an_edit_is_about_to_need_is_not_lost_meanwhile(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    async with place.store.write() as tx:
        await withdraw(tx, 1, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.spread()
    place.channel.gate.clear()
    editing = asyncio.create_task(place.edit())
    while not place.channel.under_way:
        await asyncio.sleep(0.01)
    await upkeep(place).once()
    place.channel.gate.set()
    await editing
    assert await place.edits() == []
    assert await count(place, wordings) == 2  # the old one, until the next round
    await upkeep(place).once()
    assert await count(place, wordings) == 1


async def test_a_wording_that_is_being_dropped_is_stored_again_for_who_needs_it(
    opened: Opened,
) -> None:
    place = await opened(READER)
    made = parts.Wordings()
    hash_ = made.of(Part((Line((Span("春耕"),)),)))
    async with place.store.write() as tx:
        await parts.put_wordings(tx, made)

    async def need() -> None:
        async with place.store.write() as tx:
            await parts.put_wordings(tx, made)
            assert await parts.contents(tx, [hash_])

    async with place.store.write() as tx:
        assert await pruning.drop_wordings(tx, [hash_]) == 1
        needed = asyncio.create_task(need())
        await asyncio.sleep(0.1)  # until it waits for us
    await needed
    assert await count(place, wordings) == 1


async def test_a_wording_that_somebody_is_about_to_name_is_waited_for_and_kept(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    part = Part((Line((Span("春耕"),)),))
    made = parts.Wordings()
    hash_ = made.of(part)
    async with place.store.write() as tx:
        await parts.put_wordings(tx, made)

    async def drop() -> int:
        async with place.store.write() as tx:
            return await pruning.drop_wordings(tx, [hash_])

    async with place.store.write() as tx:
        await parts.put_wordings(tx, made)
        dropping = asyncio.create_task(drop())
        await asyncio.sleep(0.1)  # until it waits for us
        await parts.freeze(tx, {1: [part]}, place.clock.now())
    assert await dropping == 0
    assert await count(place, delivery_parts) == 1


async def test_edits_that_could_not_be_made_are_forgotten_in_time(opened: Opened) -> None:
    place = await opened(READER)
    await place.publish()
    await place.send()
    place.channel.answers["7"] = [Rejected("message can't be edited")]
    async with place.store.write() as tx:
        await withdraw(tx, 1, WithdrawnBy.OPERATOR, None, place.clock.now())
    await place.spread()
    await place.edit()
    assert len(await place.edits()) == 1
    await after(place, 91)
    assert (await count(place, edits), len(await place.states())) == (0, 1)


async def test_questions_that_nobody_may_answer_any_more_are_forgotten(opened: Opened) -> None:
    place = await opened(READER)
    async with place.store.write() as tx:
        await questions.ask(tx, "telegram:7", "1", "filter", place.clock.now())
    await after(place, 0.5)
    assert await count(place, questions_table) == 1
    await after(place, 1)
    assert await count(place, questions_table) == 0


# ── the journal ─────────────────────────────────────────────────────────────────────────────────


async def entries(place: Office) -> list[int]:
    async with place.store.read() as tx:
        return [entry.seq for entry in await journal.after(tx, 0, 99)]


async def two_issues(place: Office) -> None:
    for n in range(2):
        await fill(place.store, issues=[simple_issue(MONDAY + n * DAY, updated=place.clock.now())])


async def test_the_journal_goes_behind_the_slowest_cursor_and_its_numbers_go_on(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await two_issues(place)
    await after(place, 91)
    assert await entries(place) == [1, 2]  # nobody has dealt with them
    async with place.store.write() as tx:
        await journal.move(tx, "fan-out", Cursor(2))
        await journal.move(tx, "another", Cursor(1))
    await after(place, 0)
    assert await entries(place) == [2]
    async with place.store.write() as tx:
        await journal.move(tx, "another", Cursor(2))
    await after(place, 0)
    assert await entries(place) == []
    await place.publish(MONDAY + 9 * DAY)
    assert await entries(place) == [3]


async def test_what_the_feeds_were_not_told_yet_stays(opened: Opened) -> None:
    place = await opened(READER)
    await two_issues(place)
    await place.spread()
    folder = place.settings.data_dir / "feeds"
    folder.mkdir(parents=True, exist_ok=True)
    write_cursor(folder, FileCursor("x", 1, {}))
    await after(place, 91)
    assert await entries(place) == [2]


async def test_what_is_young_stays(opened: Opened) -> None:
    place = await opened(READER)
    await two_issues(place)
    await place.spread()
    await after(place, 89)
    assert await entries(place) == [1, 2]


# ── counts ──────────────────────────────────────────────────────────────────────────────────────


async def put_counts(place: Office, article: int, counts: list[tuple[datetime, int]]) -> None:
    rows = [{"article_id": article, "seen_at": at, "value": v, "exact": True} for at, v in counts]
    async with place.store.write() as tx:
        await tx.execute(insert(tables.read_counts), rows)
        last = {"reads": counts[-1][1], "reads_exact": True, "reads_at": counts[-1][0]}
        await tx.execute(
            update(tables.articles).where(tables.articles.c.id == article).values(last)
        )


async def test_old_counts_are_thinned_to_one_a_day_and_the_curve_keeps_its_shape(
    opened: Opened,
) -> None:
    place = await opened(READER)
    await place.publish()
    hourly = [(SEEN + timedelta(hours=n), 10 * n) for n in range(60)]
    hourly[30] = (hourly[30][0], 9999)  # its peak
    await put_counts(place, 1, hourly)
    async with place.store.read() as tx:
        before = await ranking.curve(tx, 1)
        grown = (await ranking.most_read(tx, ["huaian"], 1, 5))[0].grown
    await after(place, 20)
    async with place.store.read() as tx:
        assert await ranking.curve(tx, 1) == before
    await after(place, 20)
    async with place.store.read() as tx:
        points = await ranking.curve(tx, 1)
        assert (await ranking.most_read(tx, ["huaian"], 1, 5))[0].grown == grown
    assert (points[0], points[-1]) == (before[0], before[-1])
    assert max(point.count.value for point in points) == 9999
    assert len(points) == 5  # the first, the peak, and the last of three days
    assert set(points) < set(before)


async def test_counts_of_many_articles_are_thinned_in_steps_once(opened: Opened) -> None:
    place = await opened(READER)
    await place.publish(articles=ARTICLES * 2 + 3)
    for article in (1, ARTICLES, ARTICLES + 1, ARTICLES * 2 + 3):
        await put_counts(place, article, [(SEEN + timedelta(minutes=n), n) for n in range(300)])
    await after(place, 40)
    assert await count(place, tables.read_counts) == 4 * 2
    late = [(SEEN + timedelta(days=1, minutes=n), 300 + n) for n in range(9)]
    await put_counts(place, 1, late)
    await after(place, 40)
    assert await count(place, tables.read_counts) == 4 * 2 + 9  # dealt with once and for all


# ── validators ──────────────────────────────────────────────────────────────────────────────────


async def test_validators_of_documents_that_nobody_asks_for_any_more_are_forgotten(
    opened: Opened,
) -> None:
    place = await opened(READER)
    now = place.clock.now()
    rows = [
        {"source": "huaian", "url": f"http://paper.test/{n}", "body_hash": "x", "fetched_at": at}
        for n, at in enumerate([now, now + 50 * DAY])
    ]
    async with place.store.write() as tx:
        await tx.execute(insert(tables.documents), rows)
    await after(place, 91)
    async with place.store.read() as tx:
        left = (await tx.execute(select(tables.documents.c.url))).scalars().all()
    assert left == ["http://paper.test/1"]


# ── steps ───────────────────────────────────────────────────────────────────────────────────────


async def many(place: Office, number: int) -> None:
    """So many deliveries that were skipped long ago."""
    at = place.clock.now()
    rows = [
        {"channel": "telegram", "chat": "telegram:7", "subject": f"issue:{n}", "kind": "issue",
         "source": "huaian", "seq": n, "entry_at": at, "due_at": at, "created_at": at,
         "settled_at": at, "state": State.SKIPPED}
        for n in range(number)
    ]  # fmt: skip
    async with place.store.write() as tx:
        await tx.execute(insert(deliveries), rows)


@pytest.fixture
def deleted(store: Store) -> Iterator[list[int]]:
    """How many rows each DELETE let go."""
    found: list[int] = []

    def note(_c: object, cursor: object, statement: str, *_more: object) -> None:
        if statement.startswith("DELETE FROM deliveries"):
            found.append(cursor.rowcount)  # type: ignore[attr-defined]

    event.listen(store.engine.sync_engine, "after_cursor_execute", note)
    yield found
    event.remove(store.engine.sync_engine, "after_cursor_execute", note)


async def test_no_step_is_longer_than_the_longest_and_each_is_followed_by_a_rest(
    opened: Opened, deleted: list[int], clock: QuickClock
) -> None:
    place = await opened(READER)
    await many(place, 2 * MOST + 7)
    await after(place, 91)
    assert deleted == [MOST, MOST, 7]
    assert len([rest for rest in clock.slept if rest >= REST]) > len(deleted)


async def test_what_was_stopped_in_the_middle_is_gone_on_with(
    opened: Opened, clock: QuickClock
) -> None:
    place = await opened(READER)
    await many(place, 3 * MOST)
    clock.jump(timedelta(days=91))
    steps = upkeep(place)._deliveries(clock.now())
    assert await anext(steps) == MOST
    await steps.aclose()  # type: ignore[attr-defined]
    assert await count(place, deliveries) == 2 * MOST
    await upkeep(place).once()
    assert await count(place, deliveries) == 0


async def test_it_is_done_once_a_day_whatever_is_restarted_or_reloaded(
    opened: Opened, clock: QuickClock
) -> None:
    place = await opened(READER)
    rounds: list[date] = []

    def service() -> Upkeep:
        made = upkeep(place)
        once = made.once

        async def noted() -> None:
            rounds.append(clock.now().date())
            await once()

        made.once = noted  # type: ignore[method-assign]
        return made

    for hours in (30, 5, 30):
        end = clock.now() + timedelta(hours=hours)
        task = asyncio.create_task(service().run())
        while clock.now() < end:
            await asyncio.sleep(0)
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
    assert rounds == sorted(set(rounds))
    assert 2 <= len(rounds) <= 4
