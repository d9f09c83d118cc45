"""Reads documents: small ones at once, large ones in a child process, one at a time."""

import asyncio
import os
import sys
from contextlib import suppress
from dataclasses import dataclass

import structlog

from config.sources import BaseSource
from feeds.errors import NotReadable, Unreachable, Unreadable
from feeds.models import Document, Reading
from feeds.parsing.frames import HEAD, Answer, Task, pack, unpack
from feeds.sources.base import Source

log = structlog.get_logger(__name__)

_TWO_BYTES = b"\xc2"  # begins U+0080 to U+00BF in UTF-8
_PASSED_ON = ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG", "LC_ALL")


@dataclass(frozen=True, slots=True)
class Limits:
    """What is small enough to be read in the loop: bytes, tags (a newspaper's page has some hundreds; at
    50 µs each these are a quarter of a second), and characters over which the sanitiser goes quadratic
    (`&`, no-break space, middle dot: 250,000 in one text took it two seconds). `cpu` and `wall` are seconds
    for one large document. Beyond `lasting_bytes` the process is ended after it: what such a document leaves
    of the heap in pieces the next would miss.
    """

    inline_bytes: int = 512 * 1024
    inline_tags: int = 5_000
    inline_slow: int = 20_000
    lasting_bytes: int = 2 * 1024 * 1024
    cpu: int = 10
    wall: float = 30.0


class Parser:
    """Made once, used by all newspapers, closed at the end. The child is started when it is first needed
    and again after it was killed.
    """

    def __init__(self, limits: Limits = Limits()) -> None:
        self._limits = limits
        self._turn = asyncio.Lock()
        self._child: asyncio.subprocess.Process | None = None

    async def read(self, source: Source, config: BaseSource, document: Document) -> Reading:
        """What the document says by the rules of `source`, which `config` describes.

        Raises `NotReadable`, also where a large document takes too long or too much; `Unreachable`
        where no process could be started; and whatever the reader itself fails with.
        """
        if self.is_small(document):
            return source.read(document)
        answer = await self._ask(Task(config, document, self._limits.cpu))
        if answer.reading is not None:
            return answer.reading
        if answer.why is not None:
            raise NotReadable(document.url, answer.why, answer.reason)
        raise RuntimeError(f"the reader failed: {answer.reason}")

    def is_small(self, document: Document) -> bool:
        """Whether reading it takes so little that the loop need not be spared."""
        body, limits = document.body, self._limits
        return (
            len(body) < limits.inline_bytes
            and body.count(b"<") < limits.inline_tags
            and body.count(b"&") + body.count(_TWO_BYTES) < limits.inline_slow
        )

    async def close(self) -> None:
        """Ends the child."""
        async with self._turn:
            await self._end()

    async def _ask(self, task: Task) -> Answer:
        async with self._turn:
            try:
                async with asyncio.timeout(self._limits.wall):
                    answer = await self._exchange(await self._started(), task)
            except (TimeoutError, asyncio.IncompleteReadError, ConnectionError):
                log.warning("page given up", source=task.config.id, bytes=len(task.document.body))
                await self._end()
                reason = "这一页太大或太乱,在限定的时间和内存里读不完"
                return Answer(why=Unreadable.TOO_DEEP, reason=reason)
            except OSError as error:
                raise Unreachable(task.document.url, f"no process to read it: {error}") from error
            except BaseException:
                await self._end()  # half an answer may be in its pipe
                raise
            if len(task.document.body) > self._limits.lasting_bytes:
                await self._end()
            return answer

    async def _exchange(self, child: asyncio.subprocess.Process, task: Task) -> Answer:
        assert child.stdin is not None
        assert child.stdout is not None
        for piece in pack(task):
            child.stdin.write(piece)
            await child.stdin.drain()
        (length,) = HEAD.unpack(await child.stdout.readexactly(HEAD.size))
        answer = unpack(await child.stdout.readexactly(length))
        assert isinstance(answer, Answer)
        return answer

    async def _started(self) -> asyncio.subprocess.Process:
        if self._child is None or self._child.returncode is not None:
            self._child = await asyncio.create_subprocess_exec(
                sys.executable,
                "-m",
                "feeds.parsing.child",
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                env=_environment(),
                start_new_session=True,  # Ctrl-C is for us; we end it
            )
        return self._child

    async def _end(self) -> None:
        child, self._child = self._child, None
        if child is None:
            return
        with suppress(ProcessLookupError):
            child.kill()
        await child.wait()


def _environment() -> dict[str, str]:
    """Where our packages are, and none of the secrets that stand in ours."""
    kept = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    return kept | {"PYTHONPATH": os.pathsep.join(filter(None, sys.path))}
