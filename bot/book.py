"""The ledger as the sender uses it: jobs out, marks and outcomes in, each group one transaction."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import structlog

from bot.compose import CORRECTION, FORMS, PERISHABLE, Composer
from bot.errors import Unknown
from bot.figures import PUSH_SECONDS
from bot.groups import Grouped
from bot.incident import IncidentKind
from bot.ledger import (
    chats,
    claiming,
    deliveries,
    incidents,
    listing,
    parts,
    summaries,
)
from bot.ledger.claiming import Claimed
from bot.ledger.deliveries import OUTBOX
from bot.ledger.listing import Wanted
from bot.ledger.parts import FrozenPart, Marked
from bot.ledger.tables import PartState
from bot.message import Limits, Line, Part, Span
from bot.outcome import Outcome, refused
from config.models import Settings
from feeds.clock import Clock
from feeds.store.engine import Store, Transaction
from feeds.store.outbox import Fenced, Settlement, State
from feeds.store.owners import Owner

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=2)  # longer than a turn and two calls can take; lengthened at the call
WRITE_AGAIN, MOST_WRITES = 1.0, 600  # seconds between tries to store an answer, and how many
UNWANTED = "nothing of it is wanted any more"
UNWANTED_IN_DOUBT = "not known whether it arrived; nothing of it is wanted any more"
UNCONFIGURED = "the newspaper was taken out of the configuration"
CRASHED = "not known whether it arrived: the worker ended while sending"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed delivery with all its parts; those that are sent already keep their message ids."""

    claim: Claimed
    parts: Sequence[FrozenPart]

    @property
    def next(self) -> FrozenPart:
        """The part to send: the first that was not."""
        return next(part for part in self.parts if part.state is not PartState.SENT)

    @property
    def first_message(self) -> str | None:
        return self.parts[0].message_id


class LostAnswer(Exception):
    """The store took no answer for ten minutes."""


@dataclass(frozen=True, slots=True)
class Mark:
    """About to be sent."""

    claim: Claimed


@dataclass(frozen=True, slots=True)
class Later:
    """Claimed and not begun: whoever comes then may have it."""

    claim: Claimed
    until: datetime


Note = Mark | Later | Outcome


