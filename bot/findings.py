"""What is wrong with the worker itself, decided from facts alone: pure.

    faults, well (bot.reach) ─┐
    fronts of the queues ─────┼─▶ Facts ──findings──▶ wanted, well, gone
    free space of the disk ───┤
    who takes the updates ────┘

What is neither wanted nor well stays as it is: after a restart nothing is known yet.
"""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from bot.incident import IncidentKind, Key
from bot.ledger.queue import Front
from bot.messages.incident import beginning, shown_time
from bot.reach import UNREACHABLE_AFTER, Fault
from config.channels import NAMED
from config.models import Settings
from feeds.words import translator

REACHED_AFTER = timedelta(
    minutes=5
)  # of arriving without a break: a flickering line is one incident
OVERDUE = timedelta(minutes=15)  # a wait between two tries is shorter
STILL = timedelta(minutes=5)  # longer than a dead owner's lease
STEADY = timedelta(minutes=15)  # of moving: a queue that moves by fits and starts is one incident
LEAST_FREE, LEAST_SHARE = 200 << 20, 0.05  # bytes, or of the whole disk where that is less
ROOMY = 2  # times as much is enough again
_FAILING = frozenset({IncidentKind.REFUSED, IncidentKind.UNREACHABLE, IncidentKind.STALLED})


