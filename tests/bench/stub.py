"""A Bot API server that does nothing but answer: `python -m tests.bench.stub`, its port on stdout.

Far faster than any client (about 30,000 answers a second on one core), so that what is measured is
the client.
"""

import asyncio
import json
import re

_LENGTH = re.compile(rb"content-length: *(\d+)", re.IGNORECASE)
_RESULT = {
    "message_id": 1,
    "date": 1_700_000_000,
    "chat": {"id": 7, "type": "private", "first_name": "x"},
    "from": {"id": 123456, "is_bot": True, "first_name": "x", "username": "x_bot"},
    "text": "x" * 200,
}
_BODY = json.dumps({"ok": True, "result": _RESULT}).encode()
_ANSWER = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n\r\n" % len(_BODY)
) + _BODY


class Stub(asyncio.Protocol):
    """One connection: counts bytes, understands nothing."""

    def __init__(self) -> None:
        self._buffer = bytearray()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        while (end := self._buffer.find(b"\r\n\r\n")) >= 0:
            found = _LENGTH.search(self._buffer, 0, end)
            whole = end + 4 + (int(found[1]) if found else 0)
            if len(self._buffer) < whole:
                return
            del self._buffer[:whole]
            self._transport.write(_ANSWER)


async def _main() -> None:
    server = await asyncio.get_running_loop().create_server(Stub, "127.0.0.1", 0, backlog=1024)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(_main())
