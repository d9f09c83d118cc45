"""Store and settings → report. Reads only; a worker may run or not, on either database."""

import shutil
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from importlib.metadata import version
from pathlib import Path
from zoneinfo import ZoneInfo

from bot.ledger import overview as ledger
from bot.standing.report import Channel, Disk, Paper, Report
from config.models import Settings
from config.sources import SourceConfig
from feeds.models import PauseKind
from feeds.schedule import usual_time
from feeds.store import looks, overview, owners, pauses
from feeds.store.engine import Store, Transaction
from feeds.store.lock import holder
from feeds.store.overview import PaperState
from feeds.store.pauses import Pause

LATELY = timedelta(hours=24)
MOST_LEARNED = 200
"""Newspapers whose usual hour is worked out: each takes a millisecond, of fifty thousand nobody reads it."""


async def gather(store: Store, settings: Settings, now: datetime) -> Report:
    """How everything stands, as of one moment."""
    async with store.read() as tx:
        paused = {kind: await pauses.standing(tx, kind) for kind in PauseKind}
        return Report(
            at=now,
            version=version("baotong"),
            worker=await _worker(tx, settings.data_dir),
            disk=await _disk(tx, settings.data_dir),
            papers=await _papers(tx, settings.sources, paused[PauseKind.SOURCE]),
            channels=await _channels(tx, settings, paused[PauseKind.CHANNEL], now),
            incidents=await ledger.standing(tx),
            rewrites=await ledger.rewrites_due(tx, now),
        )


async def _papers(
    tx: Transaction, sources: Iterable[SourceConfig], paused: Mapping[str, Pause]
) -> tuple[Paper, ...]:
    sources = tuple(sources)
    known = await overview.papers(tx, [source.id for source in sources])
    is_few = len(sources) <= MOST_LEARNED
    return tuple(
        [
            Paper(
                id=source.id,
                title=source.title,
                timezone=source.timezone,
                state=known.get(source.id, PaperState()),
                paused=paused.get(source.id),
                usual=await _usual(tx, source) if is_few else None,
            )
            for source in sources
        ]
    )


async def _usual(tx: Transaction, source: SourceConfig) -> timedelta | None:
    return usual_time(await looks.history(tx, source.id), ZoneInfo(source.timezone))


async def _channels(
    tx: Transaction, settings: Settings, paused: Mapping[str, Pause], now: datetime
) -> tuple[Channel, ...]:
    waiting = await ledger.waiting(tx, now)
    edits = await ledger.edits_owed(tx)
    configured = configured_channels(settings)
    names = list(dict.fromkeys([*configured, *sorted({*waiting, *edits, *paused})]))
    lately = await ledger.lately(tx, names, now - LATELY)
    return tuple(
        Channel(
            name=name,
            is_configured=name in configured,
            paused=paused.get(name),
            waiting=waiting.get(name, ledger.Waiting()),
            edits=edits.get(name, 0),
            lately=lately[name],
        )
        for name in names
    )


def configured_channels(settings: Settings) -> tuple[str, ...]:
    """By name; the terminal, which needs no settings, where somebody is to be written to there."""
    channels = settings.channels
    addresses = (*(row.to for row in settings.deliver), *settings.operators)
    is_used = any(to.startswith("console:") for to in addresses)
    written = (name for name in type(channels).model_fields if getattr(channels, name))
    return (*written, "console") if is_used else tuple(written)


async def _worker(tx: Transaction, folder: Path) -> str | None:
    """On this machine by its lock; on PostgreSQL it may run on another, whose pid says nothing here."""
    return holder(folder) or ("?" if await owners.is_any_alive(tx) else None)


async def _disk(tx: Transaction, folder: Path) -> Disk:
    size, revision = await overview.database_bytes(tx), await overview.revision(tx)
    try:
        free: int | None = shutil.disk_usage(folder).free
    except OSError:
        free = None
    return Disk(tx.dialect, revision, size, free)