@dataclass(frozen=True, slots=True)
class Space:
    """Bytes of the disk that holds `data_dir`."""

    free: int
    total: int

    @property
    def least(self) -> float:
        return min(LEAST_FREE, LEAST_SHARE * self.total)


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known now. `still` has since when each channel's queue stands still (None: it moves);
    `disputed` whether another program takes a channel's updates; a name that is missing is not known.
    """

    now: datetime
    faults: Mapping[str, Fault] = field(default_factory=dict)
    well: Mapping[str, datetime] = field(default_factory=dict)
    still: Mapping[str, datetime | None] = field(default_factory=dict)
    disputed: Mapping[str, bool] = field(default_factory=dict)
    paused: Collection[str] = ()
    space: Space | None = None


@dataclass(frozen=True, slots=True)
class Findings:
    """What is wrong, with words for people; what is certainly right; and what concerns nobody now."""

    wanted: Mapping[Key, str]
    well: Collection[Key]
    gone: Collection[Key]


def findings(facts: Facts, standing: Collection[Key], settings: Settings) -> Findings:
    """What these facts say. `standing` are the incidents that were raised."""
    there = configured(settings)
    gone = {key for key in standing if key.about and key.about not in there}
    gone |= {k for k in standing if k.kind is IncidentKind.STALLED and k.about in facts.paused}
    wanted = {key: words for key, words in _wanted(facts, settings) if key.about in {"", *there}}
    return Findings(wanted, set(_well(facts)), gone)


def configured(settings: Settings) -> frozenset[str]:
    """The channels and robots of these settings, by the names that incidents call them."""
    single = {"telegram"} if settings.channels.telegram else set[str]()
    robots = {name: getattr(settings.channels, name) for name in NAMED}
    named = {f"{family}:{robot}" for family, of in robots.items() for robot in of}
    return frozenset({"console", *single, *(f for f, of in robots.items() if of), *named})


def failing(keys: Collection[Key], paused: Collection[str]) -> frozenset[str]:
    """Channels and robots by which nobody should be told anything now."""
    return frozenset({key.about for key in keys if key.kind in _FAILING} | set(paused))


def reached(operators: Collection[str], without: Collection[str]) -> tuple[str, ...]:
    """The operators who can be told by another way than these channels and robots."""
    return tuple(
        one
        for one in operators
        if one.partition(":")[0] not in without and one.partition("/")[0] not in without
    )


# ── one kind after the other ────────────────────────────────────────────────────────────────────


def _wanted(facts: Facts, settings: Settings) -> Iterator[tuple[Key, str]]:
    _, zone = translator(settings.language), settings.timezone
    for about, fault in facts.faults.items():
        shown = {"about": about, "reason": fault.reason, "since": shown_time(fault.since, zone)}
        if kind := _of_fault(fault):
            yield Key(kind, about), beginning(kind, _, **shown)
    for about, since in facts.still.items():
        if since is not None and facts.now - since >= STILL and _is_unexplained(about, facts):
            shown = {"about": about, "since": shown_time(since, zone)}
            yield Key(IncidentKind.STALLED, about), beginning(IncidentKind.STALLED, _, **shown)
    for about, is_disputed in facts.disputed.items():
        if is_disputed:
            yield Key(IncidentKind.DISPUTED, about), beginning(IncidentKind.DISPUTED, _)
    if facts.space is not None and facts.space.free < facts.space.least:
        shown = {"about": str(settings.data_dir), "free": f"{facts.space.free / (1 << 20):.0f} MiB"}
        yield Key(IncidentKind.DISK, ""), beginning(IncidentKind.DISK, _, **shown)


def _of_fault(fault: Fault) -> IncidentKind | None:
    if fault.is_refused:
        return IncidentKind.REFUSED
    is_long = fault.is_general and fault.lasted >= UNREACHABLE_AFTER
    return IncidentKind.UNREACHABLE if is_long else None


def _is_unexplained(channel: str, facts: Facts) -> bool:
    return channel not in facts.faults and channel not in facts.paused


def _well(facts: Facts) -> Iterator[Key]:
    yield from _reached(facts)
    yield from (Key(IncidentKind.STALLED, n) for n, since in facts.still.items() if since is None)
    yield from (
        Key(IncidentKind.DISPUTED, n) for n, disputed in facts.disputed.items() if not disputed
    )
    if facts.space is not None and facts.space.free >= ROOMY * facts.space.least:
        yield Key(IncidentKind.DISK, "")


def _reached(facts: Facts) -> Iterator[Key]:
    for about, fault in facts.faults.items():
        if fault.is_refused:  # it answers
            yield Key(IncidentKind.UNREACHABLE, about)
    for about, since in facts.well.items():
        if about not in facts.faults:
            yield Key(IncidentKind.REFUSED, about)
            if facts.now - since >= REACHED_AFTER:
                yield Key(IncidentKind.UNREACHABLE, about)


class Queues:
    """Watches the fronts of the queues, from look to look.

    A queue that is long is no trouble: a million messages at 29 a second take ten hours, and most of
    them are due all that time. But whatever is due longest in its lane is claimed next, so in a queue
    that moves the front is another one at every look. It stands still where one and the same delivery,
    due for OVERDUE, is the front for STILL.
    """

    def __init__(self) -> None:
        self._seen: dict[tuple[str, str], tuple[Front, datetime]] = {}
        self._moving: dict[str, datetime] = {}

    def look(
        self, fronts: Mapping[str, Mapping[str, Front]], now: datetime
    ) -> Mapping[str, datetime | None]:
        """By channel: since when a front is the same, where that is long; None where nothing is overdue,
        or all moved for STEADY. Any other channel is left out.
        """
        before, self._seen = self._seen, {}
        still: dict[str, datetime | None] = {}
        for channel, lanes in fronts.items():
            since = min(
                (self._since(before, channel, *one, now) for one in lanes.items()), default=None
            )
            if since is not None and now - since >= STILL:
                self._moving.pop(channel, None)
                still[channel] = since
            elif since is None or now - self._moving.setdefault(channel, now) >= STEADY:
                still[channel] = None
        return still

    def _since(
        self,
        before: Mapping[tuple[str, str], tuple[Front, datetime]],
        channel: str,
        lane: str,
        front: Front,
        now: datetime,
    ) -> datetime:
        known = before.get((channel, lane))
        kept = known if known is not None and known[0] == front else (front, now)
        self._seen[channel, lane] = kept
        return kept[1]
