"""What the worker stands on and a reload leaves as it is: the data and their lock, the addresses where pages
and figures are served, what was counted, and the channels whose settings did not change (with their pace and their place in the updates).
"""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from typing import Any

from bot.channels.base import Channel
from bot.channels.table import CHANNELS
from bot.metrics.listener import FiguresPage, listen_for_figures
from config.models import Settings
from feeds.clock import Clock
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.store.lock import DataLock
from feeds.store.owners import Owner
from feeds.tally import TallySheet
from feeds.web.door import Door
from feeds.web.server import Listening, listen


@dataclass(frozen=True, slots=True)
class _Built:
    name: str
    section: Any  # of the settings, which it was built from
    channel: Channel


class Ground:
    """Made by `lay_ground`. What two configurations have in common is one object for both."""

    def __init__(self, store: Store, owner: Owner, clock: Clock, tally: TallySheet) -> None:
        self.store = store
        self.owner = owner
        self.clock = clock
        self.tally = tally
        self._listening: dict[str, Listening] = {}
        self._figures: dict[str, FiguresPage] = {}
        self._built: list[_Built] = []

    async def listening(self, settings: Settings) -> Listening:
        """The address of these settings, bound. Raises OSError where it is taken."""
        server = settings.server
        if server.listen not in self._listening:
            self._listening[server.listen] = await listen(server.host, server.port, Door())
        return self._listening[server.listen]

    async def figures(self, settings: Settings) -> FiguresPage | None:
        """Where these settings have figures shown, bound. Raises `CannotListen`."""
        address = settings.metrics.listen
        if address is None:
            return None
        if address not in self._figures:
            self._figures[address] = await listen_for_figures(settings.metrics)
        return self._figures[address]

    def channels(self, settings: Settings) -> Mapping[str, Channel]:
        """Every channel that these settings configure, by name. The terminal always is one."""
        return {one.name: one.channel for one in self._used(settings, and_build=True)}

    async def keep_only(self, settings: Settings) -> None:
        """Gives back what these settings do not use."""
        used = [one.channel for one in self._used(settings)]
        for one in [one for one in self._built if one.channel not in used]:
            self._built.remove(one)
            await one.channel.close()
        for address in [name for name in self._listening if name != settings.server.listen]:
            await self._listening.pop(address).cleanup()
        for address in [name for name in self._figures if name != settings.metrics.listen]:
            await self._figures.pop(address).cleanup()

    async def close(self) -> None:
        """Gives back everything."""
        for one in self._built:
            await one.channel.close()
        for listening in self._listening.values():
            await listening.cleanup()
        for page in self._figures.values():
            await page.cleanup()

    def _used(self, settings: Settings, *, and_build: bool = False) -> list[_Built]:
        used = []
        for name, build in CHANNELS.items():
            section = getattr(settings.channels, name, None)
            known = next((b for b in self._built if (b.name, b.section) == (name, section)), None)
            if known is None and and_build and (channel := build(settings, self.clock)) is not None:
                known = _Built(name, section, channel)
                self._built.append(known)
            if known is not None:
                used.append(known)
        return used


@asynccontextmanager
async def lay_ground(settings: Settings, clock: Clock) -> AsyncIterator[Ground]:
    """Opens the data. Raises `AlreadyRunning` where another process holds the data directory, and
    `StoreError` where its database cannot be used.
    """
    async with AsyncExitStack() as stack:
        stack.enter_context(DataLock(settings.data_dir))
        tally = TallySheet()
        store = await open_store(
            settings.data_dir, settings.database_url, tally, on_share=settings.network_share
        )
        stack.push_async_callback(store.close)
        owner = Owner(store)
        stack.push_async_callback(owner.close)
        ground = Ground(store, owner, clock, tally)
        stack.push_async_callback(ground.close)
        yield ground
