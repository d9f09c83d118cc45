"""One newspaper's diary: how its looks went, what is wrong with it, and when it is looked at next."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.decide import Redesign, find_redesign
from feeds.errors import FetchError
from feeds.models import EntryKind, NewEntry
from feeds.schedule import Rhythm, Sighting, first_look, heat_of, learn, next_look
from feeds.store import alarms, archive, looks
from feeds.store.alarms import Alarm
from feeds.store.archive import Memory
from feeds.store.engine import Transaction
from feeds.store.known import known_issue
from feeds.store.looks import Agenda, Standing
from feeds.watch.alarms import Alarmist
from feeds.watch.desk import Desk, unbroken
from feeds.watch.notes import Note, Notes
from feeds.words import translator

_WAIT_FOR_MORE = timedelta(minutes=5)  # between two looks at an issue of which something is missing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Start:
    """What a look begins with: how the newspaper stands, what there is to do for it, and what is kept of
    its entry, the document at `url`.
    """

    standing: Standing
    agenda: Agenda
    url: str
    memory: Memory | None


@dataclass(frozen=True, slots=True)
class Outcome:
    """A good look that began then; whether anything came of it."""

    began: datetime
    is_changed: bool


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the archive's last issues tell."""

    rhythm: Rhythm
    newest: Sighting | None


class Diary:
    """Keeps in memory only what it can read again, so that a look that finds nothing new costs the store
    nothing but a line that many share. `chance` gives random numbers in [0, 1).
    """

    def __init__(
        self, desk: Desk, notes: Notes, chance: Callable[[], float], language: str
    ) -> None:
        self._desk = desk
        self._name = desk.config.id
        self._notes = notes
        self._chance = chance
        self._alarmist = Alarmist(desk.config, translator(language))
        self._learned: _Learned | None = None
        self._start: Start | None = None
        self._resumed_at: datetime | None = None

    async def start(self) -> Start:
        """What the next look begins with."""
        url = self._desk.source.entry().url
        if self._start is None or self._start.url != url:
            self._start = await self._desk.query(self._read)
        return self._start

    def resume(self) -> None:
        """It was paused until now: that nobody read it meanwhile is no alarm."""
        self._resumed_at = self._desk.clock.now()

    def forget(self) -> None:
        """A look was broken off: what it began with is no longer how things stand."""
        self._start = None

    async def first_look(self, crowd: int) -> datetime:
        """When to begin, among so many newspapers."""
        standing = await self._desk.query(lambda tx: looks.standing(tx, self._name))
        every, now = self._desk.config.check_every, self._desk.clock.now()
        failures, planned = standing.failures, standing.next_look_at
        return first_look(now, every, failures, planned, crowd, self._chance())

    async def note_success(self, start: Start, outcome: Outcome) -> datetime:
        """Writes down a good look; when the next is due."""
        agenda, now = start.agenda, self._desk.clock.now()
        is_quiet = not (outcome.is_changed or agenda.has_partial or agenda.has_alarms)
        if is_quiet and self._learned is not None and not self._learned.rhythm.missing(now):
            again = self._next_look(now, agenda, self._learned.rhythm)
            self._start = replace(start, standing=Standing(0, again, now))
            self._notes.add(self._name, Note(now, again))
            return again
        if outcome.is_changed:
            self._learned = None

        async def note(tx: Transaction) -> datetime:
            now = self._desk.clock.now()
            learned = await self._learn(tx)
            redesign = await self._redesign(tx, learned, outcome.began)
            missing = learned.rhythm.missing(now)
            wanted = self._alarmist.after_success(redesign, missing)
            await self._settle(tx, list(wanted), now, is_over=True)
            after = await self._read(tx)
            again = self._next_look(now, after.agenda, learned.rhythm)
            await looks.note_good(tx, [(self._name, now, again)])
            self._start = replace(after, standing=Standing(0, again, now))
            return again

        return await self._write(note)

    async def note_failure(self, error: Exception, standing: Standing) -> datetime:
        """Writes down a failed look, one more than `standing` says; when the next is due."""
        failures = standing.failures + 1
        wait = error.retry_after if isinstance(error, FetchError) else None

        async def note(tx: Transaction) -> datetime:
            now = self._desk.clock.now()
            every = self._desk.config.check_every
            again = next_look(now, every, failures, self._chance(), wait)
            await looks.note_failure(tx, self._name, now, again, failures, str(error))
            since = max(filter(None, (standing.read_at, self._resumed_at)), default=None)
            wanted = self._alarmist.after_failure(error, failures, since, now)
            await self._settle(tx, list(wanted), now, is_over=False)
            return again

        return await self._write(note)

    async def _read(self, tx: Transaction) -> Start:
        entry = self._desk.source.entry()
        is_kept = entry.method == "GET"
        return Start(
            standing=await looks.standing(tx, self._name),
            agenda=await looks.agenda(tx, self._name, 2 * self._desk.policy.patience),
            url=entry.url,
            memory=await archive.memory(tx, self._name, entry.url) if is_kept else None,
        )

    async def _learn(self, tx: Transaction) -> _Learned:
        if self._learned is None:
            history = await looks.history(tx, self._name)
            rhythm = learn(history, ZoneInfo(self._desk.config.timezone))
            self._learned = _Learned(rhythm, history[0] if history else None)
        return self._learned

    async def _redesign(
        self, tx: Transaction, learned: _Learned, began: datetime
    ) -> Redesign | None:
        if learned.newest is None:
            return None
        issue = await known_issue(tx, self._name, learned.newest.key)
        return find_redesign(issue, began) if issue is not None else None

    def _next_look(self, now: datetime, agenda: Agenda, rhythm: Rhythm) -> datetime:
        every = self._desk.config.check_every
        waits = (agenda.due_at, now + _WAIT_FOR_MORE if agenda.has_open else None)
        due = min(filter(None, waits), default=None)
        heat = heat_of(rhythm, every)
        return next_look(now, every, 0, self._chance(), due_at=due, heat=heat)

    async def _settle(
        self, tx: Transaction, wanted: Sequence[Alarm], now: datetime, *, is_over: bool
    ) -> None:
        endings = self._alarmist.endings() if is_over else {}
        for entry in await alarms.settle(tx, self._name, wanted, endings, now):
            tell = log.warning if entry.kind is EntryKind.ALARM_RAISED else log.info
            tell(entry.kind.replace("_", " "), source=self._name, **_shown(entry))

    async def _write(self, note: Callable[[Transaction], Awaitable[datetime]]) -> datetime:
        async def write() -> datetime:
            self._start = None  # unless all goes well
            self._notes.drop(self._name)
            async with self._desk.turns, self._desk.store.write() as tx:
                return await note(tx)

        return await unbroken(write())


def _shown(entry: NewEntry) -> dict[str, object]:
    return {name: entry.data[name] for name in ("alarm", "words")}
