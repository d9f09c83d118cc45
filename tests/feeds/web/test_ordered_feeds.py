"""Feeds made to order by their query: what they hold, and what is said to a query that is wrong."""

import asyncio
import json
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any
from urllib.parse import quote, urlencode

import feedparser
import pytest
from sqlalchemy import update

from feeds.models import ArticleKind, Issue, Paper, ReadCount
from feeds.publish import gathering, kitchen
from feeds.store import tables
from tests.fakes.archive import (
    HUAIAN,
    fill,
    make_article,
    make_issue,
    make_page,
)
from tests.fakes.clock import FakeClock
from tests.fakes.validators import check_feed
from tests.feeds.web.conftest import OpenSite, Site

DAY = date(2024, 4, 8)
CHUZHOU = Paper("chuzhou", "楚州晚报", "http://evening.test/", "Asia/Shanghai")
SEEN = datetime(2024, 4, 8, 1, 0, tzinfo=UTC)


def read(count: int) -> dict[str, object]:
    return {"reads": ReadCount(count), "reads_at": SEEN}


def issue(day: date = DAY, source: str = "huaian") -> Issue:
    front = [
        make_article("a", title="春耕开始", body_text="水足。", **read(12)),
        make_article(
            "b", title="招标公告", body_text="公告。", kind=ArticleKind.NOTICE, **read(300)
        ),
    ]
    back = [
        make_article("c", title="图片报道", body_text="图。", kind=ArticleKind.PHOTO),
        make_article("d", title="秋收", body_text="说到春耕，农户笑了。", **read(45)),
    ]
    pages = [make_page("01", front), make_page("A02", back, name="副刊")]
    return make_issue(day, pages, source)


async def items(site: Site, query: str = "", name: str = "huaian") -> list[dict[str, Any]]:
    response, body = await site.get(f"/feeds/{name}.json{query}")
    assert response.status == 200, body
    check_feed("json", body)
    found: list[dict[str, Any]] = json.loads(body)["items"]
    return found


def keys(found: Sequence[dict[str, Any]]) -> list[str]:
    return [item["id"].rpartition("/")[2] for item in found]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({}, "abcd"),
        ({"page": "01"}, "ab"),
        ({"page": "a02"}, "cd"),
        ({"page": "副刊"}, "cd"),
        ({"kind": "notice"}, "b"),
        ({"q": "春耕"}, "ad"),
        ({"q": "春耕 -秋收"}, "a"),
        ({"q": '"说到春耕"'}, "d"),
        ({"min_reads": "45"}, "bd"),
        ({"min_reads": "0"}, "abd"),
        ({"limit": "2"}, "ab"),
        ({"top": "day"}, "bda"),
        ({"top": "week", "limit": "1"}, "b"),
        ({"top": "week", "page": "A02"}, "d"),
        ({"page": "01", "kind": "news", "q": "春"}, "a"),
        ({"q": "没有的词"}, ""),
    ],
)
async def test_a_query_chooses_what_it_says(
    open_site: OpenSite, query: dict[str, str], expected: str
) -> None:
    site = await open_site([issue()])

    assert keys(await items(site, f"?{urlencode(query)}" if query else "")) == list(expected)


async def test_several_pages_and_kinds_may_be_named(open_site: OpenSite) -> None:
    site = await open_site([issue()])

    assert keys(await items(site, "?kind=news&kind=photo")) == ["a", "c", "d"]
    assert keys(await items(site, "?page=01&page=A02")) == ["a", "b", "c", "d"]


@pytest.mark.parametrize("suffix", ["rss", "atom", "json"])
@pytest.mark.parametrize("name", ["huaian", "all.papers", "huaian.issues"])
async def test_every_feed_can_be_asked_in_every_format_and_is_valid(
    open_site: OpenSite, suffix: str, name: str
) -> None:
    site = await open_site([issue(), issue(DAY, "chuzhou")], [HUAIAN, CHUZHOU])
    query = "?" + urlencode({"q": '春 -"<&>', "limit": 3})
    response, body = await site.get(f"/feeds/{name}.{suffix}{query}")

    assert response.status == 200
    check_feed(suffix, body)
    assert response.headers["Link"].endswith('rel="self"')
    assert "hub" not in response.headers["Link"]