class Book:
    """One owner's hold on the deliveries of one channel."""

    def __init__(
        self,
        store: Store,
        channel: str,
        limits: Limits,
        owner: Owner,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._channel = channel
        self._limits = limits
        self._settings = settings
        self._clock = clock
        self._owner = owner
        self._lane = ""  # that had its turn last
        self._notes: Grouped[Note, bool] = Grouped(self._write)

    async def recover(self) -> None:
        """Takes over what dead owners left behind."""
        await self._owner.prove()
        now = self._clock.now()
        async with self._store.write() as tx:
            claims = await claiming.adopt(tx, self._owner, now, LEASE, self._channel)
            said = await parts.load(tx, [claim.id for claim in claims])
        if claims:
            in_doubt = sum(claim.state is State.SENDING for claim in claims)
            log.warning("left behind by a crash", claimed=len(claims), in_doubt=in_doubt)
        for claim in claims:
            await self._notes.put(self._of_the_dead(claim, said.get(claim.id, ()), now))

    def _of_the_dead(self, claim: Claimed, said: Sequence[FrozenPart], now: datetime) -> Note:
        if claim.state is not State.SENDING:
            return Later(claim, now)
        part = Job(claim, said).next.number
        error = Unknown(CRASHED, timedelta(0))
        return refused(claim, part, error, now, self._settings.push.unknown)

    async def claim(self, room: int) -> tuple[list[Job], int]:
        """At most `room` jobs, their words frozen, and how many deliveries were claimed for them:
        what is too old is named in a summary, what is wanted no more is skipped with its reason.
        """
        now = self._clock.now()
        async with self._store.write() as tx:
            claims, self._lane = await claiming.claim(
                tx, self._owner.name, now, LEASE, room, self._channel, self._lane
            )
            fresh = await self._without_old(tx, claims, now)
            said = await self._said(tx, fresh)
            new = [c for c in fresh if c.id not in said or c.form in PERISHABLE]
            words = await Composer(tx, self._settings, self._limits).all(new) if new else {}
            stale = {id_ for id_, said_now in words.items() if id_ in said and not said_now}
            unsaid = {id_: said_now for id_, said_now in words.items() if id_ not in said}
            said |= await parts.freeze(tx, unsaid, now) | {id_: [] for id_ in stale}
            await self._skip(tx, [claim for claim in fresh if not said[claim.id]], now)
        return [Job(claim, said[claim.id]) for claim in fresh if said[claim.id]], len(claims)

    async def _said(
        self, tx: Transaction, claims: Sequence[Claimed]
    ) -> dict[int, list[FrozenPart]]:
        """Words that were frozen at an earlier try, but for those that tell of what was withdrawn since."""
        said = await parts.load(tx, [claim.id for claim in claims])
        outdated = await parts.outdated(tx, said)
        if outdated:
            await parts.thaw(tx, list(outdated))
        return {id_: words for id_, words in said.items() if id_ not in outdated}

    async def _without_old(
        self, tx: Transaction, claims: Sequence[Claimed], now: datetime
    ) -> list[Claimed]:
        before = now - self._settings.push.max_age
        old = {c.chat for c in claims if c.issue_id is not None and c.entry_at < before}
        for chat in sorted(old):
            count = await summaries.gather_old(tx, chat, before, now)
            log.warning("too old to be sent one by one", chat=chat, deliveries=count)
        return [claim for claim in claims if claim.chat not in old]

    async def _skip(self, tx: Transaction, claims: Sequence[Claimed], now: datetime) -> None:
        """One that may have arrived at an earlier try is no skipped one."""
        reasons = {c.id: self._why_unwanted(c) for c in claims}
        states = {c.id: State.UNKNOWN if c.doubts else State.SKIPPED for c in claims}
        ended = [Settlement(c.id, c.fence, states[c.id], reason=reasons[c.id]) for c in claims]
        await OUTBOX.settle(tx, ended, self._owner.name, now)
        for state in set(states.values()):
            deliveries.count_settled(tx, [c.chat for c in claims if states[c.id] is state], state)
        if claims:
            await deliveries.advance(tx, {claim.chat for claim in claims})
        for reason, count in Counter(reasons.values()).items():
            log.info("deliveries skipped", count=count, reason=reason)

    def _why_unwanted(self, claim: Claimed) -> str:
        is_paper = claim.form in FORMS or claim.form == CORRECTION
        if is_paper and self._settings.source(claim.source) is None:
            return UNCONFIGURED
        return UNWANTED_IN_DOUBT if claim.doubts else UNWANTED

    async def mark(self, claim: Claimed) -> bool:
        """Notes that this is about to be sent. False: it is no longer ours."""
        return await self._notes.put(Mark(claim))

    async def later(self, claim: Claimed, until: datetime) -> None:
        """Puts back what was claimed and not begun."""
        await self._notes.put(Later(claim, until))

    async def settle(self, outcome: Outcome) -> None:
        """Writes what became of a part, and does not give up: an answer that is not stored is a
        message that will be sent twice.
        """
        failures = 0
        while True:
            try:
                await self._notes.put(outcome)
            except Exception as error:  # a full disk, a database that restarts
                if not failures:
                    log.exception("answer not stored yet", delivery=outcome.claim.id)
                failures += 1
                if failures >= MOST_WRITES:
                    raise LostAnswer(outcome.claim.id) from error
                await self._clock.sleep(WRITE_AGAIN)
            else:
                return

    async def forget_refusals(self) -> None:
        """Ends the waits of robots whose key was refused before we began."""
        async with self._store.read() as tx:
            refused = [
                key.about
                for key in await incidents.standing(tx)
                if key.kind is IncidentKind.REFUSED and key.about.startswith(f"{self._channel}:")
            ]
        await self.end_waits(refused)

    async def end_waits(self, chats: Iterable[str]) -> None:
        """What was tried and waits for these chats may go now."""
        for chat in chats:
            async with self._store.write() as tx:
                await listing.hurry(tx, Wanted(), chat, self._clock.now())

    async def finish(self) -> None:
        """Returns once everything that was put is written."""
        await self._notes.finish()

    async def alarm(self, subject: str, words: str) -> None:
        """Tells the operators, once for each subject, through whatever channels they have."""
        now = self._clock.now()
        part = Part(
            tuple(Line((Span(line, bold=not i),)) for i, line in enumerate(words.split("\n")))
        )
        async with self._store.write() as tx:
            await incidents.say(tx, self._settings.operators, subject, part, now)

    # ── groups ──────────────────────────────────────────────────────────────────────────────────

    async def _write(self, group: Sequence[Note]) -> list[bool]:
        """One transaction for everything that came meanwhile; True for what was still ours."""
        now = self._clock.now()
        marks = [note.claim for note in group if isinstance(note, Mark)]
        outcomes = [note for note in group if isinstance(note, Outcome)]
        put_back = [
            Settlement(n.claim.id, n.claim.fence, State.PENDING, due_at=n.until)
            for n in group
            if isinstance(n, Later)
        ]
        async with self._store.write() as tx:
            ours: set[int] = set()
            if marks:
                fenced = [Fenced(claim.id, claim.fence) for claim in marks]
                ours |= await OUTBOX.sending(tx, fenced, self._owner.name, now + LEASE)
            ours |= await OUTBOX.settle(tx, put_back, self._owner.name, now)
            if outcomes:
                ours |= await self._write_outcomes(tx, outcomes, now)
        self._time(outcome for outcome in outcomes if outcome.claim.id in ours)
        return [note.claim.id in ours for note in group]

    def _time(self, stored: Iterable[Outcome]) -> None:
        """How long what arrived was on its way, from the moment when it became news."""
        now = self._clock.now()
        for one in stored:
            if one.state is State.SENT and not one.claim.own_hour:
                seconds = (now - one.claim.entry_at).total_seconds()
                self._store.tally.observe(PUSH_SECONDS, seconds, self._channel)

    async def _write_outcomes(
        self, tx: Transaction, outcomes: Sequence[Outcome], now: datetime
    ) -> set[int]:
        await chats.lock(tx, {outcome.claim.chat for outcome in outcomes})
        settlements = [
            Settlement(o.claim.id, o.claim.fence, o.state, due_at=o.due_at, reason=o.reason)
            for o in outcomes
        ]
        held = await OUTBOX.settle(tx, settlements, self._owner.name, now)
        ours = [outcome for outcome in outcomes if outcome.claim.id in held]
        marked = [Marked(o.claim.id, o.part, o.part_state, o.message_id) for o in ours]
        await parts.mark(tx, marked, now)
        for outcome in ours:
            if outcome.state is not State.PENDING:
                deliveries.count_settled(tx, [outcome.claim.chat], outcome.state)
        if doubted := [outcome.claim.id for outcome in ours if outcome.in_doubt]:
            await deliveries.doubt(tx, doubted)
        for outcome in ours:
            await self._write_chat(tx, outcome, now)
        await deliveries.advance(
            tx,
            {o.claim.chat for o in ours if o.state is not State.PENDING},
            _rests(ours),
        )
        if any(outcome.state is State.PENDING for outcome in ours):
            tx.touch(deliveries.bell_of(self._channel))
        return held

    async def _write_chat(self, tx: Transaction, outcome: Outcome, now: datetime) -> None:
        chat = outcome.claim.chat
        if outcome.chat_gone:
            reason = outcome.reason or ""
            await chats.gone(tx, chat, reason, now)
            await deliveries.skip_all(tx, chat, reason, now)
        elif outcome.moved_to is not None:
            new = f"{outcome.claim.to.channel}:{outcome.moved_to}"
            await chats.move(tx, chat, new, now)
            await deliveries.reline(tx, new)
        elif outcome.chat_waits_until is not None:
            await chats.wait(tx, chat, outcome.chat_waits_until)


def _rests(outcomes: Sequence[Outcome]) -> Mapping[str, datetime]:
    """When each chat may get its next message."""
    return {o.claim.chat: o.next_at for o in outcomes if o.next_at is not None}
