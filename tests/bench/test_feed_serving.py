"""Feeds a second: our server (one process, uvloop) against nginx (one worker), the same feed, in turns
within one run. `make bench` prints it; nothing is asserted about time.

Needs nginx and, to be worth anything, wrk (`apt-get install nginx-light wrk`); it says so where they
are missing.
"""

import asyncio
import multiprocessing
import os
import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from multiprocessing.connection import Connection
from pathlib import Path
from urllib.request import urlopen

import pytest

from feeds.clock import SystemClock
from feeds.publish import Publisher
from feeds.store.build import open_store
from feeds.web.server import build_app, start
from tests.fakes.archive import fill, simple_issue
from tests.fakes.settings import two_papers

uvloop = pytest.importorskip("uvloop", reason="the bench compares uvloop; Windows has none")

NAME = "huaian.rss"
CONNECTIONS = 32
SECONDS = 3
TURNS = 3
SIZES = {"about 3 KB": 3, "about 50 entries": 50}  # articles of the issue
NGINX = """\
{user} worker_processes 1; daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
  access_log off; sendfile on; keepalive_requests 100000000; open_file_cache max=100;
  types {{ application/rss+xml rss; }}
  client_body_temp_path {folder}/1; proxy_temp_path {folder}/2; fastcgi_temp_path {folder}/3;
  uwsgi_temp_path {folder}/4; scgi_temp_path {folder}/5;
  server {{ listen 127.0.0.1:{port}; root {root}; }}
}}
"""


async def _serve(folder: Path, articles: int, pipe: Connection) -> None:
    settings = two_papers(folder, more="feeds: {entries: 2}")
    store = await open_store(folder / "data", None)
    await fill(store, issues=[simple_issue(date(2024, 4, 8), articles)])
    publisher = Publisher(store, settings, SystemClock())
    await publisher.catch_up()
    listening = await start(build_app(store, publisher, settings, SystemClock()), "127.0.0.1", 0)
    pipe.send(listening.addresses[0][1])
    await asyncio.sleep(3600)


def _process(folder: Path, articles: int, pipe: Connection) -> None:
    uvloop.run(_serve(folder, articles, pipe))


@contextmanager
def _ours(folder: Path, articles: int) -> Iterator[str]:
    folder.mkdir()
    here, there = multiprocessing.get_context("spawn").Pipe()
    process = multiprocessing.get_context("spawn").Process(
        target=_process, args=(folder, articles, there)
    )
    process.start()
    try:
        yield f"http://127.0.0.1:{here.recv()}/feeds/{NAME}"
    finally:
        process.terminate()
        process.join()


@contextmanager
def _nginx(folder: Path, root: Path) -> Iterator[str]:
    folder.mkdir()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    user = "user root;" if os.getuid() == 0 else ""  # or its worker may not read our folder
    conf = NGINX.format(user=user, folder=folder, port=port, root=root)
    (folder / "nginx.conf").write_text(conf)
    process = subprocess.Popen(["nginx", "-c", folder / "nginx.conf"], stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}/{NAME}"
    try:
        _until_it_answers(url)
        yield url
    finally:
        process.terminate()
        process.wait()


def _until_it_answers(url: str) -> None:
    for _ in range(100):
        try:
            urlopen(url).close()
        except OSError:
            time.sleep(0.05)
        else:
            return
    raise AssertionError(f"{url} does not answer")


def _tag(url: str) -> str:
    with urlopen(url) as response:
        return str(response.headers["ETag"])


def _rate(url: str, *headers: str) -> float:
    """Requests a second."""
    asked = [part for header in headers for part in ("-H", header)]
    done = subprocess.run(
        ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}", *asked, url],
        capture_output=True,
        text=True,
        check=True,
    )
    found = re.search(r"Requests/sec:\s+([0-9.]+)", done.stdout)
    assert found, done.stdout
    assert "Non-2xx" not in done.stdout or headers, done.stdout
    return float(found[1])


@pytest.mark.parametrize("size", SIZES)
def test_feeds_a_second_against_nginx(tmp_path: Path, size: str) -> None:
    for program in ("nginx", "wrk"):
        if shutil.which(program) is None:
            pytest.skip(f"{program} is not installed (apt-get install nginx-light wrk)")
    with _ours(tmp_path / "ours", SIZES[size]) as ours:
        feed = tmp_path / "ours" / "data" / "feeds" / NAME
        root = tmp_path / "root"
        root.mkdir()
        shutil.copy(feed, root / NAME)
        with _nginx(tmp_path / "nginx", root) as theirs:
            best = {"200": [0.0, 0.0], "304": [0.0, 0.0]}
            for _ in range(TURNS):
                for place, url in enumerate((ours, theirs)):
                    best["200"][place] = max(best["200"][place], _rate(url))
                    condition = f"If-None-Match: {_tag(url)}"
                    best["304"][place] = max(best["304"][place], _rate(url, condition))
    print(f"\n{size} ({feed.stat().st_size} bytes), {CONNECTIONS} connections, requests a second")
    for status, least in (("200", 1 / 3), ("304", 1 / 5)):
        mine, nginx = best[status]
        print(
            f"  {status}   ours {mine:8.0f}   nginx {nginx:8.0f}"
            f"   ratio {mine / nginx:.2f} (at least {least:.2f})"
        )