async def test_the_entries_keep_their_ids_and_the_feed_has_its_own(open_site: OpenSite) -> None:
    site = await open_site([issue()])
    plain = feedparser.parse((await site.get("/feeds/huaian.atom"))[1])
    asked = feedparser.parse((await site.get(f"/feeds/huaian.atom?limit=2&q={quote('春')}"))[1])

    assert asked.feed.id == f"{plain.feed.id}?q={quote('春')}&limit=2"
    assert asked.feed.title == "淮安区报 · 春"
    assert {link.rel: link.href for link in asked.feed.links}["self"].endswith(
        f"/feeds/huaian.atom?q={quote('春')}&limit=2"
    )
    assert {e.id for e in asked.entries} <= {e.id for e in plain.entries}


async def test_older_issues_are_searched_until_enough_is_found(open_site: OpenSite) -> None:
    site = await open_site([issue(DAY - timedelta(days=n)) for n in range(5)])

    found = await items(site, "?kind=notice&limit=4")
    assert [item["date_published"][:10] for item in found] == [
        f"2024-04-0{8 - n}" for n in range(4)
    ]


async def test_counts_are_shown_to_people_and_to_machines_where_they_are_asked_for(
    open_site: OpenSite,
) -> None:
    site = await open_site([issue()])
    found = await items(site, "?reads=1")
    rss = (await site.get("/feeds/huaian.rss?reads=1"))[1].decode()

    assert found[0]["_baotong"] == {"reads": {"value": 12, "exact": True}}
    assert "阅读数:12" in found[0]["content_html"]
    assert "_baotong" not in found[2]
    assert "阅读数" not in found[2]["content_html"]
    assert '<reads:count xmlns:reads="urn:baotong:reads" value="300">300</reads:count>' in rss
    assert "阅读数" not in json.dumps(await items(site))


async def test_content_may_be_less_than_the_paper_allows_but_never_more(
    open_site: OpenSite,
) -> None:
    site = await open_site([issue()])
    assert "content_html" not in (await items(site, "?content=summary"))[0]
    assert "content_html" in (await items(site, "?content=full"))[0]

    public = await open_site(public_url="https://news.example.org/")
    assert "content_html" not in (await items(public, "?content=full"))[0]


async def test_an_issue_is_whole_with_its_texts_where_that_is_asked_for(
    open_site: OpenSite,
) -> None:
    site = await open_site([issue()])
    long = "长" * 400
    async with site.store.write() as tx:
        await tx.execute(update(tables.articles).values(body_html=f"<p>{long}</p>"))

    (plain,) = await items(site, "?limit=1", "huaian.issues")
    (whole,) = await items(site, "?content=full", "huaian.issues")
    (front,) = await items(site, "?page=01", "huaian.issues")
    assert long not in plain["content_html"]
    assert whole["content_html"].count(long) == 4
    assert "副刊" not in front["content_html"]


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("limit=0", "limit 要写：1 到 200 的整数"),
        ("limit=201", "limit 要写：1 到 200 的整数"),
        (f"limit={quote('１２')}", "limit 要写"),
        ("limit=" + "9" * 5000, "limit 要写"),
        ("top=month", "top 要写：day 或 week"),
        ("kind=sport", "kind 要写：news、photo"),
        ("min_reads=-1", "min_reads 要写：一个整数"),
        ("content=all", "content 要写：full 或 summary"),
        ("reads=yes", "reads 要写：1"),
        ("q=", "q 要写：要找的词"),
        ("q=%00%01", "q 要写：要找的词"),
        ("q=" + "a" * 201, "q 要写：要找的词，最多 200 个字"),
        ("page=", "page 要写"),
        ("top=day&top=week", "top 只能写一次"),
        ("utm_source=x", "有不认识的参数。可以用的是：page、kind、q、top、min_reads"),
        ("<script>=1", "有不认识的参数"),
        ("&".join(f"page={n}" for n in range(30)), "有不认识的参数"),
    ],
)
async def test_a_query_that_is_wrong_is_told_what_is_right(
    open_site: OpenSite, query: str, said: str
) -> None:
    site = await open_site([issue()])
    response, body = await site.get(f"/feeds/huaian.rss?{query}")

    assert response.status == 400
    assert response.headers["Content-Type"].startswith("text/plain")
    assert response.headers["X-Content-Type-Options"] == "nosniff"
    assert said in body.decode()
    assert b"script" not in body


