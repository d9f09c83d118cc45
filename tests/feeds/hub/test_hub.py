"""The hub from end to end: asked over HTTP, confirmed by a real server, told by the publisher."""

import asyncio
from typing import Any

import pytest
from aiohttp import web

from tests.fakes.archive import simple_issue
from tests.fakes.subscriber import echo
from tests.feeds.hub.conftest import TOPIC, Room, day


async def test_a_confirmed_subscriber_gets_the_feeds_own_bytes_with_its_links_and_type(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    assert room.reader.told == []
    await room.publish(simple_issue(day(1)))

    (told,) = room.reader.told
    body = room.publisher.body("huaian.rss")
    assert body is not None
    assert told.body == body.data
    assert told.headers["content-type"] == body.media_type
    assert 'rel="hub"' in told.headers["link"]
    assert f'<{TOPIC}>; rel="self"' in told.headers["link"]
    assert "x-hub-signature" not in told.headers


async def test_the_verification_asks_exactly_what_the_recommendation_says(room: Room) -> None:
    await room.subscribe(callback=f"{room.reader.base}/hook?id=a%2Fb&x=1", lease_seconds="86400")

    (asked,) = room.reader.asked
    assert asked["hub.mode"] == "subscribe"
    assert asked["hub.topic"] == TOPIC
    assert asked["hub.lease_seconds"] == "86400"
    assert len(asked["hub.challenge"]) > 30
    assert (asked["id"], asked["x"]) == ("a/b", "1")


async def test_deliveries_are_signed_with_the_secret(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe(secret="geheim 密")
    await room.publish(simple_issue(day(1)))

    assert room.reader.told[0].is_signed_with("geheim 密")
    assert not room.reader.told[0].is_signed_with("another")


async def test_news_between_the_request_and_its_confirmation_is_not_lost(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    assert (await room.ask())[0] == 202
    await room.publish(simple_issue(day(1)))

    assert len(room.reader.told) == 1


async def test_a_newcomer_is_told_what_it_missed_while_others_were_told_already(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe(callback=f"{room.reader.base}/first")
    assert (await room.ask(callback=f"{room.reader.base}/second"))[0] == 202
    await room.publish(simple_issue(day(1)))

    assert sorted(told.path for told in room.reader.told) == ["/first", "/second"]


async def test_nothing_new_is_told_to_nobody(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    await room.restart()
    await room.pass_time(hours=1)

    assert room.reader.told == []


async def test_case_190_a_callback_that_does_not_echo_exactly_is_not_subscribed(
    room: Room,
) -> None:
    answers: list[Any] = [
        web.Response(text="something else"),
        lambda q: web.Response(text=q["hub.challenge"] + "\n"),
        lambda q: web.Response(text=q["hub.challenge"], status=404),
        lambda q: web.Response(text=q["hub.challenge"], status=500),
        lambda q: web.Response(text="x" * 10_000_000 + q["hub.challenge"]),
        lambda _: web.Response(status=302, headers={"Location": f"{room.reader.base}/other"}),
        web.Response(),
    ]
    for number, answer in enumerate(answers):
        room.reader.confirm = answer if callable(answer) else (lambda _, a=answer: a)
        await room.subscribe(callback=f"{room.reader.base}/{number}")

    assert len(room.reader.asked) == len(answers)
    assert await room.rows() == []


async def test_case_190_a_dripped_answer_ends_after_its_time(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("feeds.hub.client.ASKING_SECONDS", 0.3)

    class Drip(web.StreamResponse):
        async def write_eof(self, data: bytes = b"") -> None:
            while True:
                await self.write(b"x")
                await asyncio.sleep(0.05)

    room.reader.confirm = lambda _: Drip()
    async with asyncio.timeout(10):
        await room.subscribe()

    assert await room.rows() == []


async def test_case_191_an_unsubscription_counts_only_once_the_callback_confirms_it(
    room: Room,
) -> None:
    await room.subscribe()
    room.reader.confirm = lambda _: web.Response(status=404)
    await room.subscribe(mode="unsubscribe")
    assert len(await room.rows()) == 1

    room.reader.confirm = echo
    await room.subscribe(mode="unsubscribe")
    assert await room.rows() == []
    assert "hub.lease_seconds" not in room.reader.asked[-1]


async def test_case_192_a_new_secret_counts_only_once_it_is_confirmed(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe(secret="old")
    room.reader.confirm = lambda _: web.Response(status=404)
    await room.subscribe(secret="new")
    await room.publish(simple_issue(day(1)))
    assert room.reader.told[-1].is_signed_with("old")

    room.reader.confirm = echo
    await room.subscribe(secret="new")
    await room.publish(simple_issue(day(2)))
    assert room.reader.told[-1].is_signed_with("new")

    await room.subscribe()
    await room.publish(simple_issue(day(3)))
    assert "x-hub-signature" not in room.reader.told[-1].headers
    assert len(await room.rows()) == 1
