"""What is common to group robots: a POST, a pace, and an errcode inside a 200."""

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.address import Address
from bot.channels.base import Known, Priority
from bot.channels.pace import ChatPace, Rule
from bot.channels.post import JsonBody, Poster, Reply
from bot.errors import ChannelError, Rejected, TryLater, Unauthorised, trouble
from bot.message import Limits, Part
from config.channels import RobotConfig
from feeds.clock import Clock

LONG = 10.0  # seconds that nobody waits for in memory
BUSY = timedelta(seconds=30)

Refusal = Callable[[str], ChannelError]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of robot. `request` makes URL and body; `refusals` are the codes that mean something
    else than that this message is refused; `code` and `words` are where an answer has them.
    """

    name: str
    title: str
    limits: Limits
    pace: Rule
    request: Callable[[RobotConfig, Part, datetime, bool], tuple[str, Any]]
    probe: Callable[[RobotConfig, datetime], tuple[str, Any]]
    refusals: Mapping[int, Refusal]
    code: str
    words: str


def unauthorised(reason: str) -> ChannelError:
    """The robot's key or security setting is wrong; the others' may be right."""
    return Unauthorised(reason, whole_channel=False)


def later(after: timedelta) -> Refusal:
    """Not now: too many, or busy."""
    return lambda reason: TryLater(reason, after, asked=True)


class RobotChannel:
    """`Channel` for the robots of one family, by name: `wecom:desk`."""

    at_once = 16

    def __init__(self, family: Family, robots: Mapping[str, RobotConfig], clock: Clock) -> None:
        self.name = family.name
        self.limits = family.limits
        self._family = family
        self._robots = robots
        self._clock = clock
        self._paces = {name: ChatPace(family.pace) for name in robots}
        self._poster = Poster()

    async def who_am_i(self) -> Known:
        """Posts nothing: a message that says nothing is refused for that, and a wrong key for being
        wrong.
        """
        answers = await asyncio.gather(*map(self._probe, self._robots.values()))
        names = (f"{self.name}:{name}" for name in self._robots)
        return dict(zip(names, answers, strict=True))

    async def _probe(self, robot: RobotConfig) -> str | ChannelError:
        url, body = self._family.probe(robot, self._clock.now())
        try:
            self._read(await self._poster.post(url, JsonBody(body)))
        except Rejected:
            pass  # as it should be
        except ChannelError as error:
            return error
        return self._family.title

    def wait(self, to: Address) -> float:
        pace = self._paces.get(to.chat)
        return max(pace.ready_at() - self._clock.monotonic(), 0.0) if pace else 0.0

    async def turn(self, to: Address) -> None:
        while (wait := self.wait(to)) > 0:
            if wait > LONG:
                raise TryLater("这一分钟里发得够多了", timedelta(seconds=wait))
            await self._clock.sleep(wait)
        if to.chat in self._paces:
            self._paces[to.chat].leave(self._clock.monotonic())

    async def send(
        self,
        to: Address,
        part: Part,
        *,
        reply_to: str | None = None,
        plain: bool = False,
        priority: Priority = Priority.PUSH,
        key: str = "",
    ) -> str:
        del reply_to, key  # robots answer nobody and know no keys
        robot = self._robots.get(to.chat)
        if robot is None:
            raise Unauthorised(f"配置里没有 {to} 这个机器人", whole_channel=False)
        if priority is not Priority.HAS_TURN:
            await self.turn(to)
        url, body = self._family.request(robot, part, self._clock.now(), plain)
        try:
            self._read(await self._poster.post(url, JsonBody(body)))
        except TryLater as error:
            # What is longer is the ledger's, where an operator may end it.
            seconds = min(error.after.total_seconds(), LONG)
            self._paces[to.chat].obey(self._clock.monotonic(), seconds)
            raise
        return ""

    def _read(self, reply: Reply) -> None:
        """Raises what the answer means, where it is no success."""
        family = self._family
        if reply.status == HTTPStatus.TOO_MANY_REQUESTS:
            wait = reply.retry_after(BUSY, self._clock.now())
            raise TryLater("HTTP 429", wait, asked=True)
        if reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise trouble(reply.status)
        code = reply.data.get(family.code)
        if code == 0:
            return
        if not isinstance(code, int):
            raise Unauthorised(f"HTTP {reply.status}，没有 {family.code}", whole_channel=False)
        reason = f"{family.code} {code}: {str(reply.data.get(family.words, ''))[:200]}"
        raise family.refusals.get(code, Rejected)(reason)

    async def close(self) -> None:
        await self._poster.close()
