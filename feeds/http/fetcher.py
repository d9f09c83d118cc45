"""Fetches one document, politely and within limits: guard, gate, redirects, caps, conditions."""

import asyncio
from dataclasses import dataclass, replace
from datetime import timedelta
from importlib.metadata import version

from aiohttp import ClientResponse, ClientSession, ClientTimeout, DummyCookieJar, TCPConnector
from yarl import URL

from config.models import FetchConfig
from feeds.clock import Clock
from feeds.errors import BadStatus, Elsewhere, FetchError, NotPublic, TooLarge, Unreachable
from feeds.figures import FETCHED_BYTES, FETCHES, NO_ANSWER, SSRF_BLOCKED
from feeds.http.decoding import BrokenEncoding, TooMuch, build_decoder
from feeds.http.gate import Gate
from feeds.http.guard import (
    PRIVATE,
    USUAL_PORTS,
    guarded_socket,
    host_and_port,
    is_private,
    parse_url,
    redact,
)
from feeds.http.headers import ascii_only, read_validators, request_headers
from feeds.http.redirects import REDIRECTS, Redirect, location, next_hop
from feeds.http.retry_after import parse_retry_after
from feeds.http.robots import Robots
from feeds.http.site import is_same_site
from feeds.http.translation import translated
from feeds.models import Document, NotModified, Request, Validators
from feeds.tally import NO_TALLY, Tally

_NOT_MODIFIED = 304
_PARTIAL = (
    206  # we send no Range, so that a part of a page is never a page (RFC 9110 section 15.3.7)
)
_MiB = 1 << 20


@dataclass(frozen=True, slots=True)
class Limits:
    """Seconds and bytes. `total` counts all hops of one fetch and a dripped body, but not the waiting
    for the host's turn.
    """

    total: float = 30.0
    connect: float = 10.0
    wire: int = 8 * _MiB
    decoded: int = 10 * _MiB
    redirects: int = 5


@dataclass(frozen=True, slots=True)
class _Way:
    """What the hops of one fetch are held to: the newspaper's own site, and its robots.txt or not."""

    site: URL
    robots: bool


def build_fetcher(
    fetch: FetchConfig, clock: Clock, limits: Limits = Limits(), tally: Tally = NO_TALLY
) -> "Fetcher":
    """A fetcher as the settings say. To be called, used and closed in one event loop."""
    contact = f" (+{fetch.contact})" if fetch.contact else ""
    user_agent = fetch.user_agent or f"baotong/{version('baotong')}{contact}"
    return Fetcher(user_agent, fetch.allow_hosts, Gate(clock, fetch.gap), clock, limits, tally)


