"""`baotong run` as an operator runs it: a process of its own between a newspaper and a Bot API server."""

import asyncio
import os
import re
import signal
import socket
import sys
from asyncio.subprocess import Process
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urljoin

from aiohttp import ClientError, ClientSession, web
from aiohttp.typedefs import Handler, Middleware

from bot.demo.newspaper import build_newspaper
from tests.fakes import canary
from tests.fakes.botapi import TOKEN, BotApi, serve
from tests.fakes.clock import FakeClock
from tests.fakes.nursery import Born, bear

ROOT = Path(__file__).parents[2]
LATEST = datetime(2024, 5, 1, tzinfo=UTC)  # the press prints no issue dated after this
EVERY = timedelta(seconds=8)
PAGES = (
    "/", "/qinghe/", "/search?q=春", "/most_read/", "/healthz", "/feeds.opml", "/feeds/qinghe.rss",
    "/feeds/qinghe.atom", "/feeds/qinghe.json", "/feeds/qinghe.issues.atom", "/hub", "/nowhere",
    "/metrics",
)  # fmt: skip

YAML = """\
data_dir: var
public_url: http://127.0.0.1:{port}/
server: {{listen: "127.0.0.1:{port}"}}
fetch: {{gap: 0s, allow_hosts: ["{paper}"]}}
sources:
  - {{id: qinghe, kind: yunbao, title: 青禾日报, url: "http://{paper}/", check_every: 1s}}
channels:
  telegram: {{token: "${{TELEGRAM_TOKEN}}", api_url: "{api}"}}
deliver:
{deliver}
"""


@dataclass
class Town:
    """A newspaper that prints when it is told to, a Bot API server, and a folder to work in."""

    folder: Path
    api: BotApi
    clock: FakeClock
    paper: str
    port: int
    environ: dict[str, str] = field(default_factory=lambda: {"TELEGRAM_TOKEN": TOKEN})
    is_alone: bool = False  # its workers are processes from their first instruction
    is_redesigned: bool = False  # the newspaper's issues lead to their articles by scripts
    workers: "list[Worker]" = field(default_factory=list)
    pages: list[str] = field(default_factory=lambda: list(PAGES))
    """What is looked through for secrets at the end; a listener of its own is a whole URL."""

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    async def print_issue(self) -> None:
        """The next day's issue comes out."""
        await self.clock.advance(EVERY.total_seconds())

    def configure(self, *deliver: str, api: str | None = None) -> None:
        """Writes baotong.yaml; `deliver` are rows in YAML's flow style, without `source`."""
        rows = "\n".join(f'  - {{source: "*", quiet: null, {row}}}' for row in deliver) or "  []"
        text = YAML.format(port=self.port, paper=self.paper, api=api or self.api.url, deliver=rows)
        (self.folder / "baotong.yaml").write_text(text, encoding="utf-8")

    async def start(self) -> "Worker":
        """`baotong run`, once its pages answer."""
        worker = await self.launch()
        async with ClientSession() as session, asyncio.timeout(30):
            while not await self._answers(session):
                assert worker.process.returncode is None, worker.said()
                await asyncio.sleep(0.02)  # a process of its own rings no bell here
        return worker

    async def launch(self) -> "Worker":
        """`baotong run`, without waiting for anything."""
        log = self.folder / f"worker-{len(self.workers)}.log"
        arguments = ("run", "-c", self.folder / "baotong.yaml")
        environ = {**os.environ, **self.environ}
        with log.open("wb") as file, Path(os.devnull).open("rb") as nothing:
            if self.is_alone:
                process: Process | Born = await asyncio.create_subprocess_exec(
                    sys.executable, "-m", "bot", *arguments,
                    cwd=ROOT, stdin=nothing, stdout=file, stderr=file, env=environ,
                )  # fmt: skip
            else:
                files = [nothing.fileno(), file.fileno(), file.fileno()]
                process = bear(arguments, ROOT, environ, files)
        self.workers.append(Worker(process, log))
        return self.workers[-1]

    async def watch_pages(self) -> None:
        """Shows what a running worker serves to those who look for secrets."""
        async with ClientSession() as session:
            for page in self.pages:
                with suppress(OSError, ClientError, TimeoutError):
                    async with (
                        asyncio.timeout(5),
                        session.get(urljoin(self.site, page)) as response,
                    ):
                        said = repr(dict(response.headers)) + await response.text()
                        canary.watch(page, said)

    async def _answers(self, session: ClientSession) -> bool:
        try:
            async with session.get(f"{self.site}/healthz") as response:
                return response.status == 200
        except OSError:
            return False


@dataclass
class Worker:
    """A running process."""

    process: Process | Born
    log: Path

    def said(self) -> str:
        """Everything it wrote to its terminal."""
        return self.log.read_text("utf-8", "replace")

    async def wrote(self, words: str) -> None:
        """Returns once it has written this to its terminal."""
        async with asyncio.timeout(60):
            while words not in self.said():
                assert self.process.returncode is None, self.said()
                await asyncio.sleep(0.02)  # a process of its own rings no bell here

    async def imported(self, library: str) -> None:
        """Returns once it has loaded this compiled library."""
        maps = Path(f"/proc/{self.process.pid}/maps")
        async with asyncio.timeout(60):
            while library not in maps.read_text():
                await asyncio.sleep(0.002)  # a process of its own rings no bell here

    async def stop(self) -> int:
        """SIGTERM; its exit code."""
        self.process.send_signal(signal.SIGTERM)
        async with asyncio.timeout(15):
            return await self.process.wait()

    async def kill(self) -> None:
        """SIGKILL: nothing of it runs any more."""
        self.process.kill()
        await self.process.wait()

    async def ended(self) -> int:
        """Its exit code, once it has ended by itself."""
        async with asyncio.timeout(30):
            return await self.process.wait()


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    """Everything but the worker, which a test starts itself."""
    clock = FakeClock(LATEST)
    newspaper = build_newspaper(clock, every=EVERY)
    runner = web.AppRunner(newspaper, access_log=None)
    async with serve(BotApi()) as api:
        place = Town(folder, api, clock, "", free_port())
        newspaper.middlewares.append(_redesigning(place))
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", 0).start()
        place.paper = f"127.0.0.1:{runner.addresses[0][1]}"
        try:
            yield place
            if any(worker.process.returncode is None for worker in place.workers):
                await place.watch_pages()
        finally:
            for worker in place.workers:
                if worker.process.returncode is None:
                    await worker.kill()
            await runner.cleanup()


def _redesigning(place: Town) -> Middleware:
    @web.middleware
    async def answer(request: web.Request, handler: Handler) -> web.StreamResponse:
        response = await handler(request)
        if place.is_redesigned and isinstance(response, web.Response) and response.body:
            assert isinstance(response.body, bytes)
            links = re.compile(rb'href="/qhrb/detail/(\d+)"')
            response.body = links.sub(rb'href="#" data-piece="\1"', response.body)
            response.headers["ETag"] = '"redesigned"'
        return response

    return answer


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
