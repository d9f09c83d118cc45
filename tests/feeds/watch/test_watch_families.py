"""The real families, watched over real HTTP: 云报's manner and a page that 人民日报 published."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from aiohttp import web

from bot.demo.newspaper import build_newspaper
from config.models import FetchConfig
from config.sources import BaseSource, FounderSource, YunbaoSource
from feeds.http import Fetcher, build_fetcher
from feeds.models import EntryKind
from feeds.sources.table import build_source
from feeds.store import journal, library
from feeds.store.engine import Store
from feeds.watch import Watch
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Asked, Newspaper, Reply, newspaper, page

SAMPLES = Path(__file__).resolve().parents[4] / "shared" / "samples"
FRONT = SAMPLES / "founder-pc-layout" / "rmrb-pc-layout-20241225-node01.html"


@asynccontextmanager
async def served(app: web.Application) -> AsyncIterator[str]:
    runner = web.AppRunner(app)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    try:
        yield f"127.0.0.1:{runner.addresses[0][1]}"
    finally:
        await runner.cleanup()


@asynccontextmanager
async def fetching(host: str, clock: FakeClock) -> AsyncIterator[Fetcher]:
    fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[host]), clock)
    try:
        yield fetcher
    finally:
        await fetcher.close()


def _watch(store: Store, fetcher: Fetcher, config: BaseSource, clock: FakeClock) -> Watch:
    return Watch(store, fetcher, [(config, build_source(config))], clock)


async def test_a_paper_in_yunbaos_manner_is_read_issue_by_issue(store: Store) -> None:
    clock = FakeClock(datetime(2024, 5, 1, tzinfo=UTC))
    app = build_newspaper(clock, every=timedelta(seconds=8))
    async with served(app) as host, fetching(host, clock) as fetcher:
        values = {"id": "demo", "kind": "yunbao", "title": "青禾日报", "url": f"http://{host}/"}
        watch = _watch(store, fetcher, YunbaoSource.model_validate(values), clock)
        await watch.look("demo")
        await clock.advance(25)  # three issues later: two were missed
        await watch.look("demo")
        await watch.look("demo")
    async with store.read() as tx:
        entries = await journal.after(tx, 0, 100)
        keys = await library.issue_keys(tx, "demo")
        issue = await library.newest_issue(tx, "demo")
    complete = [entry for entry in entries if entry.kind is EntryKind.ISSUE_COMPLETE]
    assert keys == ("2024-04-11", "2024-04-10", "2024-04-09", "2024-04-08")
    assert len(complete) == 4
    assert issue is not None
    assert len(issue.pages) > 1
    assert all(article.title and article.body_text and article.reads for article in issue.articles)


@pytest.mark.skipif(not FRONT.exists(), reason="the samples lie beside the project, not in it")
async def test_a_page_that_a_newspaper_published_leads_to_its_whole_issue(store: Store) -> None:
    clock = FakeClock(datetime(2024, 12, 25, tzinfo=UTC))
    async with newspaper() as paper:
        _print_rmrb(paper)
        url = paper.url("/rmrb/pc/layout/index.html")
        values = {"id": "rmrb", "kind": "founder", "title": "人民日报", "url": url}
        async with fetching(paper.host, clock) as fetcher:
            watch = _watch(store, fetcher, FounderSource.model_validate(values), clock)
            for _ in range(3):  # the last page is not there: it is waited for
                await watch.look("rmrb")
    async with store.read() as tx:
        issue = await library.newest_issue(tx, "rmrb")
        assert [e.kind for e in await journal.after(tx, 0, 100)] == [EntryKind.ISSUE_COMPLETE]
    assert issue is not None
    assert [len(page.articles) for page in issue.pages] == [7, 7, *[0] * 18]
    assert issue.pages[0].pdf
    assert [a.title for a in issue.articles][5] == "图片报道"


def _print_rmrb(paper: Newspaper) -> None:
    """The real front page, a second one like it, seventeen without articles, and one that is missing."""
    front = FRONT.read_bytes()
    folder = "/rmrb/pc/layout/202412/25"
    paper["/rmrb/pc/layout/index.html"] = page(
        '<meta http-equiv="refresh" content="0;url=202412/25/node_01.html">'
    )
    second = front.replace(b"content_3004", b"content_3005")
    empty = b"<html><body><p>" + "没有文章".encode() + b"</p></body></html>"
    paper[f"{folder}/node_01.html"] = Reply(front)
    paper[f"{folder}/node_02.html"] = Reply(second)
    for node in range(3, 20):
        paper[f"{folder}/node_{node:02}.html"] = Reply(empty)
    titles = {"30048059": "图片报道"}
    for number in range(30048054, 30048061):
        for key in (str(number), str(number).replace("3004", "3005")):
            path = f"/rmrb/pc/content/202412/25/content_{key}.html"
            paper[path] = lambda asked, key=key: _article(asked, titles.get(key, f"标题{key}"))


def _article(asked: Asked, title: str) -> Reply:
    text = "各地认真贯彻落实,扎实推进各项工作,取得了新的进展。" * 3
    return page(
        f"<html><body><div class=article><h1>{title}</h1><p class=sec>本报记者"
        f"<span class=date>（2024年12月25日 第 01 版）</span></p><div id=ozoom><p>{text}</p></div></div></body></html>"
    )
