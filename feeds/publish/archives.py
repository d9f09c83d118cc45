"""Keeps archives bound: an archive document (RFC 5005) for every complete issue, as files.

What the journal says is bound at once, with its neighbours, whose links change. The rest is bound in
the background, a few issues a step, whenever the cursor does not vouch for an archive.
"""

from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass

from config.models import Settings
from feeds.models import IssueStatus
from feeds.publish.printing import NameOf, Printer, Sheet
from feeds.store import marks
from feeds.store.engine import Store, Transaction
from feeds.store.marks import Mark
from feeds.writers.links import ALL, archive_name, archive_of_all_name

STEP = 10  # issues a transaction; the loop breathes between two


@dataclass(frozen=True, slots=True)
class Removal:
    """An archive document that is no more, by its file's name without the ending."""

    name: str


class Binder:
    """Says what the files of an archive (a paper's id, or `ALL`) should be; who calls writes them."""

    def __init__(self, store: Store, settings: Settings, printer: Printer) -> None:
        self._store = store
        self._settings = settings
        self._printer = printer

    async def changed(
        self, archive: str, issue_ids: Collection[int]
    ) -> AsyncIterator[Sheet | Removal]:
        """What a change of these issues changes."""
        for issue_id in issue_ids:
            async with self._store.read() as tx:
                mark = await marks.by_id(tx, issue_id)
                changes = [] if mark is None else await self._around(tx, archive, mark)
            for change in changes:
                yield change

    async def whole(self, archive: str) -> AsyncIterator[Sequence[Sheet]]:
        """All documents, a few a step, oldest first. What is withdrawn meanwhile is left out."""
        async with self._store.read() as tx:
            held = [mark.id for mark in await self._held(tx, archive)]
        for begin in range(0, len(held), STEP):
            async with self._store.read() as tx:
                found = [await marks.by_id(tx, issue_id) for issue_id in held[begin:][:STEP]]
                sheets = [
                    await self._sheet(tx, archive, mark)
                    for mark in found
                    if mark and _is_bound(mark)
                ]
            yield sheets

    async def names(self, archive: str) -> set[str]:
        """The names of all documents, without endings."""
        async with self._store.read() as tx:
            held = await self._held(tx, archive)
        return {_name_of(archive)(mark.source, mark.key) for mark in held}

    async def _held(self, tx: Transaction, archive: str) -> Sequence[Mark]:
        if archive == ALL:
            return await marks.all_arrived(tx, self._printer.papers)
        return await marks.complete(tx, archive)

    async def _around(self, tx: Transaction, archive: str, mark: Mark) -> list[Sheet | Removal]:
        """The issue's document or its end, and those of its neighbours."""
        if archive == ALL and not await marks.is_arrival(tx, mark):
            return []
        around = (
            await marks.arrival_neighbours(tx, self._printer.papers, mark)
            if archive == ALL
            else await marks.archive_neighbours(tx, mark)
        )
        changes: list[Sheet | Removal] = [
            await self._sheet(tx, archive, neighbour) for neighbour in around if neighbour
        ]
        if _is_bound(mark):
            return [await self._sheet(tx, archive, mark), *changes]
        return [Removal(_name_of(archive)(mark.source, mark.key)), *changes]

    async def _sheet(self, tx: Transaction, archive: str, mark: Mark) -> Sheet:
        if archive == ALL:
            return await self._printer.archive_of_all(tx, mark)
        source = self._settings.source(mark.source)
        assert source is not None  # only configured papers are bound
        return await self._printer.archive(tx, source, mark)


def _is_bound(mark: Mark) -> bool:
    return mark.status is IssueStatus.COMPLETE


def _name_of(archive: str) -> NameOf:
    return archive_of_all_name if archive == ALL else archive_name
