"""`baotong backup` and `restore FILE`, beside a worker that runs, and what readers get afterwards."""

import json
import os
import re
import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import closing
from pathlib import Path

import pytest
from click.testing import CliRunner

from bot.address import Address, ChatKind
from bot.cli.main import main
from bot.ledger import chats, subscriptions
from bot.ledger.tables import Mode
from feeds.models import WithdrawnBy
from feeds.store.build import FILE_NAME, open_store
from feeds.store.copies import contents, withdrawn
from tests.fakes.clock import FakeClock
from tests.fakes.command import baotong
from tests.fakes.disk import small_disk
from tests.fakes.office import office
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


# ── what it refuses ─────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("name", ["nowhere.db", "."])
async def test_what_is_no_file_is_named_so(tmp_path: Path, name: str) -> None:
    await filled(tmp_path)
    refused = await baotong(tmp_path, "restore", name)
    assert refused.code == 1
    assert ("没有这个文件" if name == "nowhere.db" else "不是文件") in refused.err


async def test_a_backup_is_not_overwritten_unless_it_is_told_to(tmp_path: Path) -> None:
    await filled(tmp_path)
    file = tmp_path / "b.db"
    file.write_text("somebody's", "utf-8")
    refused = await baotong(tmp_path, "backup", "b.db")
    assert (refused.code, "--force" in refused.err, file.read_text("utf-8")) == (
        1,
        True,
        "somebody's",
    )
    assert (await baotong(tmp_path, "backup", "b.db", "--force")).code == 0
    assert contents(file).issues == 1
    assert file.stat().st_mode & 0o077 == 0  # chats are in it


NEEDED = [
    f"data/{FILE_NAME}",
    f"data/{FILE_NAME}-wal",
    f"data/{FILE_NAME}.saved",
    "data/lock",
    "data/archive",
    "data/reload.json",
    "data/feeds/huaian.rss",
    "link.yaml",
]


@pytest.mark.parametrize("name", NEEDED)
async def test_what_we_need_ourselves_is_no_place_for_a_backup(tmp_path: Path, name: str) -> None:
    database = await filled(tmp_path)
    (tmp_path / "link.yaml").symlink_to("baotong.yaml")
    before = (tmp_path / "baotong.yaml").read_bytes()
    result = CliRunner().invoke(
        main,
        ["backup", str(tmp_path / name), "--force", "-c", str(tmp_path / "baotong.yaml")],
    )
    assert (result.exit_code, "写到别处" in result.output) == (1, True)
    assert contents(database).issues == 1
    assert (tmp_path / "baotong.yaml").read_bytes() == before


async def test_without_an_archive_there_is_nothing_to_back_up(tmp_path: Path) -> None:
    (tmp_path / "baotong.yaml").write_text("data_dir: var", "utf-8")
    refused = await baotong(tmp_path, "backup", "b.db")
    assert (refused.code, "baotong run" in refused.err) == (2, True)
    assert not (tmp_path / "var").exists()


async def test_on_postgresql_its_own_tools_are_named(tmp_path: Path) -> None:
    url = "postgresql://user:hunter2@127.0.0.1/x"
    (tmp_path / "baotong.yaml").write_text(f"database: {url}", "utf-8")
    for command, tool in (("backup", "pg_dump"), ("restore", "pg_restore")):
        refused = await baotong(tmp_path, command, "b.db")
        assert (refused.code, tool in refused.err, "hunter2" in refused.err) == (1, True, False)


async def test_case_151_a_disk_that_fills_up_during_a_backup_leaves_no_half_of_one(
    tmp_path: Path,
) -> None:
    await filled(tmp_path)
    with small_disk(tmp_path / "disk", mib=1) as disk:
        refused = await baotong(tmp_path, "backup", "disk/b.db")
        assert (refused.code, "放不下" in refused.err) == (1, True)
        assert list(disk.iterdir()) == []
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0


