"""Updates by long polling, in our own loop. What they mean is `updates`.

The offset moves on whatever people send; a network that is down is logged once and tried again.
"""

import asyncio

import structlog
from telegram.error import Conflict, TelegramError
from telegram.ext import ExtBot

from bot.channels.base import Desk, Menu, Priority
from bot.channels.telegram.greeting import Patience, greet
from bot.channels.telegram.updates import ALLOWED, Updates
from feeds.clock import Clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
CONFLICT_WAIT = 10.0
# Two pollers refuse each other in turn: the newcomer gives up first. Four waits outlast the long poll
# of a process that has just been replaced.
NEWCOMER_STOPS, SETTLED_STOPS = 4, 30
SETTLED_AFTER = 5  # polls in a row that nobody disputed


class Polling:
    """The poller of one token. Two of them for one token would steal from each other (409)."""

    def __init__(self, bot: ExtBot[Priority], updates: Updates, clock: Clock) -> None:
        self._bot = bot
        self._updates = updates
        self._clock = clock
        self._patience = Patience(clock)
        self._offset: int | None = None
        self._undisputed = 0
        self._most_conflicts = NEWCOMER_STOPS
        self.is_disputed: bool | None = None
        """Whether another program takes the updates; None until that is clear."""

    async def run(self, desk: Desk, menu: Menu) -> None:
        """Until cancelled, or until another poller holds this token for good."""
        await greet(self._bot, self._updates, menu, self._bot.delete_webhook, self._patience)
        conflicts = 0
        while conflicts < self._most_conflicts:
            try:
                await self._poll(desk)
            except Conflict:
                conflicts += 1
                self._undisputed = 0
                await self._clock.sleep(CONFLICT_WAIT)
            except TelegramError as error:
                await self._patience.wait(error)
            else:
                conflicts = 0
                self._patience.over()
        self.is_disputed = True
        log.error(
            "another program takes this bot's updates (409): commands are not answered here; "
            "stop one of the two, or give each a bot of its own",
            channel="telegram",
        )

    async def _poll(self, desk: Desk) -> None:
        updates = await self._bot.get_updates(
            self._offset,
            timeout=POLL_SECONDS,
            read_timeout=POLL_SECONDS + 10,
            allowed_updates=ALLOWED,
        )
        self._undisputed += 1
        if self._undisputed >= SETTLED_AFTER:
            self._most_conflicts = SETTLED_STOPS
            self.is_disputed = False
        if updates:
            self._offset = updates[-1].update_id + 1
            await asyncio.gather(*(self._updates.handle(update, desk) for update in updates))
