"""How updates come to us: long polling by our own loop. What they mean is `updates`.

The offset moves on whatever people send; a network that is down is logged once and tried again.
"""

import asyncio

import structlog
from telegram.error import Conflict, InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.channels.base import Desk, Menu, Priority
from bot.channels.telegram.menu import show_menu
from bot.channels.telegram.updates import ALLOWED, Updates
from feeds.clock import Clock

log = structlog.get_logger(__name__)

POLL_SECONDS = 25
RETRY_AFTER = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # seconds, the last for ever
CONFLICTS_UNTIL_STOP = 4  # the last poller's long poll may still hang for POLL_SECONDS
CONFLICT_WAIT = 10.0


class Polling:
    """The poller of one token. Two of them for one token would steal from each other (409)."""

    def __init__(self, bot: ExtBot[Priority], updates: Updates, clock: Clock) -> None:
        self._bot = bot
        self._updates = updates
        self._clock = clock

    async def run(self, desk: Desk, menu: Menu) -> None:
        """Until cancelled, or until another poller holds this token for good."""
        await self._begin(menu)
        offset: int | None = None
        failures = conflicts = 0
        while conflicts < CONFLICTS_UNTIL_STOP:
            try:
                updates = await self._bot.get_updates(
                    offset,
                    timeout=POLL_SECONDS,
                    read_timeout=POLL_SECONDS + 10,
                    allowed_updates=ALLOWED,
                )
            except Conflict:
                conflicts += 1
                await self._clock.sleep(CONFLICT_WAIT)
            except TelegramError as error:
                failures += 1
                await self._pause(error, failures)
            else:
                if failures:
                    log.info("updates come again", channel="telegram")
                failures = conflicts = 0
                if updates:
                    offset = updates[-1].update_id + 1
                    await asyncio.gather(
                        *(self._updates.handle(update, desk) for update in updates)
                    )
        log.error("another program takes this bot's updates (409): commands are not answered here")

    async def _begin(self, menu: Menu) -> None:
        """Who we are, and the menu; again and again until Telegram can be reached."""
        failures = 0
        while self._updates.me is None:
            try:
                me = await self._bot.get_me()
                await self._bot.delete_webhook()
                await show_menu(self._bot, menu)
                self._updates.me = me
            except TelegramError as error:
                failures += 1
                await self._pause(error, failures)

    async def _pause(self, error: TelegramError, failures: int) -> None:
        if failures == 1:
            if isinstance(error, InvalidToken):
                log.error(
                    "telegram refuses the token: commands are not answered", channel="telegram"
                )
            else:
                log.warning("telegram cannot be reached", channel="telegram", reason=error.message)
        await self._clock.sleep(RETRY_AFTER[min(failures, len(RETRY_AFTER)) - 1])
