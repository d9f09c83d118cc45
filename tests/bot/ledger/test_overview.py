"""How everything stands is read from the store, on either database, and says what needs a hand."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from sqlalchemy import insert, text, update

from bot.cli.status import _channel_remarks
from bot.ledger import overview
from bot.ledger.overview import Lately, Stuck, Waiting
from bot.ledger.tables import chats, deliveries, edits, incidents, rewrites
from bot.standing.document import document
from bot.standing.gather import gather
from bot.standing.needs import needs_of
from bot.standing.report import Report
from config.models import Settings
from feeds.models import AlarmKind, PauseKind
from feeds.store import looks, pauses, tables
from feeds.store import overview as papers
from feeds.store.engine import Store
from feeds.store.lock import DataLock
from feeds.store.outbox import State
from feeds.store.overview import LastIssue
from feeds.store.owners import Owner
from tests.fakes.archive import fill, simple_issue
from tests.fakes.press import evening, monday, sunday
from tests.fakes.press import papers as both
from tests.fakes.settings import two_papers

NOW = datetime(2024, 4, 8, 6, 0, tzinfo=UTC)
MINUTE, HOUR = timedelta(minutes=1), timedelta(hours=1)
CHANNELS = """
channels:
  telegram: {token: "1:x"}
  wecom: {desk: {key: k}}
