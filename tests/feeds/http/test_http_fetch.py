"""Fetching: limits, encodings, conditions and manners, on real sockets."""

import asyncio
import gzip
import zlib
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from config.models import FetchConfig
from feeds.clock import SystemClock
from feeds.errors import BadStatus, TooLarge, Unreachable
from feeds.http import Fetcher, Limits, build_fetcher, parse_retry_after
from feeds.http.decoding import BrokenEncoding, TooMuch, build_decoder
from feeds.models import Document, NotModified, Request, Validators
from tests.fakes.clock import FakeClock
from tests.fakes.newspaper import Newspaper, Reply, gzipped, newspaper, page, redirect

TEXT = "全区春耕生产全面展开。" * 500
SMALL = Limits(total=0.5, connect=0.5, wire=20_000, decoded=40_000)


@pytest.fixture
async def paper() -> AsyncIterator[Newspaper]:
    async with newspaper() as running:
        yield running


@pytest.fixture
async def fetcher(paper: Newspaper) -> AsyncIterator[Fetcher]:
    config = FetchConfig(gap="0s", allow_hosts=[paper.host], contact="mailto:a@example.org")
    built = build_fetcher(config, SystemClock(), SMALL)
    yield built
    await built.close()


async def _document(fetcher: Fetcher, paper: Newspaper, path: str = "/") -> Document:
    answer = await fetcher.fetch(Request(paper.url(path)))
    assert isinstance(answer, Document)
    return answer


