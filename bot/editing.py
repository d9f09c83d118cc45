"""Edits → one channel: what messages that were sent are to say now.

    edits.claim ──▶ composed anew ──the same words?──▶ done
                                   └──▶ channel.edit ──▶ reworded, or listed with its reason

Withdrawals go at once, in their fair share of the rate. Corrections and counts go only while nothing
waits to be pushed.
"""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import structlog

from bot.channels.base import Channel, Editor, Priority
from bot.compose import Composer, SentAs, fit
from bot.errors import (
    ChannelError,
    Gone,
    Moved,
    Rejected,
    TryLater,
    Unauthorised,
    Unknown,
    is_asked_to_wait,
)
from bot.figures import ASKED_TO_WAIT
from bot.ledger import chats, claiming, deliveries, edits, parts
from bot.ledger.edits import CANNOT_EDIT, COPY_UNKNOWN, NEVER_KNOWN, Edit, Why
from bot.ledger.parts import FrozenPart, Wordings
from bot.message import Part
from bot.outcome import UNAUTHORISED_WAIT
from bot.reach import Reach
from config.models import Settings
from feeds.clock import Clock
from feeds.store.engine import Store, Transaction
from feeds.store.outbox import Settlement, State
from feeds.store.owners import Owner

log = structlog.get_logger(__name__)

LEASE = timedelta(minutes=10)
AT_ONCE = 16
SCAN_SECONDS = 10.0
MOST_TRIES = 5
NOT_SENT_YET = timedelta(seconds=30)


@dataclass(frozen=True, slots=True)
class Change:
    """A message and what it is to say now."""

    edit: Edit
    part: FrozenPart
    now: Part


