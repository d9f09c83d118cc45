"""The publisher: follows the journal with its cursor, and owns the files (see the package)."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import structlog

from config.models import Settings
from feeds.clock import Clock
from feeds.cursor import FileCursor, read_cursor, write_cursor
from feeds.identity import Identity, settle
from feeds.publish.archives import Binder, Removal
from feeds.publish.files import Files
from feeds.publish.fixtures import fixtures
from feeds.publish.news import News, read_news
from feeds.publish.printing import Printer, Sheet
from feeds.publish.recipes import hubs_of, recipe_of, recipe_of_all
from feeds.shelf import Body
from feeds.store import journal, marks
from feeds.store.engine import Store
from feeds.writers.links import ALL, issues_name

log = structlog.get_logger(__name__)

FEEDS_BELL = "feeds"  # rings when a newest feed has new bytes
SCAN_SECONDS = 3.0  # the journal's bell is only heard within one process
MOST_AT_ONCE = 100  # changed issues of an archive; more are bound in the background


@dataclass(frozen=True, slots=True)
class _Begun:
    """Who we are, and what was made of it once and for all."""

    identity: Identity
    printer: Printer
    binder: Binder
    recipes: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class _Pass:
    """An archive being bound from its beginning."""

    archive: str
    steps: AsyncIterator[Sequence[Sheet]]


class Publisher:
    """Keeps all feeds as the archive has them. One per data directory."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._files = Files(settings.data_dir / "feeds", clock)
        self._troubles: dict[str, str] = {}
        self._next_looks: Mapping[str, datetime] = {}
        self._begun: _Begun | None = None
        self._pass: _Pass | None = None
        self._unchecked: set[str] = set()
        self._cursor = FileCursor("", 0, {})
        self._saved: FileCursor | None = None

    def body(self, name: str) -> Body | None:
        """The file of this name (`huaian.rss`, `feeds.opml`), if it is in memory."""
        return self._files.shelf.body(name)

    async def fetch(self, name: str) -> Body | None:
        """The same, from the disk if it has to be; None where there is none."""
        return await self._files.shelf.fetch(name)

    async def tag(self, name: str) -> str | None:
        """The tag of this file's content; None where there is none."""
        return await self._files.shelf.tag(name)

    def next_look(self, source: str) -> datetime | None:
        """When this paper is looked at next, as far as we know."""
        return self._next_looks.get(source)

    def is_whole(self, archive: str) -> bool:
        """Whether all archive documents of a paper (or of `ALL`) are written."""
        return archive in self._cursor.bound

    async def run(self) -> None:
        """Follows the journal until cancelled. Only the store's failures get out of here."""
        bell = self._store.bell(journal.BELL)
        while True:
            heard = bell.rung
            await self.catch_up()
            if not await self.bind():
                await bell.wait(heard, SCAN_SECONDS)

    async def catch_up(self) -> None:
        """Brings all feeds to the journal's end, and what changed in archives. A paper that fails
        keeps the feeds it has, is logged once, and is tried again next time; the others go on.
        """
        begun = self._begun or await self._begin()
        async with self._store.read() as tx:
            news = await read_news(tx, self._cursor.seq)
            self._next_looks = await marks.next_looks(tx)
        begun.printer.note(news.all_issues, news.end)
        changed = {*news.issues, ALL} if news.issues else set()
        recipes = {k: v for k, v in self._cursor.recipes.items() if k not in changed}
        for name, recipe in begun.recipes.items():
            if recipes.pop(name, None) == recipe or await self._tried(name, self._print(name)):
                recipes[name] = recipe
        bound = await self._rebind(news)
        await self._move(replace(self._cursor, seq=news.end, recipes=recipes, bound=bound))

    async def bind(self) -> bool:
        """One step of whatever archive is not whole yet. False: nothing is left to do, or the step
        failed and should wait.
        """
        begun = self._begun or await self._begin()
        if self._unchecked:
            await self._check(self._unchecked.pop(), begun.binder)
            return True
        if self._pass is None:
            missing = begun.recipes.items() - self._cursor.bound.items()
            if not missing:
                return False
            archive = min(missing)[0]
            self._pass = _Pass(archive, begun.binder.whole(archive))
        if await self._tried(f"archive of {self._pass.archive}", self._step(self._pass)):
            return True
        self._pass = None
        return False

    # ── how it begins ───────────────────────────────────────────────────────────────────────────

    async def begin(self) -> None:
        """Finds out who we are and how far the files are, and writes those that never change again. What
        lies there is served from now on; `catch_up` and `run` would begin by themselves. Raises OSError
        where the folder cannot be written.
        """
        if self._begun is None:
            await self._begin()

    async def _begin(self) -> _Begun:
        async with self._store.write() as tx:
            configured = self._settings.feeds.id_authority
            identity = await settle(tx, configured, self._clock.now())
            begin, end = await journal.begin(tx), await journal.end(tx)
        printer = Printer(self._settings, identity.authority, hubs_of(self._settings))
        binder = Binder(self._store, self._settings, printer)
        cursor = self._saved = read_cursor(self._files.shelf.folder)
        follows = cursor is not None and begin <= cursor.seq <= end
        if cursor is None or cursor.archive != identity.archive or not follows:
            cursor = FileCursor(identity.archive, end, {})
        self._cursor = self._checked(cursor)
        self._unchecked = set(cursor.bound)
        for name, data in fixtures(self._settings, identity.authority):
            await self._files.shelf.put(name, data, self._clock.now(), self._clock.now())
        recipes = {
            source.id: recipe_of(self._settings, source, identity.authority)
            for source in self._settings.sources
        }
        recipes[ALL] = recipe_of_all(self._settings, identity.authority)
        self._begun = _Begun(identity, printer, binder, recipes)
        return self._begun

    def _checked(self, cursor: FileCursor) -> FileCursor:
        """The cursor without the papers that lack a file."""
        recipes = {
            name: recipe
            for name, recipe in cursor.recipes.items()
            if all(self._files.has(base) for base in _bases(name))
        }
        return replace(cursor, recipes=recipes)

    async def _check(self, archive: str, binder: Binder) -> None:
        """Vouches no more for an archive that lacks a file, or has one too many."""
        names = await binder.names(archive)
        if not await asyncio.to_thread(self._files.are_exactly, archive, names):
            bound = {k: v for k, v in self._cursor.bound.items() if k != archive}
            await self._move(replace(self._cursor, bound=bound))

    # ── what is written ─────────────────────────────────────────────────────────────────────────

    async def _tried(self, what: str, work: Awaitable[None]) -> bool:
        """False where the work failed; the same failure is logged once."""
        try:
            await work
        except Exception as error:
            if self._troubles.get(what) != repr(error):
                log.exception("feeds not written", source=what)
            self._troubles[what] = repr(error)
            return False
        self._troubles.pop(what, None)
        return True

    async def _print(self, name: str) -> None:
        """A paper's newest feeds, or those of all papers."""
        assert self._begun is not None  # catch_up began
        printer, source = self._begun.printer, self._settings.source(name)
        async with self._store.read() as tx:
            sheets = await (printer.paper(tx, source) if source else printer.together(tx))
        is_new = [await self._files.put(sheet, keep=True) for sheet in sheets]
        if any(is_new):
            self._store.bell(FEEDS_BELL).ring()

    async def _rebind(self, news: News) -> dict[str, str]:
        """Brings archives to the news; returns what the cursor may vouch for."""
        bound = dict(self._cursor.bound)
        changed = {**news.issues, ALL: news.all_issues} if news.issues else {}
        for archive, issue_ids in changed.items():
            is_few = len(issue_ids) <= MOST_AT_ONCE
            what = f"archive of {archive}"
            if not (is_few and await self._tried(what, self._bind_changed(archive, issue_ids))):
                bound.pop(archive, None)
                if self._pass and self._pass.archive == archive:
                    self._pass = None  # from the beginning
        return bound

    async def _bind_changed(self, archive: str, issue_ids: Collection[int]) -> None:
        assert self._begun is not None  # catch_up began
        if archive not in self._begun.recipes:
            return  # a paper that is configured no more
        async for change in self._begun.binder.changed(archive, issue_ids):
            if isinstance(change, Removal):
                await self._files.remove(change.name)
            else:
                await self._files.put(change)

    async def _step(self, running: _Pass) -> None:
        sheets = await anext(running.steps, None)
        if sheets is not None:
            for sheet in sheets:
                await self._files.put(sheet)
            return
        assert self._begun is not None  # bind began
        archive, recipe = running.archive, self._begun.recipes[running.archive]
        await self._files.keep_only(archive, await self._begun.binder.names(archive))
        self._pass = None
        await self._move(replace(self._cursor, bound={**self._cursor.bound, archive: recipe}))

    async def _move(self, cursor: FileCursor) -> None:
        self._cursor = cursor
        if cursor != self._saved:
            await asyncio.to_thread(write_cursor, self._files.shelf.folder, cursor)
            self._saved = cursor


def _bases(name: str) -> tuple[str, ...]:
    """The newest feeds that are made together."""
    return (name,) if name == ALL else (name, issues_name(name))
