"""The transport tells apart what never left from what may have arrived, and is never held for ever."""

import asyncio
import io
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from telegram import InputFile
from telegram.error import NetworkError, TimedOut
from telegram.request import RequestData
from telegram.request._requestparameter import RequestParameter

from bot.channels.telegram.transport import AiohttpRequest, AnswerTimedOut, NotSent
from tests.fakes.newspaper import Reply, newspaper

Serve = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
ANSWER = b'HTTP/1.1 200 OK\r\nContent-Length: 25\r\n\r\n{"ok":true,"result":true}'
DATA = RequestData([RequestParameter("chat_id", "7", None), RequestParameter("text", "春耕", None)])


@asynccontextmanager
async def server(serve: Serve) -> AsyncIterator[str]:
    async def once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            await serve(reader, writer)
        except (ConnectionError, asyncio.IncompleteReadError):
            pass
        finally:
            writer.close()

    listening = await asyncio.start_server(once, "127.0.0.1", 0)
    async with listening:
        yield f"http://127.0.0.1:{listening.sockets[0].getsockname()[1]}"


@pytest.fixture
async def request_() -> AsyncIterator[AiohttpRequest]:
    request = AiohttpRequest("http://127.0.0.1:9")
    yield request
    await request.shutdown()


async def post(request: AiohttpRequest, url: str, data: RequestData = DATA) -> Any:
    return await request.post(f"{url}/bot1:x/sendMessage", data, read_timeout=0.3)


async def read(reader: asyncio.StreamReader) -> bytes:
    """A whole request."""
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().split(b"content-length: ")[1].split(b"\r\n")[0])
    return head + await reader.readexactly(length)


async def test_parameters_go_as_json_and_their_words_as_they_are(request_: AiohttpRequest) -> None:
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        seen.append(await read(reader))
        writer.write(ANSWER)
        await writer.drain()

    async with server(serve) as url:
        assert await post(request_, url) is True
    head, _, body = seen[0].partition(b"\r\n\r\n")
    assert b"application/json" in head
    assert json.loads(body) == {"chat_id": "7", "text": "春耕"}
    assert "春耕".encode() in body


async def test_where_nobody_listens_nothing_left(request_: AiohttpRequest) -> None:
    with pytest.raises(NotSent):
        await post(request_, "http://127.0.0.1:9")


async def test_an_answer_that_does_not_come_leaves_the_outcome_unknown(
    request_: AiohttpRequest,
) -> None:
    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read(reader)
        await reader.read()

    async with server(serve) as url:
        with pytest.raises(TimedOut) as caught:
            await post(request_, url)
    assert type(caught.value) is AnswerTimedOut


async def test_a_connection_that_drops_after_the_request_leaves_it_unknown_too(
    request_: AiohttpRequest,
) -> None:
    async def serve(reader: asyncio.StreamReader, _writer: asyncio.StreamWriter) -> None:
        await read(reader)

    async with server(serve) as url:
        with pytest.raises(NetworkError) as caught:
            await post(request_, url)
    assert not isinstance(caught.value, NotSent)


async def test_an_answer_that_drips_ends_all_the_same(
    request_: AiohttpRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("bot.channels.telegram.transport.CONNECT_SECONDS", 0.3)

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b" ")
            await writer.drain()
            await asyncio.sleep(0.02)

    async with server(serve) as url:
        with pytest.raises(AnswerTimedOut):
            async with asyncio.timeout(10):
                await request_.post(f"{url}/bot1:x/sendMessage", DATA, read_timeout=0.31)


async def test_an_answer_without_end_is_given_up(request_: AiohttpRequest) -> None:
    async with newspaper() as endless:
        endless["/bot1:x/sendMessage"] = Reply(length="", endless=b" " * 65536)
        with pytest.raises(NetworkError, match="more than"):
            await request_.post(endless.url("/bot1:x/sendMessage"), DATA, read_timeout=30)


async def test_a_file_goes_as_a_form(request_: AiohttpRequest) -> None:
    file = InputFile(io.BytesIO(b"<opml/>"), "papers.opml")
    data = RequestData(
        [
            RequestParameter("chat_id", 7, None),
            RequestParameter("document", file.attach_uri, [file]),
        ]
    )
    seen: list[bytes] = []

    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        body = b""
        while b"--\r\n" not in body:
            body += await reader.read(65536)
        seen.append(body)
        writer.write(ANSWER)
        await writer.drain()

    async with server(serve) as url:
        assert await post(request_, url, data) is True
    assert b"multipart/form-data" in seen[0]
    assert b'filename="papers.opml"' in seen[0]
    assert b"<opml/>" in seen[0]


async def test_a_lone_surrogate_is_no_reason_to_fail(request_: AiohttpRequest) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read(reader)
        writer.write(ANSWER)
        await writer.drain()

    async with server(serve) as url:
        odd = RequestData([RequestParameter("text", "a\ud800b", None)])
        assert await post(request_, url, odd) is True


async def test_the_token_is_in_no_error(request_: AiohttpRequest) -> None:
    for url in ("http://127.0.0.1:9", "http://no-such-host.invalid"):
        with pytest.raises(NetworkError) as caught:
            await request_.post(f"{url}/bot1:canary/getMe", DATA, read_timeout=0.3)
        chain = [caught.value, caught.value.__cause__, caught.value.__context__]
        assert "canary" not in repr(chain) + "".join(map(str, chain[:1]))