async def test_a_document_comes_with_its_type_and_its_validators(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = page("春耕", ETag='"a"', Last_Modified="Mon, 01 Jan 2099 00:00:00 GMT")
    document = await _document(fetcher, paper)
    assert document.body == "春耕".encode()
    assert document.content_type == "text/html; charset=utf-8"
    assert document.validators == Validators('"a"', "Mon, 01 Jan 2099 00:00:00 GMT")


async def test_we_say_who_we_are_and_ask_for_what_we_can_undo(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = page("春耕", Set_Cookie="a=b")
    await _document(fetcher, paper)
    await _document(fetcher, paper)
    headers = paper.asked[1].headers
    assert headers["user-agent"].startswith("baotong/")
    assert "(+mailto:a@example.org)" in headers["user-agent"]
    assert headers["accept-encoding"] == "gzip, deflate"
    assert "cookie" not in headers


async def test_a_sources_headers_win_but_stay_with_its_own_site(fetcher: Fetcher) -> None:
    async with newspaper() as first, newspaper() as second:
        first["/"] = redirect(second.url("/"))
        second["/"] = page("春耕")
        config = FetchConfig(gap="0s", allow_hosts=[first.host, second.host])
        own = build_fetcher(config, SystemClock())
        await own.fetch(Request(first.url("/"), headers={"user-agent": "X", "X-Key": "k"}))
        await own.close()
    assert first.asked[0].headers["user-agent"] == "X"
    assert first.asked[0].headers["x-key"] == "k"
    assert "x-key" not in second.asked[0].headers


GOOD_ENCODINGS = {
    "gzip": ("gzip", gzip.compress(TEXT.encode())),
    "012-x-gzip": ("x-gzip", gzip.compress(TEXT.encode())),
    "012-GZIP": ("GZIP", gzip.compress(TEXT.encode())),
    "several-members": ("gzip", b"".join(map(gzip.compress, (TEXT.encode()[:9], TEXT.encode()[9:99], TEXT.encode()[99:])))),
    "an-empty-member": ("gzip", gzip.compress(TEXT.encode()) + gzip.compress(b"")),
    "zlib-deflate": ("deflate", zlib.compress(TEXT.encode())),
    "bare-deflate": ("deflate", zlib.compress(TEXT.encode(), wbits=-15)),
    "identity": ("identity", TEXT.encode()),
}  # fmt: skip


@pytest.mark.parametrize(("encoding", "body"), GOOD_ENCODINGS.values(), ids=GOOD_ENCODINGS.keys())
async def test_case_a_compressed_document_is_unpacked(
    fetcher: Fetcher, paper: Newspaper, encoding: str, body: bytes
) -> None:
    paper["/"] = Reply(body, headers={"Content-Encoding": encoding})
    assert (await _document(fetcher, paper)).body == TEXT.encode()


PACKED = gzip.compress(TEXT.encode())
SOFT = {
    "001-dripped-body": Reply(b"x" * 100, drip=0.05),
    "002-dripped-head": Reply(b"x", head_drip=0.05),
    "009-truncated-gzip": Reply(PACKED[:-20], headers={"Content-Encoding": "gzip"}),
    "009-truncated-deflate": Reply(zlib.compress(TEXT.encode())[:-9], headers={"Content-Encoding": "deflate"}),
    "010-bad-crc": Reply(PACKED[:-8] + b"12345678", headers={"Content-Encoding": "gzip"}),
    "010-trailing-junk": Reply(PACKED + b"junk", headers={"Content-Encoding": "gzip"}),
    "010-trailing-byte": Reply(PACKED + b"\x1f", headers={"Content-Encoding": "gzip"}),
    "010-trailing-zeros": Reply(PACKED + b"\0" * 64, headers={"Content-Encoding": "gzip"}),
    "009-truncated-second-member": Reply(PACKED + PACKED[:-20], headers={"Content-Encoding": "gzip"}),
    "two-deflates": Reply(zlib.compress(b"x") * 2, headers={"Content-Encoding": "deflate"}),
    "a-part-nobody-asked-for": Reply(TEXT.encode(), 206, {"Content-Range": "bytes 0-99/9000"}),
    "010-br-is-gzip": Reply(PACKED, headers={"Content-Encoding": "br"}),
    "011-gzip-undeclared": Reply(PACKED),
    "twice-packed": Reply(gzip.compress(PACKED), headers={"Content-Encoding": "gzip, gzip"}),
    "snappy": Reply(b"abc", headers={"Content-Encoding": "snappy"}),
    "empty-gzip": Reply(b"", headers={"Content-Encoding": "gzip"}),
    "014-cut-chunk": Reply(b"x" * 100, chunked=True, cut=50),
    "cut-body": Reply(b"x" * 100, cut=50),
    "046-huge-header": Reply(b"x", headers={"X": "a" * 100_000}),
    "not-http": Reply(b"x", before=b"SSH-2.0-OpenSSH\r\n"),
}  # fmt: skip


@pytest.mark.parametrize("reply", SOFT.values(), ids=SOFT.keys())
async def test_case_a_broken_answer_is_soft_and_nothing_of_it_is_used(
    fetcher: Fetcher, paper: Newspaper, reply: Reply
) -> None:
    paper["/"] = reply
    with pytest.raises(Unreachable):
        await fetcher.fetch(Request(paper.url("/")))


LARGE = {
    "004-declared": Reply(b"", length="10000000000"),
    "005-endless-chunks": Reply(b"", chunked=True, endless=b"x" * 5000),
    "005-no-length": Reply(b"", length="", endless=b"x" * 5000),
    "006-bomb": gzipped(b"\0" * 10_000_000),
    "decoded-cap": gzipped(b"\0" * 40_001),
}


@pytest.mark.parametrize("reply", LARGE.values(), ids=LARGE.keys())
async def test_case_an_answer_beyond_the_caps_is_refused(
    fetcher: Fetcher, paper: Newspaper, reply: Reply
) -> None:
    paper["/"] = reply
    with pytest.raises(TooLarge):
        await fetcher.fetch(Request(paper.url("/")))


@pytest.mark.parametrize("body", [gzip.compress(b"\0" * 30_000) * 2, gzip.compress(b"") * 1001])
def test_case_006_many_members_are_held_to_the_caps_too(body: bytes) -> None:
    with pytest.raises(TooMuch):
        build_decoder("gzip", 40_000).feed(body)


async def test_an_answer_just_under_the_caps_is_taken(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/"] = gzipped(b"\0" * 40_000)
    assert len((await _document(fetcher, paper)).body) == 40_000


async def test_case_016_a_redirect_loop_ends(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/a"], paper["/b"] = redirect("/b"), redirect("/a")
    with pytest.raises(TooLarge):
        await fetcher.fetch(Request(paper.url("/a")))
    assert len(paper.asked) == 6


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
async def test_five_redirects_are_followed_and_the_last_url_is_told(
    fetcher: Fetcher, paper: Newspaper, status: int
) -> None:
    for hop in range(5):
        paper[f"/{hop}"] = redirect(f"/{hop + 1}", status)
    paper["/5"] = page("春耕")
    document = await _document(fetcher, paper, "/0")
    assert document.url == paper.url("/5")
    assert document.request.url == paper.url("/0")


async def test_case_017_six_redirects_are_too_many(fetcher: Fetcher, paper: Newspaper) -> None:
    for hop in range(6):
        paper[f"/{hop}"] = redirect(f"/{hop + 1}")
    with pytest.raises(TooLarge):
        await fetcher.fetch(Request(paper.url("/0")))


@pytest.mark.parametrize("status", [999, 204 + 200, 410, 500, 503, 429, 300])
async def test_case_045_a_status_that_says_no_is_told_with_its_number(
    fetcher: Fetcher, paper: Newspaper, status: int
) -> None:
    paper["/"] = Reply(b"x", status, {"Retry-After": "120"})
    with pytest.raises(BadStatus) as caught:
        await fetcher.fetch(Request(paper.url("/")))
    assert caught.value.status == status
    assert caught.value.is_gone == (status in {404, 410})
    assert caught.value.retry_after == timedelta(seconds=120)


async def test_case_045_a_redirect_to_nowhere_is_soft(fetcher: Fetcher, paper: Newspaper) -> None:
    paper["/"] = Reply(status=302, headers={"Location": " "})
    with pytest.raises(BadStatus):
        await fetcher.fetch(Request(paper.url("/")))


async def test_what_was_not_modified_is_not_fetched_again(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = Reply(status=304)
    answer = await fetcher.fetch(Request(paper.url("/")), Validators('"a"', "yesterday"))
    assert isinstance(answer, NotModified)
    assert paper.asked[0].headers["if-none-match"] == '"a"'
    assert paper.asked[0].headers["if-modified-since"] == "yesterday"


async def test_case_032_a_304_that_nobody_asked_for_is_fetched_once_more(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    answers = [Reply(status=304), page("春耕")]
    paper["/"] = lambda asked: answers.pop(0)
    assert (await _document(fetcher, paper)).body == "春耕".encode()
    paper["/"] = Reply(status=304)
    with pytest.raises(Unreachable):
        await fetcher.fetch(Request(paper.url("/")), Validators())
    assert len(paper.asked) == 4


async def test_a_validator_that_could_not_be_sent_back_is_not_kept(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = page("春耕", ETag='"\xff"', Last_Modified="x" * 2000)
    assert (await _document(fetcher, paper)).validators == Validators()


async def test_a_posted_body_arrives_and_a_redirect_after_it_is_a_get(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/post"], paper["/get"] = redirect("/get", 303), page("春耕")
    await fetcher.fetch(Request(paper.url("/post"), "POST", b"a=1"))
    assert [(a.method, a.body) for a in paper.asked] == [("POST", b"a=1"), ("GET", b"")]


async def test_one_request_at_a_time_whatever_the_number_of_askers(
    fetcher: Fetcher, paper: Newspaper
) -> None:
    paper["/"] = Reply(b"xxxx", drip=0.005)
    await asyncio.gather(*(fetcher.fetch(Request(paper.url("/"))) for _ in range(8)))
    assert paper.most_at_once == 1


async def test_between_two_requests_to_a_host_lies_the_gap(paper: Newspaper) -> None:
    paper["/"] = page("春耕")
    clock = FakeClock()
    fetcher = build_fetcher(FetchConfig(gap="7s", allow_hosts=[paper.host]), clock)
    url = paper.url("/")
    await fetcher.fetch(Request(url), robots=False)
    second = asyncio.create_task(fetcher.fetch(Request(url), robots=False))
    await clock.advance(6.9)
    assert len(paper.asked) == 1
    await clock.advance(0.2)
    await second
    assert len(paper.asked) == 2
    await fetcher.close()


async def test_another_host_does_not_wait_for_a_slow_one(paper: Newspaper) -> None:
    async with newspaper() as slow:
        slow["/"] = Reply(b"x" * 1000, drip=0.05)
        paper["/"] = page("春耕")
        config = FetchConfig(gap="0s", allow_hosts=[paper.host, slow.host])
        fetcher = build_fetcher(config, SystemClock(), SMALL)
        waiting = asyncio.create_task(fetcher.fetch(Request(slow.url("/"))))
        await slow.heard.wait()
        await fetcher.fetch(Request(paper.url("/")))
        assert not waiting.done()
        with pytest.raises(Unreachable):
            await waiting
        await fetcher.close()


async def test_case_031_a_name_that_does_not_exist_is_soft(fetcher: Fetcher) -> None:
    with pytest.raises(Unreachable):
        await fetcher.fetch(Request("http://paper.invalid/"))


async def test_an_error_shows_no_secret_of_the_url(fetcher: Fetcher, paper: Newspaper) -> None:
    with pytest.raises(BadStatus) as caught:
        await fetcher.fetch(Request(paper.url("/x?token=CANARY&id=3")))
    assert "CANARY" not in str(caught.value)
    assert "id=3" in str(caught.value)


NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
WAITS = {
    "040": ("120", 120),
    "041-imf": ("Mon, 23 Nov 2026 12:02:00 GMT", 120),
    "041-rfc850": ("Monday, 23-Nov-26 12:02:00 GMT", 120),
    "041-asctime": ("Mon Nov 23 12:02:00 2026", 120),
    "041-minus-zero": ("Mon, 23 Nov 2026 12:02:00 -0000", 120),
    "041-past": ("Mon, 23 Nov 2020 12:00:00 GMT", None),
    "042-negative": ("-5", None),
    "042-exponent": ("1e3", None),
    "042-nines": ("9" * 20, None),
    "042-garbage": ("soon", None),
    "042-arabic-digits": ("١٢٠", None),
    "042-cap": ("9999999", 86_400),
    "zero": ("0", None),
    "missing": (None, None),
}


@pytest.mark.parametrize(("value", "seconds"), WAITS.values(), ids=WAITS.keys())
def test_case_retry_after_is_understood(value: str | None, seconds: int | None) -> None:
    expected = None if seconds is None else timedelta(seconds=seconds)
    assert parse_retry_after(value, NOW) == expected


@given(st.text(max_size=60))
def test_no_retry_after_raises_or_is_longer_than_a_day(value: str) -> None:
    wait = parse_retry_after(value, NOW)
    assert wait is None or timedelta() < wait <= timedelta(days=1)


@given(st.binary(max_size=3000), st.integers(1, 700), st.sampled_from(["gzip", "deflate", ""]))
def test_whatever_was_packed_comes_out_again_however_it_is_sliced(
    body: bytes, size: int, encoding: str
) -> None:
    pack = {"gzip": _two_members, "deflate": zlib.compress, "": bytes}[encoding]
    wire = pack(body)
    decoder = build_decoder(encoding, len(body))
    for start in range(0, len(wire), size):
        decoder.feed(wire[start : start + size])
    if encoding or not body.startswith(b"\x1f\x8b"):
        assert decoder.finish() == body


def _two_members(body: bytes) -> bytes:
    half = len(body) // 2
    return gzip.compress(body[:half]) + gzip.compress(body[half:])


@given(st.binary(max_size=2000), st.sampled_from(["gzip", "deflate"]))
def test_no_bytes_break_the_decoder_other_than_as_promised(body: bytes, encoding: str) -> None:
    decoder = build_decoder(encoding, 1000)
    try:
        decoder.feed(body)
        assert len(decoder.finish()) <= 1000
    except (BrokenEncoding, TooMuch):
        pass
