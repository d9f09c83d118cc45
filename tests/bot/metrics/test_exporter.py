"""What pushing counts, and what a scrape shows of the stored state, on both databases."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

import pytest
from sqlalchemy import insert

from bot.errors import Gone, Rejected, TryLater, Unknown
from bot.fanout import CONSUMER
from bot.figures import ASKED_TO_WAIT, LAG_SECONDS, OWED, PUSH_SECONDS, SETTLED
from bot.ledger.deliveries import Owed, settled_already
from bot.ledger.tables import incidents
from bot.metrics.exporter import LASTS, LASTS_LONGEST, Exporter
from bot.metrics.lag import EVERY, LoopLag
from bot.services import Board
from feeds.models import AlarmKind
from feeds.store import alarms, journal, looks
from feeds.store.alarms import Alarm
from feeds.store.engine import Store
from feeds.tally import TallySheet
from tests.fakes.clock import FakeClock
from tests.fakes.figures import OPEN_METRICS, counted_by, counts, samples, spread, value
from tests.fakes.office import DAY, MONDAY, Office

OpenOffice = Callable[..., Awaitable[Office]]
LATER = timedelta(seconds=35)
QUEUE = "baotong_queue_deliveries"


@pytest.fixture
async def place(open_office: OpenOffice) -> Office:
    return await open_office("to: telegram:7", "to: telegram:8")


def exporter(place: Office, sheet: TallySheet | None = None) -> Exporter:
    board = Board(place.clock)
    sheet = sheet or TallySheet()
    return Exporter(place.store, sheet, board, ["huaian"], ["telegram"], place.clock)


async def scraped(place: Office, sheet: TallySheet | None = None) -> bytes:
    text, _media_type = await exporter(place, sheet).write(OPEN_METRICS)
    return text


# ── counted ─────────────────────────────────────────────────────────────────────────────────────


async def test_what_is_owed_and_sent_is_counted_and_timed_from_the_journal(place: Office) -> None:
    sheet = counted_by(place.store)
    await place.publish()
    await place.spread()
    assert counts(sheet, OWED) == {("telegram",): 2}
    place.clock.jump(timedelta(seconds=12))
    await place.send()

    assert counts(sheet, SETTLED) == {("telegram", "sent"): 2}
    assert spread(sheet, PUSH_SECONDS) == {("telegram",): (2, 24)}


async def test_owing_the_same_twice_counts_once(place: Office) -> None:
    sheet = counted_by(place.store)
    await place.publish()
    async with place.store.write() as tx:  # as after a crash before the cursor was stored
        await journal.move(tx, CONSUMER, journal.Cursor(0))
    await place.spread()

    assert counts(sheet, OWED) == {("telegram",): 2}


async def test_what_an_answer_to_a_command_delivered_is_counted_and_is_no_latency(
    place: Office,
) -> None:
    sheet, now = counted_by(place.store), place.clock.now()
    one = Owed("telegram:7", "", "issue:1", "issue", "huaian", 1, 0, now, now, silent=False)
    for _ in range(2):  # asked for twice, it is the same
        async with place.store.write() as tx:
            await settled_already(tx, one, [], [], now)

    assert counts(sheet, OWED) == {("telegram",): 1}
    assert counts(sheet, SETTLED) == {("telegram", "sent"): 1}
    assert spread(sheet, PUSH_SECONDS) == {}


@pytest.mark.parametrize(
    ("answer", "state"),
    [(Rejected("bad"), "failed"), (Gone("blocked"), "skipped"), (Unknown("cut"), "unknown")],
    ids=["rejected", "gone", "unknown"],
)
async def test_each_end_is_counted_by_its_state(
    open_office: OpenOffice, answer: Exception, state: str
) -> None:
    place = await open_office("to: telegram:7", more="push: {unknown: {private: leave}}")
    sheet = counted_by(place.store)
    place.channel.answers["7"].append(answer)
    await place.publish()
    await place.send()

    assert counts(sheet, SETTLED) == {("telegram", state): 1}
    assert spread(sheet, PUSH_SECONDS) == {}


async def test_who_asks_us_to_wait_is_counted_and_a_server_in_trouble_is_not(
    place: Office,
) -> None:
    sheet = counted_by(place.store)
    place.channel.answers["7"].append(TryLater("429", LATER, asked=True))
    place.channel.answers["8"].append(TryLater("502", LATER, growing=True))
    await place.publish()
    await place.send()

    assert counts(sheet, ASKED_TO_WAIT) == {("telegram",): 1}
    assert counts(sheet, SETTLED) == {}


async def test_what_is_too_old_is_counted_as_skipped_and_its_summary_as_owed(
    place: Office,
) -> None:
    sheet = counted_by(place.store)
    await place.publish()
    place.clock.jump(timedelta(hours=37))
    await place.send()

    assert counts(sheet, OWED) == {("telegram",): 4}
    assert counts(sheet, SETTLED) == {("telegram", "skipped"): 2, ("telegram", "sent"): 2}


async def test_a_daily_digest_is_no_latency(open_office: OpenOffice) -> None:
    place = await open_office('to: telegram:7, mode: daily, at: "20:00"')
    sheet = counted_by(place.store)
    await place.publish()
    place.clock.jump(timedelta(hours=6, minutes=1))  # 14:00 in China was now
    await place.send()

    assert counts(sheet, SETTLED) == {("telegram", "sent"): 1}
    assert spread(sheet, PUSH_SECONDS) == {}


# ── what stands ─────────────────────────────────────────────────────────────────────────────────


async def test_the_queue_is_shown_by_state_with_the_age_of_its_oldest(
    open_office: OpenOffice,
) -> None:
    place = await open_office(
        "to: telegram:7", "to: telegram:8", 'to: telegram:9, mode: daily, at: "20:00"'
    )
    assert value(await scraped(place), "baotong_queue_oldest_age_seconds", _telegram()) == 0
    await place.publish()
    place.clock.jump(timedelta(seconds=60))
    await place.publish(MONDAY + DAY)
    place.clock.jump(timedelta(seconds=30))
    text = await scraped(place)
    assert [value(text, QUEUE, _telegram(state)) for state in ("pending", "scheduled")] == [4, 2]
    assert value(text, "baotong_queue_oldest_age_seconds", _telegram()) == 90

    await place.send()
    text = await scraped(place)
    assert [value(text, QUEUE, _telegram(state)) for state in ("pending", "scheduled")] == [0, 2]
    assert value(text, "baotong_queue_oldest_age_seconds", _telegram()) == 0


async def test_what_is_just_being_sent_is_shown_so(place: Office) -> None:
    place.channel.gate.clear()
    await place.publish()
    sending = asyncio.create_task(place.send())
    while place.channel.under_way < 2:
        await asyncio.sleep(0)
    text = await scraped(place)
    place.channel.gate.set()
    await sending

    assert [value(text, QUEUE, _telegram(state)) for state in ("pending", "sending")] == [0, 2]


def _telegram(state: str | None = None) -> dict[str, str]:
    return {"channel": "telegram"} | ({"state": state} if state else {})


async def test_newspapers_alarms_and_incidents_are_shown_as_they_stand(place: Office) -> None:
    now = place.clock.now()
    async with place.store.write() as tx:
        await looks.note_good(tx, [("huaian", now, now + timedelta(minutes=10))])
        await looks.note_failure(tx, "huaian", now, now + timedelta(hours=1), 3, "down")
        await alarms.settle(tx, "huaian", [Alarm(AlarmKind.UNREAD, "读不到")], {}, now)
        await tx.execute(
            insert(incidents),
            [
                {"kind": "refused", "about": about, "raised_at": now, "words": "坏了"}
                for about in ("telegram", "wecom:desk")
            ],
        )
    text = await scraped(place)

    paper = {"source": "huaian"}
    stamp = now.timestamp()
    assert value(text, "baotong_source_last_read_timestamp_seconds", paper) == stamp
    assert value(text, "baotong_source_next_look_timestamp_seconds", paper) == stamp + 3600
    assert value(text, "baotong_source_failed_looks", paper) == 3
    assert value(text, "baotong_alarm_raised", paper | {"alarm": "unread"}) == 1
    assert value(text, "baotong_alarm_raised", paper | {"alarm": "late"}) == 0
    assert value(text, "baotong_incidents", {"kind": "refused"}) == 2
    assert value(text, "baotong_incidents", {"kind": "unreachable"}) == 0
    assert (value(text, "baotong_database_size_bytes") or 0) > 10_000


async def test_what_the_settings_no_longer_name_is_nobodys_figure(place: Office) -> None:
    await place.publish()
    other = Exporter(
        place.store, TallySheet(), Board(place.clock), ["other"], ["wecom"], place.clock
    )
    text, _media_type = await other.write(OPEN_METRICS)

    assert {s.labels.get("source") for s in samples(text)} == {None, "other"}
    assert {s.labels.get("channel") for s in samples(text)} == {None, "wecom"}


async def test_no_label_names_a_chat_or_an_address(place: Office) -> None:
    sheet = counted_by(place.store)
    await place.publish()
    await place.send()
    text = await scraped(place, sheet)

    held = " ".join(label for sample in samples(text) for label in sample.labels.values())
    assert ":" not in held
    assert "/" not in held


class SlowStore:
    """A store whose reading takes as long as a test says, and is counted."""

    def __init__(self, store: Store, clock: FakeClock, seconds: float = 0) -> None:
        self._store = store
        self._clock = clock
        self._seconds = seconds
        self.reads = 0

    def read(self) -> object:
        self.reads += 1
        self._clock._move(self._clock.monotonic() + self._seconds)
        return self._store.read()


@pytest.mark.parametrize(
    ("takes", "lasts"), [(0, LASTS), (0.3, 30), (5, LASTS_LONGEST)], ids=["quick", "slow", "crawls"]
)
async def test_however_many_ask_the_database_is_read_now_and_then(
    place: Office, takes: float, lasts: float
) -> None:
    slow = SlowStore(place.store, place.clock, takes)
    made = exporter(place)
    made._store = slow  # type: ignore[assignment]
    begun = place.clock.monotonic()
    await asyncio.gather(*(made.write() for _ in range(5)))
    assert slow.reads == 1

    place.clock._move(begun + lasts - 0.01)
    await made.write()
    assert slow.reads == 1
    place.clock._move(begun + lasts)
    await made.write()
    assert slow.reads == 2


# ── the loop ────────────────────────────────────────────────────────────────────────────────────


class LateClock(FakeClock):
    """A clock that wakes sleepers so many seconds too late, then never again."""

    def __init__(self, *late: float) -> None:
        super().__init__()
        self._late = list(late)
        self.is_done = asyncio.Event()

    async def sleep(self, seconds: float) -> None:
        if not self._late:
            self.is_done.set()
            await asyncio.Event().wait()
        self._move(self.monotonic() + seconds + self._late.pop(0))


async def test_the_loops_lag_is_how_much_later_it_came_back_than_it_was_asked_to() -> None:
    sheet, clock = TallySheet(), LateClock(0, 0.75, 0.5)
    task = asyncio.create_task(LoopLag(clock, sheet).run())
    await clock.is_done.wait()
    task.cancel()

    assert spread(sheet, LAG_SECONDS) == {(): (3, 1.25)}
    assert clock.monotonic() == 1000 + 3 * EVERY + 1.25
