"""Feeds as a reader's client meets them: conditions, encodings, caching, odd requests."""

import asyncio
import gzip
import json
from datetime import date, timedelta

import feedparser
import pytest
from lxml import etree
from sqlalchemy import update

from feeds.store import tables
from tests.fakes.archive import HUAIAN, fill, simple_issue
from tests.fakes.clock import FakeClock
from tests.feeds.web.conftest import OpenSite

DAY = date(2024, 4, 8)


@pytest.mark.parametrize(
    ("suffix", "media_type"),
    [
        ("rss", "application/rss+xml"),
        ("atom", "application/atom+xml"),
        ("json", "application/feed+json"),
    ],
)
async def test_a_feed_is_served_with_its_type_and_validators(
    open_site: OpenSite, suffix: str, media_type: str
) -> None:
    site = await open_site([simple_issue(DAY)])
    response, body = await site.get(f"/feeds/huaian.{suffix}")

    assert response.status == 200
    assert response.content_type == media_type
    assert response.headers["ETag"].startswith('"')
    assert response.headers["Last-Modified"] == "Sun, 07 Apr 2024 22:00:00 GMT"
    assert response.headers["Cache-Control"] == "public, max-age=600"
    assert "Accept-Encoding" in response.headers.getall("Vary")
    assert body == (site.settings.data_dir / "feeds" / f"huaian.{suffix}").read_bytes()


@pytest.mark.parametrize("suffix", ["rss", "atom"])
async def test_a_browser_that_opens_a_feed_gets_it_as_xml_with_its_stylesheet(
    open_site: OpenSite, suffix: str
) -> None:
    site = await open_site([simple_issue(DAY)])
    plain, body = await site.get(f"/feeds/huaian.{suffix}")
    opened, shown = await site.get(f"/feeds/huaian.{suffix}", Sec_Fetch_Dest="document")
    old, same = await site.get(
        f"/feeds/huaian.{suffix}", Sec_Fetch_Dest="document", Connection="close"
    )

    assert plain.content_type == f"application/{suffix}+xml"
    assert opened.content_type == old.content_type == "application/xml"
    assert body == shown == same
    for response in (plain, opened, old):
        assert response.headers.getall("Vary") == ["Accept-Encoding", "Sec-Fetch-Dest"]
    assert (await site.get("/feeds/style.css"))[0].content_type == "text/css"
    assert (await site.get("/feeds/icon.png"))[0].content_type == "image/png"


async def test_hub_and_self_stand_in_the_head_of_an_answer_too(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)], more="hub: {external: ['https://hub.test/']}")
    for status, headers in ((200, {}), (304, {"If_None_Match": "*"})):
        response, _ = await site.get("/feeds/huaian.rss", **headers)
        assert response.status == status
        assert response.headers["Link"] == (
            '<http://127.0.0.1:8080/hub>; rel="hub", <https://hub.test/>; rel="hub", '
            '<http://127.0.0.1:8080/feeds/huaian.rss>; rel="self"'
        )


async def test_a_copy_stays_good_until_the_paper_is_looked_at_again(
    open_site: OpenSite, clock: FakeClock
) -> None:
    site = await open_site([simple_issue(DAY)])

    async def max_age(seconds: float) -> str:
        async with site.store.write() as tx:
            soon = clock.now() + timedelta(seconds=seconds)
            await tx.execute(update(tables.sources).values(next_look_at=soon))
        await site.publisher.catch_up()
        await clock.advance(1)
        return (await site.get("/feeds/huaian.rss"))[0].headers["Cache-Control"]

    assert await max_age(901) == "public, max-age=900"
    assert await max_age(10) == "public, max-age=60"
    assert await max_age(99999) == "public, max-age=3600"
    assert await max_age(-50) == "public, max-age=60"


@pytest.mark.parametrize("version", ["HTTP/1.0", "HTTP/1.1"])
async def test_old_and_closing_clients_get_the_same_answer(
    open_site: OpenSite, version: str
) -> None:
    site = await open_site([simple_issue(DAY)])
    kept, body = await site.get("/feeds/huaian.rss")
    port = int(site.base.rpartition(":")[2])
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(
        f"GET /feeds/huaian.rss {version}\r\nHost: a\r\nConnection: close\r\n\r\n".encode()
    )
    head, _, data = (await reader.read()).partition(b"\r\n\r\n")
    writer.close()

    assert data == body
    fields = {line.split(": ")[0].lower() for line in head.decode().split("\r\n")[1:]}
    assert {name.lower() for name in kept.headers} <= fields | {"connection"}


