"""What comes before the first update, however updates come: who we are, and the menu."""

from collections.abc import Awaitable, Callable

import structlog
from telegram.error import InvalidToken, TelegramError
from telegram.ext import ExtBot

from bot.channels.base import Menu, Priority
from bot.channels.telegram.menu import show_menu
from bot.channels.telegram.updates import Updates
from feeds.clock import Clock

log = structlog.get_logger(__name__)

RETRY_AFTER = (1.0, 2.0, 5.0, 15.0, 30.0, 60.0)  # seconds, the last for ever


class Patience:
    """Waits longer each time that Telegram fails us, and says so once."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._failures = 0

    async def wait(self, error: TelegramError) -> None:
        self._failures += 1
        if self._failures == 1 and isinstance(error, InvalidToken):
            log.error("telegram refuses the token: commands are not answered", channel="telegram")
        elif self._failures == 1:
            log.warning("telegram cannot be reached", channel="telegram", reason=error.message)
        await self._clock.sleep(RETRY_AFTER[min(self._failures, len(RETRY_AFTER)) - 1])

    def over(self) -> None:
        """It answers."""
        if self._failures:
            log.info("updates come again", channel="telegram")
        self._failures = 0


async def greet(
    bot: ExtBot[Priority],
    updates: Updates,
    menu: Menu,
    prepare: Callable[[], Awaitable[object]],
    patience: Patience,
) -> None:
    """Says who we are and how updates shall come (`prepare`), and shows the menu; again and again
    until Telegram can be reached. After a reload the menu may be another.
    """
    while True:
        try:
            me = updates.me or await bot.get_me()
            await prepare()
            updates.menus = await show_menu(bot, menu, updates.menus)
        except TelegramError as error:
            await patience.wait(error)
        else:
            updates.me = me
            return
