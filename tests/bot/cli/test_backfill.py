"""`baotong backfill` as an operator runs it, against a newspaper that prints in 云报's manner."""

import asyncio
import os
import re
import signal
from dataclasses import replace
from datetime import date
from pathlib import Path
from uuid import uuid4

import pytest

from tests.fakes.command import Done, baotong
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.nursery import Born, bear
from tests.fakes.papers import FAMILIES
from tests.fakes.worker import ROOT, Town, town


async def start(place: Town, *arguments: str) -> tuple[Born, Path]:
    """A command at work, and where it writes what it says."""
    said = place.folder / f"backfill-{uuid4().hex[:6]}.log"
    words = ("backfill", "-c", place.folder / "baotong.yaml", *arguments)
    with said.open("wb") as file, Path(os.devnull).open("rb") as nothing:
        files = [nothing.fileno(), file.fileno(), file.fileno()]
        environ = {"PATH": "/usr/bin:/bin", "COLUMNS": "200"}
        return bear(words, ROOT, environ, files), said


async def backfill(place: Town, *arguments: str) -> tuple[int, str]:
    """Its exit code and what it said."""
    return await end(*await start(place, *arguments))


async def end(process: Born, said: Path) -> tuple[int, str]:
    code = await process.wait()
    return code, re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", said.read_text("utf-8"))


@pytest.fixture
async def place(tmp_path: Path):  # noqa: ANN201 - a fixture's type is its own
    async with town(tmp_path) as running:
        running.configure()
        for _ in range(3):
            await running.print_issue()
        yield running


async def test_older_issues_are_fetched_and_the_end_is_told(place: Town) -> None:
    code, said = await backfill(place, "qinghe", "--issues", "2")
    assert code == 0, said
    assert "存档里有 2 期" in said
    code, said = await backfill(place, "qinghe", "--issues", "500")
    assert code == 0, said
    assert "这已经是最早的一期了哦!" in said or "好了" in said


@pytest.mark.parametrize("arguments", [
    ("qinghe",), ("qinghe", "--issues", "2", "--since", "2024-01-01"), ("qinghe", "--issues", "0"),
    ("nobody", "--issues", "2"), ("qinghe", "--since", "yesterday"),
])  # fmt: skip
async def test_what_cannot_be_meant_is_a_fault_of_use(
    place: Town, arguments: tuple[str, ...]
) -> None:
    code, said = await backfill(place, *arguments)
    assert code == 2, said
    assert "Traceback" not in said


async def test_a_newspaper_that_cannot_be_reached_ends_with_1_and_what_to_do(place: Town) -> None:
    file = place.folder / "baotong.yaml"
    file.write_text(file.read_text().replace(f"http://{place.paper}/", "http://paper.invalid/"))
    code, said = await backfill(place, "qinghe", "--issues", "2")
    assert code == 1, said
    assert "Traceback" not in said


async def test_ctrl_c_stops_after_the_document_in_hand_and_the_same_command_goes_on(
    place: Town,
) -> None:
    file = place.folder / "baotong.yaml"
    whole = file.read_text()
    file.write_text(whole.replace("gap: 0s", "gap: 1s"))
    process, log = await start(place, "qinghe", "--issues", "3")
    database = place.folder / "var" / "baotong.sqlite3"
    async with asyncio.timeout(60):
        while not database.exists():
            await asyncio.sleep(0.05)  # a process of its own rings no bell here
    await asyncio.sleep(2)
    process.send_signal(signal.SIGINT)
    code, said = await end(process, log)
    assert code == 0, said
    assert "停下了" in said
    assert "Traceback" not in said
    file.write_text(whole)
    code, said = await backfill(place, "qinghe", "--issues", "3")
    assert code == 0, said
    assert "存档里有 3 期" in said


async def test_a_running_worker_keeps_the_archive_to_itself(place: Town) -> None:
    worker = await place.start()
    code, said = await backfill(place, "qinghe", "--issues", "2")
    assert code == 3, said
    assert "先停下它" in said
    assert await worker.stop() == 0


async def walked(folder: Path, paper: Newspaper, source: str, *, allowed: bool = True) -> Done:
    hosts = f'"{paper.host}"' if allowed else ""
    (folder / "baotong.yaml").write_text(
        f"fetch: {{gap: 0s, allow_hosts: [{hosts}]}}\nsources:\n  - {{id: qinghe, title: 青禾日报, {source}}}\n",
        encoding="utf-8",
    )
    return await baotong(folder, "backfill", "qinghe", "--issues", "9")


async def test_a_feed_ends_where_it_ends(tmp_path: Path) -> None:
    items = "".join(
        f"<item><guid>{day}</guid><title>标题</title><pubDate>{day} Apr 2024 08:00:00 +0800</pubDate>"
        "<description>两岸的老屋。</description></item>"
        for day in ("08", "07")
    )
    async with newspaper() as paper:
        paper["/rss.xml"] = Reply(f"<rss><channel>{items}</channel></rss>".encode())
        done = await walked(tmp_path, paper, f"kind: feed, url: '{paper.url('/rss.xml')}'")
    assert done.code == 0, done.err
    assert "再往前,网站上没有了。从 2024-04-08 到 2024-04-07,一共 2 期" in done.err


async def test_what_time_does_not_mend_is_told_with_what_does(tmp_path: Path) -> None:
    async with newspaper() as paper:
        paper["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
        source = f"kind: founder, url: '{paper.url('/')}'"
        by_robots = await walked(tmp_path, paper, source)
        private = await walked(tmp_path, paper, source, allowed=False)
    assert 'robots: "ignore: 理由"' in by_robots.err
    assert f"在 fetch.allow_hosts 里写上 {paper.host}" in private.err
    for done in (by_robots, private):
        assert done.code == 1
        assert "过一会儿" not in done.err


async def test_the_days_that_were_passed_over_are_told(tmp_path: Path) -> None:
    family = FAMILIES["html: qpaper"]
    async with newspaper() as paper:
        for day in (5, 7, 8):
            family.print(paper, date(2024, 4, day))
        for path, program in list(paper.programs.items()):
            if isinstance(program, Reply):
                unlinked = program.body.replace("上一期".encode(), b"")
                paper[path] = replace(program, body=unlinked)
        paper["/new/Html/2024-04-07/Qpaper.html"] = page("<p>别的什么,不是报纸。</p>" * 99)
        source = f"kind: html, preset: qpaper, url: '{paper.url(family.url)}'"
        done = await walked(tmp_path, paper, source)
    assert done.code == 0, done.err
    assert "从 2024-04-08 到 2024-04-05,一共 2 期" in done.err
    assert "中间有 1 天没有报纸" in done.err
    assert "有 1 天网站没有好好回答,先跳过了:2024-04-07" in done.err
