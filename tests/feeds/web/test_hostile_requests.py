"""Requests that no browser sends: nothing leaves the site's folder, nothing is a 500."""

import asyncio
import logging
from datetime import date

import pytest

from feeds.web.noise import Noise
from tests.fakes.archive import HUAIAN, fill, make_article, make_issue, make_page, simple_issue
from tests.feeds.web.conftest import OpenSite, Site

DAY = date(2024, 4, 8)

TRAVERSALS = [
    "/feeds/../../etc/passwd",
    "/feeds/..%2f..%2fetc%2fpasswd",
    "/feeds/%2e%2e/%2e%2e/etc/passwd",
    "/feeds/..%5c..%5cwindows",
    "/feeds/%00",
    "/feeds/huaian.rss%00.txt",
    "/feeds/.cursor.json",
    "/feeds/feeds.opml",
    "/feeds/huaian/../huaian.rss",
    "/feeds/huaian/..%2f.cursor.json",
    "/feeds/huaian/..%5c..%5cx.rss",
    "/feeds/huaian/%2e%2e%2fhuaian.json",
    "/feeds/all.papers/..%2f..%2fbaotong.yaml",
    "/feeds/..%2ffeeds%2fhuaian.rss",
    "/feeds/%2fetc%2fpasswd",
    "/feeds/huaian%2f2024-04-08.rss%00",
    "/feeds/con.rss",
    "/feeds/.huaian.rss.draft",
    "//etc/passwd",
    "/%2e%2e/",
    "/%c0%ae%c0%ae/",
    "/huaian/%00/",
    "/huaian/..%2f..%2f/x",
    "/huaian/2024-04-08/%00",
    "/huaian/2024-04-08/..%2f",
    "/huaian/2024-04-08/%ff%fe",
    "/huaian/2024-04-08/%ed%a0%80",
    "/static/../pages.py",
    "/static/%2e%2e/pages.py",
    "/static/",
    "/metrics",
    "/debug",
    "/feeds/",
    "/HUAIAN/",
    "/nobody/",
    "/huaian/1999-01-01/",
    "/huaian/2024-04-08/none",
]


@pytest.mark.parametrize("path", TRAVERSALS)
async def test_case_170_what_is_not_there_is_404_whatever_its_spelling(
    open_site: OpenSite, path: str
) -> None:
    site = await open_site([simple_issue(DAY)])

    for accept in ("text/html", "*/*"):
        response, body = await site.get(path, Accept=accept)
        assert response.status in {404, 308}, (path, response.status)
        assert b"root:" not in body


@pytest.mark.parametrize("path", ["/{}/", "/huaian/{}/", "/huaian/2024-04-08/{}", "/feeds/{}.rss"])
async def test_case_171_a_name_of_seven_thousand_bytes_is_404(
    open_site: OpenSite, path: str
) -> None:
    site = await open_site([simple_issue(DAY)])

    assert (await site.get(path.format("a" * 7000)))[0].status in {404, 414}


@pytest.mark.parametrize(
    "path",
    [
        "/?next=//evil.test",
        "//evil.test",
        "//evil.test/",
        "/%5cevil.test",
        "/%09/evil.test",
        "/huaian",
    ],
)
async def test_case_181_no_redirect_leaves_the_site(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])
    response, _ = await site.get(path)

    location = response.headers.get("Location", "/")
    assert location.startswith("/")
    assert not location.startswith(("//", "/\\"))


async def test_a_missing_slash_is_put_right_below_the_public_path(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)], public_url="http://127.0.0.1:8080/news/")
    response, _ = await site.get("/huaian/2024-04-08")

    assert response.status == 308
    assert response.headers["Location"] == "/news/huaian/2024-04-08/"


@pytest.mark.parametrize(
    "path", ["/", "/huaian/", "/feeds/huaian.rss", "/feeds/huaian.json", "/none", "/feeds.opml"]
)
async def test_every_answer_carries_the_safety_headers(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])
    response, _ = await site.get(path, Accept="text/html")

    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert response.headers["Referrer-Policy"] == "no-referrer"
    assert response.headers["Content-Security-Policy"].startswith("default-src 'none'")
    assert "script-src" not in response.headers["Content-Security-Policy"]
    assert "Set-Cookie" not in response.headers


