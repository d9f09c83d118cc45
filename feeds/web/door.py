"""The door of the web server: how many may stand in it, and for how long without doing anything.

At the limit the connection that was quiet longest makes room for the new one, so that ten thousand
idle ones keep nobody out. Who is sent something and does not read is shown out as well: aiohttp
itself waits for such a reader for ever.
"""

import asyncio
import sys
from collections import OrderedDict

from aiohttp import web

if sys.platform != "win32":
    import resource

MOST_CONNECTIONS = 1000
STALLED_SECONDS = 20.0  # without a byte taken of what waits for it

Connection = web.RequestHandler


class Door:
    """Admits connections. `note` and `done` tell it about requests."""

    def __init__(self, limit: int | None = None) -> None:
        self._limit = limit or _limit()
        self._busy: set[object] = set()
        self._quiet_first: OrderedDict[object, None] = OrderedDict()
        self._server: web.Server | None = None

    def lead_to(self, server: web.Server) -> None:
        """Whoever comes in from now on is answered by this server."""
        self._server = server

    def admit(self) -> Connection:
        """One more connection: the factory of `loop.create_server`."""
        assert self._server is not None  # nobody is let in before
        if len(self._quiet_first) >= self._limit:
            self._make_room()
        connection = self._server()
        self._quiet_first[connection] = None
        return connection

    @property
    def standing(self) -> list[Connection]:
        """The connections that are open, the oldest first."""
        return self._server.connections if self._server else []

    def note(self, connection: object) -> None:
        """A request on this connection begins to be answered."""
        self._busy.add(connection)
        self._quiet_first[connection] = None
        self._quiet_first.move_to_end(connection)

    def done(self, connection: object) -> None:
        """The request has its answer."""
        self._busy.discard(connection)

    async def watch(self, seconds: float = STALLED_SECONDS) -> None:
        """Shows out those that do not read, until cancelled."""
        waiting: dict[Connection, int] = {}
        while True:
            await asyncio.sleep(seconds)
            now = {one: size for one in self.standing if (size := _unread(one))}
            for connection, size in now.items():
                if size >= waiting.get(connection, size + 1):
                    _show_out(connection)
            waiting = now

    def _make_room(self) -> None:
        """Forgets those that left, then shows out who was quiet longest."""
        standing = self.standing
        for gone in set(self._quiet_first) - set(standing):
            del self._quiet_first[gone]
        if len(standing) < self._limit:
            return
        idle = (one for one in self._quiet_first if one not in self._busy)
        first = next(idle, next(iter(self._quiet_first)))
        assert isinstance(first, Connection)  # only connections are noted
        _show_out(first)
        del self._quiet_first[first]


def _show_out(connection: Connection) -> None:
    """Ends a connection at once; merely closing it would first wait for what it does not read."""
    if connection.transport is not None:
        connection.transport.abort()


def _unread(connection: Connection) -> int:
    """How many bytes wait until the other side reads."""
    transport = connection.transport
    if transport is None or transport.is_closing():
        return 0
    return int(transport.get_write_buffer_size())


def _limit() -> int:
    """Half of the files that this process may open, at most MOST_CONNECTIONS: the rest of it needs
    files too.
    """
    if sys.platform == "win32":
        return MOST_CONNECTIONS
    soft, _ = resource.getrlimit(resource.RLIMIT_NOFILE)
    return MOST_CONNECTIONS if soft < 0 else max(16, min(MOST_CONNECTIONS, soft // 2))
