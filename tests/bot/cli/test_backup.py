"""`baotong backup` and `restore FILE`, beside a worker that runs, and what readers get afterwards."""

import asyncio
import json
import os
import re
import shutil
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, text

from bot.gaps import ALIVE
from bot.ledger import subscriptions, summaries
from bot.ledger.tables import deliveries
from bot.restoring import settle_restored
from feeds.models import EntryKind, WithdrawnBy
from feeds.store import library, meta, schema
from feeds.store.build import FILE_NAME, open_store
from feeds.store.copies import contents, withdrawn
from feeds.store.engine import Store
from feeds.store.outbox import State
from feeds.store.withdrawals import Withdrawn, withdraw
from tests.fakes.archive import simple_issue
from tests.fakes.clock import FakeClock
from tests.fakes.command import Done, baotong
from tests.fakes.disk import small_disk
from tests.fakes.office import DAY, MONDAY, Office, office
from tests.fakes.worker import Town, town

READERS = ("to: telegram:7", "to: telegram:8, mode: article, max_messages: 2")
DATE = re.compile(r"2024年\d\d月\d\d日")


@pytest.fixture
async def place(tmp_path: Path) -> AsyncIterator[Town]:
    async with town(tmp_path) as place:
        place.configure(*READERS)
        yield place


async def filled(folder: Path) -> Path:
    """A folder with a configuration and an archive of one issue; its database."""
    store = await open_store(folder / "data", None)
    at_work = office(store, folder, FakeClock(), READERS)
    await at_work.open()
    await at_work.publish()
    await at_work.send()
    await at_work.close()
    await store.close()
    return folder / "data" / FILE_NAME


def dates(place: Town, chat: str, since: int) -> list[str]:
    return [DATE.findall(m.text)[0] for m in place.api.to(chat)[since:]]


# ── beside a worker ─────────────────────────────────────────────────────────────────────────────


async def test_case_167_a_backup_put_back_floods_nobody(place: Town) -> None:
    """Two issues delivered, a backup, three more, then back: the newest once a chat, no other twice."""
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to("8")) == 3 and bool(place.api.to("7")), 60)
    saved = await baotong(place.folder, "backup", "yesterday.db")
    assert saved.code == 0, saved.err
    assert re.search(r"1 份报纸 1 期 9 篇,最新一期 2024-04-08,\d", saved.out)
    for count in (2, 3, 4):
        await place.print_issue()
        await place.api.until(lambda: len(place.api.to("7")) == count, 60)  # noqa: B023
        await place.api.until(lambda: len(place.api.to("8")) == 3 * count, 60)  # noqa: B023
    busy = await baotong(place.folder, "restore", "yesterday.db")
    assert (busy.code, "先停下" in busy.err) == (3, True)
    await worker.stop()
    before = {chat: len(place.api.to(chat)) for chat in ("7", "8")}

    done = await baotong(place.folder, "restore", "yesterday.db")
    assert done.code == 0, done.err
    assert contents(place.folder / "var" / FILE_NAME).issues == 1
    [kept] = (place.folder / "var").glob("*.replaced-*")
    assert str(kept) in done.out
    assert contents(kept).issues == 4

    await place.start()
    await place.api.until(lambda: len(place.api.to("7")) > before["7"], 60)
    await place.print_issue()  # whose messages prove that all before it have come
    await place.api.until(lambda: "2024年04月12日" in place.api.to("7")[-1].text, 60)
    await place.api.until(
        lambda: sum("2024年04月12日" in m.text for m in place.api.to("8")) == 3, 60
    )
    assert dates(place, "7", before["7"]) == ["2024年04月11日", "2024年04月12日"]
    assert dates(place, "8", before["8"]) == ["2024年04月11日"] * 3 + ["2024年04月12日"] * 3
    assert place.api.refused == []


async def test_what_was_withdrawn_after_the_backup_stays_withdrawn(place: Town) -> None:
    """An article that the backup has, and one of an issue that it has not: the newspaper still shows both."""
    worker = await place.start()
    await place.api.until(lambda: bool(place.api.to("7")), 60)
    assert (await baotong(place.folder, "backup", "b.db")).code == 0
    await place.print_issue()
    await place.api.until(lambda: len(place.api.to("7")) == 2, 60)
    taken = await first_articles(place)
    for name in taken:
        assert (await baotong(place.folder, "withdraw", "qinghe", name)).code == 0
    await worker.stop()
    before = len(place.api.to("7"))

    done = await baotong(place.folder, "restore", "b.db")
    assert "撤回的 2 篇,照样撤回" in done.out
    worker = await place.start()
    await place.api.until(lambda: len(place.api.to("7")) > before, 60)
    titles = {name: title_of(place, name) for name in taken}
    assert all(title not in m.text for m in place.api.to("7")[before:] for title in titles.values())
    await worker.stop()
    rows = withdrawn(place.folder / "var" / FILE_NAME)
    assert rows is not None
    assert {(f"{row.issue}/{row.article}", row.by) for row in rows} == {
        (name, WithdrawnBy.OPERATOR) for name in taken
    }


async def first_articles(place: Town) -> list[str]:
    """The first article of each issue, as `withdraw` takes it."""
    with closing(sqlite3.connect(place.folder / "var" / FILE_NAME)) as connection:
        rows = connection.execute(
            "SELECT i.key || '/' || a.key FROM articles a JOIN issues i ON i.id = a.issue_id "
            "WHERE a.position = 1 OR a.id IN (SELECT min(id) FROM articles GROUP BY issue_id) "
            "GROUP BY i.id ORDER BY i.key"
        ).fetchall()
    return [name for (name,) in rows]


def title_of(place: Town, name: str) -> str:
    [kept] = (place.folder / "var").glob("*.replaced-*")
    issue, article = name.split("/")
    with closing(sqlite3.connect(kept)) as connection:
        query = (
            "SELECT a.title FROM articles a JOIN issues i ON i.id = a.issue_id "
            "WHERE i.key = ? AND a.key = ?"
        )
        title: str = connection.execute(query, (issue, article)).fetchone()[0]
    return title
