"""Connections that do nothing, read nothing or come in thousands keep nobody out."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import date

from feeds.web.door import Door
from tests.fakes.archive import make_article, make_issue, make_page, simple_issue
from tests.feeds.web.conftest import OpenSite, Site

DAY = date(2024, 4, 8)
Line = tuple[asyncio.StreamReader, asyncio.StreamWriter]
GET = b"GET /healthz HTTP/1.1\r\nHost: a\r\n\r\n"


@asynccontextmanager
async def connected(site: Site, count: int = 1) -> AsyncIterator[list[Line]]:
    port = int(site.base.rpartition(":")[2])
    lines = [await asyncio.open_connection("127.0.0.1", port) for _ in range(count)]
    try:
        yield lines
    finally:
        for _, writer in lines:
            writer.close()


async def is_closed(line: Line) -> bool:
    """Waits for the other side to hang up."""
    try:
        async with asyncio.timeout(10):
            await line[0].read()
    except ConnectionError:
        return True
    except TimeoutError:
        return False
    return True


async def test_case_174_idle_connections_make_room_for_new_ones_the_quietest_first(
    open_site: OpenSite,
) -> None:
    site = await open_site(door=Door(limit=20))
    async with connected(site, 20) as lines:
        reader, writer = lines[0]
        writer.write(GET)
        assert (await reader.readline()).startswith(b"HTTP/1.1 200")
        async with connected(site, 10):
            response, _ = await site.get("/healthz")
            assert response.status == 200
            assert all([await is_closed(line) for line in lines[1:9]])
            writer.write(GET)
            async with asyncio.timeout(10):
                while not (await reader.readline()).startswith(b"HTTP/1.1 200"):
                    pass


async def test_case_174_who_is_just_being_answered_is_not_shown_out(open_site: OpenSite) -> None:
    door = Door(limit=5)
    site = await open_site(door=door)
    head = b"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Length: 8\r\n"
    async with connected(site, 5) as lines:
        reader, writer = lines[0]
        writer.write(head + b"Content-Type: application/x-www-form-urlencoded\r\n\r\nhub")
        async with asyncio.timeout(10):
            while not door._busy:
                await asyncio.sleep(0.01)
        assert (await site.get("/healthz"))[0].status == 200
        async with connected(site, 12):
            assert (await site.get("/healthz"))[0].status == 200
            writer.write(b".mode")
            async with asyncio.timeout(10):
                assert (await reader.readline()).startswith(b"HTTP/1.1 400")


async def test_a_connection_that_says_nothing_or_drips_its_head_is_closed(
    open_site: OpenSite,
) -> None:
    site = await open_site(times={"keepalive": 0.3})
    async with connected(site, 2) as (silent, dripping):
        dripping[1].write(b"GET / HTTP/1.1\r\nX: ")

        async def drip() -> None:
            while not dripping[1].is_closing():
                dripping[1].write(b"x")
                await asyncio.sleep(0.05)

        task = asyncio.create_task(drip())
        assert await is_closed(silent)
        assert await is_closed(dripping)
        task.cancel()


async def test_a_body_that_nobody_asked_for_is_not_waited_for(open_site: OpenSite) -> None:
    site = await open_site(times={"linger": 0.2})
    async with connected(site) as (line,):
        line[1].write(
            b"POST /feeds/huaian.rss HTTP/1.1\r\nHost: a\r\nContent-Length: 999\r\n\r\nabc"
        )
        assert (await line[0].readline()).startswith(b"HTTP/1.1 405")
        assert await is_closed(line)


async def test_a_reader_that_does_not_read_is_shown_out(open_site: OpenSite) -> None:
    door = Door()
    long = [make_article(f"x{n}", body_html=f"<p>{'长' * 50_000}</p>") for n in range(20)]
    issue = make_issue(DAY, [make_page("01", long)])
    site = await open_site([issue], door=door, times={"stalled": 0.3})
    async with connected(site) as ((_, writer),):
        writer.transport.pause_reading()  # type: ignore[attr-defined]  # the system's buffers fill up
        writer.write(b"GET /feeds/huaian.rss HTTP/1.1\r\nHost: a\r\n\r\n" * 20)
        async with asyncio.timeout(10):
            while not door.standing:
                await asyncio.sleep(0.05)
            while door.standing:
                await asyncio.sleep(0.05)
        assert (await site.get("/healthz"))[0].status == 200


async def test_case_175_a_hundred_pipelined_requests_are_answered_in_order(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY, 50)])
    paths = [f"/feeds/huaian.{('rss', 'atom', 'json')[n % 3]}" for n in range(100)]
    async with connected(site) as ((reader, writer),):
        for path in paths:
            writer.write(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode())
        types = []
        async with asyncio.timeout(20):
            for _ in paths:
                head = (await reader.readuntil(b"\r\n\r\n")).decode()
                fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:-2])
                await reader.readexactly(int(fields["Content-Length"]))
                types.append(fields["Content-Type"].partition(";")[0])

    assert types == [
        f"application/{('rss+xml', 'atom+xml', 'feed+json')[n % 3]}" for n in range(100)
    ]
