"""PTB's transport on aiohttp: four times HTTPXRequest's rate (facts: 79 % of httpx's CPU is a scan
of its pool), a proxy for this channel only, and failures told apart by whether the request had left.

Parameters go as JSON: percent-encoding a Chinese text costs more than all the rest of a call.
The token is in every URL: no URL ever enters an error or a log line here.
"""

import json
import os
from asyncio import Lock
from collections.abc import Mapping
from functools import cache
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import proxy_bypass

import aiohttp
from aiohttp_socks import ProxyConnector, ProxyError, ProxyTimeoutError
from telegram._utils.types import ODVInput  # the signature that BaseRequest asks for
from telegram.error import NetworkError, RetryAfter, TelegramError, TimedOut
from telegram.request import BaseRequest, RequestData

from bot.channels.post import (
    ANSWER_SECONDS,
    CONNECT_SECONDS,
    JsonBody,
    read_at_most,
    read_object,
)
from feeds.http.retry_after import LONGEST

POOL_SIZE = 640  # connections: more than the channel ever has messages in hand
UNSAID = 5  # seconds to wait for a 429 that names none
MOST_ANSWER = 8 << 20  # bytes: a hundred updates are some hundred kB


class NotSent(NetworkError):
    """The request certainly never left: it is safe to send it again."""


class AnswerTimedOut(TimedOut):
    """The request left and no answer came in time: nobody knows what became of it."""


class ServerFailed(NetworkError):
    """The server answered with 5xx."""

    def __init__(self, status: int) -> None:
        super().__init__(f"HTTP {status}")
        self.status = status


class AiohttpRequest(BaseRequest):
    """One pool of connections to one Bot API server."""

    def __init__(self, api_url: str, proxy: str | None = None) -> None:
        super().__init__()
        self._proxy = proxy or proxy_from_environment(api_url, os.environ)
        self._session: aiohttp.ClientSession | None = None
        self._opening = Lock()

    @property
    def read_timeout(self) -> float | None:
        return ANSWER_SECONDS

    async def initialize(self) -> None:
        await self._open()

    async def shutdown(self) -> None:
        if self._session is not None:
            await self._session.close()
            self._session = None

    async def _open(self) -> aiohttp.ClientSession:
        async with self._opening:
            if self._session is None:
                self._session = aiohttp.ClientSession(
                    connector=self._connector(), cookie_jar=aiohttp.DummyCookieJar()
                )
            return self._session

    def _connector(self) -> aiohttp.BaseConnector:
        if self._proxy and self._proxy.startswith("socks"):
            return ProxyConnector.from_url(self._proxy, limit=POOL_SIZE)
        return aiohttp.TCPConnector(limit=POOL_SIZE)

    async def do_request(
        self,
        url: str,
        method: str,
        request_data: RequestData | None = None,
        read_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        write_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        connect_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
        pool_timeout: ODVInput[float] = BaseRequest.DEFAULT_NONE,
    ) -> tuple[int, bytes]:
        """One call. Raises `NotSent` where it never left, `ServerFailed` where the server did, else
        `AnswerTimedOut` or NetworkError.
        """
        del write_timeout, connect_timeout, pool_timeout  # one set of limits for all calls
        seconds = read_timeout if isinstance(read_timeout, int | float) else ANSWER_SECONDS
        session = self._session or await self._open()
        body = _body(request_data)
        try:
            async with session.request(
                method,
                url,
                data=body,
                proxy=self._http_proxy(),
                timeout=_timeout(seconds),
                allow_redirects=False,
            ) as response:
                status, raw = response.status, await read_at_most(response, MOST_ANSWER)
        except (aiohttp.ClientError, ProxyError, ProxyTimeoutError, OSError, TimeoutError) as error:
            raise _translate(error, left=_has_left(body, error)) from None
        if raw is None:
            raise NetworkError(f"an answer of more than {MOST_ANSWER} bytes")
        if status >= HTTPStatus.INTERNAL_SERVER_ERROR:
            raise ServerFailed(status)
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            raise RetryAfter(_asked_wait(raw))
        return status, raw

    @staticmethod
    def parse_json_payload(payload: bytes) -> dict[str, Any]:
        """As PTB's, for what nests too deep as well. The answer itself is not logged."""
        try:
            return dict(json.loads(payload.decode("utf-8", "replace")))
        except (ValueError, TypeError, RecursionError):
            raise TelegramError("Invalid server response") from None

    def _http_proxy(self) -> str | None:
        return self._proxy if self._proxy and self._proxy.startswith("http") else None


def proxy_from_environment(api_url: str, environ: Mapping[str, str]) -> str | None:
    """HTTPS_PROXY or ALL_PROXY, in either case, unless NO_PROXY or loopback spares this host."""
    host = urlsplit(api_url).hostname or ""
    if host in {"localhost", "127.0.0.1", "::1"} or proxy_bypass(host):
        return None
    names = ("HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy")
    return next((environ[name] for name in names if environ.get(name)), None)


def _body(data: RequestData | None) -> JsonBody | aiohttp.FormData:
    if data is None or not data.contains_files:
        return JsonBody(data.parameters if data else {})
    form = aiohttp.FormData()
    for name, value in data.json_parameters.items():
        form.add_field(name, value)
    for name, (filename, content, mime) in (data.multipart_data or {}).items():
        form.add_field(name, content, filename=filename, content_type=mime)
    return form


@cache
def _timeout(seconds: float) -> aiohttp.ClientTimeout:
    """`total` too: without it a server that drips could hold a call for ever (facts/bad-input.md)."""
    return aiohttp.ClientTimeout(
        total=CONNECT_SECONDS + seconds, connect=CONNECT_SECONDS, sock_read=seconds
    )


def _asked_wait(raw: bytes) -> int:
    """Seconds that a 429 asks for, at most a day: PTB takes a number of any size and fails with it."""
    try:
        parameters = read_object(raw).get("parameters")
    except RecursionError:
        return UNSAID
    seconds = parameters.get("retry_after") if isinstance(parameters, dict) else None
    if not isinstance(seconds, int) or seconds < 1:
        return UNSAID
    return min(seconds, int(LONGEST.total_seconds()))


def _has_left(body: JsonBody | aiohttp.FormData, error: Exception) -> bool:
    if isinstance(body, JsonBody):
        return body.left
    return not isinstance(error, aiohttp.ClientConnectorError | aiohttp.ConnectionTimeoutError)


def _translate(error: Exception, *, left: bool) -> NetworkError:
    if not left:
        return NotSent(type(error).__name__)
    if isinstance(error, TimeoutError):
        return AnswerTimedOut(type(error).__name__)
    return NetworkError(type(error).__name__)