async def test_all_faults_are_told_at_once_and_issues_know_fewer_parameters(
    open_site: OpenSite,
) -> None:
    site = await open_site([issue()])
    _, body = await site.get("/feeds/huaian.rss?limit=x&top=x")
    assert body.decode().splitlines() == ["limit 要写：1 到 200 的整数", "top 要写：day 或 week"]

    response, body = await site.get("/feeds/huaian.issues.rss?top=day")
    assert response.status == 400
    assert "top" not in body.decode()


async def test_hostile_words_stand_in_the_title_as_words(open_site: OpenSite) -> None:
    site = await open_site([issue()])
    words = "</title><script>alert(1)</script>\"'&]]>\ud7ff\u202e"
    for suffix in ("rss", "atom", "json"):
        _, body = await site.get(f"/feeds/huaian.{suffix}?q={quote(words)}")
        check_feed(suffix, body)
        if suffix != "json":
            assert b"<script" not in body


async def test_a_second_poll_is_a_304_and_a_new_issue_ends_it(open_site: OpenSite) -> None:
    site = await open_site([issue()])
    path = "/feeds/huaian.rss?kind=news"
    first, _ = await site.get(path)
    tag = first.headers["ETag"]
    assert (await site.get(path, If_None_Match=tag))[0].status == 304

    await fill(site.store, issues=[issue(DAY + timedelta(days=1))])
    response, body = await site.get(path, If_None_Match=tag)
    assert response.status == 200
    assert len(feedparser.parse(body).entries) == 4


async def test_counts_are_at_most_a_minute_old(open_site: OpenSite, clock: FakeClock) -> None:
    site = await open_site([issue()])
    await items(site, "?top=day")
    async with site.store.write() as tx:
        mine = tables.articles.c.key == "a"
        await tx.execute(update(tables.articles).where(mine).values(reads=999))
    assert keys(await items(site, "?top=day")) == ["b", "d", "a"]

    clock.jump(timedelta(minutes=1))
    assert keys(await items(site, "?top=day")) == ["a", "b", "d"]


async def test_orders_wait_for_their_turn_and_too_many_are_sent_away(
    open_site: OpenSite, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kitchen, "MOST_WAITING", 3)
    site = await open_site([issue()])
    go_on = asyncio.Event()
    gather = gathering.Gathering.entries

    async def slow(self: gathering.Gathering) -> Any:
        await go_on.wait()
        return await gather(self)

    monkeypatch.setattr(gathering.Gathering, "entries", slow)
    waiting = [asyncio.create_task(site.get(f"/feeds/huaian.rss?limit={n}")) for n in range(1, 5)]
    done, _ = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
    (refused,) = done
    assert refused.result()[0].status == 503
    assert refused.result()[0].headers["Retry-After"] == "5"
    go_on.set()
    assert sorted([(await task)[0].status for task in waiting]) == [200, 200, 200, 503]


async def test_what_is_skipped_or_taken_back_is_in_no_order(open_site: OpenSite) -> None:
    site = await open_site([issue()], huaian="skip: [notice]")

    assert keys(await items(site, "?top=day")) == ["d", "a"]
    assert keys(await items(site, "?kind=notice")) == []


async def test_a_paper_that_was_not_read_yet_is_an_empty_order(open_site: OpenSite) -> None:
    site = await open_site()

    assert await items(site, "?limit=5") == []
