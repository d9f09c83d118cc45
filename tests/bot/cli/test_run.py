"""`baotong run` between a newspaper and a server that speaks the Bot API and enforces its rules."""

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from pathlib import Path

import feedparser
import pytest
from aiohttp import ClientSession

from tests.fakes.botapi import TOKEN, Sent, serve
from tests.fakes.figures import OPEN_METRICS, value
from tests.fakes.worker import Town, free_port, town

READER, GROUP = "7", "-1001"
DATE = re.compile(r"2024年\d\d月\d\d日")
BOTH = ("to: telegram:7", 'to: "telegram:-1001", mode: article, max_messages: 2')


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        yield place


def dates(messages: list[Sent]) -> list[str]:
    """Which issue each message is of."""
    return [DATE.findall(message.text)[0] for message in messages]


async def test_each_issue_reaches_each_subscriber_once_in_the_form_it_asked_for(
    place: Town,
) -> None:
    place.configure(*BOTH)
    await place.start()
    await place.api.until(lambda: len(place.api.to(READER)) == 1, 60)
    await place.print_issue()
    await place.api.until(lambda: len(place.api.to(READER)) == 2, 60)
    await place.api.until(lambda: len(place.api.to(GROUP)) == 6, 90)

    assert dates(place.api.to(READER)) == ["2024年04月08日", "2024年04月09日"]
    assert place.api.refused == []
    whole = place.api.to(READER)[0]
    assert whole.text.startswith(
        "青禾日报 · 2024年04月08日 星期一 · 第5208期 · 4版 9篇\n第A1版 要闻\n▪ "
    )
    assert re.search(r"▪ .+ · 阅读数:\d+\n.{10,}", whole.text)
    assert re.search(r"\n阅读数截至 \d\d:\d\d$", whole.text)
    assert [tag for tag, _ in whole.entities].count("blockquote") == 3
    one, two, rest = place.api.to(GROUP)[:3]
    for article in (one, two):
        assert re.search(
            r"^.+\n青禾日报 · 2024年04月08日 · 第A1版 要闻\n阅读数:\d+ · .+\n.{30,}", article.text
        )
    assert rest.text.startswith("青禾日报 · ")
    assert [m.request.get("disable_notification") for m in (one, two, rest)] == [False, True, True]


async def test_a_restart_pushes_nothing_again(place: Town) -> None:
    place.configure(*BOTH)
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to(GROUP)) == 3 and bool(place.api.to(READER)), 60)
    assert await worker.stop() == 0
    before = len(place.api.sent)

    await place.start()
    await place.print_issue()  # the next issue's messages prove that older ones would have come
    await place.api.until(lambda: len(place.api.sent) >= before + 4, 60)
    assert set(dates(place.api.sent[before:])) == {"2024年04月09日"}


async def test_a_kill_at_any_moment_loses_nothing_and_copies_at_most_one_message_a_chat(
    place: Town,
) -> None:
    place.configure(*(f"to: telegram:{chat}" for chat in range(1, 9)))
    wanted = {str(chat) for chat in range(1, 9)}

    def reached(day: int) -> set[str]:
        return {m.chat for m in place.api.sent if f"2024年04月{day:02}日" in m.text}

    worker = await place.start()
    await place.api.until(lambda: reached(8) == wanted, 60)
    for day, moment in ((9, 1), (10, 4), (11, 7)):
        await place.print_issue()
        await place.api.until(lambda: len(reached(day)) >= moment, 60)  # noqa: B023
        await worker.kill()
        worker = await place.start()
        await place.api.until(lambda: reached(day) == wanted, 60)  # noqa: B023
    await worker.stop()
    for chat in wanted:
        got = dates(place.api.to(chat))
        assert sorted(set(got)) == [f"2024年04月{day:02}日" for day in range(8, 12)]
        assert got == sorted(got)  # a copy follows at once, so the order is kept
        assert len(got) <= 4 + 3  # at most one copy a kill


async def test_a_postgresql_carries_the_whole_way_too(
    place: Town, postgresql_database: str
) -> None:
    place.environ["BAOTONG_DATABASE"] = postgresql_database
    place.configure(*BOTH)
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to(GROUP)) == 3 and bool(place.api.to(READER)), 60)
    await worker.kill()
    await place.start()
    await place.print_issue()
    await place.api.until(lambda: len(place.api.to(GROUP)) == 6, 60)
    assert dates(place.api.to(READER)) == ["2024年04月08日", "2024年04月09日"]


async def test_the_feeds_that_readers_poll_parse_and_cost_a_304_while_nothing_changes(
    place: Town,
) -> None:
    place.configure("to: telegram:7")
    await place.start()
    await place.api.until(lambda: bool(place.api.to(READER)), 60)
    async with ClientSession() as session, asyncio.timeout(60):
        while (await session.get(f"{place.site}/feeds/qinghe.atom")).status == 503:
            await asyncio.sleep(0.05)  # publish rings no bell here
        for suffix in ("rss", "atom"):
            async with session.get(f"{place.site}/feeds/qinghe.{suffix}") as response:
                parsed = feedparser.parse(await response.read())
                etag = response.headers["ETag"]
            assert not parsed.bozo
            assert parsed.feed.link == f"{place.site}/qinghe/"
            assert len(parsed.entries) == 9
            assert all(place.paper in entry.link for entry in parsed.entries)
            again = {"If-None-Match": etag}
            async with session.get(
                f"{place.site}/feeds/qinghe.{suffix}", headers=again
            ) as response:
                assert response.status == 304
    files = {path.name for path in (place.folder / "var" / "feeds").iterdir()}
    assert {"qinghe.rss", "qinghe.atom", "qinghe.json", "feeds.opml"} <= files


