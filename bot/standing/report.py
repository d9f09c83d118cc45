"""What there is to know of a worker and its data at one moment. Values only; who shows them finds the words."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.ledger.overview import Lately, Standing, Waiting
from feeds.store.overview import PaperState
from feeds.store.pauses import Pause


@dataclass(frozen=True, slots=True)
class Paper:
    """A newspaper of the settings. `usual` is when its day's issue is usually there, counted from 00:00 of
    the printed date in `timezone`; None where that is not learned.
    """

    id: str
    title: str
    timezone: str
    state: PaperState = field(default_factory=PaperState)
    paused: Pause | None = None
    usual: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Channel:
    """A channel of the settings, or one that only the ledger still knows. `edits` are messages that are to
    be changed; `lately` is of the last 24 hours.
    """

    name: str
    is_configured: bool
    paused: Pause | None = None
    waiting: Waiting = field(default_factory=Waiting)
    edits: int = 0
    lately: Lately = field(default_factory=Lately)


@dataclass(frozen=True, slots=True)
class Disk:
    """The database, and the disk that `data_dir` is on; None where the disk cannot be asked."""

    kind: str
    revision: str
    bytes: int
    free: int | None


@dataclass(frozen=True, slots=True)
class Report:
    """Everything. `worker` is the pid of the one that runs on this data; "?" where one runs whose pid is
    not known here; None where none does.
    """

    at: datetime
    version: str
    worker: str | None
    disk: Disk
    papers: tuple[Paper, ...]
    channels: tuple[Channel, ...]
    incidents: tuple[Standing, ...] = ()
    rewrites: int = 0  # issues whose messages are to change, not counted among the edits yet
