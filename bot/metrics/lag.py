"""How late the event loop is: the figure that shows that something held everybody up."""

from bot.figures import LAG_SECONDS
from feeds.clock import Clock
from feeds.tally import Tally

EVERY = 0.5  # seconds; twice a second costs a ten-thousandth of a core


class LoopLag:
    """Sleeps, and notes how much too long that was."""

    def __init__(self, clock: Clock, tally: Tally) -> None:
        self._clock = clock
        self._tally = tally

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            due = self._clock.monotonic() + EVERY
            await self._clock.sleep(EVERY)
            self._tally.observe(LAG_SECONDS, max(0.0, self._clock.monotonic() - due))
