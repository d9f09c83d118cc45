"""Messages as signed JSON to a program of the operator's, after the Standard Webhooks convention
(standardwebhooks.com): whoever takes them can check where they come from and tell a copy.
"""

import base64
import hashlib
import hmac
from collections.abc import Mapping
from datetime import datetime, timedelta
from http import HTTPStatus
from typing import Any

from bot.address import Address
from bot.channels.base import Known, Priority
from bot.channels.markdown import render_markdown, render_text
from bot.channels.post import JsonBody, Poster, Reply
from bot.errors import ChannelError, Gone, Rejected, TryLater, Unauthorised, Unknown
from bot.message import Limits, Part, part_to_json
from config.channels import WebhookConfig
from feeds.clock import Clock

AGAIN = timedelta(minutes=1)
MOST_MARKDOWN = 1 << 20
NOT_ASKED = "没有问它:发出第一条才知道"
_REFUSED = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN}
_LATER = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY, HTTPStatus.TOO_MANY_REQUESTS}


class WebhookChannel:
    """`Channel` that posts to configured URLs, by name: `webhook:archive`. A delivery's id is the
    same however often it is posted, so it is posted again wherever its outcome is not known.
    """

    name = "webhook"
    at_once = 16

    def __init__(self, targets: Mapping[str, WebhookConfig], clock: Clock) -> None:
        self.limits = Limits()
        self._targets = targets
        self._clock = clock
        self._poster = Poster()

    async def who_am_i(self) -> Known:
        """Nothing is asked: a program may not know such a question."""
        return dict.fromkeys((f"{self.name}:{name}" for name in self._targets), NOT_ASKED)

    def wait(self, to: Address) -> float:
        del to
        return 0.0

    async def turn(self, to: Address) -> None:
        """A program has no pace of its own but what it answers."""

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
        del plain, priority
        target = self._targets.get(to.chat)
        if target is None:
            raise Unauthorised(f"配置里没有 {to}", whole_channel=False)
        now = self._clock.now()
        body = JsonBody(_content(to, part, key, reply_to, now))
        headers = signed_headers(target.secret.get_secret_value(), key, now, body.bytes)
        try:
            reply = await self._poster.post(target.url.get_secret_value(), body, headers)
        except Unknown as unknown:
            raise TryLater(str(unknown), AGAIN) from None
        if refusal := _meaning(reply, now):
            raise refusal
        return key

    async def close(self) -> None:
        await self._poster.close()


def signed_headers(secret: str, key: str, now: datetime, body: bytes) -> dict[str, str]:
    """`webhook-signature: v1,` and the base64 of an HMAC-SHA256 over id, seconds and body, joined by
    dots.
    """
    moment = str(int(now.timestamp()))
    words = f"{key}.{moment}.".encode() + body
    signature = hmac.new(secret.encode(), words, hashlib.sha256).digest()
    return {
        "webhook-id": key,
        "webhook-timestamp": moment,
        "webhook-signature": f"v1,{base64.b64encode(signature).decode()}",
    }


def _content(
    to: Address, part: Part, key: str, reply_to: str | None, now: datetime
) -> dict[str, Any]:
    return {
        "type": "message",
        "id": key,
        "timestamp": now.isoformat(),
        "to": str(to),
        "reply_to": reply_to,
        "text": render_text(part, MOST_MARKDOWN),
        "markdown": render_markdown(part, MOST_MARKDOWN),
        "part": part_to_json(part),
    }


def _meaning(reply: Reply, now: datetime) -> ChannelError | None:
    """2xx is taken; 410 wants no more; 401 and 403 refuse our signature; 429 and 5xx come again."""
    status, reason = reply.status, f"HTTP {reply.status}"
    if HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES:
        return None
    if status == HTTPStatus.GONE:
        return Gone(reason)
    if status in _REFUSED:
        return Unauthorised(reason, whole_channel=False)
    if status in _LATER or status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        is_asked = status == HTTPStatus.TOO_MANY_REQUESTS
        return TryLater(reason, reply.retry_after(AGAIN, now), asked=is_asked)
    return Rejected(reason)