class Editing:
    """Changes what was sent on one channel."""

    def __init__(
        self,
        store: Store,
        channel: Channel,
        reach: Reach,
        owner: Owner,
        settings: Settings,
        clock: Clock,
    ) -> None:
        self._store = store
        self._channel = channel
        self._editor = channel if isinstance(channel, Editor) else None
        self._reach = reach
        self._settings = settings
        self._clock = clock
        self._owner = owner

    async def run(self) -> None:
        """Edits until cancelled."""
        bell = self._store.bell(edits.bell_of(self._channel.name))
        while True:
            heard = bell.rung
            await self._recover()
            while await self.step():
                pass  # each edit waits for its turn
            await bell.wait(heard, SCAN_SECONDS)

    async def step(self) -> int:
        """Claims a few edits and makes them, each of another delivery. Returns how many."""
        if not self._reach.is_open:
            return 0
        claimed, changes = await self._claim()
        await asyncio.gather(
            *(self._make(edit, [c for c in changes if c.edit is edit]) for edit in claimed)
        )
        return len(claimed)

    async def _recover(self) -> None:
        """An edit that was being made when its owner died is made again: it says the same."""
        await self._owner.prove()
        now = self._clock.now()
        async with self._store.write() as tx:
            await edits.recover(tx, self._owner, now, LEASE, self._channel.name)

    # ── what is to be said ──────────────────────────────────────────────────────────────────────

    async def _claim(self) -> tuple[list[Edit], list[Change]]:
        now = self._clock.now()
        name = self._channel.name
        async with self._store.write() as tx:
            is_busy = await claiming.is_due(tx, name, now)
            least = Why.WITHDRAWN if is_busy else Why.REFRESHED
            claimed = await edits.claim(tx, self._owner.name, now, LEASE, AT_ONCE, name, least)
            put_back = [e.claim.id for e in claimed if e.claim.state is State.PENDING]
            thawed = await parts.thaw_waiting(tx, put_back)
            said = await parts.load(tx, [edit.claim.id for edit in claimed])
            at_once = [
                (
                    edit,
                    self._without_words(
                        edit, said.get(edit.claim.id, []), now, is_thawed=edit.claim.id in thawed
                    ),
                )
                for edit in claimed
            ]
            settled = [one for _, one in at_once if one is not None]
            await edits.settle(tx, settled, self._owner.name, now)
            rest = [edit for edit, one in at_once if one is None]
            changes = await self._changes(tx, rest, said)
        return rest, changes

    def _without_words(
        self, edit: Edit, said: Sequence[FrozenPart], now: datetime, *, is_thawed: bool
    ) -> Settlement | None:
        """How an edit goes on that cannot be made, or not yet, or need not be."""
        is_sent = any(part.message_id for part in said)
        is_ended_unsent = edit.claim.state in {State.SKIPPED, State.FAILED} and not is_sent
        if not edit.claim.doubts and (is_thawed or is_ended_unsent):
            return edit.settled(
                State.SENT
            )  # no message; or its words are found anew when it is sent
        if edit.claim.state in {State.PENDING, State.SENDING}:
            return edit.settled(State.PENDING, due_at=now + NOT_SENT_YET)
        if edit.why is not Why.WITHDRAWN and any(part.turned for part in said):
            return edit.settled(State.SENT)  # its reader made it another issue's
        if self._editor is None:
            is_told = edit.why.is_amends
            return edit.settled(State.FAILED, CANNOT_EDIT) if is_told else edit.settled(State.SENT)
        if not is_sent:
            return edit.settled(State.FAILED, NEVER_KNOWN)
        return None

    async def _changes(
        self, tx: Transaction, claimed: Sequence[Edit], said: dict[int, list[FrozenPart]]
    ) -> list[Change]:
        """The messages whose words changed."""
        before = {edit.claim.id: _sent_as(said[edit.claim.id]) for edit in claimed}
        claims = [edit.claim for edit in claimed]
        composed = await Composer(tx, self._settings, self._channel.limits).all(claims, before)
        made = Wordings()
        changes = []
        for edit in claimed:
            old = said[edit.claim.id]
            new = fit(composed[edit.claim.id], len(old), self._settings.language)
            for part, now in zip(old, new, strict=False):
                if part.message_id and made.of(now) != part.wording:
                    changes.append(Change(edit, part, now))
        return changes

    # ── saying it ───────────────────────────────────────────────────────────────────────────────

    async def _make(self, edit: Edit, changes: Sequence[Change]) -> None:
        async with self._store.write() as tx:
            if not await edits.trying(tx, [edit], self._owner.name):
                return
        priority = Priority.PUSH if edit.why is Why.WITHDRAWN else Priority.EDIT
        done: list[Change] = []
        settlement = _made(edit)
        try:
            for change in changes:
                assert self._editor is not None
                assert change.part.message_id is not None
                await self._editor.edit(edit.claim.to, change.part.message_id, change.now, priority)
                done.append(change)
        except ChannelError as error:
            if is_asked_to_wait(error):
                self._store.tally.count(ASKED_TO_WAIT, self._channel.name)
            settlement = self._refused(edit, error)
            await self._note(edit, error)
        except Exception as error:
            log.exception("channel failed", edit=edit.id, to=str(edit.claim.to))
            settlement = self._refused(edit, Unknown(type(error).__name__))
        now = self._clock.now()
        async with self._store.write() as tx:
            for change in done:
                await parts.reword(tx, edit.claim.id, change.part.number, change.now)
            await edits.settle(tx, [settlement], self._owner.name, now)

    def _refused(self, edit: Edit, error: ChannelError) -> Settlement:
        now, reason = self._clock.now(), str(error)
        wait = _AGAIN[type(error)](error)
        if wait is None or edit.attempts >= MOST_TRIES:
            log.warning("message not changed", to=str(edit.claim.to), reason=reason)
            return edit.settled(State.FAILED, reason)
        return edit.settled(State.PENDING, reason, now + wait)

    async def _note(self, edit: Edit, error: ChannelError) -> None:
        """What the answer says of the chat and the channel."""
        now, chat = self._clock.now(), edit.claim.chat
        if isinstance(error, Unauthorised):
            if error.whole_channel:
                self._reach.close(now + UNAUTHORISED_WAIT, str(error), is_refused=True)
        elif isinstance(error, TryLater) and error.whole_channel:
            self._reach.close(now + error.after, str(error), is_asked=error.asked)
        elif isinstance(error, Moved):
            async with self._store.write() as tx:
                new = f"{edit.claim.to.channel}:{error.to}"
                await chats.move(tx, chat, new, now)
                await deliveries.reline(tx, new)


# After which time an edit is tried again; None: never. It says the same however often it is made.
_AGAIN: dict[type[ChannelError], Callable[[Any], timedelta | None]] = {
    TryLater: lambda error: error.after,
    Moved: lambda _error: timedelta(0),
    Unknown: lambda error: error.after,
    Unauthorised: lambda _error: UNAUTHORISED_WAIT,
    Gone: lambda _error: None,
    Rejected: lambda _error: None,
}


def _made(edit: Edit) -> Settlement:
    """A copy that nobody knows of cannot be found, whatever the message that we know says now."""
    if edit.claim.doubts and edit.why.is_amends:
        return edit.settled(State.FAILED, COPY_UNKNOWN)
    return edit.settled(State.SENT)


def _sent_as(said: Sequence[FrozenPart]) -> SentAs:
    times = [part.frozen_at for part in said if part.frozen_at is not None]
    shows = (
        (span.text, span.url) for one in said for line in one.part.lines for span in line.spans
    )
    return SentAs(min(times), len(said), frozenset(shows))
