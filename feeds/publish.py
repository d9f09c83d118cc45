"""Journal → feeds: rendered once per change, written atomically, held in memory for the server.

    journal ──(cursor in a file beside the feeds)──▶ sources that changed
        ──library──▶ issues ──entries──▶ head, entries ──press, writers──▶ bytes ──shelf──▶ files, memory

The cursor names the archive it belongs to and, per paper, the recipe its feeds were made by. A
deleted file, a restored database, a changed setting or a second web machine thus heals by itself:
whatever the cursor does not vouch for is written again.
"""

import asyncio
import hashlib
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from importlib.metadata import version

import structlog

from config.models import Settings
from config.sources import SourceConfig
from feeds.clock import Clock
from feeds.cursor import FileCursor, read_cursor, write_cursor
from feeds.identity import Identity, settle
from feeds.models import EntryKind, Issue
from feeds.shelf import Body, Shelf
from feeds.store import journal, library
from feeds.store.engine import Store, Transaction
from feeds.words import translator
from feeds.writers.entries import FeedRules, build_feed, build_head, paper_of, shown_articles
from feeds.writers.opml import MEDIA_TYPE as OPML_TYPE
from feeds.writers.opml import write_opml
from feeds.writers.press import Press
from feeds.writers.table import WRITERS

log = structlog.get_logger(__name__)

SCAN_SECONDS = 3.0  # the bell is only heard within one process
OPML_NAME = "feeds.opml"
OPML_FORMAT = "rss"  # the one that every reader takes
_BATCH = 1000
# Read counts and alarms change no feed.
_NEWS = frozenset(
    {
        EntryKind.ISSUE_COMPLETE,
        EntryKind.ARTICLE_ADDED,
        EntryKind.ARTICLE_CORRECTED,
        EntryKind.ARTICLE_WITHDRAWN,
        EntryKind.ARTICLE_RESTORED,
        EntryKind.ISSUE_WITHDRAWN,
        EntryKind.ISSUE_RESTORED,
    }
)