async def test_archive_documents_are_served_and_what_is_not_bound_yet_is_503(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY)])
    path = "/feeds/huaian/2024-04-08.atom"
    response, _ = await site.get(path)
    assert (response.status, response.headers["Retry-After"]) == (503, "60")
    while await site.publisher.bind():
        pass
    response, body = await site.get(path)
    assert response.status == 200
    assert response.headers["Cache-Control"] == "public, max-age=86400"
    assert body == (site.settings.data_dir / "feeds" / "huaian" / "2024-04-08.atom").read_bytes()
    assert (await site.get(path, If_None_Match=response.headers["ETag"]))[0].status == 304
    for missing in ("/feeds/huaian/1999-01-01.atom", "/feeds/nobody/2024-04-08.atom"):
        assert (await site.get(missing))[0].status == 404


async def test_the_lists_of_feeds_stand_where_they_are_looked_for(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    lists = [(await site.get(path))[1] for path in ("/feeds.opml", "/.well-known/feeds")]

    assert lists[0] == lists[1]
    assert b"huaian.issues.rss" in (await site.get("/feeds.issues.opml"))[1]


async def test_the_three_formats_hold_the_same_items(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY, 5), simple_issue(DAY - timedelta(days=1), 4)])
    rss, atom = [
        feedparser.parse((await site.get(f"/feeds/huaian.{s}"))[1]) for s in ("rss", "atom")
    ]
    items = json.loads((await site.get("/feeds/huaian.json"))[1])["items"]

    ids = [item["id"] for item in items]
    assert len(ids) == 9
    assert [e.id for e in rss.entries] == [e.id for e in atom.entries] == ids
    assert [e.link for e in rss.entries] == [item["url"] for item in items]
    assert rss.feed.link == atom.feed.link == "http://127.0.0.1:8080/huaian/"


