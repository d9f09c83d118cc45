"""How long a page takes under load: fifty papers, six thousand articles, sixteen readers at a time, the
server in a process of its own. `make bench` prints it; nothing is asserted about time.
"""

import asyncio
import multiprocessing
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from statistics import quantiles

import aiohttp
import pytest
from sqlalchemy import insert

from config.models import Settings
from feeds.clock import SystemClock
from feeds.models import Paper, ReadCount
from feeds.publish import Publisher
from feeds.store import tables
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.web.server import build_app, start
from tests.fakes.archive import SEEN, fill, make_article, make_issue, make_page

PAPERS = 50
ISSUES = 6  # of each
PAGES, ARTICLES = 4, 5  # of an issue, of a page
NEWEST = date(2024, 4, 30)
READERS = 16
REQUESTS = 800
SENTENCE = "全区春耕生产全面展开，农户都说今年水足，育秧中心连日忙到深夜。"
PATHS = {
    "stand": "/",
    "issue": "/p7/",
    "article": "/p7/2024-04-30/7-0-2-3",
    "search, rare": "/search?q=海棠大道7",
    "search, in all": "/search?q=春耕",
    "most read, all": "/most_read/",
    "back issues": "/back_issues/p7/",
    "health": "/healthz",
}


def _settings(folder: Path) -> Settings:
    sources = [
        {"id": f"p{n}", "kind": "yunbao", "title": f"第{n}报", "url": f"http://p{n}.test/"}
        for n in range(PAPERS)
    ]
    return Settings.model_validate({"data_dir": folder, "sources": sources})


async def _build(folder: Path) -> None:
    store = await open_store(folder, None)
    papers = [
        Paper(f"p{n}", f"第{n}报", f"http://p{n}.test/", "Asia/Shanghai") for n in range(PAPERS)
    ]
    issues = [_issue(paper, back) for paper in range(PAPERS) for back in range(ISSUES)]
    await fill(store, papers, issues)
    await _count(store)
    await store.close()


def _issue(paper: int, back: int):  # type: ignore[no-untyped-def]  # noqa: ANN202 - a bench's own
    def article(page: int, place: int) -> object:
        return make_article(
            f"{paper}-{back}-{page}-{place}",
            title=f"春耕新闻第{place}条 海棠大道{paper}",
            body_html=f"<p>{SENTENCE * 12}</p>" * 3,
            body_text="\n".join([SENTENCE * 12] * 3),
            reads=ReadCount(100 * page + place),
            reads_at=SEEN,
        )

    pages = [
        make_page(f"{page:02}", [article(page, place) for place in range(ARTICLES)])  # type: ignore[misc]
        for page in range(PAGES)
    ]
    return make_issue(NEWEST - timedelta(days=back), pages, source=f"p{paper}")


async def _count(store: Store) -> None:
    """Four more counts of one article, so that it has a curve."""
    async with store.write() as tx:
        wanted = tables.articles.select().where(tables.articles.c.key == "7-0-2-3")
        row = (await tx.execute(wanted)).one()
        for hours in (-9, -6, -3, -1):
            seen = SEEN + timedelta(hours=hours)
            sample = {"article_id": row.id, "seen_at": seen, "value": 200 + hours, "exact": True}
            await tx.execute(insert(tables.read_counts).values(**sample))


def _serve(folder: Path, port: "multiprocessing.Queue[int]") -> None:
    async def run() -> None:
        settings, clock = _settings(folder), SystemClock()
        store = await open_store(folder, None)
        app = build_app(store, Publisher(store, settings, clock), settings, clock)
        runner = await start(app, "127.0.0.1", 0)
        port.put(runner.addresses[0][1])
        await asyncio.Event().wait()

    asyncio.run(run())


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    folder = tmp_path_factory.mktemp("pages")
    asyncio.run(_build(folder))
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    server = context.Process(target=_serve, args=(folder, port), daemon=True)
    server.start()
    yield f"http://127.0.0.1:{port.get(timeout=60)}"
    server.terminate()
    server.join()


@pytest.mark.parametrize("name", PATHS)
async def test_pages_under_load(base: str, name: str) -> None:
    times: list[float] = []
    left = iter(range(REQUESTS))
    size = 0

    async def read(session: aiohttp.ClientSession) -> None:
        nonlocal size
        for _ in left:
            began = time.perf_counter()
            async with session.get(base + PATHS[name]) as response:
                assert response.status == 200
                size = len(await response.read())
            times.append(time.perf_counter() - began)

    connector = aiohttp.TCPConnector(limit=READERS)
    async with aiohttp.ClientSession(connector=connector) as session:
        began = time.perf_counter()
        await asyncio.gather(*(read(session) for _ in range(READERS)))
        took = time.perf_counter() - began
    cut = quantiles(times, n=100)
    print(
        f"\n{name:>15}: p50 {cut[49] * 1e3:6.1f} ms  p99 {cut[98] * 1e3:6.1f} ms"
        f"  {len(times) / took:6.0f}/s  {size / 1000:5.1f} kB"
    )
