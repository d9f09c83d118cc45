"""Rows of the catalogue of bad answers that need a server of their own: TLS, names that change, floods."""

import asyncio
import socket
import ssl
import subprocess
import tracemalloc
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import FetchError, Refused, TooLarge, Unreachable
from feeds.http import Fetcher, Limits, build_fetcher
from feeds.models import Document, Request, Validators
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page

SMALL = Limits(total=1.0, connect=0.5, wire=1 << 20, decoded=1 << 20)


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as running:
        yield running


@pytest.fixture
async def fetcher(paper: Newspaper) -> AsyncIterator[Fetcher]:
    built = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock(), SMALL)
    yield built
    await built.close()


async def test_case_005_an_endless_body_costs_no_memory(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/"] = Reply(b"", chunked=True, endless=b"x" * 60_000)
    await asyncio.sleep(0)
    tracemalloc.start()
    with pytest.raises(TooLarge):
        await fetcher.fetch(Request(paper.url("/")))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 20 * SMALL.wire


async def test_case_007_brotli_was_not_asked_for_and_is_not_unpacked(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = Reply(b"\xcf\xff\xff\x7f\xf8" * 300, headers={"Content-Encoding": "br"})
    with pytest.raises(Unreachable, match="not asked for"):
        await fetcher.fetch(Request(paper.url("/")))
    assert "br" not in paper.asked[0].headers["accept-encoding"]


async def test_case_022_a_name_that_points_at_this_machine_is_refused_at_the_socket(
    paper: Newspaper, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whatever a resolver said before, the address that is connected to decides."""

    def resolve(_host: str, port: int, *_: object, **__: object) -> list[tuple[Any, ...]]:
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", ("127.0.0.1", port))]

    monkeypatch.setattr(socket, "getaddrinfo", resolve)
    fetcher = build_fetcher(FetchConfig(gap="0s"), SystemClock(), SMALL)
    url = f"http://paper.test:{paper.host.partition(':')[2]}/"
    with pytest.raises(Refused, match="private address"):
        await fetcher.fetch(Request(url), robots=False)
    await fetcher.close()
    assert paper.asked == []


FLOODS = {
    "046-50k-headers": Reply(b"x", headers={f"X-{n}": "1" for n in range(50_000)}),
    "046-100kB-header": Reply(b"x", headers={"X": "a" * 100_000}),
    "046-1xx": Reply(b"x", before=b"HTTP/1.1 102 Processing\r\n\r\n" * 10_000),
    "047-cookies": Reply(b"x", headers={f"Set-Cookie: c{n}": "v" * 1000 for n in range(100)}),
}


@pytest.mark.parametrize("reply", FLOODS.values(), ids=FLOODS.keys())
async def test_case_046_047_a_flood_of_headers_is_read_or_soft_and_leaves_nothing(
    fetcher: Fetcher, paper: Newspaper, reply: Reply
) -> None:
    paper["/"], paper["/next"] = reply, page("春耕")
    try:
        await fetcher.fetch(Request(paper.url("/")))
    except FetchError as error:
        assert isinstance(error, Unreachable)  # noqa: PT017 - either way is right, this one only so
    await fetcher.fetch(Request(paper.url("/next")))
    assert "cookie" not in paper.asked[-1].headers


async def test_case_057_a_validator_is_kept_as_it_was_given_and_no_date(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = page("春耕", Last_Modified="Fri, 31 Dec 2099 23:59:59 GMT")
    document = await fetcher.fetch(Request(paper.url("/")))
    assert isinstance(document, Document)
    assert document.validators == Validators(None, "Fri, 31 Dec 2099 23:59:59 GMT")
    assert document.fetched_at.year < 2099


# ── TLS ─────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A certificate that nobody signed, with its key, in one file."""
    file = tmp_path_factory.mktemp("tls") / "server.pem"
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj",
               "/CN=paper.test", "-keyout", str(file), "-out", f"{file}.crt"]  # fmt: skip
    try:
        subprocess.run(command, check=True, capture_output=True)
    except FileNotFoundError:
        pytest.skip("openssl is not installed")
    file.write_bytes(file.read_bytes() + Path(f"{file}.crt").read_bytes())
    return file


@asynccontextmanager
async def tls_server(certificate: Path, answer: bytes, *, rudely: bool) -> AsyncIterator[str]:
    """A server that sends this and leaves: `rudely` without TLS's goodbye (close_notify)."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        await writer.drain()
        if rudely:
            writer.transport.get_extra_info("socket").shutdown(socket.SHUT_RDWR)
        writer.close()

    server = await asyncio.start_server(serve, "127.0.0.1", 0, ssl=context)
    async with server:
        yield f"127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_case_029_a_certificate_that_nobody_signed_is_soft_and_never_waved_through(
    certificate: Path,
) -> None:
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx"
    async with tls_server(certificate, answer, rudely=False) as host:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[host]), SystemClock(), SMALL)
        with pytest.raises(Unreachable, match="TLS"):
            await fetcher.fetch(Request(f"https://{host}/"), robots=False)
        await fetcher.close()


async def test_case_030_tls_that_ends_without_goodbye_in_mid_body_is_soft(
    certificate: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trusting = ssl.create_default_context(cafile=f"{certificate}.crt")
    trusting.check_hostname = False
    monkeypatch.setattr("aiohttp.connector._SSL_CONTEXT_VERIFIED", trusting)
    answer = b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n" + b"x" * 500
    async with tls_server(certificate, answer, rudely=True) as host:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[host]), SystemClock(), SMALL)
        with pytest.raises(Unreachable, match="cut off"):
            await fetcher.fetch(Request(f"https://{host}/"), robots=False)
        await fetcher.close()
