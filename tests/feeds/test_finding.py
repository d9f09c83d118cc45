"""What a newspaper is, by fetching it: every family is known by its address alone."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date, timedelta

import pytest

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import FetchError, NotReadable
from feeds.finding import Found, find, suggested_id
from feeds.http import build_fetcher
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page
from tests.fakes.papers import FAMILIES

DAY = date(2024, 4, 8)
RSS = f"""<rss version="2.0"><channel><title>青禾日报</title><item><guid>1</guid><title>渡口迎来今年首批游客</title>
<link>https://paper.example.com/1.html</link><pubDate>{DAY:%a, %d %b %Y} 08:00:00 +0800</pubDate><description>两岸的老屋修过了。</description></item></channel></rss>"""


@asynccontextmanager
async def finding() -> AsyncIterator[tuple[Newspaper, Callable[..., object]]]:
    """A newspaper's server, and what finds out about it."""
    async with newspaper() as paper:
        fetcher = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), SystemClock())

        async def found(path: str, kind: str | None = None) -> Found:
            return await find(paper.url(path), fetcher, kind)

        try:
            yield paper, found
        finally:
            await fetcher.close()


@pytest.mark.parametrize("name", [name for name, one in FAMILIES.items() if one.kind != "json"])
async def test_every_family_is_known_by_its_address(name: str) -> None:
    family = FAMILIES[name]
    async with finding() as (paper, found):
        for days in (1, 0):
            family.print(paper, DAY - timedelta(days=days))
        one = await found(family.url)
    assert (one.kind, one.title) == (family.kind, "青禾日报")
    assert one.settings.get("preset") == family.settings.get("preset")
    assert one.exploration.issue.date == DAY
    assert one.exploration.article is not None
    assert "渡口迎来今年首批游客" in one.exploration.article.title


async def test_a_feed_is_known_as_one() -> None:
    async with finding() as (paper, found):
        paper["/rss"] = Reply(RSS.encode(), headers={"Content-Type": "text/xml"})
        one = await found("/rss")
    assert (one.kind, one.title) == ("feed", "青禾日报")
    assert one.exploration.issue.date == DAY


async def test_a_page_that_only_names_its_feed_is_read_by_the_feed() -> None:
    async with finding() as (paper, found):
        paper["/"] = page(
            '<title>青禾日报</title><link rel="alternate" type="application/rss+xml" href="/rss"><p>欢迎</p>'
        )
        paper["/rss"] = Reply(RSS.encode(), headers={"Content-Type": "text/xml"})
        one = await found("/")
    assert one.kind == "feed"


async def test_what_is_no_newspaper_is_said_so() -> None:
    async with finding() as (paper, found):
        paper["/"] = page("<title>面馆</title><p>今日有面。</p>")
        with pytest.raises(NotReadable):
            await found("/")
        with pytest.raises(FetchError):
            await found("/nothing")


async def test_doors_that_lead_round_in_a_circle_end() -> None:
    async with finding() as (paper, found):
        paper["/"] = page('<meta http-equiv="refresh" content="0;url=/a">')
        paper["/a"] = page('<meta http-equiv="refresh" content="0;url=/">')
        with pytest.raises(NotReadable):
            await found("/")
        assert len(paper.asked) < 20


@pytest.mark.parametrize(
    ("url", "name"),
    [
        ("http://paper.people.com.cn/rmrb/pc/layout/index.html", "rmrb"),
        ("https://epaper.example.com/", "example"),
        ("http://szb.gzrbs.com.cn/pc/", "gzrbs"),
        ("http://www.jhnews.com.cn/paperindex.htm", "jhnews"),
        ("http://10.0.0.7:8080/", "paper-2"),
        ("https://报纸.example.com/Html/index.html", "example"),
    ],
)
def test_the_name_comes_from_the_address(url: str, name: str) -> None:
    assert suggested_id(url, ["paper"]) == name


def test_a_taken_name_gets_a_number() -> None:
    assert suggested_id("https://epaper.example.com/", ["example", "example-2"]) == "example-3"
