"""The database is the one that the tables say, and one that cannot be used is left as it is."""

import sys
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, text

from feeds.errors import StoreError
from feeds.store import build, journal, meta, schema
from feeds.store.build import FILE_NAME, look_into, open_store
from feeds.store.engine import Store
from feeds.store.tables import metadata


def is_ours(name: str | None, kind: str, _parents: object) -> bool:
    """The full-text index is each database's own and in no MetaData."""
    return kind != "table" or not (name or "").startswith("article_search")


async def test_the_migrations_make_what_the_tables_say(store: Store) -> None:
    def differences(connection: Connection) -> list[object]:
        opts = {"compare_server_default": False, "include_name": is_ours}
        context = MigrationContext.configure(connection, opts=opts)
        return list(compare_metadata(context, metadata))

    async with store.engine.connect() as connection:
        assert await connection.run_sync(differences) == []


def test_the_newest_script_is_the_head_that_the_program_knows() -> None:
    scripts = ScriptDirectory(str(Path(schema.__file__).parent / "migrations"))
    assert scripts.get_current_head() == schema.HEAD


async def test_what_was_stored_is_there_after_opening_again(tmp_path: Path) -> None:
    store = await open_store(tmp_path, None)
    async with store.write() as tx:
        await meta.put(tx, "name", "报童")
    await store.close()
    store = await open_store(tmp_path, None)
    async with store.read() as tx:
        assert await meta.get(tx, "name") == "报童"
        assert await journal.end(tx) == 0
    await store.close()


async def test_case_157_a_newer_schema_is_refused(store: Store, tmp_path: Path) -> None:
    async with store.write() as tx:
        await tx.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    database = None
    if store.dialect == "postgresql":
        database = store.engine.url.set(drivername="postgresql").render_as_string(
            hide_password=False
        )
    with pytest.raises(StoreError, match="9999"):
        await open_store(tmp_path / "var", database)
    async with store.write() as tx:  # the database is used again
        await tx.execute(text(f"UPDATE alembic_version SET version_num = '{schema.HEAD}'"))


async def test_case_156_a_file_that_is_no_database_is_kept(tmp_path: Path) -> None:
    file = tmp_path / build.FILE_NAME
    file.write_bytes(b"no database, but somebody's words " * 100)
    before = file.read_bytes()
    with pytest.raises(StoreError, match="备份"):
        await open_store(tmp_path, None)
    assert file.read_bytes() == before


async def test_case_156_an_empty_file_is_no_new_start(tmp_path: Path) -> None:
    (tmp_path / build.FILE_NAME).touch()
    with pytest.raises(StoreError, match="备份"):
        await open_store(tmp_path, None)


async def test_case_156_a_database_that_vanished_is_no_new_start(tmp_path: Path) -> None:
    await (await open_store(tmp_path, None)).close()
    for file in tmp_path.glob(f"{build.FILE_NAME}*"):
        file.unlink()
    with pytest.raises(StoreError, match="不见了"):
        await open_store(tmp_path, None)


async def test_another_programs_database_is_refused(tmp_path: Path) -> None:
    store = await open_store(tmp_path, None)
    async with store.write() as tx:
        await tx.execute(text("DROP TABLE alembic_version"))
    await store.close()
    with pytest.raises(StoreError, match="别的程序"):
        await open_store(tmp_path, None)


async def test_case_155_a_data_directory_that_cannot_be_made_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="file"):
        await open_store(tmp_path / "file" / "var", None)


async def test_who_only_looks_migrates_nothing(
    with_tables: tuple[Path, str | None], postgresql_database: str, tmp_path: Path
) -> None:
    store = await look_into(*with_tables)
    async with store.read() as tx:
        assert await journal.end(tx) == 0
    await store.close()
    with pytest.raises(StoreError, match="还是旧的结构"):
        await look_into(tmp_path, postgresql_database)
    with pytest.raises(StoreError, match=FILE_NAME):
        await look_into(tmp_path / "nowhere", None)
    assert not (tmp_path / "nowhere").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has other rights")
async def test_a_new_database_is_nobody_elses_to_read_and_one_that_is_there_stays_as_it_is(
    tmp_path: Path,
) -> None:
    async def rights() -> dict[str, int]:
        store = await open_store(tmp_path, None)
        async with store.write() as tx:
            await meta.put(tx, "a", "1")
        found = {path.name: path.stat().st_mode & 0o777 for path in tmp_path.glob(f"{FILE_NAME}*")}
        await store.close()
        return found

    names = [FILE_NAME, f"{FILE_NAME}-wal", f"{FILE_NAME}-shm"]
    assert await rights() == dict.fromkeys(names, 0o600)
    (tmp_path / FILE_NAME).chmod(0o640)
    assert await rights() == dict.fromkeys(names, 0o640)