class Fetcher:
    """Fetches documents. `allow_hosts` (`host:port`) are reached by a session of their own, whatever
    their addresses; everything else goes through sockets that refuse what is not public. So a name
    that suddenly points at a private address gains nothing from another name's exemption.

    Environment variables for proxies are not used: through a proxy the guard would see nothing.
    """

    def __init__(
        self,
        user_agent: str,
        allow_hosts: frozenset[str],
        gate: Gate,
        clock: Clock,
        limits: Limits,
        tally: Tally = NO_TALLY,
    ) -> None:
        self._user_agent = user_agent
        self._allow_hosts = frozenset(host.lower() for host in allow_hosts)
        self._gate = gate
        self._clock = clock
        self._limits = limits
        self._tally = tally
        self._robots = Robots(clock, self._get_robots)
        self._guarded = _session(TCPConnector(socket_factory=guarded_socket, limit=0), limits)
        self._exempt = _session(TCPConnector(limit=0), limits)

    async def fetch(
        self,
        request: Request,
        validators: Validators | None = None,
        site: str | None = None,
        *,
        robots: bool = True,
    ) -> Document | NotModified:
        """The document, whole, or `NotModified` where `validators` were sent and still hold.

        `site` is the newspaper's own URL: besides 80 and 443 only its port is asked for, and redirects
        stay on it. Without it the request's own URL is the site. `robots` is false where the operator
        ignores robots.txt. Raises `Refused`, `Unreachable`, `TooLarge`, `BadStatus`.
        """
        if validators == Validators():
            validators = None
        url = parse_url(request.url)
        way = _Way(parse_url(site) if site else url, robots)
        answer = await self._follow(request, url, way, validators)
        if isinstance(answer, NotModified) and validators is None:
            # 304 to a request without conditions: some cache is confused. Once more, past it.
            fresh = replace(request, headers={**request.headers, "Cache-Control": "no-cache"})
            answer = await self._follow(fresh, url, way, None)
            if isinstance(answer, NotModified):
                raise Unreachable(
                    redact(request.url), "没有问过却回了 304 (304, though nothing was asked about)"
                )
        return answer if answer.request is request else replace(answer, request=request)

    async def close(self) -> None:
        """Ends all connections."""
        await self._guarded.close()
        await self._exempt.close()

    async def _get_robots(self, url: URL) -> bytes:
        answer = await self._follow(Request(str(url)), url, _Way(url, robots=False), None)
        assert isinstance(answer, Document)  # no validators were sent
        return answer.body

    async def _follow(
        self, request: Request, url: URL, way: "_Way", validators: Validators | None
    ) -> Document | NotModified:
        left = self._limits.total
        for hop in range(self._limits.redirects + 1):
            self._check(url, way, is_redirect=hop > 0)
            delay = await self._robots.check(url) if way.robots else timedelta()
            async with self._gate.turn(url, delay):
                begun = asyncio.get_running_loop().time()
                answer = await self._ask_counted(request, url, validators, left)
                left -= asyncio.get_running_loop().time() - begun
            if not isinstance(answer, Redirect):
                return answer
            request, url = next_hop(request, url, answer)
        raise TooLarge(
            redact(request.url), f"转了不止 {self._limits.redirects} 次 (too many redirects)"
        )

    def _check(self, url: URL, way: "_Way", *, is_redirect: bool) -> None:
        if host_and_port(url) in self._allow_hosts:
            return
        if is_redirect:
            self._check_site(url, way.site)
        if url.port not in USUAL_PORTS | {way.site.port}:
            self._tally.count(SSRF_BLOCKED, "fetch")
            raise NotPublic(
                redact(str(url)),
                f"端口 {url.port} 不是这份报纸的 (port {url.port} is not the newspaper's)",
            )

    def _check_site(self, url: URL, site: URL) -> None:
        """Raises `Elsewhere`, and `NotPublic` where not even the address is public."""
        host = url.host or ""
        if is_private(host):
            self._tally.count(SSRF_BLOCKED, "fetch")
            raise NotPublic(redact(str(url)), PRIVATE)
        if not is_same_site(host, site.host or ""):
            raise Elsewhere(
                redact(str(url)), f"被转到了 {site.host} 以外的网站 (sent on to another site)"
            )

    async def _ask_counted(
        self, request: Request, url: URL, validators: Validators | None, seconds: float
    ) -> "Document | NotModified | Redirect":
        try:
            answer = await self._ask(request, url, validators, seconds)
        except NotPublic:  # by the socket: nothing was sent
            self._tally.count(SSRF_BLOCKED, "fetch")
            raise
        except FetchError as error:
            self._tally.count(FETCHES, _class_of_error(error))
            raise
        self._tally.count(FETCHES, _CLASSES[type(answer)])
        return answer

    async def _ask(
        self, request: Request, url: URL, validators: Validators | None, seconds: float
    ) -> "Document | NotModified | Redirect":
        """One hop."""
        session = self._exempt if host_and_port(url) in self._allow_hosts else self._guarded
        headers = request_headers(request.headers, self._user_agent, validators)
        async with (
            translated(url, seconds),
            asyncio.timeout(max(seconds, 0)),
            session.request(
                request.method,
                url,
                data=request.body,
                headers=headers,
                allow_redirects=False,
            ) as response,
        ):
            return await self._answer(request, url, response)

    async def _answer(
        self, request: Request, url: URL, response: ClientResponse
    ) -> "Document | NotModified | Redirect":
        if response.status == _NOT_MODIFIED:
            return NotModified(request)
        if response.status in REDIRECTS:
            response.close()  # whatever its body is, it is not read
            return Redirect(response.status, location(url, response))
        if not response.ok or response.status >= 300:  # noqa: PLR2004 - the 2xx are the good ones
            response.close()
            raise self._bad_status(url, response)
        if response.status == _PARTIAL:
            response.close()
            raise Unreachable(
                redact(str(url)),
                "没有要过一部分却只给了一部分 (HTTP 206: a part that nobody asked for)",
            )
        body = await self._read(url, response)
        return Document(
            request=request,
            url=str(url),
            body=body,
            content_type=ascii_only(response.headers.get("Content-Type", "")),
            validators=read_validators(response.headers),
            fetched_at=self._clock.now(),
        )

    async def _read(self, url: URL, response: ClientResponse) -> bytes:
        """The body, decoded. The connection is closed, not drained, when a cap is hit."""
        try:
            return await self._collect(response)
        except TooMuch as error:
            response.close()
            raise TooLarge(
                redact(str(url)), "比报纸的网页该有的大 (larger than a newspaper page may be)"
            ) from error
        except BrokenEncoding as error:
            response.close()
            raise Unreachable(redact(str(url)), str(error)) from error

    async def _collect(self, response: ClientResponse) -> bytes:
        limits = self._limits
        if (response.content_length or 0) > limits.wire:
            raise TooMuch
        decoder = build_decoder(response.headers.get("Content-Encoding", ""), limits.decoded)
        on_the_wire = 0
        try:
            async for chunk in response.content.iter_any():
                on_the_wire += len(chunk)
                if on_the_wire > limits.wire:
                    raise TooMuch
                decoder.feed(chunk)
        finally:
            self._tally.count(FETCHED_BYTES, by=on_the_wire)
        return decoder.finish()

    def _bad_status(self, url: URL, response: ClientResponse) -> BadStatus:
        wait = parse_retry_after(response.headers.get("Retry-After"), self._clock.now())
        return BadStatus(redact(str(url)), response.status, f"HTTP {response.status}", wait)


_CLASSES: dict[type, str] = {Document: "2xx", NotModified: "304", Redirect: "3xx"}


def _class_of_error(error: FetchError) -> str:
    return f"{error.status // 100}xx" if isinstance(error, BadStatus) else NO_ANSWER


def _session(connector: TCPConnector, limits: Limits) -> ClientSession:
    return ClientSession(
        connector=connector,
        cookie_jar=DummyCookieJar(),
        auto_decompress=False,
        trust_env=False,
        timeout=ClientTimeout(total=None, sock_connect=limits.connect),  # the whole is timed by hop
    )