def damage(file: Path) -> None:
    raw = bytearray(file.read_bytes())
    raw[len(raw) // 2 :] = os.urandom(len(raw) - len(raw) // 2)
    file.write_bytes(raw)


def empty(file: Path) -> None:
    file.write_bytes(b"")


def other(file: Path) -> None:
    file.unlink()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("CREATE TABLE notes (words TEXT)")


def newer(file: Path) -> None:
    with closing(sqlite3.connect(file, isolation_level=None)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '9999'")


def no_database(file: Path) -> None:
    file.write_text("words " * 2000, "utf-8")


def garble(file: Path) -> None:
    """So that SQLite, telling what is wrong with the file, cites what is no text."""
    raw = file.read_bytes()
    assert b"CREATE TABLE sources" in raw
    file.write_bytes(raw.replace(b"CREATE TABLE sources", b"\xdf\xfe\xff TABLE sources"))


@pytest.mark.parametrize("spoil", [damage, garble, empty, other, newer, no_database, Path.unlink])
async def test_case_156_157_what_cannot_be_put_back_is_refused_in_a_sentence_and_nothing_changes(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    database = await filled(tmp_path)
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0
    spoil(tmp_path / "b.db")
    before = {path.name: path.read_bytes() for path in database.parent.iterdir()}
    refused = await baotong(tmp_path, "restore", "b.db")
    assert refused.code == 1
    assert "没有放回来" in refused.err
    assert len(refused.err.splitlines()) == 1
    left = {path.name: path.read_bytes() for path in database.parent.iterdir()}
    assert left == before


# ── what it does ────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("spoil", [damage, garble, empty, Path.unlink, no_database])
async def test_case_156_what_became_of_the_database_a_backup_is_put_in_its_place(
    tmp_path: Path, spoil: Callable[[Path], None]
) -> None:
    database = await filled(tmp_path)
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0
    spoil(database)
    spoilt = database.read_bytes() if database.exists() else None
    done = await baotong(tmp_path, "restore", "b.db")
    assert done.code == 0, done.err
    assert contents(database).issues == 1
    kept = [path.read_bytes() for path in database.parent.glob("*.replaced-*")]
    assert kept == ([] if spoilt is None else [spoilt])
    assert "无从知道" in done.out
    assert not (database.parent / ".restoring").exists()
    await (await open_store(database.parent, None)).close()


async def test_a_log_that_belongs_to_the_old_database_is_not_read_into_the_new_one(
    tmp_path: Path,
) -> None:
    """As a killed worker leaves it: a database whose last commits are still in its WAL."""
    database = await filled(tmp_path)
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE sources SET title = 'later'")
        copied = [(path, path.read_bytes()) for path in database.parent.glob(f"{FILE_NAME}*")]
    for path, data in copied:
        path.write_bytes(data)
    assert Path(f"{database}-wal").stat().st_size > 0
    assert (await baotong(tmp_path, "restore", "b.db")).code == 0
    [kept] = database.parent.glob("*.replaced-*")
    assert title_in(kept) == "later"
    assert title_in(database) == "淮安区报"


async def test_a_log_that_nobody_can_take_in_stays_with_the_old_database(tmp_path: Path) -> None:
    database = await filled(tmp_path)
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0
    with closing(sqlite3.connect(database, isolation_level=None)) as connection:
        connection.execute("UPDATE sources SET title = 'later'")
        log = Path(f"{database}-wal").read_bytes()
    no_database(database)
    Path(f"{database}-wal").write_bytes(log)
    assert (await baotong(tmp_path, "restore", "b.db")).code == 0
    assert title_in(database) == "淮安区报"
    [kept] = database.parent.glob("*.replaced-*-wal")
    assert kept.read_bytes() == log


def title_in(database: Path) -> str:
    with closing(sqlite3.connect(database)) as connection:
        title: str = connection.execute("SELECT title FROM sources").fetchone()[0]
    return title


async def test_the_feeds_are_written_anew(tmp_path: Path) -> None:
    database = await filled(tmp_path)
    assert (await baotong(tmp_path, "backup", "b.db")).code == 0
    cursor = database.parent / "feeds" / ".cursor.json"
    cursor.parent.mkdir(exist_ok=True)
    cursor.write_text(json.dumps({"archive": "x", "seq": 99, "recipes": {}}), "utf-8")
    assert (await baotong(tmp_path, "restore", "b.db")).code == 0
    assert not cursor.exists()


async def test_one_argument_is_a_backup_and_two_are_an_article(tmp_path: Path) -> None:
    await filled(tmp_path)
    helped = await baotong(tmp_path, "restore", "--help")
    assert "restore FILE" in helped.out
    assert "restore SOURCE ARTICLE" in helped.out
    back = await baotong(tmp_path, "restore", "huaian", "2024-04-08/0408-1")
    assert (back.code, "没有撤回过" in back.out) == (0, True)


# ── damage ──────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("command", "code"), [("run", 2), ("status", 1), ("deliveries", 1), ("pause", 1)]
)
async def test_case_156_a_database_that_even_its_errors_cannot_be_read_of_is_told_in_a_sentence(
    tmp_path: Path, command: str, code: int
) -> None:
    database = await filled(tmp_path)
    garble(database)
    arguments = (command, "huaian") if command == "pause" else (command,)
    refused = await baotong(tmp_path, *arguments)
    assert (refused.code, len(refused.err.splitlines())) == (code, 1), refused.err
    assert "文件坏了" in refused.err


# ── a database that was deleted in use ──────────────────────────────────────────────────────────


async def lost(folder: Path) -> Path:
    """An archive with a withdrawal in it whose database was deleted under the worker; what was saved."""
    database, reader = await filled(folder), Address("telegram", "9")
    now = FakeClock().now()
    store = await open_store(database.parent, None)
    async with store.write() as tx:
        await chats.meet(tx, str(reader), ChatKind.PRIVATE, now)
        await subscriptions.subscribe(tx, reader, "huaian", {"mode": Mode.ISSUE}, 0, now)
    await store.close()
    assert (await baotong(folder, "backup", "b.db")).code == 0
    assert (await baotong(folder, "withdraw", "huaian", "2024-04-08/0408-1")).code == 0
    store = await open_store(database.parent, None)
    async with store.write() as tx:
        await subscriptions.unsubscribe(tx, reader, None)
    database.unlink()
    await store.close()
    [saved] = database.parent.glob("*.saved")
    return saved


async def test_what_was_saved_of_a_deleted_database_is_named_and_backed_up(tmp_path: Path) -> None:
    saved = await lost(tmp_path)
    for command in (("status",), ("pause", "huaian")):
        told = await baotong(tmp_path, *command)
        assert (told.code, str(saved) in told.err, "baotong run" in told.err) == (1, True, True)
    assert (await baotong(tmp_path, "backup", "c.db")).code == 0
    assert len(withdrawn(tmp_path / "c.db") or ()) == 1


@pytest.mark.parametrize("is_replaced", [False, True])
async def test_what_was_withdrawn_in_a_deleted_database_stays_so_and_it_is_kept(
    tmp_path: Path, is_replaced: bool
) -> None:
    saved = await lost(tmp_path)
    database = saved.with_name(FILE_NAME)
    if is_replaced:
        database.write_bytes((tmp_path / "b.db").read_bytes())
    done = await baotong(tmp_path, "restore", "b.db")
    assert "撤回的 1 篇,照样撤回;退订的 1 个,照样退订" in done.out, done.err
    with closing(sqlite3.connect(database)) as connection:
        ended = "SELECT chat FROM subscriptions WHERE origin = 'chat' AND NOT active"
        assert connection.execute(ended).fetchall() == [("telegram:9",)]
    assert len(withdrawn(database) or ()) == 1
    assert not saved.exists()
    kept = list(database.parent.glob("*.replaced-*"))
    assert [len(withdrawn(one) or ()) for one in sorted(kept)] == [0, 1][not is_replaced :]
