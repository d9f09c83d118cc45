"""Every feed as a file for a static host: newest, archives, lists, what they link to."""

from collections.abc import AsyncIterator, Iterator, Sequence

from config.models import Settings
from feeds.publish.archives import Binder
from feeds.publish.fixtures import ISSUES_OPML_NAME, OPML_NAME, fixtures
from feeds.publish.printing import Printer, Sheet
from feeds.store.engine import Store
from feeds.writers.links import ALL
from feeds.writers.press import print_feed
from feeds.writers.table import WRITERS

File = tuple[str, bytes]
"""A path relative to the exported folder, with slashes, and what the file holds."""

_AT_THE_ROOT = {OPML_NAME: (OPML_NAME, ".well-known/feeds"), ISSUES_OPML_NAME: (ISSUES_OPML_NAME,)}


async def every_feed(store: Store, settings: Settings, authority: str) -> AsyncIterator[File]:
    """All feeds, at the paths at which the server has them. They name no hub of ours: where nothing
    but files is served, nobody answers there.
    """
    printer = Printer(settings, authority, hubs=settings.hub.external)
    binder = Binder(store, settings, printer)
    for name, data in fixtures(settings, authority):
        for path in _AT_THE_ROOT.get(name, (f"feeds/{name}",)):
            yield path, data
    for source in settings.sources:
        async with store.read() as tx:
            sheets = await printer.paper(tx, source)
        for file in _printed(sheets):
            yield file
    async with store.read() as tx:
        together = await printer.together(tx)
    for file in _printed(together):
        yield file
    for archive in (*printer.papers, ALL):
        async for bound in binder.whole(archive):
            for file in _printed(bound):
                yield file


def _printed(sheets: Sequence[Sheet]) -> Iterator[File]:
    for sheet in sheets:
        for writer in WRITERS:
            data = print_feed(writer, sheet.head, sheet.galleys)
            yield f"feeds/{sheet.name}.{writer.suffix}", data
