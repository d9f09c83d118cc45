"""One newspaper's diary: how its looks went, what is wrong with it, and when it is looked at next."""

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import structlog

from feeds.decide import Redesign, find_redesign
from feeds.errors import FetchError
from feeds.models import EntryKind, NewEntry
from feeds.schedule import Rhythm, Sighting, first_look, heat_of, learn, next_look
from feeds.store import alarms, looks
from feeds.store.alarms import Alarm
from feeds.store.engine import Transaction
from feeds.store.known import known_issue
from feeds.store.looks import Agenda, Standing
from feeds.watch.alarms import Alarmist
from feeds.watch.desk import Desk, unbroken
from feeds.words import translator

_WAIT_FOR_MORE = timedelta(minutes=5)  # between two looks at an issue of which something is missing

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Outcome:
    """A good look that began then. `agenda` is what there is to do where nothing changed since, and None
    where something may have.
    """

    began: datetime
    agenda: Agenda | None = None


@dataclass(frozen=True, slots=True)
class _Learned:
    """What the archive's last issues tell."""

    rhythm: Rhythm
    newest: Sighting | None


class Diary:
    """Keeps in memory only what it can read again: the paper's rhythm, learned from the archive. `chance`
    gives random numbers in [0, 1).
    """

    def __init__(self, desk: Desk, chance: Callable[[], float], language: str) -> None:
        self._desk = desk
        self._name = desk.config.id
        self._chance = chance
        self._alarmist = Alarmist(desk.config, translator(language))
        self._learned: _Learned | None = None

    async def standing(self) -> Standing:
        """How the newspaper stands."""
        return await self._desk.query(lambda tx: looks.standing(tx, self._name))

    async def first_look(self, crowd: int) -> datetime:
        """When to begin, among so many newspapers."""
        standing, every = await self.standing(), self._desk.config.check_every
        failures, planned = standing.failures, standing.next_look_at
        now = self._desk.clock.now()
        return first_look(now, every, failures, planned, crowd, self._chance())

    async def note_success(self, outcome: Outcome) -> datetime:
        """Writes down a good look; when the next is due."""
        if outcome.agenda is None:
            self._learned = None

        async def note(tx: Transaction) -> datetime:
            now = self._desk.clock.now()
            learned = await self._learn(tx)
            agenda = outcome.agenda or await self._agenda(tx)
            missing = learned.rhythm.missing(now)
            if outcome.agenda is None or agenda.has_partial or agenda.has_alarms or missing:
                redesign = await self._redesign(tx, learned, outcome.began)
                wanted = self._alarmist.after_success(redesign, missing)
                await self._settle(tx, list(wanted), now, is_over=True)
            again = self._next_look(now, agenda, learned.rhythm)
            await looks.note_success(tx, self._name, now, again)
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
            wanted = self._alarmist.after_failure(error, failures, standing.read_at, now)
            await self._settle(tx, list(wanted), now, is_over=False)
            return again

        return await self._write(note)

    async def _agenda(self, tx: Transaction) -> Agenda:
        return await looks.agenda(tx, self._name, 2 * self._desk.policy.patience)

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
            async with self._desk.turns, self._desk.store.write() as tx:
                return await note(tx)

        return await unbroken(write())


def _shown(entry: NewEntry) -> dict[str, object]:
    return {name: entry.data[name] for name in ("alarm", "words")}
