"""Proxies that relay what they are given and keep where it was to go: HTTP (plain and CONNECT) and SOCKS5."""

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from urllib.parse import urlsplit

Reader, Writer = asyncio.StreamReader, asyncio.StreamWriter


@dataclass
class Proxy:
    """`asked` are the places that it was asked for, `host:port`. With a `password` (SOCKS5) nobody gets
    through without it.
    """

    password: str | None = None
    port: int = 0
    asked: list[str] = field(default_factory=list)

    async def http(self, reader: Reader, writer: Writer) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        method, where, rest = head.split(b" ", 2)
        netloc = where.decode()
        if method == b"CONNECT":
            head = b""
            writer.write(b"HTTP/1.1 200 OK\r\n\r\n")
        else:
            parts = urlsplit(netloc)
            netloc, head = parts.netloc, b" ".join([method, parts.path.encode(), rest])
        host, _, port = netloc.partition(":")
        await self._relay(host, int(port), head, reader, writer)

    async def socks5(self, reader: Reader, writer: Writer) -> None:
        """RFC 1928, and 1929 where there is a password."""
        _, number = await reader.readexactly(2)
        offered = await reader.readexactly(number)
        method = 0 if self.password is None else 2
        writer.write(bytes([5, method if method in offered else 0xFF]))
        if method == 2 and not await self._knows(reader, writer):
            return
        *_, kind = await reader.readexactly(4)
        size = 4 if kind == 1 else (await reader.readexactly(1))[0]
        raw = await reader.readexactly(size)
        [port] = struct.unpack("!H", await reader.readexactly(2))
        writer.write(bytes([5, 0, 0, 1, 0, 0, 0, 0, 0, 0]))
        host = ".".join(map(str, raw)) if kind == 1 else raw.decode()
        await self._relay(host, port, b"", reader, writer)

    async def _knows(self, reader: Reader, writer: Writer) -> bool:
        await reader.readexactly(1)
        _, given = [await reader.readexactly((await reader.readexactly(1))[0]) for _ in range(2)]
        is_right = given.decode() == self.password
        writer.write(bytes([1, not is_right]))
        return is_right

    async def _relay(
        self, host: str, port: int, head: bytes, reader: Reader, writer: Writer
    ) -> None:
        self.asked.append(f"{host}:{port}")
        theirs, ours = await asyncio.open_connection(host, port)
        ours.write(head)
        try:
            await asyncio.gather(_copy(reader, ours), _copy(theirs, writer))
        finally:
            ours.close()


async def _copy(reader: Reader, writer: Writer) -> None:
    while data := await reader.read(65536):
        writer.write(data)
    writer.close()


@asynccontextmanager
async def proxy(kind: str, password: str | None = None) -> AsyncIterator[Proxy]:
    """A proxy of this kind (`http`, `socks5`) that listens."""
    made = Proxy(password)

    async def serve(reader: Reader, writer: Writer) -> None:
        try:
            await getattr(made, kind)(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(serve, "127.0.0.1", 0)
    async with listening:
        made.port = listening.sockets[0].getsockname()[1]
        yield made
