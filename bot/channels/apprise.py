"""Slack, Discord, Matrix, e-mail and the rest, through Apprise (the extra `apprise`): its only door.

Apprise says whether a message went, not why it did not: what failed is not known to be lost.
"""

import importlib
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from bot.address import Address
from bot.channels.base import Known, Priority
from bot.channels.markdown import first_line, render_markdown, render_text
from bot.errors import ChannelError, Unauthorised, Unknown
from bot.message import Limits, Part
from config.channels import AppriseConfig

AGAIN = timedelta(minutes=5)
MOST_BYTES = 1 << 16
UNDERSTOOD = "Apprise 认得它的网址;发出第一条才知道通不通"
NOT_INSTALLED = "channels.apprise 要装 apprise：pip install 'baotong[apprise]' (the extra apprise is not installed)"


class AppriseChannel:
    """`Channel` for Apprise URLs, by name: `apprise:team`. Raises `Unauthorised` for all of them where
    Apprise is not installed.
    """

    name = "apprise"
    at_once = 4

    def __init__(self, targets: Mapping[str, AppriseConfig]) -> None:
        self.limits = Limits(units=1900, markup_bytes=4000)  # Discord takes 2,000 characters
        self._targets = targets

    async def who_am_i(self) -> Known:
        """Nothing is sent: Apprise says only which addresses it understands."""
        return {f"{self.name}:{name}": self._is_known(name) for name in self._targets}

    def _is_known(self, name: str) -> str | ChannelError:
        try:
            self._service(name)
        except Unauthorised as error:
            return error
        return UNDERSTOOD

    def wait(self, to: Address) -> float:
        del to
        return 0.0

    async def turn(self, to: Address) -> None:
        """Apprise paces each service itself."""

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
        del reply_to, priority, key
        service = self._service(to.chat)
        words = (
            {"body": render_text(part, MOST_BYTES), "body_format": "text"}
            if plain
            else {"body": render_markdown(part, MOST_BYTES), "body_format": "markdown"}
        )
        if not await service.async_notify(title=first_line(part)[:100], **words):
            raise Unknown("apprise 没有送成，没有说为什么", AGAIN)
        return ""

    async def close(self) -> None:
        """Apprise keeps nothing open."""

    def _service(self, name: str) -> Any:
        target = self._targets.get(name)
        if target is None:
            raise Unauthorised(f"配置里没有 apprise:{name}", whole_channel=False)
        try:
            service = importlib.import_module("apprise").Apprise()
        except ImportError:
            raise Unauthorised(NOT_INSTALLED) from None
        if not service.add(target.url.get_secret_value()):
            raise Unauthorised(f"apprise 不认识 apprise:{name} 的网址", whole_channel=False)
        return service
