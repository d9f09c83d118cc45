"""Issues that are shown while they grow, and corrections of what was told: from the journal to the chat."""

from datetime import date
from pathlib import Path

import pytest
from sqlalchemy import insert, select, update

from bot.address import Address, ChatKind
from bot.compose import Composer
from bot.fanout import FanOut
from bot.ledger import chats, deliveries, subscriptions, told
from bot.ledger.claiming import Claimed
from bot.ledger.tables import Mode
from bot.ledger.tables import deliveries as table
from bot.ledger.tables import subscriptions as subscription_table
from bot.message import Limits, Part
from config.models import Settings
from feeds.models import EntryKind, IssueStatus, NewEntry
from feeds.store import journal, tables
from feeds.store.engine import Store, Transaction
from feeds.store.outbox import State
from tests.fakes.archive import HUAIAN, fill, make_article, make_issue, make_page
from tests.fakes.clock import FakeClock
from tests.fakes.settings import two_papers

ME = Address("telegram", "7")


class Room:
    """A reader of 淮安区报, and what the newspaper does."""

    def __init__(self, store: Store, settings: Settings, clock: FakeClock) -> None:
        self.store = store
        self.settings = settings
        self.clock = clock
        self.fanout = FanOut(store, settings, clock)

    async def begin(self, status: IssueStatus, articles: int, mode: Mode, **wish: object) -> None:
        held = [make_article(f"a{n}") for n in range(1, articles + 1)]
        issue = make_issue(date(2024, 4, 8), [make_page("01", held)], status=status)
        await fill(self.store, [HUAIAN], [issue])
        async with self.store.write() as tx:
            await chats.remember(tx, "telegram:7", ChatKind.PRIVATE, "", self.clock.now())
            await subscriptions.subscribe(
                tx, ME, "huaian", {"mode": mode, **wish}, 0, self.clock.now()
            )
            few = update(subscription_table).values(max_messages=2)
            await tx.execute(few)

    async def tell(self, kind: EntryKind, article: int | None = None, **data: object) -> None:
        async with self.store.write() as tx:
            entry = NewEntry(kind, "huaian", 1, article, data=data)
            await journal.append(tx, [entry], self.clock.now())
        while await self.fanout.step():
            pass

    async def close(self) -> None:
        async with self.store.write() as tx:
            await tx.execute(update(tables.issues).values(status=IssueStatus.COMPLETE))
        await self.tell(EntryKind.ISSUE_COMPLETE)

    async def owed(self) -> list[tuple[str, str]]:
        async with self.store.read() as tx:
            rows = await tx.execute(select(table).order_by(table.c.id))
            return [(row.subject, row.kind) for row in rows]

    async def said(self, subject: str, form: str) -> tuple[Part, ...]:
        """What this delivery says now."""
        async with self.store.read() as tx:
            wanted = (table.c.subject == subject) & (table.c.kind == form)
            row = (await tx.execute(select(table).where(wanted))).one()
            claim = Claimed(
                id=row.id, fence=0, state=State.PENDING, attempts=0, doubts=0, to=ME, chat=str(ME),
                kind=ChatKind.PRIVATE, language=None, subject=subject, form=form, source="huaian",
                issue_id=row.issue_id, seq=row.seq, place=0, entry_at=row.entry_at, silent=False, reason=None,
            )  # fmt: skip
            return (await Composer(tx, self.settings, Limits()).all([claim]))[row.id]

    async def arrived(self, subject: str, form: str, message_id: str) -> None:
        """That delivery was made."""
        parts = await self.said(subject, form)
        async with self.store.write() as tx:
            owed = (await tx.execute(select(table).where(table.c.subject == subject))).first()
            assert owed is not None
            one = deliveries.Owed(
                "telegram:7", "", subject, form, "huaian", owed.seq, 0, owed.entry_at, owed.entry_at,
                silent=False, issue_id=1,
            )  # fmt: skip
            await deliveries.settled_already(tx, one, parts, [message_id], self.clock.now())

    async def rewrite(self, article: int, **changes: str) -> None:
        """The newspaper puts an article right."""
        async with self.store.write() as tx:
            row = (
                await tx.execute(select(tables.articles).where(tables.articles.c.id == article))
            ).one()
            old = {"title": row.title, "body_text": row.body_text}
            revision = {"article_id": article, "revision": row.revision, "content_hash": ""}
            now = self.clock.now()
            await tx.execute(insert(tables.revisions).values(**revision, seen_at=now, content=old))
            mine = tables.articles.c.id == article
            put = {**changes, "revision": row.revision + 1}
            await tx.execute(update(tables.articles).where(mine).values(put))
        await self.tell(EntryKind.ARTICLE_CORRECTED, article, changed=list(changes))


