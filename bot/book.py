"""The ledger as the sender uses it: jobs out, marks and outcomes in, each group one transaction."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import uuid4

import structlog

from bot.compose import Composer
from bot.groups import Grouped
from bot.ledger import chats, deliveries, subscriptions
from bot.ledger.deliveries import OUTBOX, Claimed, FrozenPart
from bot.ledger.tables import PartState
from bot.message import Limits, Part
from bot.outcome import Outcome
from config.models import Settings
from feeds.clock import Clock
from feeds.store.engine import Store, Transaction
from feeds.store.outbox import Fenced, Settlement, State

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=5)  # far longer than a call, its turn included, can take
MAX_AGE = timedelta(hours=36)  # from the journal entry; older is no news any more
TOO_OLD = "older than 36 h when its turn came"
UNWANTED = "nothing of it is wanted any more"


@dataclass(frozen=True, slots=True)
class Job:
    """A claimed delivery with all its parts; those that are sent already keep their message ids."""

    claim: Claimed
    parts: Sequence[FrozenPart]

    @property
    def first_message(self) -> str | None:
        return self.parts[0].message_id

    @property
    def unsent(self) -> list[FrozenPart]:
        return [part for part in self.parts if part.state is not PartState.SENT]


class Book:
    """One owner's hold on the deliveries of a store."""

    def __init__(self, store: Store, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._settings = settings
        self._clock = clock
        self._owner = f"send-{uuid4().hex[:12]}"
        self._marks: Grouped[tuple[Claimed, int], bool] = Grouped(self._write_marks)
        self._outcomes: Grouped[Outcome, None] = Grouped(self._write_outcomes)

    async def recover(self) -> None:
        """Resolves what the last owner left behind. The data lock proves that it is dead."""
        async with self._store.write() as tx:
            again, kept = await deliveries.recover(tx, self._clock.now())
        if again or kept:
            log.warning("in doubt after a crash", sent_again=again, left_unknown=kept)

    async def claim(self, room: int, limits: Mapping[str, Limits]) -> list[Job]:
        """At most `room` jobs for the channels named, their words frozen. What is too old or wanted
        no more is skipped with its reason.
        """
        now = self._clock.now()
        async with self._store.write() as tx:
            claims = await deliveries.claim(tx, self._owner, now, LEASE, room, limits)
            old = [claim for claim in claims if now - claim.entry_at > MAX_AGE]
            await self._skip(tx, old, TOO_OLD)
            ours = [claim for claim in claims if claim not in old]
            parts = await deliveries.frozen_parts(tx, [claim.id for claim in ours])
            fresh = [claim for claim in ours if claim.id not in parts]
            words = await self._compose(tx, fresh, limits)
            parts |= await deliveries.freeze(tx, words)
            await self._skip(tx, [claim for claim in ours if not parts[claim.id]], UNWANTED)
        return [Job(claim, parts[claim.id]) for claim in ours if parts[claim.id]]

    async def mark(self, claim: Claimed, part: int) -> bool:
        """Notes that this part is about to be sent. False: the delivery is no longer ours."""
        return await self._marks.put((claim, part))

    async def settle(self, outcome: Outcome) -> None:
        """Writes what became of a part."""
        await self._outcomes.put(outcome)

    async def give_back(self, claims: Sequence[Claimed]) -> None:
        """Frees what was claimed and not begun, for whoever comes next."""
        now = self._clock.now()
        back = [Settlement(c.id, c.fence, State.PENDING, due_at=now) for c in claims]
        async with self._store.write() as tx:
            await OUTBOX.settle(tx, back, self._owner, now)

    async def finish(self) -> None:
        """Returns once everything that was put is written."""
        await self._marks.finish()
        await self._outcomes.finish()

    # ── words ───────────────────────────────────────────────────────────────────────────────────

    async def _compose(
        self, tx: Transaction, claims: Sequence[Claimed], limits: Mapping[str, Limits]
    ) -> dict[int, Sequence[Part]]:
        composer = Composer(tx, self._settings)
        languages = await chats.languages(tx, {claim.chat for claim in claims})
        composed: dict[int, Sequence[Part]] = {}
        for source in {claim.source for claim in claims}:
            of_source = [claim for claim in claims if claim.source == source]
            keys = {(claim.chat, claim.to.topic or "") for claim in of_source}
            deciding = await subscriptions.deciding(tx, keys, source)
            for claim in of_source:
                reader = deciding.get((claim.chat, claim.to.topic or ""))
                composed[claim.id] = ()
                if reader is not None:
                    room, language = limits[claim.to.channel], languages.get(claim.chat)
                    composed[claim.id] = await composer.parts(claim, reader, room, language)
        return composed

    async def _skip(self, tx: Transaction, claims: Sequence[Claimed], reason: str) -> None:
        ended = [Settlement(c.id, c.fence, State.SKIPPED, reason=reason) for c in claims]
        await OUTBOX.settle(tx, ended, self._owner, self._clock.now())
        if claims:
            log.info("deliveries skipped", count=len(claims), reason=reason)

    # ── groups ──────────────────────────────────────────────────────────────────────────────────

    async def _write_marks(self, group: Sequence[tuple[Claimed, int]]) -> list[bool]:
        now = self._clock.now()
        async with self._store.write() as tx:
            fenced = [Fenced(claim.id, claim.fence) for claim, _ in group]
            ours = await OUTBOX.sending(tx, fenced, self._owner)
            for claim, part in group:
                if claim.id in ours:
                    await deliveries.mark_part(tx, claim.id, part, PartState.SENDING, None, now)
        return [claim.id in ours for claim, _ in group]

    async def _write_outcomes(self, group: Sequence[Outcome]) -> list[None]:
        now = self._clock.now()
        async with self._store.write() as tx:
            for outcome in group:
                await deliveries.mark_part(
                    tx, outcome.claim.id, outcome.part, outcome.part_state, outcome.message_id, now
                )
            ends = [
                Settlement(o.claim.id, o.claim.fence, o.state, due_at=o.due_at, reason=o.reason)
                for o in group
                if o.state is not None
            ]
            await OUTBOX.settle(tx, ends, self._owner, now)
            for outcome in group:
                await self._write_chat(tx, outcome)
            tx.touch(deliveries.BELL)
        return [None] * len(group)

    async def _write_chat(self, tx: Transaction, outcome: Outcome) -> None:
        chat, now = outcome.claim.chat, self._clock.now()
        if outcome.chat_gone:
            reason = outcome.reason or ""
            await chats.gone(tx, chat, reason, now)
            await deliveries.skip_all(tx, chat, reason, now)
        elif outcome.moved_to is not None:
            await chats.move(tx, chat, f"{outcome.claim.to.channel}:{outcome.moved_to}")
        elif outcome.chat_waits_until is not None:
            await chats.wait(tx, chat, outcome.chat_waits_until)