operators: ["telegram:7"]
"""


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    return two_papers(tmp_path, more=CHANNELS)


async def owe(store: Store, chat: str, state: State, at: datetime, **more: Any) -> int:
    """A delivery in some state. `at` is when it is due, or was settled."""
    is_over = state not in {State.PENDING, State.SENDING}
    about = {"lane": None if is_over else "huaian", "settled_at": at if is_over else None}
    row = {
        "chat": chat, "channel": chat.partition(":")[0], "state": state, "due_at": at,
        "subject": f"issue:{at.timestamp()}:{state}", "kind": "issue", "source": "huaian", "seq": 1,
        "entry_at": at, "created_at": at, "owner": "me" if state is State.SENDING else None,
    }  # fmt: skip
    async with store.write() as tx:
        known = {"id": chat, "kind": "private", "created_at": at}
        if not (await tx.execute(chats.select().where(chats.c.id == chat))).first():
            await tx.execute(insert(chats).values(**known))
        put = insert(deliveries).values(**row | about | more).returning(deliveries.c.id)
        return int((await tx.execute(put)).scalar_one())


async def report(store: Store, settings: Settings, now: datetime = NOW) -> Report:
    return await gather(store, settings, now)


async def test_the_queue_is_counted_by_channel_and_state(store: Store) -> None:
    await owe(store, "telegram:7", State.PENDING, NOW - HOUR)
    await owe(store, "telegram:7", State.PENDING, NOW - MINUTE, lane=None)  # behind the first
    await owe(store, "telegram:8", State.SENDING, NOW - MINUTE)
    await owe(store, "telegram:9", State.SENT, NOW - HOUR)
    await owe(store, "wecom:desk", State.PENDING, NOW + HOUR, own_hour=True)
    async with store.read() as tx:
        assert await overview.waiting(tx, NOW) == {
            "telegram": Waiting(2, 1, NOW - HOUR),
            "wecom": Waiting(1, 0, None),
        }


async def test_whose_message_waits_and_why_is_told(store: Store, settings: Settings) -> None:
    await owe(store, "wecom:desk", State.PENDING, NOW - MINUTE)
    await owe(store, "wecom:news", State.PENDING, NOW + HOUR, reason="errcode 45009", attempts=2)
    await owe(store, "wecom:desk", State.PENDING, NOW + HOUR, reason="later", attempts=1)
    await owe(store, "wecom:old", State.FAILED, NOW - HOUR, reason="over")
    found = await report(store, settings)
    (wecom,) = (one for one in found.channels if one.name == "wecom")
    assert wecom.waiting.stuck == Stuck("wecom:news", "errcode 45009")
    (said,) = (one for one in document(found, str)["channels"] if one["name"] == "wecom")
    assert said["stuck"] == {"chat": "wecom:news", "reason": "errcode 45009"}
    remarks = list(_channel_remarks(wecom, NOW, ZoneInfo("Asia/Shanghai")))
    assert "wecom:news 的还没送到：errcode 45009" in remarks


async def test_what_was_sent_lately_and_what_failed(store: Store) -> None:
    for hours in (1, 2, 30):
        await owe(store, "telegram:7", State.SENT, NOW - hours * HOUR)
    await owe(store, "telegram:7", State.FAILED, NOW - 3 * HOUR, reason="too long")
    await owe(store, "telegram:7", State.UNKNOWN, NOW - 4 * HOUR, reason="silence")
    await owe(store, "telegram:7", State.SKIPPED, NOW - HOUR)
    await owe(store, "wecom:desk", State.SENT, NOW - 40 * HOUR)
    async with store.read() as tx:
        found = await overview.lately(tx, ["telegram", "wecom", "console"], NOW - 24 * HOUR)
    assert found["telegram"] == Lately(2, 1, 1, NOW - HOUR, NOW - 3 * HOUR, "too long")
    assert found["wecom"] == Lately(sent_at=NOW - 40 * HOUR)
    assert found["console"] == Lately()


async def test_edits_and_incidents(store: Store) -> None:
    row = await owe(store, "telegram:7", State.SENT, NOW - HOUR)
    async with store.write() as tx:
        await tx.execute(
            insert(edits).values(
                delivery_id=row, channel="telegram", urgency=0, due_at=NOW, created_at=NOW
            )
        )
        plan = {"issue_id": 1, "urgency": 0, "since": NOW}
        await tx.execute(insert(rewrites), [plan | {"due_at": NOW}, plan | {"due_at": NOW + HOUR}])
        one = {"kind": "refused", "about": "telegram", "raised_at": NOW, "words": "token 不对"}
        await tx.execute(insert(incidents).values(**one))
    async with store.read() as tx:
        assert await overview.edits_owed(tx) == {"telegram": 1}
        assert await overview.rewrites_due(tx, NOW) == 1
        [incident] = await overview.standing(tx)
    assert (incident.kind, incident.about, incident.since) == ("refused", "telegram", NOW)


async def test_each_paper_with_its_last_issue_its_looks_and_its_rules(store: Store) -> None:
    await fill(store, both(), [sunday(), monday(), evening()])
    async with store.write() as tx:
        await looks.note_good(tx, [("huaian", NOW, NOW + HOUR)])
        await looks.note_failure(tx, "chuzhou", NOW, NOW + HOUR, 3, "HTTP 503")
        await looks.note_rules(tx, "huaian", {"title": "label", "body_html": "selector"})
        raised = {"source": "huaian", "kind": AlarmKind.LATE, "raised_at": NOW}
        await tx.execute(insert(tables.alarms).values(**raised))
    async with store.read() as tx:
        found = await papers.papers(tx, ["huaian", "chuzhou", "nobody"])
    assert set(found) == {"huaian", "chuzhou"}
    huaian, chuzhou = found["huaian"], found["chuzhou"]
    assert huaian.issue is not None
    assert (huaian.issue.key, huaian.issue.pages, huaian.issue.articles) == ("2024-04-08", 4, 8)
    assert (huaian.read_at, huaian.next_look_at) == (NOW, NOW + HOUR)
    assert huaian.found_by == {"title": "label", "body_html": "selector"}
    assert huaian.alarms == {AlarmKind.LATE: NOW}
    assert isinstance(chuzhou.issue, LastIssue)
    assert (chuzhou.failures, chuzhou.reason, chuzhou.found_by) == (3, "HTTP 503", None)


async def test_the_rules_are_written_where_they_are_news(store: Store) -> None:
    """Every article that is read passes here: what says the same costs no row."""
    await fill(store, both())
    said = {"title": "label", "body_html": "selector"}
    async with store.write() as tx:
        assert await looks.note_rules(tx, "huaian", said)
        assert await looks.note_rules(tx, "huaian", dict(reversed(said.items()))) is False
        assert await looks.note_rules(tx, "huaian", {"title": "data"})
    async with store.read() as tx:
        assert (await papers.papers(tx, ["huaian"]))["huaian"].found_by == {"title": "data"}


async def test_a_whole_report_and_its_document(store: Store, settings: Settings) -> None:
    days = [simple_issue(date(2024, 3, 20) + timedelta(days=n)) for n in range(8)]
    await fill(store, both(), [*days, monday()])
    async with store.write() as tx:
        seen = datetime(2024, 3, 19, 22, 10, tzinfo=UTC)  # 06:10 of each day in China
        for number, issue in enumerate(days):
            at = seen + timedelta(days=number)
            of = tables.issues.c.key == issue.key
            values = {"first_seen": at, "unseen_at": at - 5 * MINUTE}
            await tx.execute(update(tables.issues).where(of).values(**values))
        await pauses.pause(tx, PauseKind.SOURCE, "chuzhou", "telegram:7", NOW)
    await owe(store, "dingtalk:old", State.PENDING, NOW - HOUR)
    found = await report(store, settings)
    assert [paper.id for paper in found.papers] == ["huaian", "chuzhou"]
    assert found.papers[0].usual == timedelta(hours=6, minutes=10)
    assert found.papers[1].paused is not None
    assert [(c.name, c.is_configured) for c in found.channels] == [
        ("telegram", True), ("wecom", True), ("dingtalk", False)
    ]  # fmt: skip
    assert (found.disk.kind, found.disk.bytes > 0) == (store.dialect, True)
    said = document(found, lambda words: words)
    assert said["ok"] is False
    assert said["sources"][0]["usual_minute"] == 370
    assert said["sources"][1]["paused"] == {
        "since": "2024-04-08T06:00:00+00:00",
        "by": "telegram:7",
    }


async def test_what_needs_a_hand(store: Store, settings: Settings) -> None:
    await fill(store, both(), [monday()])
    with DataLock(settings.data_dir):
        assert needs_of(await report(store, settings)) == ()  # all is well
        await owe(store, "telegram:7", State.PENDING, NOW - HOUR)
        await owe(store, "dingtalk:old", State.PENDING, NOW)
        async with store.write() as tx:
            await looks.note_failure(tx, "huaian", NOW - 5 * HOUR, NOW - 4 * HOUR, 3, "HTTP 503")
            one = {"kind": "refused", "about": "wecom:desk", "raised_at": NOW, "words": "key 不对"}
            await tx.execute(insert(incidents).values(**one))
            raised = {"source": "chuzhou", "kind": AlarmKind.REDESIGN, "raised_at": NOW}
            await tx.execute(insert(tables.alarms).values(**raised))
        assert [
            need.said(lambda words: words, "那时")
            for need in needs_of(await report(store, settings))
        ] == [
            "key 不对（从 那时 起）",
            "淮安区报：连着 3 次没有读到：HTTP 503",
            "淮安区报：那时 就该去看了，还没有看",
            "楚州晚报：网站可能改版了（从 那时 起）",
            "telegram：有消息从 那时 起就该送了，还没有送出去",
            "dingtalk：还有 1 条要送，配置里却没有这个渠道",
        ]
        async with store.write() as tx:
            one = {"kind": "stalled", "about": "telegram", "raised_at": NOW, "words": "送不出去"}
            await tx.execute(insert(incidents).values(**one))
        again = [need.said(str, "那时") for need in needs_of(await report(store, settings))]
        assert [words for words in again if "送" in words] == [
            "送不出去（从 那时 起）",
            "dingtalk：还有 1 条要送，配置里却没有这个渠道",
        ]
        async with store.write() as tx:  # who paused them knows
            for name in ("huaian", "chuzhou"):
                await pauses.pause(tx, PauseKind.SOURCE, name, "telegram:7", NOW)
            await pauses.pause(tx, PauseKind.CHANNEL, "telegram", "telegram:7", NOW)
        left = [need.words for need in needs_of(await report(store, settings))]
        assert len(left) == 3
    assert needs_of(await report(store, settings))[0].words == "报童没有在运行：baotong run"


async def test_on_postgresql_the_worker_may_run_on_another_machine(
    store: Store, settings: Settings
) -> None:
    owner = Owner(store)
    await owner.prove()
    found = await report(store, settings)
    assert found.worker == (None if store.dialect == "sqlite" else "?")
    assert document(found, str)["worker"]["pid"] is None
    await owner.close()
    assert (await report(store, settings)).worker is None


async def test_a_disk_that_is_nearly_full_needs_a_hand(store: Store, settings: Settings) -> None:
    found = replace(await report(store, settings), worker="1")
    full = replace(found, disk=replace(found.disk, free=100 << 20))
    assert [need.said(lambda words: words, "") for need in needs_of(full)] == ["磁盘只剩 100.0 MB"]
    assert needs_of(replace(found, disk=replace(found.disk, free=None))) == ()


async def test_nothing_is_counted_by_reading_the_ledger_itself(store: Store) -> None:
    """Each count is a walk through an index that holds nothing else (SQLite says so)."""
    if store.dialect != "sqlite":
        pytest.skip("PostgreSQL decides by its statistics")
    plans = {
        "SELECT channel, own_hour, count(*), min(id) FROM deliveries WHERE settled_at IS NULL"
        " GROUP BY channel, own_hour": "INDEX ix_deliveries_queue",
        "SELECT channel, min(due_at) FROM deliveries WHERE lane IS NOT NULL GROUP BY channel":
            "COVERING INDEX ix_deliveries_lane",
        "SELECT channel, state, count(*) FROM deliveries WHERE settled_at IS NOT NULL AND channel IN"
        " ('telegram') AND state IN ('sent') AND settled_at >= '2024' GROUP BY channel, state":
            "COVERING INDEX ix_deliveries_settled",
        "SELECT chat, reason FROM deliveries WHERE settled_at IS NULL AND reason IS NOT NULL AND"
        " channel = 'wecom' ORDER BY id LIMIT 1": "INDEX ix_deliveries_stuck",
    }  # fmt: skip
    async with store.read() as tx:
        for statement, wanted in plans.items():
            plan = (await tx.execute(text(f"EXPLAIN QUERY PLAN {statement}"))).all()
            assert any(wanted in row[3] for row in plan), plan
