"""What the archive lets go in time: the journal behind everybody's cursor, counts beyond one a day, and
validators of documents that nobody asks for any more. Articles, and what they said before, stay.

Each function is one short step. Those that look say what may go and how far they looked; those that drop
are a transaction.
"""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import and_, delete, func, select, tuple_

from feeds.store import meta
from feeds.store.columns import Instant
from feeds.store.engine import Transaction
from feeds.store.rows import Rows
from feeds.store.tables import (
    Id,
    articles,
    cursors,
    documents,
    journal,
    read_counts,
    sources,
)
from feeds.store.thinning import surplus

_THINNED = "upkeep.reads"  # the last article whose counts were thinned; none comes back

Count = tuple[int, datetime]
"""A read count by its article and time."""


async def slowest(tx: Transaction) -> int:
    """The entry that every consumer in the store has dealt with."""
    found = (await tx.execute(select(func.min(cursors.c.seq)))).scalar_one()
    return 0 if found is None else int(found)


async def drop_entries(tx: Transaction, behind: int, before: datetime, most: int) -> int:
    """Lets go of the journal's oldest entries, up to `behind`; returns how many."""
    oldest = (
        select(journal.c.seq).where(journal.c.seq <= behind).order_by(journal.c.seq).limit(most)
    )
    gone = delete(journal).where(journal.c.seq.in_(oldest), journal.c.at < before)
    return (await tx.execute(gone)).rowcount


async def old_counts(
    tx: Transaction, before: datetime, timezone: str, most: int
) -> tuple[list[Count], int | None]:
    """The counts that may go of the next articles that were first seen before that time, and the last of
    these articles; None where there are none yet.
    """
    done = int(await meta.get(tx, _THINNED) or 0)
    following = select(articles.c.id, articles.c.first_seen).where(articles.c.id > done)
    rows = (await tx.execute(following.order_by(articles.c.id).limit(most))).all()
    ids = []
    for row in rows:
        if row.first_seen >= before:
            break
        ids.append(row.id)
    if not ids:
        return [], None
    return await _surplus(tx, ids, timezone), ids[-1]


async def _surplus(tx: Transaction, ids: Sequence[int], timezone: str) -> list[Count]:
    counts = select(read_counts).where(read_counts.c.article_id.in_(ids))
    by_article: dict[int, list[tuple[datetime, int]]] = {}
    for row in await tx.execute(counts.order_by(read_counts.c.article_id, read_counts.c.seen_at)):
        by_article.setdefault(row.article_id, []).append((row.seen_at, row.value))
    return [(id_, at) for id_, seen in by_article.items() for at in surplus(seen, timezone)]


_COUNTS = Rows("counts", article_id=Id, seen_at=Instant())


async def drop_counts(tx: Transaction, counts: Sequence[Count]) -> None:
    """Lets go of these."""
    here = tuple_(read_counts.c.article_id, read_counts.c.seen_at)
    chosen = select(_COUNTS.c.article_id, _COUNTS.c.seen_at)
    await tx.execute(delete(read_counts).where(here.in_(chosen)), {"counts": list(counts)})


async def note_thinned(tx: Transaction, article: int) -> None:
    """Up to this article everything is done."""
    await meta.put(tx, _THINNED, str(article))


async def papers(tx: Transaction) -> list[str]:
    """Every newspaper that was ever looked at."""
    return list((await tx.execute(select(sources.c.id).order_by(sources.c.id))).scalars().all())


async def old_documents(
    tx: Transaction, source: str, after: str, before: datetime, most: int
) -> tuple[list[str], str | None]:
    """Which of the next documents of a paper were fetched before that time, and the last of these; None
    at the end. One that is asked for again is merely read whole.
    """
    here = and_(documents.c.source == source, documents.c.url > after)
    wanted = select(documents.c.url, documents.c.fetched_at).where(here)
    rows = (await tx.execute(wanted.order_by(documents.c.url).limit(most))).all()
    return [row.url for row in rows if row.fetched_at < before], rows[-1].url if rows else None


async def drop_documents(
    tx: Transaction, source: str, urls: Sequence[str], before: datetime
) -> None:
    """Forgets these, unless they were fetched meanwhile."""
    mine = and_(documents.c.source == source, documents.c.url.in_(urls))
    await tx.execute(delete(documents).where(mine, documents.c.fetched_at < before))
