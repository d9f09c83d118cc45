"""A newspaper or a chat service that is dead for a week: what the log has of it, and the operators."""

import io
import json
from collections.abc import Awaitable, Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest

from bot.errors import ChannelError, TryLater, Unauthorised, trouble
from config.models import FetchConfig
from feeds.http import Limits, build_fetcher
from feeds.store.engine import Store
from tests.fakes.channel import FakeChannel
from tests.fakes.clock import FakeClock
from tests.fakes.json_source import Press
from tests.fakes.log import logged_to, ours
from tests.fakes.newspaper import Reply, newspaper
from tests.fakes.office import Office
from tests.fakes.watching import Room

OpenOffice = Callable[..., Awaitable[Office]]
HOURS = 7 * 24
HOUR = timedelta(hours=1)
DEAD: dict[str, ChannelError] = {
    "no network": TryLater("ConnectionTimeoutError", timedelta(seconds=5), whole_channel=True),
    "token revoked": Unauthorised("401: token refused"),
    "a server in trouble": trouble(502),
}


@pytest.fixture
def log(clock: FakeClock) -> Iterator[io.StringIO]:
    """What a log file would hold, its intervals by the clock of the test."""
    with logged_to(io.StringIO()) as stream:
        ours()._now = lambda: clock.now().timestamp()
        yield stream


def lines(log: io.StringIO) -> list[dict[str, Any]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_newspaper_that_is_dead_for_a_week_makes_few_lines(
    store: Store, clock: FakeClock, log: io.StringIO
) -> None:
    async with newspaper() as paper:
        settings = FetchConfig(gap="0s", allow_hosts=[paper.host])
        fetcher = build_fetcher(settings, clock, Limits(total=1.0, connect=1.0))
        room = Room(paper, Press(paper), store, fetcher, clock)
        room.press.print("2024-04-08", {"01": ["a"]})
        await room.look()
        paper["/"] = Reply(b"", 500)
        looks, until = 0, clock.now() + HOURS * HOUR
        while clock.now() < until:
            again = await room.watch().look("huaian")
            clock.jump(again - clock.now())
            looks += 1
        await fetcher.close()
    said = lines(log)
    assert looks > 150
    assert len(said) < 50
    assert sum(line["event"] == "alarm raised" for line in said) == 1


@pytest.mark.parametrize("how", DEAD)
async def test_a_channel_that_is_dead_for_a_week_makes_few_lines_and_one_message(
    open_office: OpenOffice, log: io.StringIO, how: str
) -> None:
    place = await open_office(
        *(f"to: telegram:{chat}" for chat in range(1, 4)), more='operators: ["console:terminal"]'
    )
    console = FakeChannel("console")
    other, caretaker = place.sender(console), place.caretaker(None, console)
    for chat in range(1, 4):
        place.channel.answers[str(chat)] = [DEAD[how]] * 100_000
    await place.publish()
    for _ in range(HOURS // 8):
        await place.send()
        await caretaker.step()
        await other.drain()
        await place.clock.advance(8 * HOUR.total_seconds())
    assert len(place.channel.tried) >= HOURS // 8
    assert len(lines(log)) < 10
    assert len(console.to("terminal")) == 1
