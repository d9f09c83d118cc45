"""A publisher over an archive, and what a reader finds in its files."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import feedparser
import pytest

from config.models import Settings
from feeds.models import Issue, Paper
from feeds.publish import Publisher
from feeds.store.engine import Store
from tests.fakes.archive import HUAIAN, fill
from tests.fakes.clock import FakeClock
from tests.fakes.settings import two_papers


@dataclass
class Office:
    """Where feeds are published: `publish()` brings everything up to date, archives too."""

    store: Store
    clock: FakeClock
    settings: Settings
    publisher: Publisher

    async def publish(self, *issues: Issue, papers: Sequence[Paper] = (HUAIAN,)) -> None:
        await fill(self.store, papers, issues)
        await self.publisher.catch_up()
        while await self.publisher.bind():
            pass

    def restart(self) -> None:
        self.publisher = Publisher(self.store, self.settings, self.clock)

    @property
    def folder(self) -> Path:
        return self.settings.data_dir / "feeds"

    def read(self, name: str) -> Any:
        """A feed's file as feedparser understands it."""
        return feedparser.parse((self.folder / name).read_bytes())

    def keys(self, name: str) -> list[str]:
        """`2024-04-08/x1` of each entry, in order."""
        return [entry.id.partition(":huaian/")[2] for entry in self.read(name).entries]

    def links(self, name: str) -> dict[str, str]:
        """The feed's links by relation, as names of files."""
        base = f"{self.settings.public_url}feeds/"
        links = self.read(name).feed.links
        return {link.rel: link.href.removeprefix(base) for link in links}

    def files(self, folder: str = "") -> list[str]:
        found = (self.folder / folder).glob("[!.]*.*")
        return sorted(p.relative_to(self.folder).as_posix() for p in found if p.is_file())


@pytest.fixture
def office(store: Store, clock: FakeClock, tmp_path: Path) -> Callable[..., Office]:
    """Opens an office; the words go to `two_papers`."""

    def open_one(**words: str) -> Office:
        settings = two_papers(tmp_path, **words)
        return Office(store, clock, settings, Publisher(store, settings, clock))

    return open_one