async def test_the_second_poll_is_a_304_without_a_body(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    first, _ = await site.get("/feeds/huaian.rss")
    second, body = await site.get("/feeds/huaian.rss", If_None_Match=first.headers["ETag"])

    assert (second.status, body) == (304, b"")
    assert second.headers["ETag"] == first.headers["ETag"]
    assert second.headers["Cache-Control"] == first.headers["Cache-Control"]
    assert second.headers.getall("Vary") == first.headers.getall("Vary")


@pytest.mark.parametrize(
    ("condition", "status"),
    [
        ("{tag}", 304),
        ("W/{tag}", 304),
        ('"other", W/{tag}, "third"', 304),
        ('"other","a,b",{tag}', 304),
        ("*", 304),
        ('"other"', 200),
        ('W/"other"', 200),
        ("junk", 200),
        ('""', 200),
    ],
)
async def test_if_none_match_takes_lists_weak_tags_and_the_star(
    open_site: OpenSite, condition: str, status: int
) -> None:
    site = await open_site([simple_issue(DAY)])
    first, _ = await site.get("/feeds/huaian.rss")
    asked = condition.format(tag=first.headers["ETag"])

    assert (await site.get("/feeds/huaian.rss", If_None_Match=asked))[0].status == status


@pytest.mark.parametrize(
    ("since", "status"),
    [
        ("Sun, 07 Apr 2024 22:00:00 GMT", 304),
        ("Mon, 08 Apr 2024 22:00:00 GMT", 304),
        ("Sun, 07 Apr 2024 21:59:59 GMT", 200),
        ("yesterday", 200),
    ],
)
async def test_if_modified_since_is_compared_with_the_content(
    open_site: OpenSite, since: str, status: int
) -> None:
    site = await open_site([simple_issue(DAY)])

    assert (await site.get("/feeds/huaian.rss", If_Modified_Since=since))[0].status == status


async def test_a_tag_that_does_not_match_outranks_a_date_that_does(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    response, _ = await site.get(
        "/feeds/huaian.rss",
        If_None_Match='"old"',
        If_Modified_Since="Mon, 08 Apr 2030 22:00:00 GMT",
    )

    assert response.status == 200


@pytest.mark.parametrize(
    ("accepted", "packed"),
    [
        ("gzip", True),
        ("br;q=1.0, gzip;q=0.5, *;q=0", True),
        ("*", True),
        ("GZIP", True),
        ("gzip;q=0", False),
        ("gzip;q=0.0, *", False),
        ("br;q=0, identity;q=0", False),
        ("br, zstd", False),
        ("identity", False),
        ("gzip;q=junk", False),
        (";;,,=", False),
        ("", False),
    ],
)
async def test_case_179_gzip_goes_to_those_who_take_it(
    open_site: OpenSite, accepted: str, packed: bool
) -> None:
    site = await open_site([simple_issue(DAY)])
    plain, data = await site.get("/feeds/huaian.rss")
    response, body = await site.get("/feeds/huaian.rss", Accept_Encoding=accepted)

    assert response.status == 200
    assert (response.headers.get("Content-Encoding") == "gzip") is packed
    assert (gzip.decompress(body) if packed else body) == data
    assert (response.headers["ETag"] != plain.headers["ETag"]) is packed


@pytest.mark.parametrize("path", ["/feeds/huaian.atom", "/feeds.opml", "/huaian/", "/"])
async def test_case_176_head_is_get_without_its_body(open_site: OpenSite, path: str) -> None:
    site = await open_site([simple_issue(DAY)])
    got, body = await site.get(path)
    head, nothing = await site.get(path, "HEAD")

    assert (head.status, nothing) == (200, b"")
    assert head.headers["Content-Length"] == str(len(body))
    drop = {"Date"}
    assert {k: v for k, v in head.headers.items() if k not in drop} == {
        k: v for k, v in got.headers.items() if k not in drop
    }


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH", "OPTIONS"])
async def test_case_176_other_methods_are_405_and_say_what_is_allowed(
    open_site: OpenSite, method: str
) -> None:
    site = await open_site([simple_issue(DAY)])
    response, _ = await site.get("/feeds/huaian.rss", method)

    assert response.status == 405
    assert set(response.headers["Allow"].split(",")) == {"GET", "HEAD"}


@pytest.mark.parametrize("asked", ["bytes=0-9", "bytes=0-1,5-9", "bytes=junk", "bytes=999999999-"])
async def test_case_177_a_range_never_gets_wrong_bytes(open_site: OpenSite, asked: str) -> None:
    site = await open_site([simple_issue(DAY)])
    response, body = await site.get("/feeds/huaian.rss", Range=asked)

    assert (response.status, body) == (200, (await site.get("/feeds/huaian.rss"))[1])
    assert response.headers["Accept-Ranges"] == "none"


async def test_a_paper_that_was_not_read_yet_is_503_with_a_wait(open_site: OpenSite) -> None:
    site = await open_site()

    for path in ("/feeds/huaian.rss", "/feeds/huaian.json", "/huaian/"):
        response, _ = await site.get(path)
        assert response.status == 503
        assert int(response.headers["Retry-After"]) > 0


async def test_opml_lists_all_configured_feeds(open_site: OpenSite) -> None:
    site = await open_site([simple_issue(DAY)])
    response, body = await site.get("/feeds.opml")

    assert response.content_type == "text/x-opml"
    assert [o.get("xmlUrl") for o in etree.fromstring(body).findall("body/outline")] == [
        "http://127.0.0.1:8080/feeds/huaian.rss",
        "http://127.0.0.1:8080/feeds/chuzhou.rss",
    ]


async def test_case_180_links_come_from_the_settings_never_from_the_request(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY)])
    for path in ("/", "/huaian/", "/feeds/huaian.rss", "/feeds.opml", "/huaian", "/nothing"):
        response, body = await site.get(
            path, Host="evil.test", X_Forwarded_Host="evil.test", X_Forwarded_Proto="gopher"
        )
        assert b"evil.test" not in body
        assert "evil.test" not in str(response.headers)


async def test_case_112_a_reader_never_sees_a_part_while_feeds_are_rewritten(
    open_site: OpenSite,
) -> None:
    site = await open_site([simple_issue(DAY, 50)])
    path = site.settings.data_dir / "feeds" / "huaian.rss"
    done = asyncio.Event()

    async def rewrite() -> None:
        for n in range(1, 15):
            await fill(site.store, [HUAIAN], [simple_issue(DAY + timedelta(days=n), 50)])
            await site.publisher.catch_up()
        done.set()

    async def read() -> int:
        seen: dict[str, bytes] = {}
        while not done.is_set():
            response, body = await site.get("/feeds/huaian.rss")
            assert body.endswith(b"</channel></rss>")
            assert seen.setdefault(response.headers["ETag"], body) == body
            on_disk = await asyncio.to_thread(path.read_bytes)
            assert on_disk.endswith(b"</channel></rss>")
        return len(seen)

    _, *seen = await asyncio.gather(rewrite(), read(), read(), read())
    assert max(seen) > 1
