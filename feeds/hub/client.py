"""The hub's calls to callbacks: short, guarded at the socket, never redirected, answers of 1 kB."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.metadata import version
from io import BytesIO
from types import MappingProxyType

import aiohttp
from aiohttp import ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from feeds.errors import FetchError, Refused
from feeds.figures import SSRF_BLOCKED
from feeds.http.guard import guarded_socket
from feeds.http.retry_after import parse_retry_after
from feeds.http.translation import translated
from feeds.tally import NO_TALLY, Tally

ASKING_SECONDS = 10.0  # for a whole verification, a dripped answer too
TELLING_SECONDS = 30.0  # for a whole delivery: a feed may be some hundred kB
MOST_READ = 1024  # bytes of an answer
_CONNECT_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What came back: `status` 0 and a `reason` where nothing did. `body` is None where it was longer
    than MOST_READ.
    """

    status: int
    body: bytes | None = b""
    reason: str = ""
    retry_after: timedelta | None = None

    @property
    def is_success(self) -> bool:
        return 200 <= self.status < 300  # noqa: PLR2004 - HTTP's own numbers


class Caller:
    """Calls callbacks. Those that an operator exempted have a session of their own, so that a name
    which suddenly leads to a private address gains nothing from another name's exemption. Environment
    variables for proxies are not used: through a proxy the guard would see nothing.
    """

    def __init__(self, public_url: str, tally: Tally = NO_TALLY) -> None:
        self._tally = tally
        agent = f"baotong/{version('baotong')} (+{public_url})"
        self._guarded = _session(TCPConnector(socket_factory=guarded_socket, limit=0), agent)
        self._exempt = _session(TCPConnector(limit=0), agent)

    async def get(self, url: str, *, is_exempt: bool) -> Answer:
        """The answer to a GET."""
        return await self._call("GET", url, ASKING_SECONDS, is_exempt=is_exempt)

    async def post(
        self, url: str, body: bytes, headers: Mapping[str, str], *, is_exempt: bool
    ) -> Answer:
        """The answer to a POST."""
        return await self._call("POST", url, TELLING_SECONDS, body, headers, is_exempt=is_exempt)

    async def close(self) -> None:
        """Ends all connections."""
        await self._guarded.close()
        await self._exempt.close()

    async def _call(
        self,
        method: str,
        url: str,
        seconds: float,
        body: bytes | None = None,
        headers: Mapping[str, str] = MappingProxyType({}),
        *,
        is_exempt: bool,
    ) -> Answer:
        session = self._exempt if is_exempt else self._guarded
        where = URL(url, encoded=url.isascii())  # as the subscriber spelt it
        limit = ClientTimeout(total=seconds, sock_connect=_CONNECT_SECONDS)
        try:
            async with (
                translated(where, seconds),
                session.request(
                    method,
                    where,
                    data=None if body is None else BytesIO(body),
                    headers=headers,
                    timeout=limit,
                    allow_redirects=False,
                ) as response,
            ):
                wait = parse_retry_after(response.headers.get("Retry-After"), datetime.now(UTC))
                read = await _read(response)
                return Answer(response.status, read, f"HTTP {response.status}", wait)
        except FetchError as error:
            if isinstance(error, Refused):
                self._tally.count(SSRF_BLOCKED, "hub")
            return Answer(0, None, error.reason)


async def _read(response: aiohttp.ClientResponse) -> bytes | None:
    """The answer's body, or None where it is longer than anybody needs."""
    body = b""
    while chunk := await response.content.read(MOST_READ + 1 - len(body)):
        body += chunk
        if len(body) > MOST_READ:
            response.close()
            return None
    return body


def _session(connector: TCPConnector, agent: str) -> ClientSession:
    return ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        headers={"User-Agent": agent, "Accept-Encoding": "identity"},
    )