async def test_case_161_a_second_worker_on_the_same_data_exits_with_3(place: Town) -> None:
    place.configure("to: telegram:7")
    first = await place.start()
    second = await place.launch()
    assert await second.ended() == 3
    assert str(first.process.pid) in second.said()
    await first.kill()
    third = await place.start()  # the lock died with its holder (case 162)
    assert third.process.returncode is None


async def test_a_telegram_that_cannot_be_reached_stops_nothing_else(place: Town) -> None:
    port = free_port()
    place.configure("to: telegram:7", api=f"http://127.0.0.1:{port}")
    worker = await place.start()
    async with ClientSession() as session, asyncio.timeout(60):
        while (await session.get(f"{place.site}/feeds/qinghe.rss")).status == 503:
            await asyncio.sleep(0.05)  # publish rings no bell here
    assert worker.said().count("channel cannot be used") <= 1
    async with serve(place.api.twin(), port) as api:  # and then it can
        await api.until(lambda: bool(api.to(READER)), 60)
        await worker.stop()


async def test_case_197_the_token_is_in_nothing_that_the_worker_wrote(place: Town) -> None:
    place.configure("to: telegram:7")
    worker = await place.start()
    await place.api.until(lambda: bool(place.api.to(READER)), 60)
    place.api.token = "123456:revoked-BBBB"  # from now on 401
    await place.print_issue()
    await place.api.until(lambda: place.api.calls["sendMessage"] >= 2, 60)
    await worker.stop()
    assert "401" in worker.said()
    secret = TOKEN.partition(":")[2].encode()
    written = [path for path in place.folder.rglob("*") if path.is_file()]
    assert [path for path in written if secret in path.read_bytes()] == []


async def test_the_address_being_taken_is_said_in_one_line(place: Town) -> None:
    place.configure("to: telegram:7")
    first = await place.start()
    text = (place.folder / "baotong.yaml").read_text("utf-8")
    (place.folder / "baotong.yaml").write_text(text.replace("data_dir: var", "data_dir: other"))
    second = await place.launch()
    assert await second.ended() == 2
    assert "server.listen" in second.said()
    assert "Traceback" not in second.said()
    assert first.process.returncode is None


async def test_the_pages_link_the_bot_that_telegram_named(place: Town) -> None:
    place.configure(*BOTH)
    await place.start()
    await place.api.until(lambda: len(place.api.to(READER)) == 1, 60)
    await place.api.until(lambda: place.api.calls["getUpdates"] >= 1, 60)
    async with ClientSession() as session, session.get(f"{place.site}/qinghe/") as response:
        page = await response.text()

    assert "https://t.me/newsboy_bot?start=qinghe" in page


async def test_the_figures_stand_on_a_port_of_their_own_and_tell_of_the_push(place: Town) -> None:
    port = free_port()
    place.environ["BAOTONG_METRICS__LISTEN"] = f"127.0.0.1:{port}"
    place.pages.append(f"http://127.0.0.1:{port}/metrics")
    place.configure("to: telegram:7")
    worker = await place.start()
    await place.api.until(lambda: bool(place.api.to(READER)), 60)
    sent = {"channel": "telegram", "state": "sent"}
    async with ClientSession(headers={"Accept": OPEN_METRICS}) as session, asyncio.timeout(60):
        while True:
            async with session.get(f"http://127.0.0.1:{port}/metrics") as response:
                text = await response.read()
            if value(text, "baotong_deliveries_settled_total", sent):
                break
            await asyncio.sleep(0.05)  # its answer is being stored
        async with session.get(f"{place.site}/metrics") as response:
            assert response.status == 404
        async with session.get(f"{place.site}/healthz") as response:
            assert await response.text() == "ok\n"
    assert value(text, "baotong_push_latency_seconds_count", {"channel": "telegram"}) == 1
    assert value(text, "baotong_service_up", {"service": "watch"}) == 1
    title = {"source": "qinghe", "field": "title", "rule": "label"}
    assert (value(text, "baotong_article_fields_total", title) or 0) >= 9
    assert TOKEN.partition(":")[2].encode() not in text  # case 197
    assert await worker.stop() == 0


async def test_the_figures_address_being_taken_is_said_in_one_line(place: Town) -> None:
    place.configure("to: telegram:7")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        address = f"127.0.0.1:{taken.getsockname()[1]}"
        place.environ["BAOTONG_METRICS__LISTEN"] = address
        worker = await place.launch()
        assert await worker.ended() == 2
    assert f"{address} 上提供数字(metrics.listen)" in worker.said()
    assert "Traceback" not in worker.said()
