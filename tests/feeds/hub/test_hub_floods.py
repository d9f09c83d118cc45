"""The hub and those who would use it against others; and other hubs."""

import asyncio
from datetime import timedelta

import pytest
from aiohttp import web
from sqlalchemy import insert, select, update

from feeds.http.guard import PRIVATE
from feeds.hub import book
from feeds.hub.tables import hub_intents, hub_subscribers
from feeds.store.outbox import State
from tests.fakes.archive import fill, simple_issue
from tests.fakes.settings import two_papers
from tests.fakes.subscriber import Told, subscriber
from tests.feeds.hub.conftest import TOPIC, Room, day


async def test_case_185_a_callback_that_turns_private_is_refused_when_it_is_called(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    private = [f"http://{name}:{room.reader.host.partition(':')[2]}/hook"
               for name in ("localhost", "127.0.0.1")]  # fmt: skip
    async with room.store.write() as tx:
        for url in private:
            mine = {"callback": url, "host": "reader.example.org:80"}
            await tx.execute(insert(hub_subscribers).values(**room.row("/") | mine))
    await room.publish(simple_issue(day(1)))

    assert room.reader.told == []
    assert {r.reason for r in await room.rows()} == {PRIVATE}


async def test_case_189_a_flood_at_one_host_is_paced_and_one_request_is_in_flight_at_a_time(
    room: Room,
) -> None:
    for n in range(300):
        assert (await room.ask(callback=f"{room.reader.base}/{n}"))[0] == 202
    await room.work()
    assert len(room.reader.asked) == 120
    await room.pass_time(seconds=59)
    assert len(room.reader.asked) == 120
    await room.pass_time(seconds=1)
    assert len(room.reader.asked) == 240
    for _ in range(50):
        assert (await room.ask(callback=f"{room.reader.base}/same"))[0] == 202
    await room.pass_time(seconds=61)
    await room.pass_time(seconds=61)
    assert len(room.reader.asked) == 301


async def test_case_189_a_request_whose_verification_is_in_flight_is_not_begun_again(
    room: Room,
) -> None:
    assert (await room.ask())[0] == 202
    async with room.store.write() as tx:
        await tx.execute(update(hub_intents).values(state=State.SENDING, owner="at work"))

    assert (await room.ask())[0] == 429
    assert (await room.ask(topic=TOPIC.replace(".rss", ".atom")))[0] == 202


async def test_case_189_one_address_may_not_ask_for_ever(room: Room) -> None:
    statuses = [(await room.ask(mode="publish"))[0] for _ in range(605)]

    assert statuses.count(403) == 600
    assert statuses[600:] == [429] * 5
    await room.pass_time(seconds=61)
    assert (await room.ask())[0] == 202


async def test_case_189_too_many_waiting_requests_of_a_host_are_sent_away(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(book, "MOST_INTENTS_OF_HOST", 3)
    statuses = [(await room.ask(callback=f"{room.reader.base}/{n}"))[0] for n in range(5)]

    assert statuses == [202, 202, 202, 503, 503]


async def test_requests_that_nobody_confirms_are_forgotten(room: Room) -> None:
    assert (await room.ask())[0] == 202
    async with room.store.write() as tx:
        await tx.execute(update(hub_intents).values(due_at=room.clock.now() + timedelta(days=1)))
    await room.pass_time(hours=2)

    async with room.store.read() as tx:
        assert (await tx.execute(select(hub_intents))).all() == []


async def test_other_hubs_are_told_which_topics_are_new_and_no_others(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    async with subscriber() as other:
        room.settings = two_papers(
            room.settings.data_dir.parent, more=f"hub: {{external: ['{other.base}/publish']}}"
        )
        await room.restart()
        await room.work()
        first = len(other.told)
        assert first == 9  # three formats: articles, issues, all papers together
        assert b"hub.mode=publish" in other.told[0].body
        assert b"hub.url=http%3A%2F%2F127.0.0.1%3A8080%2Ffeeds%2F" in other.told[0].body
        await room.publish()
        await room.restart()
        await room.work()
        assert len(other.told) == first
        await room.publish(simple_issue(day(1)))
        assert len(other.told) == 2 * first

        assert (
            f"{other.base}/publish" in (room.settings.data_dir / "feeds" / "huaian.rss").read_text()
        )
        room.settings = two_papers(room.settings.data_dir.parent)
        await room.restart()
        await room.publish(simple_issue(day(2)))
        assert len(other.told) == 2 * first


async def test_another_hub_that_fails_is_left_alone_until_there_is_news(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    async with subscriber() as other:

        async def fail(_: Told) -> int:
            return 500

        other.take = fail
        room.settings = two_papers(
            room.settings.data_dir.parent, more=f"hub: {{external: ['{other.base}/']}}"
        )
        await room.restart()
        for _ in range(100):
            await room.pass_time(hours=1)

        assert len(other.told) == 9 * 8
        states = {r.state for r in await room.rows() if not r.topic.startswith("chuzhou")}
        assert states == {State.FAILED}


async def test_the_service_hears_the_publisher_and_stops_when_it_is_told_to(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    service = asyncio.create_task(room.hub.run())
    publishing = asyncio.create_task(room.publisher.run())
    room.reader.heard.clear()
    await fill(room.store, issues=[simple_issue(day(1))])  # the services do the rest
    async with asyncio.timeout(10):
        while not room.reader.told:
            await room.reader.heard.wait()
            room.reader.heard.clear()
    for task in (service, publishing):
        task.cancel()
    await asyncio.gather(service, publishing, return_exceptions=True)

    assert len(room.reader.told) == 1


async def test_case_197_and_200_neither_secrets_nor_tokens_reach_log_or_answer(
    room: Room, capsys: pytest.CaptureFixture[str]
) -> None:
    secret, token = "CANARY-secret", "CANARY-token"
    callback = f"{room.reader.base}/hook?token={token}"
    said = [await room.ask(callback=callback, secret=secret)]
    await room.work()
    await room.publish(simple_issue(day(0)))

    async def fail(_: Told) -> int:
        return 500

    room.reader.take = fail
    await room.publish(simple_issue(day(1)))
    await room.pass_time(minutes=5)
    room.reader.confirm = lambda _: web.Response(status=404)
    said.append(await room.ask(callback=callback, secret=secret, mode="unsubscribe"))
    said.append(await room.ask(callback=f"http://10.0.0.1/?token={token}", secret=secret))
    said.append(await room.ask(callback=callback, secret=secret + "x" * 300))
    await room.work()

    assert len(room.reader.told) > 1
    assert "CANARY" not in capsys.readouterr().out + str(said)
    for file in (room.settings.data_dir / "feeds").iterdir():
        assert file.is_dir() or b"CANARY" not in file.read_bytes()
