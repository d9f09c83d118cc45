"""The pictures of the README, made anew: `python tests/pictures.py` (also `make pictures`).

The demo newspaper prints for four days, our watch reads it hour by hour, and a browser looks at what
readers see: an issue as its Telegram message, an article on a phone, a front page on a desk. Nothing is
drawn by hand; the clock stands still between the hours, so that the same program makes the same pictures.
"""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from aiohttp import web
from jinja2 import Environment
from markupsafe import Markup
from playwright.async_api import Browser

from bot.channels.telegram.html import keyboard, render
from bot.demo.newspaper import PAPER_TITLE, build_newspaper
from bot.message import Limits
from bot.messages import Options, issue_message
from config.models import Settings
from feeds.http import build_fetcher
from feeds.models import Issue, Paper
from feeds.publish import Publisher
from feeds.sources.table import build_source
from feeds.store import library
from feeds.store.build import open_store
from feeds.store.engine import Store
from feeds.watch import Watch
from feeds.web.server import build_app, start
from tests.fakes.browser import DESK, PHONE, open_browser
from tests.fakes.clock import FakeClock

FOLDER = Path(__file__).parent.parent / "docs" / "images"
LARGEST = 250_000  # bytes of a picture

FIRST = date(2024, 4, 8)
BEGIN = datetime(2024, 4, 8, 0, 10, tzinfo=UTC)  # ten past eight in China
HOURS = 4 * 24 + 8
READ = FIRST + timedelta(days=1)  # the issue whose counts were seen for three days

# A chat's bubble, plainly: what Telegram does with its HTML, and no more.
BUBBLE = Environment(autoescape=True).from_string("""<!doctype html>
<html lang="zh-CN"><meta charset="utf-8"><style>
body { margin: 0; padding: 18px 14px 20px; background: #d5e3d0; font: 15.5px/1.45 "PingFang SC", "Noto Sans CJK SC", sans-serif; }
.message { background: #fff; border-radius: 4px 15px 15px 15px; padding: 9px 13px 7px; white-space: pre-wrap; overflow-wrap: anywhere; }
a { color: #2b6cb0; text-decoration: none; }
blockquote { margin: 2px 0; padding: 3px 8px; border-left: 3px solid #4a8f62; border-radius: 4px; background: #eef5ef; max-height: 4.35em; overflow: hidden; }
.time { text-align: right; font-size: 12px; color: #7a8a7d; margin-top: 2px; }
.row { display: flex; gap: 4px; margin-top: 4px; }
.row span { flex: 1; text-align: center; padding: 8px; border-radius: 8px; background: #6d8f74; color: #fff; font-size: 14px; }
</style><div class="message">{{ message }}<div class="time">已编辑 08:10</div></div>
{% for row in rows %}<div class="row">{% for button in row %}<span>{{ button.text }}</span>{% endfor %}</div>
{% endfor %}</html>""")


@dataclass(frozen=True, slots=True)
class Town:
    """A newspaper that was read for some days, and the site that shows it."""

    store: Store
    paper: Paper
    base: str


@asynccontextmanager
async def town(folder: Path) -> AsyncIterator[Town]:
    clock = FakeClock(BEGIN)
    newspaper = web.AppRunner(build_newspaper(clock, timedelta(days=1), FIRST), access_log=None)
    await newspaper.setup()
    await web.TCPSite(newspaper, "127.0.0.1", 0).start()
    settings = _settings(folder, f"127.0.0.1:{newspaper.addresses[0][1]}")
    store = await open_store(settings.data_dir, None)
    await _watch(store, settings, clock)
    publisher = Publisher(store, settings, clock)
    await publisher.catch_up()
    app = build_app(store, publisher, settings, clock, lambda: "baotong_bot")
    site = await start(app, "127.0.0.1", 0)
    source = settings.sources[0]
    paper = Paper(source.id, source.title, source.url, source.timezone)
    yield Town(store, paper, f"http://127.0.0.1:{site.addresses[0][1]}")
    for runner in (site, newspaper):
        await runner.cleanup()
    await store.close()


def _settings(folder: Path, paper: str) -> Settings:
    source = {"id": "qinghe", "kind": "yunbao", "title": PAPER_TITLE, "url": f"http://{paper}/"}
    fetch = {"gap": "0s", "allow_hosts": [paper]}
    return Settings.model_validate({"data_dir": folder, "fetch": fetch, "sources": [source]})


async def _watch(store: Store, settings: Settings, clock: FakeClock) -> None:
    """Looks once an hour, as long as HOURS says."""
    fetcher = build_fetcher(settings.fetch, clock)
    source = settings.sources[0]
    watch = Watch(store, fetcher, [(source, build_source(source))], clock)
    for _hour in range(HOURS):
        await watch.look(source.id)
        await clock.advance(3600)
    await fetcher.close()


async def _issue(place: Town, key: str | None) -> Issue:
    async with place.store.read() as tx:
        source = place.paper.id
        found = await (library.issue(tx, source, key) if key else library.newest_issue(tx, source))
    assert found is not None
    return found


# ── the pictures ────────────────────────────────────────────────────────────────────────────────


async def picture_message(browser: Browser, place: Town) -> None:
    """An issue as its message."""
    (part, *_) = issue_message(place.paper, await _issue(place, None), Limits(), Options())
    buttons = keyboard(part)
    rows = buttons.inline_keyboard if buttons else ()
    page = await browser.new_page(viewport={"width": 430, "height": 300}, device_scale_factor=2)
    html = render(part).replace("</blockquote>\n", "</blockquote>")  # a quote ends its own line
    await page.set_content(BUBBLE.render(message=Markup(html), rows=rows))
    await page.screenshot(path=FOLDER / "message.png", full_page=True)


async def picture_pages(browser: Browser, place: Town) -> None:
    """An article on a phone, the newest front page on a desk."""
    issue = await _issue(place, READ.isoformat())
    article = f"/{issue.source}/{issue.key}/{issue.articles[0].key}"
    for name, path, size in (
        ("page", article, PHONE | {"height": 1010}),
        ("front", f"/{issue.source}/", DESK | {"height": 1000}),
    ):
        scale = 2 if size["width"] < DESK["width"] else 1
        page = await browser.new_page(
            viewport=size,  # type: ignore[arg-type]  # its own TypedDict
            device_scale_factor=scale,
        )
        await page.goto(place.base + path, wait_until="networkidle")
        await page.screenshot(path=FOLDER / f"{name}.png")


async def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix="baotong-pictures-") as folder:
        async with town(Path(folder)) as place, open_browser() as browser:
            await picture_message(browser, place)
            await picture_pages(browser, place)
    for picture in sorted(FOLDER.glob("*.png")):
        size = picture.stat().st_size
        print(f"{picture.name}: {size // 1000} kB")  # noqa: T201 - a script tells what it made
        assert size < LARGEST, picture


if __name__ == "__main__":
    asyncio.run(main())