@pytest.fixture
def room(store: Store, clock: FakeClock, tmp_path: Path) -> Room:
    return Room(store, two_papers(tmp_path), clock)


async def test_articles_come_as_they_come_and_the_rest_when_the_issue_closes(room: Room) -> None:
    await room.begin(IssueStatus.OPEN, 4, Mode.ARTICLE)
    for article in (2, 1, 3):
        await room.tell(EntryKind.ARTICLE_ADDED, article)
    assert await room.owed() == [("article:2", "article"), ("article:1", "article")]
    await room.close()
    assert (await room.owed())[2:] == [("issue:1", "rest")]
    [rest] = await room.said("issue:1", "rest")
    told_of = "".join(span.text for block in rest.blocks for span in getattr(block, "spans", ()))
    assert "新闻a3" in told_of
    assert "新闻a4" in told_of
    assert "新闻a1" not in told_of
    assert "新闻a2" not in told_of


async def test_one_entry_after_another_gives_one_digest(room: Room) -> None:
    await room.begin(IssueStatus.OPEN, 2, Mode.DAILY, at="20:00")
    for article in (1, 2):
        await room.tell(EntryKind.ARTICLE_ADDED, article)
    await room.close()
    assert await room.owed() == [("issue:1", "daily")]


async def test_a_correction_is_told_under_the_message_that_told_it(room: Room) -> None:
    await room.begin(IssueStatus.COMPLETE, 2, Mode.ISSUE)
    await room.tell(EntryKind.ISSUE_COMPLETE)
    await room.arrived("issue:1", "issue", "55")
    await room.rewrite(1, title="春耕新闻改了")
    subject = (await room.owed())[-1][0]
    [part] = await room.said(subject, "correction")
    assert part.answers == "55"
    assert part.silent


@pytest.mark.parametrize("changes", [{"body_text": "全区春耕生产全面展开(a1)。\n后面改了。"}])
async def test_a_correction_that_no_reader_could_see_is_not_told(
    room: Room, changes: dict[str, str]
) -> None:
    await room.begin(IssueStatus.COMPLETE, 2, Mode.ISSUE)
    await room.tell(EntryKind.ISSUE_COMPLETE)
    await room.arrived("issue:1", "issue", "55")
    await room.rewrite(1, **changes)
    assert await room.said((await room.owed())[-1][0], "correction") == ()


async def test_a_correction_of_what_was_never_told_here_is_not_told(room: Room) -> None:
    await room.begin(IssueStatus.COMPLETE, 2, Mode.ISSUE)
    await room.tell(EntryKind.ISSUE_COMPLETE)
    await room.rewrite(1, title="改了")
    assert await room.said((await room.owed())[-1][0], "correction") == ()


async def test_what_waits_while_its_reader_pauses_is_not_sent(room: Room) -> None:
    await room.begin(IssueStatus.COMPLETE, 2, Mode.ISSUE)
    await room.tell(EntryKind.ISSUE_COMPLETE)
    assert await room.said("issue:1", "issue")
    async with room.store.write() as tx:
        await subscriptions.pause(tx, ME, None)
    assert await room.said("issue:1", "issue") == ()


async def test_which_articles_were_told_singly_is_known_by_chat_and_topic(room: Room) -> None:
    await room.begin(IssueStatus.OPEN, 2, Mode.ARTICLE)
    await room.tell(EntryKind.ARTICLE_ADDED, 1)

    async def known(tx: Transaction) -> dict[tuple[str, str], set[int]]:
        return await told.singly(tx, {"telegram:7", "telegram:8"}, [1, 2])

    async with room.store.read() as tx:
        assert await known(tx) == {("telegram:7", ""): {1}}
