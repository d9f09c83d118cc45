"""`/hub` as anybody on the internet may call it."""

import asyncio
from collections.abc import Mapping
from io import BytesIO
from urllib.parse import urlencode

import pytest

from tests.feeds.web.conftest import OpenSite, Site

FORM = "application/x-www-form-urlencoded"
GOOD = {
    "hub.mode": "subscribe",
    "hub.topic": "http://127.0.0.1:8080/feeds/huaian.rss",
    "hub.callback": "https://reader.example.org/hook",
}


async def post(site: Site, data: bytes | str, **headers: str) -> tuple[int, str, Mapping[str, str]]:
    names = {"Content-Type": FORM} | {k.replace("_", "-"): v for k, v in headers.items()}
    async with site.client.post(
        f"{site.base}/hub",
        data=BytesIO(data.encode() if isinstance(data, str) else data),
        headers=names,
    ) as response:
        return response.status, await response.text(), response.headers


async def test_a_good_request_is_accepted_and_a_bad_one_told_why_in_plain_text(
    open_site: OpenSite,
) -> None:
    site = await open_site()
    assert (await post(site, urlencode(GOOD)))[0] == 202
    status, text, headers = await post(site, urlencode(GOOD | {"hub.mode": "<script>"}))

    assert status == 400
    assert text == "hub.mode 要写 subscribe 或 unsubscribe\n"
    assert headers["Content-Type"].startswith("text/plain")
    assert headers["X-Content-Type-Options"] == "nosniff"


async def test_the_words_are_in_the_language_of_the_settings(open_site: OpenSite) -> None:
    site = await open_site(more="language: en")

    assert "subscribe or unsubscribe" in (await post(site, urlencode(GOOD | {"hub.mode": ""})))[1]


@pytest.mark.parametrize(
    ("data", "headers", "status"),
    [
        (urlencode(GOOD), {"Content_Type": "application/json"}, 400),
        (urlencode(GOOD), {"Content_Type": "multipart/form-data; boundary=x"}, 400),
        (urlencode(GOOD), {"Content_Type": "text/plain"}, 400),
        (urlencode(GOOD), {"Content_Type": f"{FORM}; charset=UTF-8"}, 202),
        (urlencode(GOOD) + "&hub.mode=unsubscribe", {}, 400),
        (urlencode(GOOD) + "&hub.callback=https%3A%2F%2Fother.example.org%2F", {}, 400),
        (urlencode(GOOD) + "&x=1&x=2", {}, 202),
        (urlencode(GOOD) + "".join(f"&x{n}=" for n in range(1500)), {}, 400),
        (urlencode(GOOD) + "&x=" + "a" * 20_000, {}, 413),
        ("x" * 5_000_000, {}, 413),
        (b"hub.mode=\xff\xfe&hub.topic=%ff", {}, 400),
        (b"\x00" * 100, {}, 400),
        ("", {}, 400),
        ('{"hub.mode": "subscribe"}', {}, 400),
        (urlencode(GOOD | {"hub.secret": "\x00\x01"}), {}, 202),
        (urlencode(GOOD | {"hub.secret": "s" * 200}), {}, 400),
    ],
)
async def test_case_196_what_is_no_request_is_refused(
    open_site: OpenSite, data: bytes | str, headers: dict[str, str], status: int
) -> None:
    site = await open_site()

    assert (await post(site, data, **headers))[0] == status
    assert (await site.get("/healthz"))[0].status == 200


async def test_case_194_anybody_may_say_that_a_topic_is_new_and_nobody_is_believed(
    open_site: OpenSite,
) -> None:
    site = await open_site()
    for topic in (GOOD["hub.topic"], "https://victim.example.org/"):
        form = {"hub.mode": "publish", "hub.url": topic, "hub.topic": topic}
        assert (await post(site, urlencode(form)))[0] == 403


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "OPTIONS"])
async def test_case_195_a_challenge_is_never_echoed(open_site: OpenSite, method: str) -> None:
    site = await open_site()
    query = urlencode({"hub.mode": "subscribe", "hub.challenge": "<script>alert(1)</script>"})
    response, body = await site.get(f"/hub?{query}", method)

    assert response.status == 405
    assert response.headers["Allow"] == "POST"
    assert b"alert" not in body


async def test_a_stalled_body_is_given_up(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.web.hub.BODY_SECONDS", 0.2)
    site = await open_site(times={"linger": 0.2})
    reader, writer = await asyncio.open_connection("127.0.0.1", int(site.base.rpartition(":")[2]))
    head = f"POST /hub HTTP/1.1\r\nHost: a\r\nContent-Type: {FORM}\r\nContent-Length: 500\r\n\r\n"
    writer.write(head.encode() + b"hub.mode=")
    async with asyncio.timeout(10):
        answer = await reader.read()
    writer.close()

    assert answer.startswith(b"HTTP/1.1 408")
