"""A database of an older release comes forward on start, with a copy of what it was beside it."""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, text
from structlog.testing import capture_logs

from feeds.errors import StoreError
from feeds.store import build, copies, library, meta, schema
from feeds.store.build import FILE_NAME, database_url, open_store
from feeds.store.copies import contents
from feeds.store.engine import Store, build_engine
from tests.fakes.disk import small_disk

BEFORE = f"{FILE_NAME}.before-{schema.HEAD}"
ROWS = (
    (
        "INSERT INTO sources (id, title, url, timezone, created_at, failures) VALUES "
        "('huaian', '淮安区报', 'http://paper.test/', 'Asia/Shanghai', '2024-04-08 00:00:00', 0)"
    ),
    (
        "INSERT INTO issues (source, key, date, url, is_first, status, push, first_seen, updated_at) VALUES "
        "('huaian', '2024-04-08', '2024-04-08', 'http://paper.test/1', false, 'partial', true, "
        "'2024-04-08 00:00:00', '2024-04-08 00:00:00')"
    ),
    "INSERT INTO meta (name, value) VALUES ('name', '报童')",
)


async def first_schema(data_dir: Path, database: str | None) -> None:
    """A database as the first release made it, with something in it."""

    def upgrade(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(Path(schema.__file__).parent / "migrations"))
        config.set_main_option("path_separator", "os")
        config.attributes["connection"] = connection
        command.upgrade(config, "0001")
        for row in ROWS:
            connection.execute(text(row))

    data_dir.mkdir(parents=True, exist_ok=True)
    store = Store(build_engine(database_url(data_dir, database)))
    async with store.writing() as connection:
        await connection.run_sync(upgrade)
    await store.close()


async def holds_its_rows(store: Store) -> bool:
    async with store.read() as tx:
        revision = (await tx.execute(text("SELECT version_num FROM alembic_version"))).scalar_one()
        issue = await library.newest_issue(tx, "huaian")
        return revision == schema.HEAD and await meta.get(tx, "name") == "报童" and issue is None


async def test_an_older_database_comes_forward_and_what_it_was_lies_beside_it(
    tmp_path: Path,
) -> None:
    await first_schema(tmp_path, None)
    with capture_logs() as logs:
        store = await open_store(tmp_path, None)
    assert await holds_its_rows(store)
    await store.close()
    old = contents(tmp_path / BEFORE)
    assert (old.revision, old.papers, old.issues, old.newest) == ("0001", 1, 1, "2024-04-08")
    assert [line["copy"] for line in logs] == [str(tmp_path / BEFORE)]
    assert (tmp_path / BEFORE).stat().st_mode & 0o077 == 0  # chats are in it


async def test_the_copy_takes_the_old_ones_place_as_a_whole_database(tmp_path: Path) -> None:
    await first_schema(tmp_path, None)
    await (await open_store(tmp_path, None)).close()
    (tmp_path / "again").mkdir()
    shutil.copy(tmp_path / BEFORE, tmp_path / "again" / FILE_NAME)
    store = await open_store(tmp_path / "again", None)
    assert await holds_its_rows(store)
    await store.close()


async def test_neither_a_new_database_nor_one_of_today_is_copied(tmp_path: Path) -> None:
    for _ in range(2):
        await (await open_store(tmp_path, None)).close()
    assert list(tmp_path.glob("*before*")) == []


async def test_of_the_copies_the_newest_two_stay(tmp_path: Path) -> None:
    await first_schema(tmp_path, None)
    for name in ("before-0000", "before-0001"):
        (tmp_path / f"{FILE_NAME}.{name}").touch()
    await (await open_store(tmp_path, None)).close()
    left = sorted(path.name for path in tmp_path.glob("*before*"))
    assert left == [f"{FILE_NAME}.before-0001", BEFORE]


async def test_on_postgresql_a_dump_is_advised_and_nothing_copied(
    tmp_path: Path, postgresql_database: str
) -> None:
    await first_schema(tmp_path, postgresql_database)
    with capture_logs() as logs:
        store = await open_store(tmp_path, postgresql_database)
    assert await holds_its_rows(store)
    await store.close()
    assert ["pg_dump" in line["event"] for line in logs] == [True]
    assert list(tmp_path.iterdir()) == []


async def test_without_room_for_the_copy_nothing_is_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await first_schema(tmp_path, None)
    before = (tmp_path / FILE_NAME).read_bytes()
    full = shutil.disk_usage(tmp_path)._replace(free=1000)
    with monkeypatch.context() as patch:
        patch.setattr(copies.shutil, "disk_usage", lambda _folder: full)
        with pytest.raises(StoreError, match="放不下"):
            await open_store(tmp_path, None)
    assert (tmp_path / FILE_NAME).read_bytes() == before
    store = await open_store(tmp_path, None)
    assert await holds_its_rows(store)
    await store.close()


@pytest.fixture
def disk(tmp_path: Path) -> Iterator[Path]:
    with small_disk(tmp_path / "disk", mib=4) as folder:
        yield folder


async def test_case_151_a_disk_that_fills_up_during_a_migration_leaves_what_was_there(
    disk: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The copy lies elsewhere here, for it would have found the disk full first."""
    await first_schema(disk, None)
    monkeypatch.setattr(build, "copy_database", lambda _file, _copy: None)
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    with pytest.raises(StoreError, match="磁盘满了"):
        await open_store(disk, None)
    filler.unlink()
    with closing(sqlite3.connect(disk / FILE_NAME)) as connection:
        found = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        assert found == ("0001",)
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    store = await open_store(disk, None)
    assert await holds_its_rows(store)
    await store.close()


async def test_case_151_a_first_start_on_a_full_disk_says_so_and_begins_once_there_is_room(
    disk: Path,
) -> None:
    filler = disk / "filler"
    filler.write_bytes(bytes(shutil.disk_usage(disk).free))
    with pytest.raises(StoreError, match="磁盘满了"):
        await open_store(disk, None)
    assert [path.name for path in disk.iterdir()] == ["filler"]
    filler.unlink()
    await (await open_store(disk, None)).close()


async def test_case_151_a_mark_that_finds_no_room_stops_nobody(tmp_path: Path) -> None:
    await (await open_store(tmp_path, None)).close()
    (tmp_path / build.MARK_NAME).unlink()
    (tmp_path / build.MARK_NAME).symlink_to("/dev/full")
    await (await open_store(tmp_path, None)).close()
