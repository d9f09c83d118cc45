"""A chat's deliveries form a line; newspapers take turns; and a claim reads no more than it takes."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import event, insert, select, text

from bot.address import Address, ChatKind
from bot.ledger import chats, claiming, deliveries, subscriptions
from bot.ledger.claiming import Claimed
from bot.ledger.deliveries import OUTBOX, Owed
from bot.ledger.tables import Mode
from bot.ledger.tables import chats as chat_table
from bot.ledger.tables import deliveries as table
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.store.outbox import Fenced, Settlement, State
from tests.fakes.clock import FakeClock

LEASE = timedelta(minutes=2)
HOUR = timedelta(hours=1)


def owed(clock: FakeClock, chat: str, seq: int, **changes: Any) -> Owed:
    now = clock.now()
    one = Owed(
        chat=f"telegram:{chat}", topic="", subject=f"issue:{seq}", kind="issue", source="huaian",
        seq=seq, place=0, entry_at=now, due_at=now, silent=False,
    )  # fmt: skip
    return replace(one, **changes)


async def owe(store: Store, clock: FakeClock, *all_owed: Owed) -> None:
    async with store.write() as tx:
        for chat in {one.chat for one in all_owed}:
            await chats.meet(tx, chat, ChatKind.PRIVATE, clock.now())
        await deliveries.owe(tx, all_owed, clock.now())


async def claim(store: Store, clock: FakeClock, limit: int = 10, after: str = "") -> list[Claimed]:
    async with store.write() as tx:
        found, _ = await claiming.claim(tx, "a", clock.now(), LEASE, limit, "telegram", after)
    return found


async def settle(
    store: Store, clock: FakeClock, claims: Sequence[Claimed], state: State = State.SENT
) -> None:
    async with store.write() as tx:
        ends = [Settlement(c.id, c.fence, state) for c in claims]
        await OUTBOX.settle(tx, ends, "a", clock.now())
        await deliveries.advance(tx, {c.chat for c in claims})


def seqs(claims: Sequence[Claimed]) -> list[tuple[str, int]]:
    return [(claim.to.chat, claim.seq) for claim in claims]


async def test_only_the_first_of_a_chats_line_can_be_claimed(
    store: Store, clock: FakeClock
) -> None:
    await owe(store, clock, owed(clock, "7", 1), owed(clock, "7", 2), owed(clock, "8", 2))
    first = await claim(store, clock)
    assert seqs(first) == [("7", 1), ("8", 2)]
    assert await claim(store, clock) == []
    await settle(store, clock, first)
    assert seqs(await claim(store, clock)) == [("7", 2)]


async def test_a_line_is_in_the_order_of_the_journal_whenever_it_was_owed(
    store: Store, clock: FakeClock
) -> None:
    await owe(store, clock, owed(clock, "7", 5))
    await owe(store, clock, owed(clock, "7", 3), owed(clock, "7", 4))
    got = []
    for _ in range(3):
        claims = await claim(store, clock, 1)
        got += seqs(claims)
        await settle(store, clock, claims)
    assert got[1:] == [("7", 3), ("7", 4)]


async def test_what_comes_at_its_own_hour_holds_nobody_up_and_comes_then(
    store: Store, clock: FakeClock
) -> None:
    tonight = clock.now() + HOUR
    await owe(store, clock, owed(clock, "7", 1, due_at=tonight, kind="daily"), owed(clock, "7", 2))
    assert seqs(await claim(store, clock)) == [("7", 2)]
    await clock.advance(3600)
    assert ("7", 1) in seqs(await claim(store, clock))


async def test_two_that_ask_for_the_same_owe_once_and_the_line_goes_on(
    store: Store, clock: FakeClock
) -> None:
    await owe(store, clock, owed(clock, "7", 1))
    await settle(store, clock, await claim(store, clock))
    await owe(store, clock, owed(clock, "7", 1), owed(clock, "7", 2))
    assert seqs(await claim(store, clock)) == [("7", 2)]


async def test_a_paper_with_many_readers_does_not_delay_another_papers_few(
    store: Store, clock: FakeClock
) -> None:
    many = [owed(clock, str(n), 1) for n in range(500)]
    few = [owed(clock, f"few{n}", 2, source="chuzhou") for n in range(3)]
    await owe(store, clock, *many, *few)
    sources = [c.source for c in await claim(store, clock, 20)]
    assert sources.count("chuzhou") == 3
    assert sources.count("huaian") == 10


async def test_more_papers_than_one_claim_holds_take_turns(store: Store, clock: FakeClock) -> None:
    papers = [f"paper{n:02}" for n in range(40)]
    await owe(
        store,
        clock,
        *(owed(clock, f"{p}-{n}", 1, source=p, subject=f"{p}") for p in papers for n in range(2)),
    )
    seen: list[str] = []
    after = ""
    for _ in range(4):
        async with store.write() as tx:
            found, after = await claiming.claim(tx, "a", clock.now(), LEASE, 16, "telegram", after)
        seen += [c.source for c in found]
    assert len(set(seen)) == 40


async def test_a_chat_that_waits_is_not_claimed_until_then(store: Store, clock: FakeClock) -> None:
    await owe(store, clock, owed(clock, "7", 1), owed(clock, "8", 1))
    async with store.write() as tx:
        await chats.wait(tx, "telegram:7", clock.now() + HOUR)
    assert seqs(await claim(store, clock)) == [("8", 1)]
    await clock.advance(3600)
    assert ("7", 1) in seqs(await claim(store, clock))


async def test_an_issue_shown_by_a_command_is_not_pushed_though_a_sender_holds_it(
    store: Store, clock: FakeClock
) -> None:
    await owe(store, clock, owed(clock, "7", 1), owed(clock, "7", 2))
    [held] = await claim(store, clock)
    async with store.write() as tx:
        await deliveries.settled_already(tx, owed(clock, "7", 1), (), ["55"], clock.now())
    async with store.write() as tx:
        assert await OUTBOX.sending(tx, [Fenced(held.id, held.fence)], "a") == set()
    assert seqs(await claim(store, clock)) == [("7", 2)]


# ── what it costs ───────────────────────────────────────────────────────────────────────────────


@contextmanager
def statements(store: Store) -> Iterator[list[tuple[str, Any]]]:
    seen: list[tuple[str, Any]] = []

    def note(_c: object, _cursor: object, sql: str, values: Any, _x: object, many: bool) -> None:
        seen.append((sql, values[0] if many else values))

    event.listen(store.engine.sync_engine, "before_cursor_execute", note)
    yield seen
    event.remove(store.engine.sync_engine, "before_cursor_execute", note)


async def test_no_statement_of_the_way_reads_a_whole_table(store: Store, clock: FakeClock) -> None:
    """With a backlog, a claim, a mark, a settlement and a fan-out chunk find their rows by index."""
    people = [f"telegram:{n}" for n in range(2000)]
    async with store.write() as tx:
        await tx.execute(
            insert(chat_table),
            [{"id": p, "kind": "private", "created_at": clock.now()} for p in people],
        )
        for person in people:
            to = Address.parse(person)
            await subscriptions.subscribe(tx, to, "huaian", {"mode": Mode.ISSUE}, 0, clock.now())
    everybody = [person.partition(":")[2] for person in people]
    await owe(store, clock, *(owed(clock, p, seq) for p in everybody for seq in (1, 2, 3)))
    async with store.engine.connect() as connection:
        await connection.execute(text("ANALYZE"))
        await connection.commit()
    with statements(store) as seen:
        claims = await claim(store, clock, 20)
        async with store.write() as tx:
            fenced = [Fenced(c.id, c.fence) for c in claims]
            await OUTBOX.sending(tx, fenced, "a", clock.now() + LEASE)
        await settle(store, clock, claims)
        await owe(store, clock, *(owed(clock, p, 4) for p in everybody[:20]))
        async with store.write() as tx:
            await subscriptions.readers(tx, "huaian", 9, ("telegram:5", ""), 20)
            keys = [(c.chat, "") for c in claims]
            await subscriptions.deciding(tx, keys, "huaian")
    for sql, values in seen:
        if sql.lstrip().upper().startswith(("SELECT", "UPDATE", "WITH")):
            plan = await explain(store, sql, values)
            for name in ("deliveries", "subscriptions"):
                assert not reads_all(plan, name), f"{sql}\n{plan}"


async def explain(store: Store, sql: str, values: Any) -> str:
    word = "EXPLAIN QUERY PLAN " if store.dialect == "sqlite" else "EXPLAIN "
    async with store.engine.connect() as connection:
        rows = await connection.exec_driver_sql(word + sql, values)
        return "\n".join(str(row[-1]) for row in rows)


def reads_all(plan: str, name: str) -> bool:
    lines = plan.replace("_1", "").splitlines()
    return any(line.strip() == f"SCAN {name}" or f"Seq Scan on {name}" in line for line in lines)


# ── properties ──────────────────────────────────────────────────────────────────────────────────

_STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("owe"), st.integers(1, 3), st.integers(1, 9), st.booleans()),
        st.tuples(st.just("claim"), st.integers(1, 4), st.just(0), st.booleans()),
        st.tuples(st.just("end"), st.integers(0, 3), st.integers(0, 2), st.booleans()),
        st.tuples(st.just("move"), st.integers(1, 3), st.integers(1, 3), st.booleans()),
        st.tuples(st.just("gone"), st.integers(1, 3), st.just(0), st.booleans()),
    ),
    max_size=25,
)


@given(_STEPS)
@settings(
    max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture],
)  # fmt: skip
async def test_whatever_happens_somebody_of_every_line_can_be_claimed(
    tmp_path_factory: Any, steps: list[tuple[str, int, int, bool]]
) -> None:
    """No chat is ever stuck: of each line somebody has a lane."""
    store = await open_store(tmp_path_factory.mktemp("lines"), None)
    clock = FakeClock()
    held: list[Claimed] = []
    for what, one, other, flag in steps:
        if what == "owe":
            when = clock.now() + HOUR if flag else clock.now()
            await owe(store, clock, owed(clock, str(one), other, due_at=when))
        elif what == "claim":
            held += await claim(store, clock, one)
        elif what == "end" and one < len(held):
            state = (State.SENT, State.PENDING, State.FAILED)[other]
            await settle(store, clock, [held.pop(one)], state)
        elif what == "move" and one != other:
            await _move(store, clock, str(one), str(other))
        elif what == "gone":
            async with store.write() as tx:
                await deliveries.skip_all(tx, f"telegram:{one}", "gone", clock.now())
                await deliveries.advance(tx, [f"telegram:{one}"])
    await _check(store)
    await store.close()


async def _move(store: Store, clock: FakeClock, old: str, new: str) -> None:
    async with store.write() as tx:
        known = {row.id: row for row in await tx.execute(select(chat_table))}
        if f"telegram:{old}" in known and known[f"telegram:{old}"].moved_to is None:
            await chats.move(tx, f"telegram:{old}", f"telegram:{new}", clock.now())
            await deliveries.reline(tx, f"telegram:{new}")


async def _check(store: Store) -> None:
    async with store.read() as tx:
        rows = (await tx.execute(select(table))).all()
    waiting = {row.chat for row in rows if row.settled_at is None and not row.own_hour}
    in_front = {row.chat for row in rows if row.lane is not None and not row.own_hour}
    assert waiting == in_front
    assert all(row.lane is None and row.owner is None for row in rows if row.settled_at)
