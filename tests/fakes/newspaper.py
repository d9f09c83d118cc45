"""A newspaper's web server on a real socket, programmed path by path, that journals what is asked."""

import asyncio
import gzip
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

_REASONS = {200: "OK", 304: "Not Modified"}


@dataclass(frozen=True)
class Asked:
    """A request as it came in. `headers` has lower-case names."""

    method: str
    path: str
    headers: Mapping[str, str]
    body: bytes
    at: float


@dataclass(frozen=True)
class Reply:
    """An answer. `length` overrides Content-Length ("" sends none); `drip` are seconds between two
    bytes of the body, `head_drip` of the head; after `cut` bytes of the body the line goes dead.
    """

    body: bytes = b""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    length: str | None = None
    drip: float = 0.0
    head_drip: float = 0.0
    cut: int | None = None
    chunked: bool = False
    endless: bytes = b""  # sent again and again after the body
    before: bytes = b""  # sent before the status line


Program = Reply | Callable[[Asked], Reply]


def page(text: str, **more: str) -> Reply:
    """An HTML page, with more headers."""
    kind = {"Content-Type": "text/html; charset=utf-8"}
    return Reply(text.encode(), headers=kind | {k.replace("_", "-"): v for k, v in more.items()})


def redirect(to: str, status: int = 302) -> Reply:
    return Reply(status=status, headers={"Location": to})


def gzipped(body: bytes, **more: str) -> Reply:
    packed = gzip.compress(body)
    return Reply(packed, headers={"Content-Encoding": "gzip", **more})


class Newspaper:
    """`paper["/path"] = Reply(...)`; anything else is 404. `asked` is the journal, but for requests for a
    robots.txt that was not programmed.
    """

    def __init__(self) -> None:
        self.programs: dict[str, Program] = {}
        self.asked: list[Asked] = []
        self.heard = asyncio.Event()  # set by the first request
        self.at_once = 0
        self.most_at_once = 0
        self.base = ""
        self.host = ""
        self._tasks: set[asyncio.Task[None]] = set()
        self._server: asyncio.Server | None = None

    def __setitem__(self, path: str, program: Program) -> None:
        self.programs[path] = program

    def __delitem__(self, path: str) -> None:
        del self.programs[path]

    def url(self, path: str) -> str:
        return self.base + path

    def paths(self) -> list[str]:
        """The paths that were asked for, in order."""
        return [asked.path for asked in self.asked]

    async def start(self) -> None:
        self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)
        port = self._server.sockets[0].getsockname()[1]
        self.host = f"127.0.0.1:{port}"
        self.base = f"http://{self.host}"

    async def stop(self) -> None:
        assert self._server is not None
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            with suppress(ConnectionError, asyncio.IncompleteReadError, asyncio.CancelledError):
                while await self._one(reader, writer):
                    pass
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _one(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        """One request and its answer. True where the line may be used again."""
        asked = await _read_request(reader)
        if asked.path == "/robots.txt" and asked.path not in self.programs:
            return await _send(Reply(b"", 404), writer)
        self.asked.append(asked)
        self.heard.set()
        program = self.programs.get(asked.path, Reply(b"not here", 404))
        reply = program if isinstance(program, Reply) else program(asked)
        self.at_once += 1
        self.most_at_once = max(self.most_at_once, self.at_once)
        try:
            return await _send(reply, writer)
        finally:
            self.at_once -= 1


@asynccontextmanager
async def newspaper() -> AsyncIterator[Newspaper]:
    """A newspaper that listens while the block runs."""
    paper = Newspaper()
    await paper.start()
    try:
        yield paper
    finally:
        await paper.stop()


async def _read_request(reader: asyncio.StreamReader) -> Asked:
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, path, _ = first.split(" ")
    pairs = (line.split(":", 1) for line in lines)
    headers = {name.lower(): value.strip() for name, value in pairs}
    body = await reader.readexactly(int(headers.get("content-length", "0")))
    return Asked(method, path, headers, body, asyncio.get_running_loop().time())


def _head(reply: Reply) -> bytes:
    headers = dict(reply.headers)
    if reply.chunked:
        headers["Transfer-Encoding"] = "chunked"
    elif reply.length is None:
        headers["Content-Length"] = str(len(reply.body))
    elif reply.length:
        headers["Content-Length"] = reply.length
    lines = [f"HTTP/1.1 {reply.status} {_REASONS.get(reply.status, 'Whatever')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


async def _send(reply: Reply, writer: asyncio.StreamWriter) -> bool:
    if reply.before:
        writer.write(reply.before)
    await _drip(writer, _head(reply), reply.head_drip)
    body = _chunk(reply.body) + b"0\r\n\r\n" if reply.chunked and not reply.endless else reply.body
    await _drip(writer, body[: reply.cut], reply.drip)
    while reply.endless:
        writer.write(_chunk(reply.endless) if reply.chunked else reply.endless)
        await writer.drain()
    return reply.cut is None and reply.length is None


async def _drip(writer: asyncio.StreamWriter, data: bytes, seconds: float) -> None:
    if not seconds:
        writer.write(data)
        await writer.drain()
        return
    for byte in data:
        writer.write(bytes([byte]))
        await writer.drain()
        await asyncio.sleep(seconds)


def _chunk(data: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(data), data) if data else b""
