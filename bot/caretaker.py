"""The caretaker: looks after the worker itself and tells the operators, once when something begins to be
wrong and once when it is right again.

    facts ──findings (pure, bot.findings)──▶ incidents ──▶ messages owed, in one transaction
                                              └──▶ one line in the log, an error where nobody is left

Nobody is told by the channel that failed: such a message would lie in its queue and arrive as stale news.
"""

import asyncio
import shutil
from collections.abc import Callable, Collection, Mapping, Sequence
from datetime import datetime
from pathlib import Path

import structlog

from bot.channels.base import Channel, Disputed
from bot.findings import OVERDUE, Facts, Findings, Queues, Space, failing, findings, reached
from bot.incident import Key
from bot.ledger import incidents
from bot.ledger.incidents import Incident
from bot.ledger.queue import fronts
from bot.message import Line, Part, Span
from bot.messages.incident import WORKER, ending, shown_span
from bot.reach import Reach
from config.models import Settings
from feeds.clock import Clock
from feeds.models import PauseKind
from feeds.store import alarms, pauses
from feeds.store.engine import NOT_STORED, Store, Transaction, not_stored_reason
from feeds.text import one_line
from feeds.words import N_, translator

log = structlog.get_logger(__name__)

LOOK_EVERY = 20.0  # seconds
UNSTORED = N_(
    "有一阵什么也存不下，多半是磁盘满了：那时没有看报、没有推送，也没法说。现在又行了，落下的正在补。"
)
UNWATCHED = N_("这份报纸停了，或从配置里去掉了：前面的警报就此作罢。接着看以后要是还不对，会再说。")


def space_of(folder: Path) -> Space:
    """How full the disk is. Raises OSError."""
    usage = shutil.disk_usage(folder)
    return Space(usage.free, usage.total)


