"""Pages made to stall a parser: refused, while the loop's other work goes on."""

import asyncio
from datetime import UTC, datetime

from config.sources import BaseSource, YunbaoSource
from feeds.errors import NotReadable
from feeds.models import Document, Request, Validators
from feeds.parsing.parser import Parser
from feeds.sources.table import build_source
from tests.bench.report import show, spent

CONFIG: BaseSource = YunbaoSource(id="p", kind="yunbao", title="报", url="http://paper.test/")
URL = "http://paper.test/1"
HOSTILE = {
    "100,000 levels": "<div>" * 100_000,
    "50,000 attributes": "<p " + " ".join(f"a{n}=1" for n in range(50_000)) + ">",
    "10 MiB of tags": "<b></b>" * (10 * 1024 * 1024 // 7),
    "500 open <font>, 20,000 <p>": "<p>"
    + "".join(f"<font a{n}>" for n in range(500))
    + "<p>x" * 20_000,
}
SLOW = {"a whole page of 5 MB": "<p>全区春耕生产全面展开,农户抢抓农时。</p>" * 80_000}


async def _beat(found: list[float]) -> None:
    """How late the loop comes round to others."""
    loop = asyncio.get_running_loop()
    while True:
        begun = loop.time()
        await asyncio.sleep(0.001)
        found.append(loop.time() - begun - 0.001)


async def _read(parser: Parser, body: str) -> tuple[float, float, str]:
    """Seconds until the page was answered, the longest that others waited, and the answer."""
    page = Document(Request(URL), URL, body.encode(), "text/html", Validators(), datetime.now(UTC))
    lags: list[float] = []
    heart = asyncio.create_task(_beat(lags))
    await asyncio.sleep(0.01)
    answer = "read"
    with spent() as used:
        try:
            await parser.read(build_source(CONFIG), CONFIG, page)
        except NotReadable as error:
            answer = f"refused: {error.why}"
    heart.cancel()
    return used.wall, max([*lags, 0.0 if lags else used.wall]), answer


async def test_hostile_pages_are_refused_within_a_second_and_the_loop_goes_on() -> None:
    parser = Parser()
    pages = {"(starting the process)": "<p>" * 6000, **HOSTILE, **SLOW}
    found = {name: await _read(parser, body) for name, body in pages.items()}
    await parser.close()
    show(
        "Pages made to stall a parser",
        ("page", "answered after", "others waited", ""),
        [
            (n, f"{wall:.2f} s", f"{1000 * lag:.0f} ms", answer)
            for n, (wall, lag, answer) in found.items()
        ],
    )
    assert all(found[name][0] < 1 and found[name][2] != "read" for name in HOSTILE)
    assert all(lag < 0.25 for _, lag, _ in found.values())
