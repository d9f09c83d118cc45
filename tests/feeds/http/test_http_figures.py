"""What the fetcher counts: each request by its class, what came in, and what the guard refused."""

from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import FetchError, Refused
from feeds.figures import FETCHED_BYTES, FETCHES, SSRF_BLOCKED
from feeds.http import Fetcher, Limits, build_fetcher
from feeds.models import Request, Validators
from feeds.tally import TallySheet
from tests.fakes.figures import counts
from tests.fakes.newspaper import Newspaper, Reply, gzipped, newspaper, page, redirect

QUICK = Limits(total=0.5, connect=0.5, wire=1000)


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as made:
        yield made


@pytest.fixture
def sheet() -> TallySheet:
    return TallySheet()


@pytest.fixture
async def fetcher(paper: Newspaper, sheet: TallySheet) -> AsyncIterator[Fetcher]:
    config = FetchConfig(gap="0s", allow_hosts=[paper.host])
    made = build_fetcher(config, SystemClock(), QUICK, sheet)
    yield made
    await made.close()


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        (page("春耕"), "2xx"),
        (Reply(status=304), "304"),
        (Reply(status=404), "4xx"),
        (Reply(status=429), "4xx"),
        (Reply(status=503), "5xx"),
        (Reply(b"x" * 2000), "none"),  # larger than may be
        (Reply(b"x" * 20, cut=3), "none"),
        (Reply(b"x" * 20, drip=1), "none"),
    ],
    ids=["ok", "not modified", "missing", "too many", "busy", "large", "cut", "slow"],
)
async def test_a_request_is_counted_by_what_came_of_it(
    paper: Newspaper, fetcher: Fetcher, sheet: TallySheet, reply: Reply, status: str
) -> None:
    paper["/"] = reply
    with suppress(FetchError):
        await fetcher.fetch(Request(paper.url("/")), Validators(etag='"1"'), robots=False)
    assert counts(sheet, FETCHES) == {(status,): 1}


async def test_each_hop_and_each_robots_txt_is_a_request(
    paper: Newspaper, fetcher: Fetcher, sheet: TallySheet
) -> None:
    paper["/"] = redirect("/there")
    paper["/there"] = page("春耕")
    await fetcher.fetch(Request(paper.url("/")))

    assert counts(sheet, FETCHES) == {("4xx",): 1, ("3xx",): 1, ("2xx",): 1}


async def test_bytes_are_counted_as_they_came(
    paper: Newspaper, fetcher: Fetcher, sheet: TallySheet
) -> None:
    paper["/"] = packed = gzipped(b"x" * 900)
    document = await fetcher.fetch(Request(paper.url("/")), robots=False)

    assert len(getattr(document, "body", b"")) == 900
    assert counts(sheet, FETCHED_BYTES) == {(): len(packed.body)}


async def test_cases_019_and_020_what_the_guard_refuses_is_counted_as_ssrf_blocked(
    paper: Newspaper, sheet: TallySheet
) -> None:
    bare = build_fetcher(FetchConfig(gap="0s"), SystemClock(), QUICK, sheet)
    addresses = ("http://127.0.0.1/", "http://169.254.169.254/latest/", "http://[::1]/")
    for number, url in enumerate(addresses, start=1):
        with pytest.raises(Refused):
            await bare.fetch(Request(url), robots=False)
        assert counts(sheet, SSRF_BLOCKED) == {("fetch",): number}
    await bare.close()
    assert counts(sheet, FETCHES) == {}  # nothing was sent


@pytest.mark.parametrize(
    "where", ["http://10.0.0.1/", "http://[fd00:ec2::254]/", "http://127.0.0.2:22/"]
)
async def test_case_019_a_redirect_to_a_private_address_is_counted(
    paper: Newspaper, fetcher: Fetcher, sheet: TallySheet, where: str
) -> None:
    paper["/"] = redirect(where)
    with pytest.raises(Refused):
        await fetcher.fetch(Request(paper.url("/")), robots=False)

    assert counts(sheet, SSRF_BLOCKED) == {("fetch",): 1}
    assert counts(sheet, FETCHES) == {("3xx",): 1}


async def test_what_robots_txt_forbids_is_not_the_guards(
    paper: Newspaper, fetcher: Fetcher, sheet: TallySheet
) -> None:
    paper["/robots.txt"] = Reply(b"User-agent: *\nDisallow: /\n")
    with pytest.raises(Refused):
        await fetcher.fetch(Request(paper.url("/")))

    assert counts(sheet, SSRF_BLOCKED) == {}
