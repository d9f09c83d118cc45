"""robots.txt: asked for once, obeyed always, and never a trap for us."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import FetchConfig
from feeds.errors import Refused, Unreachable
from feeds.http import Fetcher, Limits, build_fetcher
from feeds.http.robots import AGENT, LONGEST_DELAY, parse
from feeds.models import Request
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Newspaper, Reply, newspaper, page, redirect

QUICK = Limits(total=0.5, connect=0.5)
RULES = b"User-agent: *\nDisallow: /secret\nAllow: /secret/open\n"


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as running:
        running["/"] = running["/secret"] = running["/secret/open"] = page("春耕")
        yield running


@pytest.fixture
async def fetcher(paper: Newspaper, clock: FakeClock) -> AsyncIterator[Fetcher]:
    built = build_fetcher(FetchConfig(gap="0s", allow_hosts=[paper.host]), clock, QUICK)
    yield built
    await built.close()


async def test_what_is_forbidden_is_not_asked_for(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/robots.txt"] = Reply(RULES)
    with pytest.raises(Refused, match=r"robots\.txt"):
        await fetcher.fetch(Request(paper.url("/secret?id=3")))
    await fetcher.fetch(Request(paper.url("/secret/open")))
    assert paper.paths() == ["/robots.txt", "/secret/open"]


async def test_an_operator_who_knows_better_may_say_so(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/robots.txt"] = Reply(RULES)
    await fetcher.fetch(Request(paper.url("/secret")), robots=False)
    assert paper.paths() == ["/secret"]


async def test_it_is_asked_for_once_a_day(
    fetcher: Fetcher, paper: Newspaper, clock: FakeClock
) -> None:
    paper["/robots.txt"] = Reply(RULES)
    await asyncio.gather(*(fetcher.fetch(Request(paper.url("/"))) for _ in range(5)))
    assert paper.paths().count("/robots.txt") == 1
    await clock.advance(23 * 3600)
    await fetcher.fetch(Request(paper.url("/")))
    assert paper.paths().count("/robots.txt") == 1
    await clock.advance(2 * 3600)
    await fetcher.fetch(Request(paper.url("/")))
    assert paper.paths().count("/robots.txt") == 2


@pytest.mark.parametrize("status", [400, 401, 403, 404, 410, 451])
async def test_a_site_without_one_allows_everything(
    fetcher: Fetcher, paper: Newspaper, status: int
) -> None:
    paper["/robots.txt"] = Reply(b"", status)
    await fetcher.fetch(Request(paper.url("/secret")))


FAILING = {
    "500": Reply(b"", 500),
    "503": Reply(b"", 503),
    "429": Reply(b"", 429, {"Retry-After": "60"}),
    "cut": Reply(b"x" * 10, cut=5),
    "slow": Reply(b"x" * 100, drip=0.05),
}


@pytest.mark.parametrize("reply", FAILING.values(), ids=FAILING.keys())
async def test_while_it_cannot_be_had_the_site_is_left_alone(
    fetcher: Fetcher, paper: Newspaper, clock: FakeClock, reply: Reply
) -> None:
    paper["/robots.txt"] = reply
    for _ in range(2):
        with pytest.raises(Unreachable, match=r"robots\.txt"):
            await fetcher.fetch(Request(paper.url("/")))
    assert paper.paths() == ["/robots.txt"]
    paper["/robots.txt"] = Reply(RULES)
    await clock.advance(700)
    await fetcher.fetch(Request(paper.url("/")))


async def test_rules_that_we_know_outlive_a_server_that_fails(
    fetcher: Fetcher, paper: Newspaper, clock: FakeClock
) -> None:
    paper["/robots.txt"] = Reply(RULES)
    await fetcher.fetch(Request(paper.url("/")))
    paper["/robots.txt"] = Reply(b"", 500)
    await clock.advance(25 * 3600)
    await fetcher.fetch(Request(paper.url("/")))
    with pytest.raises(Refused):
        await fetcher.fetch(Request(paper.url("/secret")))


async def test_the_hop_that_a_redirect_leads_to_is_checked_too(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/robots.txt"] = Reply(RULES)
    paper["/"] = redirect("/secret")
    with pytest.raises(Refused):
        await fetcher.fetch(Request(paper.url("/")))


async def test_a_robots_txt_that_leads_elsewhere_is_none(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/robots.txt"] = redirect("http://parked.example.org/robots.txt")
    await fetcher.fetch(Request(paper.url("/")))


@pytest.mark.parametrize(("delay", "seconds"), [("3", 3), ("0.5", 0.5), ("9999", 30), ("x", 0)])
async def test_a_crawl_delay_is_the_gap_up_to_a_cap(
    fetcher: Fetcher, paper: Newspaper, clock: FakeClock, delay: str, seconds: float
) -> None:
    paper["/robots.txt"] = Reply(f"User-agent: *\nCrawl-delay: {delay}\n".encode())
    await fetcher.fetch(Request(paper.url("/")))
    second = asyncio.create_task(fetcher.fetch(Request(paper.url("/"))))
    if seconds:
        await clock.advance(seconds - 0.01)
        assert paper.paths().count("/") == 1
        await clock.advance(0.02)
    await second
    assert paper.paths().count("/") == 2


@pytest.mark.parametrize(("text", "path", "allowed"), [
    ("", "/x", True),
    ("User-agent: *\nDisallow: /\n", "/x", False),
    ("User-agent: *\nDisallow: /\n\nUser-agent: baotong\nAllow: /\n", "/x", True),
    ("User-agent: baotong/1.0\nDisallow: /x\n", "/x", True),  # a product token holds no version
    ("user-agent: BaoTong\ndisallow: /x*.pdf$\n", "/x/1.pdf", False),
    ("User-agent: Googlebot\nDisallow: /\n", "/x", True),
    ("User-agent: Googlebot\nUser-agent: *\nDisallow: /x\n", "/x", False),
    ("\ufeffUser-agent: *\nDisallow: /\u65b0\u95fb\n", "/%E6%96%B0%E9%97%BB", False),
    ("Disallow: /\n", "/x", True),  # for nobody
    ("<html>404</html>", "/x", True),
])  # fmt: skip
def test_rules_are_read_as_rfc_9309_has_them(text: str, path: str, allowed: bool) -> None:
    assert parse(text.encode()).can_fetch(f"http://paper.test{path}", AGENT) is allowed


HOSTILE = {
    "stars": b"User-agent: *\nDisallow: /" + b"*a" * 20_000,
    "agents": b"User-agent: x\n" * 15_000 + b"Disallow: /a\n" * 15_000,
    "one-line": b"a" * 10_000_000,
    "nul": b"User-agent: *\0\nDisallow: /\n",
    "gbk": "User-agent: *\nDisallow: /新闻\n".encode("gbk"),
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE.keys())
def test_no_robots_txt_holds_us_up(body: bytes) -> None:
    parse(body).can_fetch("http://paper.test/" + "a" * 5000, AGENT)


@given(st.binary(max_size=500))
def test_no_bytes_break_the_reader(body: bytes) -> None:
    rules = parse(body)
    rules.can_fetch("http://paper.test/", AGENT)
    assert min(timedelta(seconds=rules.crawl_delay(AGENT) or 0), LONGEST_DELAY) >= timedelta()