@pytest.mark.parametrize(
    "path",
    [
        "/<script>alert(1)</script>",
        "/%3Cscript%3Ealert(1)%3C/script%3E",
        "/x?q=<script>",
        "/feeds/<script>.rss",
    ],
)
async def test_case_105_an_error_repeats_nothing_of_the_request(
    open_site: OpenSite, path: str
) -> None:
    site = await open_site()
    for accept in ("text/html", "*/*"):
        response, body = await site.get(path, Accept=accept)
        assert response.status in {400, 404}
        assert b"<script" not in body
        assert b"alert" not in body


async def _send_raw(site: Site, data: bytes) -> bytes:
    port = int(site.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(data)
    await writer.drain()
    answer = await reader.read(65536)
    writer.close()
    await writer.wait_closed()
    return answer


@pytest.mark.parametrize(
    "data",
    [
        b"GET / HTTP/1.1\r\nHost: a\r\nX: " + b"x" * 20_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\n" + b"X: y\r\n" * 1000 + b"\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\nabc",
        b"GET / HTTP/9.9\r\n\r\n",
        b"\x16\x03\x01\x02\x00junk\r\n\r\n",
        b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost : a\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
        b"GET / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked, identity\r\n\r\n",
    ],
    ids=[
        "long header",
        "many headers",
        "two lengths",
        "version",
        "tls",
        "method",
        "space",
        "two hosts",
        "no host",
        "HTTP/2",
        "negative length",
        "different lengths",
        "odd encoding",
    ],
)
async def test_case_172_a_broken_request_is_400_and_one_short_line(
    open_site: OpenSite, data: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    site = await open_site()
    with caplog.at_level(logging.DEBUG):
        answer = await _send_raw(site, data)

    assert answer.split()[1].startswith(b"4")
    lines = [r for r in caplog.records if r.name == "feeds.web.server"]
    assert len(lines) <= 1
    assert all(r.exc_info is None and len(r.getMessage()) < 200 for r in lines)
    assert (await site.get("/healthz"))[0].status == 200


async def test_case_199_a_flood_of_broken_requests_is_a_few_lines(
    open_site: OpenSite, caplog: pytest.LogCaptureFixture
) -> None:
    site = await open_site()
    with caplog.at_level(logging.DEBUG):
        for _ in range(200):
            await _send_raw(site, b"G@T / HTTP/1.1\r\nHost: a\r\n\r\n")

    assert len([r for r in caplog.records if r.name == "feeds.web.server"]) == 10


def test_case_199_what_was_left_out_is_told_with_the_next_line() -> None:
    noise = Noise(lines=2)

    told = [noise.take("a", second) for second in (0.0, 1.0, 2.0, 3.0, 59.0, 60.0)]
    assert told == [0, 0, None, None, None, 3]
    assert noise.take("b", 60.0) == 0


async def test_case_182_figures_and_debugging_are_not_for_the_outside(open_site: OpenSite) -> None:
    site = await open_site()
    claims = {"X_Forwarded_For": "127.0.0.1", "X_Real_IP": "::1", "Forwarded": "for=127.0.0.1"}
    nothing = (await site.get("/no-such-thing", **claims))[1]
    for path in ("/metrics", "/metrics/", "/debug", "/debug/pprof", "/_debug", "/server-status"):
        for headers in ({}, claims):
            response, body = await site.get(path, **headers)
            assert (response.status, body) == (404, nothing)


async def test_a_failing_store_is_a_500_in_our_own_words(open_site: OpenSite) -> None:
    site = await open_site()
    await fill(site.store, [HUAIAN], [make_issue(DAY, [make_page("01", [make_article()])])])
    site.store.read = None  # type: ignore[method-assign,assignment]  # the store is gone
    response, body = await site.get("/", Accept="text/html")

    assert response.status == 500
    assert b"Traceback" not in body
    assert "这一页现在打不开" in body.decode()
