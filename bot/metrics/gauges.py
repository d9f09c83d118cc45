"""The figures of what stands now: their names, and their values out of what was read. Pure."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from bot.incident import IncidentKind
from bot.ledger.measures import Measures
from bot.services import Condition
from feeds.models import AlarmKind

Row = tuple[tuple[str, ...], float]
"""The labels' values, and the figure."""
QUEUE_STATES = ("pending", "scheduled", "sending")


@dataclass(frozen=True, slots=True)
class Now:
    """What gauges are read from. `sources` and `channels` are those of the settings: what others left in
    the database is nobody's figure.
    """

    sources: Sequence[str]
    channels: Sequence[str]
    measures: Measures
    services: Mapping[str, Condition]
    at: datetime


@dataclass(frozen=True, slots=True)
class Gauge:
    """A figure that goes up and down. `name` has no prefix and ends in the unit, if it has one."""

    name: str
    help: str
    rows: Callable[[Now], Iterator[Row]]
    labels: tuple[str, ...] = field(default=())


def _last_read(now: Now) -> Iterator[Row]:
    for paper in now.measures.papers:
        if paper.id in now.sources and paper.read_at is not None:
            yield (paper.id,), paper.read_at.timestamp()


def _next_look(now: Now) -> Iterator[Row]:
    for paper in now.measures.papers:
        if paper.id in now.sources and paper.next_look_at is not None:
            yield (paper.id,), paper.next_look_at.timestamp()


def _failures(now: Now) -> Iterator[Row]:
    for paper in now.measures.papers:
        if paper.id in now.sources:
            yield (paper.id,), paper.failures


def _alarms(now: Now) -> Iterator[Row]:
    for source in now.sources:
        for kind in AlarmKind:
            yield (source, kind), (source, kind) in now.measures.alarms


def _incidents(now: Now) -> Iterator[Row]:
    for kind in IncidentKind:
        yield (kind,), now.measures.incidents.get(kind, 0)


def _queue(now: Now) -> Iterator[Row]:
    for channel in now.channels:
        for state in QUEUE_STATES:
            yield (channel, state), now.measures.queue.get((channel, state), 0)


def _oldest(now: Now) -> Iterator[Row]:
    for channel in now.channels:
        since = now.measures.oldest.get(channel, now.at)
        yield (channel,), max(0.0, (now.at - since).total_seconds())


def _edits(now: Now) -> Iterator[Row]:
    for channel in now.channels:
        yield (channel,), now.measures.edits.get(channel, 0)


def _services(now: Now) -> Iterator[Row]:
    for name, condition in now.services.items():
        yield (name,), condition is not Condition.FAILED


def _database(now: Now) -> Iterator[Row]:
    yield (), now.measures.database_bytes


GAUGES = (
    Gauge(
        "source_last_read_timestamp_seconds",
        "When a newspaper was last read well.",
        _last_read,
        ("source",),
    ),
    Gauge(
        "source_next_look_timestamp_seconds",
        "When a newspaper is looked at next.",
        _next_look,
        ("source",),
    ),
    Gauge("source_failed_looks", "Failed looks in a row.", _failures, ("source",)),
    Gauge(
        "alarm_raised",
        "1 while an alarm is raised for a newspaper.",
        _alarms,
        ("source", "alarm"),
    ),
    Gauge("incidents", "Troubles of the worker itself that stand now.", _incidents, ("kind",)),
    Gauge(
        "queue_deliveries",
        "Messages that are owed: in line, for an hour of their own, or just being sent.",
        _queue,
        ("channel", "state"),
    ),
    Gauge(
        "queue_oldest_age_seconds",
        "Age of the oldest news that waits in line to be sent; 0 where none does.",
        _oldest,
        ("channel",),
    ),
    Gauge("queue_edits", "Sent messages that are to be changed.", _edits, ("channel",)),
    Gauge(
        "service_up",
        "0 while a service has failed or not yet proved itself again.",
        _services,
        ("service",),
    ),
    Gauge("database_size_bytes", "Size of the database.", _database),
)
