"""The hub at work: confirms what was asked for, and tells each subscriber what it is owed."""

import asyncio
from http import HTTPStatus
from typing import Protocol
from uuid import uuid4

import structlog

from config.models import Settings
from feeds.clock import Clock
from feeds.figures import HUB_DELIVERIES, HUB_VERIFICATIONS
from feeds.http.guard import host_and_port, parse_url, redact
from feeds.hub import book
from feeds.hub.book import INTENTS, SUBSCRIBERS, Claimed
from feeds.hub.calls import Calls
from feeds.hub.client import Answer, Caller
from feeds.hub.messages import challenge, delivery_headers, ping_form, verification_url
from feeds.hub.pace import PerMinute, wait_after
from feeds.hub.requests import topic_url
from feeds.hub.tables import Kind
from feeds.publish.recipes import HUB_PATH, topics_of
from feeds.shelf import Body
from feeds.store.engine import Store

log = structlog.get_logger(__name__)

VERIFICATIONS_A_MINUTE = 120  # of one host
SCAN_SECONDS = 3.0  # due times and other processes ring no bell
MOST_PINGS = 8  # to another hub about one content


class Bodies(Protocol):
    """What publish offers to the hub."""

    async def fetch(self, name: str) -> Body | None:
        """The file of this name, or None."""

    async def tag(self, name: str) -> str | None:
        """The tag of its content, or None."""


