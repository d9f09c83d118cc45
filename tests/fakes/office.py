"""A post office for tests: an archive, subscribers, fan-out and a sender over a fake channel."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update

from bot.caretaker import Caretaker
from bot.delivery import Delivery
from bot.editing import Editing
from bot.fanout import FanOut
from bot.findings import Space
from bot.ledger.subscriptions import sync_config
from bot.ledger.tables import deliveries, edits
from bot.reach import Reach
from bot.rewriting import Rewriting
from config.models import Settings
from feeds.models import AlarmKind, EntryKind, Issue, NewEntry
from feeds.store import alarms, journal
from feeds.store.alarms import Alarm
from feeds.store.engine import Store
from feeds.store.owners import Owner
from feeds.store.tables import articles
from tests.fakes.archive import HUAIAN, fill, simple_issue
from tests.fakes.channel import FakeChannel, SendingChannel
from tests.fakes.clock import FakeClock
from tests.fakes.settings import two_papers

MONDAY = date(2024, 4, 8)
DAY = timedelta(days=1)


@dataclass
class Office:
    """Everything between the journal and the chats, driven step by step."""

    store: Store
    settings: Settings
    clock: FakeClock
    channel: FakeChannel = field(default_factory=FakeChannel)

    def __post_init__(self) -> None:
        self.owners: list[Owner] = []
        self.reach = Reach(self.channel.name, self.clock)
        self.other_reaches: list[Reach] = []
        self.fanout = FanOut(self.store, self.settings, self.clock)
        self.rewriting = Rewriting(self.store, self.clock)
        self.delivery = self.sender()
        self.editing = self.editor()

    def _owner(self) -> Owner:
        self.owners.append(Owner(self.store))
        return self.owners[-1]

    async def close(self) -> None:
        for owner in self.owners:
            await owner.close()

    def editor(self, channel: SendingChannel | None = None) -> Editing:
        """Who changes what was sent there."""
        chosen = channel or self.channel
        return Editing(self.store, chosen, self.reach, self._owner(), self.settings, self.clock)

    def sender(self, channel: FakeChannel | None = None) -> Delivery:
        """A sender as a new process would have it."""
        chosen = channel or self.channel
        reach = self.reach
        if chosen is not self.channel:
            reach = Reach(chosen.name, self.clock)
            self.other_reaches.append(reach)
        return Delivery(self.store, chosen, reach, self._owner(), self.settings, self.clock)

    async def open(self) -> None:
        """Enrols the papers and the fixed subscribers."""
        await fill(self.store, [HUAIAN])
        async with self.store.write() as tx:
            end = await journal.end(tx)
            await sync_config(tx, self.settings.deliver, since=end, now=self.clock.now())

    async def publish(self, day: date = MONDAY, articles: int = 3, **changes: Any) -> None:
        """A complete issue of 淮安区报, told in the journal now."""
        await self.put(simple_issue(day, articles, updated=self.clock.now(), **changes))

    async def put(self, *issues: Issue) -> None:
        await fill(self.store, [HUAIAN], issues)
        await self.spread()

    async def spread(self) -> None:
        """Fans out whatever the journal tells."""
        while await self.fanout.step():
            pass

    async def send(self) -> None:
        """Sends what can be sent now."""
        await self.delivery.drain()

    async def edit(self) -> None:
        """Spreads what is due to change, and changes what can be changed now."""
        while await self.rewriting.step():
            pass
        while await self.editing.step():
            pass

    async def tell(self, kind: EntryKind, **about: Any) -> None:
        """Another entry in the journal."""
        async with self.store.write() as tx:
            await journal.append(tx, [NewEntry(kind, "huaian", **about)], self.clock.now())
        await self.spread()

    async def alarm(self, words: str | None = None) -> None:
        """淮安区报 cannot be read, with these words; or without any, can be again."""
        wanted = [Alarm(AlarmKind.UNREAD, words)] if words else []
        async with self.store.write() as tx:
            now = self.clock.now()
            await alarms.settle(tx, "huaian", wanted, {AlarmKind.UNREAD: "又读到了"}, now)
        await self.spread()

    def caretaker(self, space: Space | None = None, *channels: FakeChannel) -> Caretaker:
        """As a new process would have it: what the senders of this office learned is known to it."""
        there = {one.name: one for one in (self.channel, *channels)}
        reaches = [self.reach, *self.other_reaches]
        roomy = space or Space(1 << 40, 1 << 41)
        return Caretaker(self.store, there, reaches, self.settings, self.clock, lambda _: roomy)

    async def change_article(self, key: str, /, **values: Any) -> int:
        """Changes an article's row; returns its number."""
        async with self.store.write() as tx:
            row = (await tx.execute(select(articles).where(articles.c.key == key))).one()
            await tx.execute(update(articles).where(articles.c.id == row.id).values(**values))
        return int(row.id)

    async def states(self, *columns: str) -> list[tuple[Any, ...]]:
        """These columns of every delivery, in the order in which they were owed."""
        chosen = [deliveries.c[name] for name in columns or ("chat", "state")]
        async with self.store.read() as tx:
            return [
                tuple(row) for row in await tx.execute(select(*chosen).order_by(deliveries.c.id))
            ]

    async def edits(self) -> list[tuple[str, str | None]]:
        """The edits that are left, with their reasons."""
        async with self.store.read() as tx:
            rows = await tx.execute(select(edits.c.state, edits.c.reason).order_by(edits.c.id))
            return [(str(row.state), row.reason) for row in rows]


def office(
    store: Store, folder: Path, clock: FakeClock, deliver: Sequence[str], more: str = ""
) -> Office:
    """`deliver` are rows in YAML's flow style, without `source`; `more` may name other channels than
    Telegram.
    """
    rows = "\n".join(f'  - {{source: "*", quiet: null, {row}}}' for row in deliver)
    channels = "" if "channels:" in more else 'channels: {telegram: {token: "1:x"}}'
    text = f"{channels}\n{more}\n" + (f"deliver:\n{rows}" if rows else "")
    return Office(store, two_papers(folder, more=text), clock)
