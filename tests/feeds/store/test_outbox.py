"""The outbox: a row has one owner at a time, and an owner that is too late changes nothing."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from sqlalchemy import select

from bot.ledger.tables import chats, deliveries
from feeds.store.engine import Store
from feeds.store.outbox import Fenced, Outbox, Settlement, State
from feeds.store.owners import Owner
from tests.fakes.clock import FakeClock

OUTBOX = Outbox(deliveries)
CLAIMING = OUTBOX.claiming(order_by=(deliveries.c.seq,))
LEASE = timedelta(seconds=60)


async def _owe(store: Store, clock: FakeClock, count: int) -> None:
    now = clock.now()
    async with store.write() as tx:
        await tx.execute(chats.insert().values(id="telegram:1", kind="private", created_at=now))
        await tx.execute(
            deliveries.insert(),
            [
                {"chat": "telegram:1", "channel": "telegram", "subject": f"issue:{n}", "kind": "issue", "source": "huaian",
                 "seq": n, "entry_at": now, "created_at": now, "due_at": now}
                for n in range(count)
            ],
        )  # fmt: skip


async def _claim(store: Store, clock: FakeClock, owner: str, limit: int = 10) -> list[Fenced]:
    async with store.write() as tx:
        rows = await OUTBOX.claim(tx, CLAIMING, owner, clock.now(), LEASE, limit)
    return [Fenced(row["id"], row["fence"]) for row in rows]


async def _states(store: Store) -> list[str]:
    async with store.read() as tx:
        rows = await tx.execute(select(deliveries.c.state).order_by(deliveries.c.id))
        return [str(row.state) for row in rows]


async def test_two_claimers_never_hold_the_same_row(store: Store, clock: FakeClock) -> None:
    await _owe(store, clock, 5)
    first = await _claim(store, clock, "a", 3)
    second = await _claim(store, clock, "b", 3)
    assert len(first) == 3
    assert len(second) == 2
    assert not {c.id for c in first} & {c.id for c in second}
    assert await _claim(store, clock, "c") == []


async def test_a_sent_row_is_settled_and_never_claimed_again(
    store: Store, clock: FakeClock
) -> None:
    await _owe(store, clock, 1)
    [claim] = await _claim(store, clock, "a")
    async with store.write() as tx:
        assert await OUTBOX.sending(tx, [claim], "a") == {claim.id}
        done = Settlement(claim.id, claim.fence, State.SENT)
        assert await OUTBOX.settle(tx, [done], "a", clock.now()) == {claim.id}
    await clock.advance(3600)
    assert await _claim(store, clock, "b") == []
    async with store.write() as tx:
        back = Settlement(claim.id, claim.fence, State.PENDING)
        assert await OUTBOX.settle(tx, [back], "a", clock.now()) == set()
    assert await _states(store) == ["sent"]


async def test_an_owner_whose_lease_ran_out_changes_nothing(store: Store, clock: FakeClock) -> None:
    await _owe(store, clock, 1)
    [old] = await _claim(store, clock, "a")
    await clock.advance(61)
    [new] = await _claim(store, clock, "a")  # the same name: the fence tells them apart
    async with store.write() as tx:
        assert await OUTBOX.sending(tx, [old], "a") == set()
        late = Settlement(old.id, old.fence, State.FAILED)
        assert await OUTBOX.settle(tx, [late], "a", clock.now()) == set()
        assert await OUTBOX.sending(tx, [new], "a") == {new.id}
    assert await _states(store) == ["sending"]


async def test_a_row_put_back_waits_for_its_time(store: Store, clock: FakeClock) -> None:
    await _owe(store, clock, 1)
    [claim] = await _claim(store, clock, "a")
    later = clock.now() + timedelta(seconds=35)
    async with store.write() as tx:
        back = Settlement(claim.id, claim.fence, State.PENDING, due_at=later, reason="429")
        await OUTBOX.settle(tx, [back], "a", clock.now())
    assert await _claim(store, clock, "a") == []
    await clock.advance(35)
    assert len(await _claim(store, clock, "a")) == 1


async def test_what_the_dead_held_is_adopted_as_it_was_and_they_change_nothing_any_more(
    store: Store, clock: FakeClock
) -> None:
    await _owe(store, clock, 2)
    dead, heir = Owner(store), Owner(store)
    await dead.prove()
    first, second = await _claim(store, clock, dead.name)
    async with store.write() as tx:
        await OUTBOX.sending(tx, [first], dead.name)
    await dead.close()
    adopted: Sequence[Mapping[str, Any]] = ()
    async with asyncio.timeout(20):
        while not adopted:  # the server notices a little later that a session is over
            async with store.write() as tx:
                adopted = await OUTBOX.adopt(tx, heir, clock.now(), LEASE)
    assert {row["id"]: row["state"] for row in adopted} == {
        first.id: State.SENDING,
        second.id: State.PENDING,
    }
    async with store.write() as tx:
        late = [Settlement(c.id, c.fence, State.SENT) for c in (first, second)]
        assert await OUTBOX.settle(tx, late, dead.name, clock.now()) == set()
        ours = [Settlement(row["id"], row["fence"], State.SENT) for row in adopted]
        assert await OUTBOX.settle(tx, ours, heir.name, clock.now()) == {first.id, second.id}
    assert await _states(store) == ["sent", "sent"]


async def test_the_living_keep_what_they_hold_until_its_lease_ends(
    store: Store, clock: FakeClock
) -> None:
    await _owe(store, clock, 2)
    owner = Owner(store)
    other = owner if store.dialect == "sqlite" else Owner(store)  # SQLite has one living owner
    for one in {owner, other}:
        await one.prove()
        await one.prove()  # again and again is as good
    [first] = await _claim(store, clock, owner.name, 1)
    async with store.write() as tx:
        later = clock.now() + 2 * LEASE
        assert await OUTBOX.sending(tx, [first], owner.name, later) == {first.id}
    [second] = await _claim(store, clock, owner.name, 1)
    await clock.advance(61)
    async with store.write() as tx:
        [adopted] = await OUTBOX.adopt(tx, other, clock.now(), LEASE)
    assert adopted["id"] == second.id
    await clock.advance(60)
    async with store.write() as tx:
        rows = await OUTBOX.adopt(tx, other, clock.now(), LEASE)
    assert {row["id"] for row in rows} == {first.id, second.id}
    for one in {owner, other}:
        await one.close()