class Publisher:
    """Keeps every paper's feeds as the archive has them. One per data directory."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._shelf = Shelf(settings.data_dir / "feeds")
        self._presses: dict[str, Press] = {}
        self._troubles: dict[str, str] = {}
        self._identity: Identity | None = None
        self._cursor: FileCursor | None = None
        self._saved: FileCursor | None = None

    def body(self, name: str) -> Body | None:
        """The feed with this file name (`huaian.rss`, `feeds.opml`), or None where there is none."""
        return self._shelf.body(name)

    async def run(self) -> None:
        """Follows the journal until cancelled. Only the store's failures get out of here."""
        bell = self._store.bell("journal")
        while True:
            heard = bell.rung
            await self.catch_up()
            await bell.wait(heard, SCAN_SECONDS)

    async def catch_up(self) -> None:
        """Brings all feeds to the journal's end. A paper that fails keeps the feeds it has, is
        logged once, and is tried again next time; the others go on.
        """
        identity, cursor = await self._begin()
        async with self._store.read() as tx:
            end, changed = await _news(tx, cursor.seq)
        recipes = {k: v for k, v in cursor.recipes.items() if k not in changed}
        for source in self._settings.sources:
            recipe = self._recipe(source, identity)
            if recipes.pop(source.id, None) == recipe or await self._publish(source, identity):
                recipes[source.id] = recipe
        await self._put(OPML_NAME, self._opml(identity), OPML_TYPE, self._clock.now())
        await self._move(FileCursor(identity.archive, end, recipes))

    async def _begin(self) -> tuple[Identity, FileCursor]:
        """Who we are and how far the files are; at first, the files themselves."""
        if self._identity is None or self._cursor is None:
            async with self._store.write() as tx:
                configured = self._settings.feeds.id_authority
                self._identity = await settle(tx, configured, self._clock.now())
                end = await journal.end(tx)
            cursor = self._saved = read_cursor(self._shelf.folder)
            if cursor is None or cursor.archive != self._identity.archive or cursor.seq > end:
                cursor = FileCursor(self._identity.archive, end, {})
            self._cursor = self._take_up(cursor)
        return self._identity, self._cursor

    def _take_up(self, cursor: FileCursor) -> FileCursor:
        """Loads every feed that lies here, those of papers no longer configured too. A paper that
        lacks a file is taken out of the cursor.
        """
        self._shelf.load(OPML_NAME, OPML_TYPE)
        complete: list[set[str]] = []
        for writer in WRITERS:
            names = self._shelf.files(writer.suffix)
            loaded = {n for n in names if self._shelf.load(n, writer.media_type)}
            complete.append({name.removesuffix(f".{writer.suffix}") for name in loaded})
        whole = set.intersection(*complete)
        recipes = {source: r for source, r in cursor.recipes.items() if source in whole}
        return FileCursor(cursor.archive, cursor.seq, recipes)

    async def _publish(self, source: SourceConfig, identity: Identity) -> bool:
        """Writes one paper's feeds. False where that failed: its feeds stay as they are."""
        try:
            await self._write_feeds(source, identity)
        except Exception as error:
            if self._troubles.get(source.id) != repr(error):
                log.exception("feeds not written", source=source.id)
            self._troubles[source.id] = repr(error)
            return False
        self._troubles.pop(source.id, None)
        return True

    async def _write_feeds(self, source: SourceConfig, identity: Identity) -> None:
        async with self._store.read() as tx:
            issues = await _window(tx, source, self._settings.feeds.entries)
        if not issues:
            return  # not read yet: the server answers 503
        rules = rules_of(self._settings, source)
        head, entries = build_feed(paper_of(source), issues, rules, identity.authority)
        press = self._presses.setdefault(source.id, Press())
        for writer in WRITERS:
            data = press.render(writer, head, entries)
            await self._put(f"{source.id}.{writer.suffix}", data, writer.media_type, head.updated)

    async def _put(self, name: str, data: bytes, media_type: str, modified: datetime) -> None:
        # The disk may take its time over an fsync; rendering stays in the loop (feedgen's setlocale).
        now = self._clock.now()
        await asyncio.to_thread(self._shelf.put, name, data, media_type, modified, now)

    async def _move(self, cursor: FileCursor) -> None:
        self._cursor = cursor
        if cursor != self._saved:
            await asyncio.to_thread(write_cursor, self._shelf.folder, cursor)
            self._saved = cursor

    def _opml(self, identity: Identity) -> bytes:
        _ = translator(self._settings.language)
        long_ago = datetime(1970, 1, 1, tzinfo=UTC)
        heads = [
            build_head(paper_of(s), rules_of(self._settings, s), identity.authority, long_ago)
            for s in self._settings.sources
        ]
        return write_opml(_("报童的报纸"), heads, OPML_FORMAT)

    def _recipe(self, source: SourceConfig, identity: Identity) -> str:
        """A digest of everything but the archive's content that enters this paper's feeds."""
        rules = rules_of(self._settings, source)
        parts = (
            version("baotong"),
            identity.authority,
            self._settings.feeds.entries,
            paper_of(source),
            rules,
        )
        return hashlib.sha256(repr(parts).encode()).hexdigest()[:32]


def rules_of(settings: Settings, source: SourceConfig) -> FeedRules:
    """What the settings say about one paper's feeds."""
    return FeedRules(
        public_url=settings.public_url,
        language=settings.language,
        full=settings.content_of(source) == "full",
        skip=tuple(sorted(source.skip)),
        own_links=source.link == "own",
        rights=source.rights,
        ttl_minutes=max(1, source.check_every // timedelta(minutes=1)),
    )


async def _news(tx: Transaction, seq: int) -> tuple[int, set[str]]:
    """The journal's end and the papers whose content changed between `seq` and there."""
    changed: set[str] = set()
    while batch := await journal.after(tx, seq, _BATCH):
        changed.update(entry.source for entry in batch if entry.kind in _NEWS)
        seq = batch[-1].seq
    return seq, changed


async def _window(tx: Transaction, source: SourceConfig, entries: int) -> Sequence[Issue]:
    """The newest issues, whole: at least two, and enough for `entries` articles that are shown."""
    asked, before = entries, -1
    while True:
        issues = await library.recent_issues(tx, source.id, asked)
        skip = source.skip
        shown = sum(1 for issue in issues for _ in shown_articles(issue, skip))
        if shown >= entries or len(issues) == before:
            return issues
        asked, before = asked * 2, len(issues)
