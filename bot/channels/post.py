"""One POST, and what its failure means: whether the request had left decides between later and unknown."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import aiohttp
from aiohttp.abc import AbstractStreamWriter

from bot.errors import TryLater, Unknown
from feeds.http.retry_after import parse_retry_after

CONNECT_SECONDS, ANSWER_SECONDS = 10.0, 30.0
MOST_ANSWER = 64 * 1024  # bytes of an answer that are read
NO_NETWORK_WAIT = timedelta(seconds=5)
_TIMEOUT = aiohttp.ClientTimeout(
    total=CONNECT_SECONDS + ANSWER_SECONDS, connect=CONNECT_SECONDS, sock_read=ANSWER_SECONDS
)


class JsonBody(aiohttp.BytesPayload):
    """A body that notes the moment from which the other side may have it."""

    def __init__(self, content: Any) -> None:
        words = json.dumps(content, ensure_ascii=False, separators=(",", ":"))
        # A lone surrogate is no text: it becomes "?" rather than an error of ours.
        self.bytes = words.encode("utf-8", "replace")
        super().__init__(self.bytes, content_type="application/json")
        self.left = False

    async def write_with_length(
        self, writer: AbstractStreamWriter, content_length: int | None
    ) -> None:
        self.left = True
        await super().write_with_length(writer, content_length)


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back, whatever its status."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def data(self) -> Mapping[str, Any]:
        """Its JSON object, or empty. Raises `Unknown` for what nests deeper than anybody can read."""
        try:
            return read_object(self.body)
        except RecursionError:
            raise Unknown("回答读不了 (RecursionError)") from None

    def retry_after(self, otherwise: timedelta, now: datetime) -> timedelta:
        """The server's own wait, as newspapers' servers are understood: at most a day."""
        return parse_retry_after(self.headers.get("Retry-After"), now) or otherwise


class Poster:
    """A pool of connections; made at the first post."""

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def post(
        self, url: str, body: JsonBody, headers: Mapping[str, str] | None = None
    ) -> Reply:
        """Raises `TryLater` where the request certainly never left, and `Unknown` where it did and
        no answer came. A redirect is an answer and is not followed.
        """
        if self._session is None:
            self._session = aiohttp.ClientSession(cookie_jar=aiohttp.DummyCookieJar())
        try:
            async with self._session.post(
                url, data=body, headers=headers, timeout=_TIMEOUT, allow_redirects=False
            ) as response:
                raw = await read_at_most(response, MOST_ANSWER)
                return Reply(response.status, response.headers.copy(), raw or b"")
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            reason = type(error).__name__  # the words of the error hold the URL, and it a key
            if body.left:
                raise Unknown(f"没有等到回答 ({reason})") from None
            host = urlsplit(url).hostname or "?"
            raise TryLater(
                f"连不上 {host}:{_why(error)}", NO_NETWORK_WAIT, unreached=host
            ) from None

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None


async def read_at_most(response: aiohttp.ClientResponse, most: int) -> bytes | None:
    """The body, or None where it is longer than any answer. aiohttp's own `read(most)` gives what has
    come so far, and an answer may come in pieces.
    """
    body = bytearray()
    async for piece in response.content.iter_any():
        body += piece
        if len(body) > most:
            response.close()
            return None
    return bytes(body)


def _why(error: Exception) -> str:
    """Why nothing left, for somebody who knows networks and not our library."""
    return next(words for kind, words in _WHY if isinstance(error, kind))


_WHY: tuple[tuple[type[Exception], str], ...] = (
    (aiohttp.ClientConnectorDNSError, "找不到这个域名 (DNS)"),
    (aiohttp.ClientSSLError, "证书或加密有问题 (TLS)"),
    (TimeoutError, "很久没有应答 (timeout)"),
    (Exception, "没有接通 (cannot connect)"),
)


def read_object(raw: bytes) -> Mapping[str, Any]:
    """A JSON object; empty for anything else. Raises RecursionError."""
    try:
        data = json.loads(raw)
    except ValueError:
        return {}
    return data if isinstance(data, dict) else {}
