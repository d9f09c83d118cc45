"""A room where a newspaper is watched: a real server, a real store, a clock that stands still."""

from dataclasses import dataclass, field
from datetime import timedelta

from sqlalchemy import select

from config.sources import YunbaoSource
from feeds.http import Fetcher
from feeds.models import Entry, EntryKind, Issue
from feeds.pausing import Pauses
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.store.looks import Standing, standing
from feeds.store.tables import documents
from feeds.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import JsonSource, Press
from tests.fakes.newspaper import Newspaper


@dataclass
class Room:
    """Where a paper is watched. `look()` is one look by a watch that was made anew, as after a
    restart: nothing may depend on what the last one remembered.
    """

    paper: Newspaper
    press: Press
    store: Store
    fetcher: Fetcher
    clock: FakeClock
    settings: dict[str, object] = field(default_factory=dict)

    def watch(
        self,
        read_looks: tuple[timedelta, ...] = (timedelta(hours=1),),
        pauses: Pauses | None = None,
    ) -> Watch:
        values = {"id": "huaian", "kind": "yunbao", "title": "淮安区报", "url": self.paper.url("/")}
        config = YunbaoSource.model_validate(values | self.settings)
        source = JsonSource(self.paper.url("/"))
        papers = [(config, source)]
        return Watch(
            self.store, self.fetcher, papers, self.clock, read_looks, lambda: 0.5, pauses=pauses
        )

    async def look(self) -> None:
        await self.watch().look("huaian")
        self.clock.jump(timedelta(seconds=1))

    async def journal(self) -> list[Entry]:
        async with self.store.read() as tx:
            return list(await journal.after(tx, 0, 1000))

    async def told(self) -> list[EntryKind]:
        return [entry.kind for entry in await self.journal()]

    async def issue(self, key: str) -> Issue:
        async with self.store.read() as tx:
            issue = await library.issue(tx, "huaian", key)
        assert issue is not None
        return issue

    async def standing(self) -> Standing:
        async with self.store.read() as tx:
            return await standing(tx, "huaian")

    async def remembered(self) -> set[str]:
        """The paths whose validators are stored."""
        async with self.store.read() as tx:
            urls = (await tx.execute(select(documents.c.url))).scalars()
            return {url.removeprefix(self.paper.base) for url in urls}

    def asked(self) -> list[str]:
        """The paths asked for since the last call."""
        paths = self.paper.paths()
        self.paper.asked.clear()
        return paths
