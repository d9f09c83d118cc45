"""The hub from end to end: asked over HTTP, confirmed by a real server, told by the publisher."""

import asyncio
from datetime import date, timedelta
from typing import Any

import pytest
from aiohttp import web
from sqlalchemy import insert, select, update

from feeds.http.guard import PRIVATE
from feeds.hub import book
from feeds.hub.tables import Kind, hub_intents, hub_subscribers
from feeds.store.outbox import State
from tests.fakes.archive import fill, simple_issue
from tests.fakes.settings import two_papers
from tests.fakes.subscriber import Told, echo, subscriber
from tests.feeds.hub.conftest import TOPIC, Room

DAY = date(2024, 4, 8)


def day(n: int) -> date:
    return DAY + timedelta(days=n)


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


async def test_case_186_a_redirect_is_a_failure_and_not_followed(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()

    async def redirect(_: Told) -> int:
        return 307

    room.reader.take = redirect
    await room.publish(simple_issue(day(1)))

    assert [told.path for told in room.reader.told] == ["/hook"]
    assert (await room.rows())[0].state is State.PENDING


async def test_a_failed_delivery_is_tried_again_until_it_works_with_the_newest_content(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    statuses = iter([500, 503, 204])

    async def stumble(_: Told) -> int:
        return next(statuses)

    room.reader.take = stumble
    await room.publish(simple_issue(day(1)))
    await room.work()
    assert len(room.reader.told) == 1
    await room.pass_time(seconds=11)
    assert len(room.reader.told) == 2
    await room.publish(simple_issue(day(2)))
    assert len(room.reader.told) == 2
    await room.pass_time(seconds=31)

    body = room.publisher.body("huaian.rss")
    assert body is not None
    assert len(room.reader.told) == 3
    assert room.reader.told[-1].body == body.data
    assert (await room.rows())[0].state is State.SENT
    await room.pass_time(hours=1)
    assert len(room.reader.told) == 3


async def test_a_subscriber_that_never_answers_is_tried_until_its_lease_ends_and_then_forgotten(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe(lease_seconds="86400")

    async def fail(_: Told) -> int:
        return 500

    room.reader.take = fail
    await room.publish(simple_issue(day(1)))
    for _ in range(23):
        await room.pass_time(hours=1)
    assert len(room.reader.told) >= 8
    assert len(await room.rows()) == 1

    tried = len(room.reader.told)
    await room.pass_time(hours=2)
    assert await room.rows() == []
    await room.publish(simple_issue(day(2)))
    assert len(room.reader.told) == tried


async def test_410_ends_a_subscription(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()

    async def gone(_: Told) -> int:
        return 410

    room.reader.take = gone
    await room.publish(simple_issue(day(1)))

    assert await room.rows() == []


async def test_a_lease_is_renewed_by_asking_again(room: Room) -> None:
    await room.subscribe(lease_seconds="3600")
    await room.pass_time(minutes=50)
    await room.subscribe(lease_seconds="3600")
    await room.pass_time(minutes=50)

    assert len(await room.rows()) == 1
    await room.pass_time(minutes=11)
    assert await room.rows() == []


async def test_a_restart_between_publishing_and_telling_loses_nothing(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    await fill_and_publish(room, 1)
    await room.restart()
    await room.work()

    assert len(room.reader.told) == 1


async def fill_and_publish(room: Room, n: int) -> None:
    """News that the publisher wrote and the hub did not see."""
    hub, room.hub = room.hub, _Idle()  # type: ignore[assignment]  # nobody at work
    await room.publish(simple_issue(day(n)))
    room.hub = hub


class _Idle:
    async def drain(self) -> None:
        """Does nothing."""


async def test_a_kill_while_telling_tells_again_and_a_kill_while_asking_asks_again(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    await fill_and_publish(room, 1)
    async with room.store.write() as tx:
        lost = {
            "state": State.SENDING,
            "owner": "dead",
            "lease_until": room.clock.now() + timedelta(seconds=60),
            "wanted": "what the dead one saw",
        }
        await tx.execute(update(hub_subscribers).values(**lost))
    assert (await room.ask(callback=f"{room.reader.base}/second"))[0] == 202
    async with room.store.write() as tx:
        await tx.execute(update(hub_intents).values(state=State.SENDING, owner="dead",
            lease_until=room.clock.now() + timedelta(seconds=60)))  # fmt: skip
    await room.restart()
    await room.pass_time(seconds=61)

    assert len(room.reader.told) == 1
    assert len(await room.rows()) == 2


async def test_what_changes_while_a_subscriber_is_told_is_told_afterwards(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    await room.subscribe()
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def slow(told: Told) -> int:
        begun.set()
        await go_on.wait()
        return 204

    room.reader.take = slow
    task = asyncio.create_task(room.publish(simple_issue(day(1))))
    await begun.wait()
    await fill_and_publish(room, 2)
    await room.hub.step()
    assert (await room.rows())[0].state is State.SENDING
    go_on.set()
    await task
    await room.work()

    body = room.publisher.body("huaian.rss")
    assert body is not None
    assert len(room.reader.told) == 2
    assert room.reader.told[-1].body == body.data


async def test_a_slow_host_holds_up_nobody_else(room: Room) -> None:
    await room.publish(simple_issue(day(0)))
    release = asyncio.Event()
    async with subscriber() as other:
        room.settings = two_papers(
            room.settings.data_dir.parent,
            more=f'hub: {{allow_hosts: ["{room.reader.host}", "{other.host}"]}}',
        )
        await room.restart()
        async with room.store.write() as tx:
            for n in range(100):
                await tx.execute(insert(hub_subscribers).values(**row(room, f"/slow/{n}")))
            quick = row(room, "/quick") | {
                "callback": f"{other.base}/quick", "host": other.host
            }  # fmt: skip
            await tx.execute(insert(hub_subscribers).values(**quick))

        async def hang(_: Told) -> int:
            await release.wait()
            return 204

        room.reader.take = hang
        task = asyncio.create_task(room.publish(simple_issue(day(1))))
        await other.heard.wait()
        assert len(other.told) == 1
        assert 1 <= len(room.reader.told) <= 4
        release.set()
        await task
    assert len(room.reader.told) == 100


def row(room: Room, path: str) -> dict[str, object]:
    """A subscriber that has what its topic was before."""
    return {
        "topic": "huaian.rss",
        "callback": f"{room.reader.base}{path}",
        "host": room.reader.host,
        "kind": Kind.CONTENT,
        "state": State.SENT,
        "wanted": "before",
        "due_at": room.clock.now(),
        "created_at": room.clock.now(),
        "expires_at": room.clock.now() + timedelta(days=1),
    }


async def test_case_185_a_callback_that_turns_private_is_refused_when_it_is_called(
    room: Room,
) -> None:
    await room.publish(simple_issue(day(0)))
    private = [f"http://{name}:{room.reader.host.partition(':')[2]}/hook"
               for name in ("localhost", "127.0.0.1")]  # fmt: skip
    async with room.store.write() as tx:
        for url in private:
            mine = {"callback": url, "host": "reader.example.org:80"}
            await tx.execute(insert(hub_subscribers).values(**row(room, "/") | mine))
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