class Caretaker:
    """One per store. What it remembers between two looks it would learn again in a few minutes."""

    def __init__(
        self,
        store: Store,
        channels: Mapping[str, Channel],
        reaches: Sequence[Reach],
        settings: Settings,
        clock: Clock,
        space: Callable[[Path], Space] = space_of,
        doubt: Callable[[bool], None] = lambda _: None,
    ) -> None:
        self._store = store
        self._channels = channels
        self._reaches = reaches
        self._settings = settings
        self._clock = clock
        self._space = space
        self._doubt = (
            doubt  # says on the board that nobody can be told anything, or that they can again
        )
        self._mute_since: datetime | None = None
        self._queues = Queues()
        self._told: dict[str, frozenset[str]] = {}  # by an incident's subject: operators

    async def run(self) -> None:
        """Looks until cancelled."""
        while True:
            await self.step()
            await self._clock.sleep(LOOK_EVERY)

    async def step(self) -> None:
        """One look, and what comes of it."""
        space = await asyncio.to_thread(self._measure)
        async with self._store.read() as tx:
            facts = await self._facts(tx, space)
            standing = await incidents.standing(tx)
            unwatched = await self._unwatched(tx)
        found = findings(facts, standing, self._settings)
        try:
            if unwatched:
                await self._let_go(unwatched)
            if found.wanted or standing:
                await self._settle(found, facts)
            if self._mute_since is not None:
                await self._speak_again(self._mute_since, facts.now)
        except NOT_STORED as error:
            self._fall_mute(found, facts.now, not_stored_reason(error))

    # ── facts ───────────────────────────────────────────────────────────────────────────────────

    def _measure(self) -> Space | None:
        try:
            return self._space(self._settings.data_dir)
        except OSError:
            return None

    async def _facts(self, tx: Transaction, space: Space | None) -> Facts:
        now = self._clock.now()
        overdue = {name: await fronts(tx, name, now - OVERDUE) for name in self._channels}
        return Facts(
            now=now,
            faults={
                about: fault for reach in self._reaches for about, fault in reach.faults.items()
            },
            well={about: since for reach in self._reaches for about, since in reach.well.items()},
            still=self._queues.look(overdue, now),
            disputed=dict(self._disputes()),
            paused=frozenset(await pauses.standing(tx, PauseKind.CHANNEL)),
            space=space,
        )

    def _disputes(self) -> Sequence[tuple[str, bool]]:
        asked = [(n, c.is_disputed) for n, c in self._channels.items() if isinstance(c, Disputed)]
        return [(name, is_disputed) for name, is_disputed in asked if is_disputed is not None]

    # ── incidents ───────────────────────────────────────────────────────────────────────────────

    async def _settle(self, found: Findings, facts: Facts) -> None:
        """Raises and ends what is to be raised and ended, and owes what is to be said of it."""
        told = dict(self._told)
        async with self._store.write() as tx:
            standing = dict(await incidents.standing(tx))
            over = [standing.pop(key) for key in list(standing) if key in found.well]
            gone = [standing.pop(key) for key in list(standing) if key in found.gone]
            await incidents.end(tx, [incident.key for incident in (*over, *gone)])
            fresh = [key for key in found.wanted if key not in standing]
            for key in fresh:
                standing[key] = await incidents.raise_(tx, key, found.wanted[key], facts.now)
            for incident in standing.values():
                told[incident.subject] = await self._tell(tx, incident, standing, facts)
            everybody = self._settings.operators
            heard = {
                one.key: await incidents.tell_end(tx, one, everybody, facts.now) for one in over
            }
        self._told = {one.subject: told[one.subject] for one in standing.values()}
        for key in fresh:
            _log_beginning(standing[key], self._told[standing[key].subject])
        for one in over:
            _log_end(one, self._ending(one, facts), heard[one.key])
        for one in gone:
            log.info("incident dropped", incident=one.key.kind, about=one.key.about)

    async def _tell(
        self, tx: Transaction, incident: Incident, standing: Collection[Key], facts: Facts
    ) -> frozenset[str]:
        """Tells whoever can be told: also those whose channel was down when this began. Returns who was
        told so far, as far as we remember.
        """
        without = failing(standing, facts.paused)
        known = self._told.get(incident.subject, frozenset())
        missing = [one for one in reached(self._settings.operators, without) if one not in known]
        if missing:
            await incidents.tell(tx, incident, missing, facts.now)
        return known.union(missing)

    def _ending(self, incident: Incident, facts: Facts) -> str:
        _, zone = translator(self._settings.language), self._settings.timezone
        span = shown_span(incident.raised_at, facts.now, zone, _)
        return ending(incident.key.kind, incident.key.about, span, _)

    # ── nothing can be stored ───────────────────────────────────────────────────────────────────

    def _fall_mute(self, found: Findings, now: datetime, reason: str) -> None:
        """Until something can be stored the log and `/healthz` are all that is left."""
        if self._mute_since is not None:
            return
        self._mute_since = now
        self._doubt(True)
        unsaid = sorted(f"{key.kind} {key.about}".strip() for key in found.wanted)
        log.error("nothing can be stored, and no operator told", reason=reason, unsaid=unsaid)

    async def _speak_again(self, since: datetime, now: datetime) -> None:
        """Tells what nobody could be told then: it may be over already."""
        _, zone = translator(self._settings.language), self._settings.timezone
        part = Part(tuple(Line((Span(line),)) for line in (
            f"⚠ {_(WORKER)}", _(UNSTORED) + shown_span(since, now, zone, _),
        )))  # fmt: skip
        async with self._store.write() as tx:
            subject = f"unstored:{since.isoformat()}"
            await incidents.say(tx, self._settings.operators, subject, part, now)
        self._mute_since = None
        self._doubt(False)
        log.info("something can be stored again", since=since.isoformat(timespec="seconds"))

    # ── newspapers ──────────────────────────────────────────────────────────────────────────────

    async def _unwatched(self, tx: Transaction) -> set[str]:
        """Newspapers that have alarms and are not looked at: nothing would ever end those."""
        paused = await pauses.standing(tx, PauseKind.SOURCE)
        watched = {source.id for source in self._settings.sources if source.id not in paused}
        return set(await alarms.sources(tx)) - watched

    async def _let_go(self, sources: Collection[str]) -> None:
        """Where it is still wrong when it is looked at again, it is told again."""
        words = translator(self._settings.language)(UNWATCHED)
        async with self._store.write() as tx:
            await alarms.let_go(tx, sources, words, self._clock.now())
        for source in sorted(sources):
            log.info("alarms dropped: not looked at any more", source=source)


def _log_beginning(incident: Incident, told: Collection[str]) -> None:
    """An error where the log is all that is left to tell it by."""
    say = log.warning if told else log.error
    shown = {"incident": incident.key.kind, "about": incident.key.about}
    say("incident raised", **shown, words=one_line(incident.words), told=sorted(told))


def _log_end(incident: Incident, words: str, heard: int) -> None:
    say = log.info if heard else log.warning
    say("incident ended", incident=incident.key.kind, about=incident.key.about, words=words)
