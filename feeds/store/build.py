"""Opens the database of a data directory, at the schema that this program knows."""

import sqlite3
from pathlib import Path

from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, DBAPIError

from feeds.errors import StoreError
from feeds.store.engine import Store, build_engine
from feeds.store.schema import bring_up_to_date, check_revision

FILE_NAME = "baotong.sqlite3"
_CHECKED_BYTES = 512 << 20
MARK_NAME = "archive"  # says that an archive was begun here, so that a lost database is noticed


async def open_store(data_dir: Path, database: str | None) -> Store:
    """A store that is ready. `database` is None for SQLite in `data_dir`, or `postgresql://…`.

    Raises `StoreError`, whose text names the place and says what to do, where the database cannot be
    used as it is; the file then stays as it was found. A database that was here and is gone is not
    begun anew: everything would be pushed again.
    """
    if database is None:
        _look_before_opening(data_dir)
    store = Store(build_engine(database_url(data_dir, database)))
    place = str(data_dir / FILE_NAME) if database is None else "postgresql"
    try:
        if database is None and _is_checked(data_dir / FILE_NAME):
            await _check(store)
        async with store.writing() as connection:
            await connection.run_sync(bring_up_to_date)
    except (DBAPIError, OSError) as error:
        await store.close()
        raise _translated(error, place) from error
    except StoreError:
        await store.close()
        raise
    if database is None:
        (data_dir / MARK_NAME).write_text("报童的存档 (an archive of baotong)\n", encoding="utf-8")
    return store


async def look_into(data_dir: Path, database: str | None) -> Store:
    """A store that only reads and writes nothing, not even a migration: while a worker runs, or not.

    Raises `StoreError` as `open_store` does, also where the schema is not this program's.
    """
    store = Store(build_engine(database_url(data_dir, database), is_read_only=True))
    place = str(data_dir / FILE_NAME) if database is None else "postgresql"
    try:
        async with store.engine.connect() as connection:
            await connection.run_sync(check_revision)
    except (DBAPIError, OSError) as error:
        await store.close()
        raise _translated(error, place) from error
    except StoreError:
        await store.close()
        raise
    return store


def _is_checked(file: Path) -> bool:
    """Whether there is a database that can be looked through in a second or two."""
    return file.exists() and file.stat().st_size <= _CHECKED_BYTES


async def _check(store: Store) -> None:
    """Looks a database through, so that damage is found before anything is written on top of it. Raises
    what SQLite says.
    """
    async with store.read() as tx:
        found = (await tx.execute(text("PRAGMA quick_check(1)"))).scalar_one()
    if found != "ok":
        raise DatabaseError("quick_check", None, sqlite3.DatabaseError(f"malformed: {found}"))


def database_url(data_dir: Path, database: str | None) -> str:
    """SQLAlchemy's URL, with our drivers."""
    if database is None:
        return f"sqlite+threaded:///{data_dir / FILE_NAME}"
    _, _, rest = database.partition("://")
    return f"postgresql+psycopg://{rest}"


def _look_before_opening(data_dir: Path) -> None:
    """SQLite takes an empty or missing file for a new database; we do not, where one has been."""
    file = data_dir / FILE_NAME
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        is_lost = (data_dir / MARK_NAME).exists() and not file.exists()
        is_empty = file.exists() and file.stat().st_size == 0
    except OSError as error:
        raise _translated(error, str(data_dir)) from error
    if is_lost or is_empty:
        raise StoreError(
            f"{file} {'是空的' if is_empty else '不见了'},没有动它:从备份里放回来;"
            f"真要从头开始(会重新推送最新一期),就删掉 {data_dir / MARK_NAME}"
            f"{' 和这个空文件' if is_empty else ''} "
            "(the database is gone or empty; restore it from a backup)"
        )


def _translated(error: DBAPIError | OSError, place: str) -> StoreError:
    """One sentence for the operator. The driver's own words never hold the password."""
    reason = str(error.orig if isinstance(error, DBAPIError) else error.strerror or error)
    words = reason.lower()
    if "not a database" in words or "malformed" in words:
        advice = "文件坏了,没有动它:从备份里放回来 (the file is damaged; restore it from a backup)"
    elif "readonly" in words or "unable to open" in words or "denied" in words:
        advice = "没有写入的权限 (not writable)"
    else:
        advice = "打不开 (cannot be opened)"
    return StoreError(f"{place} {advice}: {reason.splitlines()[0][:200]}")
