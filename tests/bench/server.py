"""A newspaper's server in a process of its own, so that its work is not measured with ours.

`/feed.xml` is a feed, `/N/` the newest issue of paper N with its articles below; whoever knows a
document's ETag is answered 304. `python -m tests.bench.server` prints its port.
"""

import asyncio
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[2]
DAY = "2024年04月08日"
_STEPS = 3


def issue(paper: str) -> str:
    links = "".join(
        f'<li><a href="/{paper}/detail?id={n}">春耕生产全面展开之{n}</a></li>' for n in (1, 2)
    )
    return f"<html><head><title>报</title></head><body><p>{DAY}</p><p>第01版：要闻</p><ul>{links}</ul></body></html>"


def article(number: str) -> str:
    text = "".join(f"<p>全区春耕生产全面展开,农户抢抓农时,第{n}段。</p>" for n in range(8))
    return (
        f"<html><body><div>内容详情</div><p>{DAY}</p><h1>春耕生产全面展开之{number}</h1>"
        f"<p>阅读数:231</p><p>融媒体记者综合报道</p>{text}</body></html>"
    )


def feed() -> str:
    items = "".join(
        f"<item><title>春耕{n}</title><link>http://paper.test/{n}</link><guid>{n}</guid>"
        f"<description>全区春耕生产全面展开</description></item>"
        for n in range(20)
    )
    return f'<rss version="2.0"><channel><title>报</title><link>http://paper.test/</link>{items}</channel></rss>'


def _document(path: str) -> str | None:
    steps = path.split("/")
    if path.startswith("/feed.xml"):
        return feed()
    if len(steps) == _STEPS and steps[2] == "":
        return issue(steps[1])
    if "/detail?id=" in path:
        return article(path[-1])
    return None


async def _serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    try:
        while head := await reader.readuntil(b"\r\n\r\n"):
            path = head.split(b" ", 2)[1].decode()
            writer.write(_answer(path, is_known=b"if-none-match" in head.lower()))
            await writer.drain()
    except (asyncio.IncompleteReadError, ConnectionError):
        writer.close()


def _answer(path: str, *, is_known: bool) -> bytes:
    text = _document(path)
    if text is None:
        return b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n"
    if is_known:
        return b'HTTP/1.1 304 Not Modified\r\nETag: "1"\r\nContent-Length: 0\r\n\r\n'
    kind = "application/rss+xml" if path.startswith("/feed.xml") else "text/html"
    body = text.encode()
    head = (
        f'HTTP/1.1 200 OK\r\nETag: "1"\r\nContent-Type: {kind}; charset=utf-8\r\n'
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


@contextmanager
def serving() -> Iterator[str]:
    """host:port of a server that runs while the block does."""
    command = [sys.executable, "-m", "tests.bench.server"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            yield f"127.0.0.1:{process.stdout.readline().strip()}"
        finally:
            process.kill()


async def main() -> None:
    server = await asyncio.start_server(_serve, "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(main())