class Hub:
    """One a store."""

    def __init__(self, store: Store, bodies: Bodies, settings: Settings, clock: Clock) -> None:
        self._store = store
        self._bodies = bodies
        self._settings = settings
        self._clock = clock
        self._owner = f"hub-{uuid4().hex[:12]}"
        self._calls = Calls(store, self._owner, clock)
        self._caller = Caller(settings.public_url, store.tally)
        self._verified = PerMinute(VERIFICATIONS_A_MINUTE)
        self._owed: dict[str, str] = {}  # by topic, the tag that everybody was last owed

    async def run(self) -> None:
        """Works until cancelled; then finishes or gives back what is in flight."""
        bell = self._store.bell(book.BELL)
        await self._begin()
        try:
            while True:
                heard = bell.rung
                if not await self.step():
                    await self._calls.wait(bell.wait(heard, SCAN_SECONDS))
        finally:
            await asyncio.shield(self._calls.finish())

    async def step(self) -> int:
        """Sees who is owed what, and begins what may begin now. Returns how much that was. Where nobody
        ever asked, as with most, it takes no more than that look: a third of an idle worker's time.
        """
        async with self._store.read() as tx:
            if await book.is_empty(tx):
                return 0
        async with self._store.write() as tx:
            await book.sweep(tx, self._clock.now(), is_alone=False)
        await self._owe()
        return await self._start_verifications() + await self._start_deliveries()

    async def drain(self) -> None:
        """Works until nothing can begin now and nothing is in flight."""
        bell = self._store.bell(book.BELL)
        await self._begin()
        while True:
            heard = bell.rung
            if not await self.step() and not self._calls and bell.rung == heard:
                return
            if self._calls:
                await self._calls.wait()

    async def close(self) -> None:
        """Ends all connections."""
        await self._caller.close()

    # ── what is owed ────────────────────────────────────────────────────────────────────────────

    async def _begin(self) -> None:
        """On SQLite the lock on the data directory proves that nobody else is at work."""
        hubs = [(url, host_and_port(parse_url(url))) for url in self._settings.hub.external]
        now = self._clock.now()
        async with self._store.write() as tx:
            is_alone = self._store.dialect == "sqlite" and not self._calls
            await book.sweep(tx, now, is_alone=is_alone)
            await book.name_hubs(tx, hubs, topics_of(self._settings), now)

    async def _owe(self) -> None:
        """Compares every topic's content with what its subscribers have."""
        async with self._store.read() as tx:
            topics = await book.topics(tx)
        news = []
        for topic in topics:
            tag = await self._bodies.tag(topic)
            if tag is not None and self._owed.get(topic) != tag:
                news.append((topic, tag))
        if not news:
            return
        # Noted first: a callback that is confirmed while this is written takes the note away again.
        self._owed |= dict(news)
        try:
            async with self._store.write() as tx:
                owed = sum([await book.owe(tx, *one, self._clock.now()) for one in news])
        except BaseException:
            for topic, _ in news:
                self._owed.pop(topic, None)
            raise
        if owed:
            log.info("subscribers are owed news", subscribers=owed, topics=len(news))

    # ── verification ────────────────────────────────────────────────────────────────────────────

    async def _start_verifications(self) -> int:
        resting = self._verified.full(self._clock.monotonic())
        claims = await self._calls.claim(INTENTS, resting)
        for claim in claims:
            if self._verified.take(claim.host, self._clock.monotonic()):
                self._calls.start(INTENTS, claim, self._verify)
            else:
                await self._calls.give_back(INTENTS, claim)
        return len(claims)

    async def _verify(self, claim: Claimed) -> None:
        """Asks the callback whether it wants this. Nothing changes unless it says so exactly."""
        mode, expected = claim.row["mode"], challenge()
        topic = topic_url(claim.topic, self._settings)
        lease_seconds = claim.row["lease_seconds"]
        url = verification_url(claim.callback, mode, topic, expected, lease_seconds)
        answer = await self._caller.get(url, is_exempt=self._is_exempt(claim))
        is_yes = answer.is_success and answer.body == expected.encode()
        async with self._store.write() as tx:
            change = book.confirmed if is_yes else book.refused
            await change(tx, claim, self._owner, self._clock.now())
            tx.touch(book.BELL)
            tx.count(HUB_VERIFICATIONS, "confirmed" if is_yes else "not_confirmed")
        self._owed.pop(claim.topic, None)  # there may have been news since it asked
        log.info(
            "callback confirmed" if is_yes else "callback did not confirm",
            mode=mode,
            topic=claim.topic,
            callback=redact(claim.callback),
            reason=answer.reason,
        )

    # ── deliveries ──────────────────────────────────────────────────────────────────────────────

    async def _start_deliveries(self) -> int:
        claims = await self._calls.claim(SUBSCRIBERS)
        for claim in claims:
            self._calls.start(SUBSCRIBERS, claim, self._deliver)
        return len(claims)

    async def _deliver(self, claim: Claimed) -> None:
        """Tells a subscriber what its topic is now."""
        body = await self._bodies.fetch(claim.topic)
        if body is None:
            answer = Answer(0, None, "the feed is gone")
        else:
            answer = await self._tell(claim, body)
        tag = body.tag if body else ""
        await self._settle(claim, answer, tag)
        if not answer.is_success and claim.attempts == 0:  # once, not at every try
            where = redact(claim.callback)
            log.info("not delivered", topic=claim.topic, callback=where, reason=answer.reason)

    async def _tell(self, claim: Claimed, body: Body) -> Answer:
        topic = topic_url(claim.topic, self._settings)
        if claim.row["kind"] is Kind.PING:
            form = {"Content-Type": "application/x-www-form-urlencoded"}
            ping = ping_form(topic)
            return await self._caller.post(claim.callback, ping, form, is_exempt=True)
        hub = self._settings.public_url + HUB_PATH
        delivery = f"{claim.id}-{body.tag}"
        secret = claim.row["secret"]
        headers = delivery_headers(body.media_type, hub, topic, body.data, secret, delivery)
        exempt = self._is_exempt(claim)
        return await self._caller.post(claim.callback, body.data, headers, is_exempt=exempt)

    async def _settle(self, claim: Claimed, answer: Answer, tag: str) -> None:
        now, tries = self._clock.now(), claim.attempts + 1
        outcome = _outcome(answer, claim, tries)
        async with self._store.write() as tx:
            tx.count(HUB_DELIVERIES, claim.row["kind"], outcome)
            if outcome == "told":
                await book.told(tx, claim, self._owner, tag, now)
            elif outcome == "gone":
                await book.remove(tx, claim)
            elif outcome == "given_up":
                await book.give_up(tx, claim, self._owner, answer.reason, now)
            else:
                due_at = now + wait_after(tries, answer.retry_after)
                await book.later(tx, claim, self._owner, due_at, answer.reason, now)

    def _is_exempt(self, claim: Claimed) -> bool:
        return claim.host in {host.lower() for host in self._settings.hub.allow_hosts}


def _outcome(answer: Answer, claim: Claimed, tries: int) -> str:
    """What came of telling a subscriber, by the names of the figure."""
    if answer.is_success:
        return "told"
    if answer.status == HTTPStatus.GONE:
        return "gone"
    return "given_up" if claim.row["kind"] is Kind.PING and tries >= MOST_PINGS else "failed"
