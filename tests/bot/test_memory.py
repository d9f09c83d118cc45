"""`baotong run` in little memory: whatever a newspaper sends, a small machine or container is enough."""

import asyncio
import re
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from feeds.models import Issue
from feeds.store import library
from feeds.store.build import open_store
from tests.fakes.newspaper import Newspaper, gzipped, newspaper, page
from tests.fakes.worker import Town, Worker, town

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")

MiB = 1 << 20
MOST = 256  # MiB, of the worker and its reading process together
EVERY = 0.01  # seconds between two looks at what they hold

SENTENCE = (
    "全区春耕生产全面展开，农户抢抓农时，田间地头一派繁忙，农机手说今年水足土肥，比往年早了五天。"
)
PARAGRAPH = f"<p>{SENTENCE}</p>"
LONG, ENDLESS, BURSTING = "连载全文", "没有分段的全文", "属性太多的一页"
STORIES = {
    "小文章": PARAGRAPH,
    LONG: PARAGRAPH * (5 * MiB // len(PARAGRAPH.encode())),
    ENDLESS: f"<p>{SENTENCE * ((10 * MiB - 500) // len(SENTENCE.encode()))}</p>",
    BURSTING: ("<p " + " ".join(f"a{n}=b" for n in range(200)) + ">春耕</p>") * 7500,
}


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        place.is_alone = True
        yield place


def print_issue(paper: Newspaper) -> None:
    """An issue whose documents are about as large as the fetcher lets in: 10 MiB, packed into little."""
    day = "2024年04月08日"
    titles = "".join(f"<li><a href='/content?id={n}'>{t}</a></li>" for n, t in enumerate(STORIES))
    paper["/"] = page(f"<html><body><div>{day}</div><h3>第01版 要闻</h3>{titles}</body></html>")
    for number, (title, text) in enumerate(STORIES.items()):
        head = f"<div>内容详情</div><p>{day}</p><h1>{title}</h1><p>阅读数:231</p>"
        html = f"<html><body>{head}{text}</body></html>".encode()
        paper[f"/content?id={number}"] = gzipped(html, Content_Type="text/html; charset=utf-8")


async def watch_memory(worker: Worker, found: list[int]) -> None:
    """Notes the MiB that the worker holds, with the most that its reading process ever held."""
    pid = worker.process.pid
    while True:
        with suppress(OSError):  # a reading process has just ended
            found.append(_held(pid, "RssAnon") + sum(_most_held(one) for one in _readers(pid)))
        await asyncio.sleep(EVERY)


def _readers(pid: int) -> Iterator[int]:
    for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split():
        if b"feeds.parsing.child" in Path(f"/proc/{child}/cmdline").read_bytes():
            yield int(child)


def _most_held(pid: int) -> int:
    """As the kernel keeps count of it, but for the program's files, which it may drop at any time."""
    return _held(pid, "VmHWM") - _held(pid, "RssFile")


def _held(pid: int, name: str) -> int:
    found = re.search(rf"{name}:\s+(\d+) kB", Path(f"/proc/{pid}/status").read_text())
    return int(found[1]) // 1024 if found else 0  # it has ended and is not yet buried


async def stored(place: Town) -> Issue:
    store = await open_store(place.folder / "var", None)
    async with store.read() as tx:
        issue = await library.newest_issue(tx, "qinghe")
    await store.close()
    assert issue is not None
    return issue


async def test_case_165_the_largest_documents_that_may_come_are_read_or_refused_within_256_mib(
    place: Town,
) -> None:
    held: list[int] = []
    async with newspaper() as paper:
        print_issue(paper)
        place.paper = paper.host
        place.configure("to: telegram:7")
        worker = await place.start()
        watching = asyncio.create_task(watch_memory(worker, held))
        await place.api.until(lambda: bool(place.api.to("7")), 60)
        watching.cancel()
        await worker.stop()
    assert max(held) <= MOST
    assert [article.title for article in (await stored(place)).articles] == [
        title for title in STORIES if title != BURSTING
    ]
    assert worker.said().count("article skipped") == 1
