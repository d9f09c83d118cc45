"""What readers chose, as the ledger keeps it: on SQLite and on PostgreSQL."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from bot.address import Address, ChatKind
from bot.ledger import chats, deliveries, questions, subscriptions
from bot.ledger.deliveries import Owed
from bot.ledger.history import history
from bot.ledger.subscriptions import ALL, QUIET, Subscription
from bot.ledger.tables import Mode
from feeds.store.engine import Store

NOW = datetime(2024, 4, 8, 6, 0, tzinfo=UTC)
ME, TOPIC = Address("telegram", "7"), Address("telegram", "7", "3")


async def subscribe(
    store: Store, source: str = "huaian", to: Address = ME, since: int = 0, **wish: Any
) -> bool:
    async with store.write() as tx:
        await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "", NOW)
        return await subscriptions.subscribe(tx, to, source, wish, since, NOW)


async def mine(store: Store, to: Address = ME) -> tuple[Subscription, ...]:
    async with store.read() as tx:
        return await subscriptions.of_chat(tx, to)


async def owing(store: Store, seq: int = 9) -> list[Subscription]:
    """Who decides about the entry of this number."""
    async with store.read() as tx:
        found, _ = await subscriptions.readers(tx, "huaian", seq, ("", ""), 100)
    return found


async def test_a_new_subscription_is_quiet_at_night_and_otherwise_plain(store: Store) -> None:
    assert await subscribe(store)
    [one] = await mine(store)
    assert (one.mode, one.quiet, one.hold, one.rung, one.paused) == (
        Mode.ISSUE,
        QUIET,
        False,
        None,
        False,
    )
    assert (one.pages, one.filter, one.to) == (frozenset(), "", ME)


async def test_subscribing_again_changes_only_what_is_named(store: Store) -> None:
    await subscribe(store, filter="春耕", rung=1000)
    assert not await subscribe(store, mode=Mode.ARTICLE, since=5)
    [one] = await mine(store)
    assert (one.mode, one.filter, one.rung, one.since) == (Mode.ARTICLE, "春耕", 1000, 0)


async def test_who_comes_back_begins_anew(store: Store) -> None:
    await subscribe(store, filter="春耕", paused=True)
    async with store.write() as tx:
        assert await subscriptions.unsubscribe(tx, ME, "huaian") == 1
    assert await mine(store) == ()
    assert await subscribe(store, since=5)
    [one] = await mine(store)
    assert (one.filter, one.paused, one.since) == ("", False, 5)


async def test_a_topic_has_subscriptions_of_its_own(store: Store) -> None:
    await subscribe(store, to=TOPIC, pages=["01"])
    await subscribe(store)
    assert [s.pages for s in await mine(store, TOPIC)] == [frozenset({"01"})]
    assert len(await mine(store)) == 1
    assert len(await owing(store)) == 2


async def test_what_is_paused_decides_for_nothing_and_goes_on_behind_the_end(store: Store) -> None:
    await subscribe(store, ALL)
    await subscribe(store, filter="春耕")
    async with store.write() as tx:
        assert await subscriptions.pause(tx, ME, "huaian") == 1
        assert await subscriptions.pause(tx, ME, "huaian") == 0
    [decides] = await owing(store)
    assert (decides.source, decides.paused) == ("huaian", True)
    async with store.write() as tx:
        assert await subscriptions.resume(tx, ME, None, since=20) == 1
    assert [s.source for s in await owing(store, 20)] == [ALL]
    assert [s.source for s in await owing(store, 21)] == ["huaian"]


async def test_the_zone_of_the_chats_clocks_comes_with_each_subscription(store: Store) -> None:
    await subscribe(store)
    async with store.write() as tx:
        await chats.choose(tx, "telegram:7", timezone="Asia/Tokyo")
    assert [s.timezone for s in await mine(store)] == ["Asia/Tokyo"]
    assert [s.timezone for s in await owing(store)] == ["Asia/Tokyo"]


async def test_only_a_persons_own_subscription_can_be_changed(store: Store) -> None:
    await subscribe(store)
    [one] = await mine(store)
    async with store.write() as tx:
        await subscriptions.change(tx, one.id, {"rung": 500, "hold": True})
        found = await subscriptions.by_id(tx, one.id)
        assert await subscriptions.by_id(tx, 999) is None
    assert found is not None
    assert (found.rung, found.hold) == (500, True)


def test_the_narrowest_decides() -> None:
    def one(id_: int, **changes: Any) -> Subscription:
        values: Mapping[str, Any] = {
            "chat": "telegram:7", "topic": "", "source": "huaian", "origin": "chat",
            "mode": Mode.ISSUE, "pages": frozenset(), "filter": "", "at": None, "quiet": None,
            "max_messages": 10, "since": 0,
        }  # fmt: skip
        return Subscription(id=id_, **{**values, **changes})

    everything, fixed = one(1, source=ALL), one(2, origin="config")
    own, choosy = one(3), one(4, source=ALL, filter="春耕")
    for expected, among in (
        (own, [everything, fixed, own]),
        (choosy, [own, choosy]),
        (fixed, [everything, fixed]),
    ):
        assert subscriptions.deciding_of(among, "huaian") == expected
    assert subscriptions.deciding_of([own], "chuzhou") is None


# ── chats ───────────────────────────────────────────────────────────────────────────────────────


async def test_a_chat_begins_with_its_persons_language_and_keeps_what_it_chose(
    store: Store,
) -> None:
    async with store.write() as tx:
        first = await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "", NOW, "en")
        await chats.choose(tx, "telegram:7", language="zh-CN", manages="telegram:-1002")
        again = await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "", NOW, "en")
    assert (first.language, again.language, again.manages) == ("en", "zh-CN", "telegram:-1002")


async def test_a_chat_that_moves_takes_its_questions_and_its_caretaker_along(store: Store) -> None:
    async with store.write() as tx:
        await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "", NOW)
        await chats.remember(tx, "telegram:-1", ChatKind.GROUP, "群", NOW)
        await chats.choose(tx, "telegram:7", manages="telegram:-1")
        await chats.choose(tx, "telegram:-1", timezone="Asia/Tokyo")
        await questions.ask(tx, "telegram:-1", "5", "type:1:filter", NOW)
        await chats.move(tx, "telegram:-1", "telegram:-100", NOW)
    async with store.read() as tx:
        me, moved = await chats.get(tx, "telegram:7"), await chats.get(tx, "telegram:-100")
        assert await questions.asked(tx, "telegram:-100", "5", NOW) == "type:1:filter"
    assert me is not None
    assert moved is not None
    assert (me.manages, moved.timezone) == ("telegram:-100", "Asia/Tokyo")


async def test_chats_that_move_in_a_circle_are_where_the_last_word_says(store: Store) -> None:
    async with store.write() as tx:
        await chats.remember(tx, "telegram:-1", ChatKind.GROUP, "群", NOW)
        for old, new in (("-1", "-2"), ("-2", "-3"), ("-3", "-1")):
            await chats.move(tx, f"telegram:{old}", f"telegram:{new}", NOW)
        for any_of_them in ("-1", "-2", "-3"):
            there = await chats.meet(tx, f"telegram:{any_of_them}", ChatKind.GROUP, NOW)
            assert there == "telegram:-1"


async def test_what_is_forgotten_is_gone_but_for_what_the_operator_set(store: Store) -> None:
    owed = Owed("telegram:7", "", "issue:1", "issue", "huaian", 1, 0, NOW, NOW, silent=False)
    for has_fixed in (False, True):
        await subscribe(store)
        async with store.write() as tx:
            await chats.choose(tx, "telegram:7", language="en", timezone="Asia/Tokyo")
            await deliveries.owe(tx, [owed], NOW)
            await questions.ask(tx, "telegram:7", "5", "ask:find", NOW)
            if has_fixed:
                fixed = subscriptions.subscriptions.insert().values(
                    chat="telegram:7", source=ALL, origin="config", mode="issue", pages=[],
                    since=0, created_at=NOW,
                )  # fmt: skip
                await tx.execute(fixed)
            await chats.forget(tx, "telegram:7")
        async with store.read() as tx:
            left = await chats.get(tx, "telegram:7")
            assert await history(tx, "telegram:7", "") == ()
            assert await questions.asked(tx, "telegram:7", "5", NOW) is None
        assert [s.origin for s in await mine(store)] == (["config"] if has_fixed else [])
        assert (left is None) is not has_fixed
        assert left is None or (left.language, left.timezone) == (None, None)


async def test_a_question_stays_open_for_a_day_and_may_be_answered_twice(store: Store) -> None:
    await subscribe(store)
    async with store.write() as tx:
        await questions.ask(tx, "telegram:7", "5", "type:1:filter", NOW)
    async with store.read() as tx:
        for later in (timedelta(), timedelta(hours=23)):
            assert await questions.asked(tx, "telegram:7", "5", NOW + later) == "type:1:filter"
        assert await questions.asked(tx, "telegram:7", "5", NOW + timedelta(hours=25)) is None
        assert await questions.asked(tx, "telegram:8", "5", NOW) is None
