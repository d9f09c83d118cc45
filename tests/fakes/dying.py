"""A worker's push side in a process of its own, which kills itself (SIGKILL) at a named step.

`python -m tests.fakes.dying FOLDER STEP NTH`; STEP `none` lives until nothing is owed, then exits 0. The
steps are seen from outside: by the statements that go to the database and the calls that go to the
channel; the program knows nothing of them.
"""

import asyncio
import os
import signal
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, event, func, select
from sqlalchemy.ext.asyncio import AsyncConnection

from bot.address import Address
from bot.channels.table import build_channels
from bot.delivery import Delivery
from bot.fanout import FanOut
from bot.ledger.tables import deliveries
from bot.message import Part
from bot.reach import Reach
from config.load import load
from feeds.clock import SystemClock
from feeds.store import journal
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.store.owners import Owner

CLAIM, MARK = "fence=(deliveries.fence", "attempts=(deliveries.attempts"
SETTLE, OWE, MOVE = "UPDATE deliveries SET state=", "INSERT INTO deliveries", "moved_to="

# step → (a sign in a statement, whether before it runs or after its transaction has committed)
STATEMENTS = {
    "schema": ("CREATE TABLE edits", "before"),
    "fan-out": (OWE, "after"),
    "in fan-out": (OWE, "before"),
    "claim": (CLAIM, "after"),
    "in claim": (CLAIM, "before"),
    "mark": (MARK, "after"),
    "before settling": (SETTLE, "before"),
    "settled": (SETTLE, "after"),
    "in migration": (MOVE, "before"),
    "migrated": (MOVE, "after"),
}
STEPS = (*STATEMENTS, "before the call", "after the call")


class Death:
    """Comes at the `nth` time that the step is reached."""

    def __init__(self, step: str, nth: int) -> None:
        self.step = step
        self.left = nth

    def reach(self, step: str) -> None:
        if step == self.step:
            self.left -= 1
            if self.left == 0:
                os.kill(os.getpid(), signal.SIGKILL)


def watch(death: Death) -> None:
    """Sees every statement before it runs, and every transaction once it has committed."""
    sign, when = STATEMENTS.get(death.step, ("\0", ""))
    begin = Store.writing

    def executes(connection: Any, _cursor: Any, sql: str, *_more: Any) -> None:
        if sign in " ".join(sql.split()):
            connection.info["reached"] = True
            if when == "before":
                death.reach(death.step)

    @asynccontextmanager
    async def writing(store: Store) -> AsyncIterator[AsyncConnection]:
        async with begin(store) as connection:
            yield connection
            has_reached = (await connection.get_raw_connection()).info.pop("reached", False)
        if has_reached and when == "after":
            death.reach(death.step)

    event.listen(Engine, "before_cursor_execute", executes)
    Store.writing = writing  # type: ignore[method-assign]


def wrap_send(channel: Any, death: Death) -> None:
    """The channel's call, seen before and after."""
    send: Callable[..., Any] = channel.send

    async def dying(to: Address, part: Part, **more: Any) -> str:
        death.reach("before the call")
        message_id = str(await send(to, part, **more))
        death.reach("after the call")
        return message_id

    channel.send = dying


async def main(folder: Path, death: Death) -> None:
    settings = load(folder / "baotong.yaml", {})
    watch(death)
    store = await open_store(settings.data_dir, settings.database_url)
    clock = SystemClock()
    channels = build_channels(settings, clock)
    owner = Owner(store)
    tasks = [asyncio.create_task(FanOut(store, settings, clock).run())]
    for name, channel in channels.items():
        wrap_send(channel, death)
        delivery = Delivery(store, channel, Reach(name, clock), owner, settings, clock)
        tasks.append(asyncio.create_task(delivery.run()))
    while not await is_idle(store):
        await asyncio.sleep(0.05)  # another process's work rings no bell that says "all done"
        for task in tasks:
            assert not task.done(), task.exception()
    for task in tasks:
        task.cancel()
    await asyncio.gather(*tasks, return_exceptions=True)
    await owner.close()
    for channel in channels.values():
        await channel.close()
    await store.close()


async def is_idle(store: Store) -> bool:
    """Everything in the journal is fanned out, and everything owed is settled."""
    async with store.read() as tx:
        done = (await journal.cursor(tx, "fan-out")).seq == await journal.end(tx)
        left = select(func.count()).where(deliveries.c.settled_at.is_(None))
        return done and (await tx.execute(left)).scalar_one() == 0


if __name__ == "__main__":
    asyncio.run(main(Path(sys.argv[1]), Death(sys.argv[2], int(sys.argv[3]))))
