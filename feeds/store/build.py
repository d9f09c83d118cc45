"""Opens the database of a data directory, at the schema that this program knows."""

import asyncio
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import structlog
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, DBAPIError

from feeds.errors import StoreError
from feeds.store.copies import copy_database, look_through
from feeds.store.engine import Store, build_engine
from feeds.store.mounts import refuse_share
from feeds.store.presence import FilePresence, saved_beside, take_saved
from feeds.store.schema import HEAD, bring_up_to_date, check_revision, missing
from feeds.tally import NO_TALLY, Tally

log = structlog.get_logger(__name__)

FILE_NAME = "baotong.sqlite3"
_CHECKED_BYTES = 512 << 20
MARK_NAME = "archive"  # says that an archive was begun here, so that a lost database is noticed
_LEAST_ROOM = 64 << 10
KEPT_COPIES = 2  # of what was there before a migration


async def open_store(
    data_dir: Path, database: str | None, tally: Tally = NO_TALLY, *, on_share: bool = False
) -> Store:
    """A store that is ready. `database` is None for SQLite in `data_dir`, or `postgresql://…`; `on_share`
    takes a network share for it all the same.

    Raises `StoreError`, whose text names the place and says what to do, where the database cannot be
    used as it is; the file then stays as it was found. A database that was here and is gone is not
    begun anew: everything would be pushed again. Before a migration a copy is put beside it.
    """
    engine = build_engine(database_url(data_dir, database))
    if database is not None:
        return await _opened(Store(engine, tally), None)
    if not on_share:
        refuse_share(data_dir)
    is_new = not _look_before_opening(data_dir)
    file = data_dir / FILE_NAME
    try:
        store = await _opened(Store(engine, tally), file)
    except StoreError:
        if is_new:
            _forget(file)
        raise
    if is_new:
        await asyncio.to_thread(_keep_private, file)
    await asyncio.to_thread(_mark, data_dir)
    store.presence = FilePresence(file)
    return store


async def _opened(store: Store, file: Path | None) -> Store:
    try:
        if file is not None and _is_checked(file):
            await _check(store)
        await _prepare_migration(store, file)
        async with store.writing() as connection:
            await connection.run_sync(bring_up_to_date)
    except (DBAPIError, OSError) as error:
        await store.close()
        raise _translated(error, "postgresql" if file is None else str(file)) from error
    except BaseException:
        await store.close()
        raise
    return store


async def _prepare_migration(store: Store, file: Path | None) -> None:
    """What is to be changed is copied first; where that is somebody else's business, it is said."""
    async with store.engine.connect() as connection:
        old = await connection.run_sync(missing)
    if old is None:
        return
    if file is None:
        log.warning("database schema will be upgraded; keep a pg_dump of it", found=old, to=HEAD)
        return
    copy = file.with_name(f"{file.name}.before-{HEAD}")
    await asyncio.to_thread(copy_database, file, copy)
    log.info("database schema will be upgraded", found=old, to=HEAD, copy=str(copy))
    for older in sorted(file.parent.glob(f"{file.name}.before-*"))[:-KEPT_COPIES]:
        await asyncio.to_thread(older.unlink)


async def look_into(data_dir: Path, database: str | None) -> Store:
    """A store that only reads and writes nothing, not even a migration: while a worker runs, or not.

    Raises `StoreError` as `open_store` does, also where the schema is not this program's.
    """
    return await _as_it_is(data_dir, database, is_read_only=True)


async def use_store(data_dir: Path, database: str | None, *, on_share: bool = False) -> Store:
    """A store to write to beside a worker that may be an older one: as `look_into`, nothing is migrated."""
    if database is None and not on_share:
        refuse_share(data_dir)
    return await _as_it_is(data_dir, database, is_read_only=False)


async def _as_it_is(data_dir: Path, database: str | None, *, is_read_only: bool) -> Store:
    store = Store(build_engine(database_url(data_dir, database), is_read_only=is_read_only))
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


@contextmanager
def explaining(data_dir: Path, database: str | None) -> Iterator[None]:
    """Around whatever is done with a store: what its database cannot do is raised as `StoreError`, in a
    sentence. What only looks like a fault of ours is looked into, where it may come of a damaged file.
    """
    file = data_dir / FILE_NAME
    try:
        yield
    except (DBAPIError, OSError) as error:
        raise _translated(error, str(file) if database is None else "postgresql") from error
    except (ValueError, TypeError, LookupError) as error:
        if database is None and (damage := _damage(file)) is not None:
            raise _translated(damage, str(file)) from error
        raise


def _damage(file: Path) -> DatabaseError | None:
    try:
        if _is_checked(file):
            look_through(file)
    except sqlite3.DatabaseError as error:
        return DatabaseError("quick_check", None, error)
    return None


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


def _look_before_opening(data_dir: Path) -> bool:
    """Whether there is a database. SQLite takes an empty or missing file for a new one; we do not, where
    one has been.
    """
    try:
        data_dir.mkdir(parents=True, exist_ok=True)
        if take_saved(data_dir / FILE_NAME):
            log.warning("database was deleted while it was in use; what was saved of it is used")
    except OSError as error:
        raise _translated(error, str(data_dir)) from error
    return find_database(data_dir)


def find_database(data_dir: Path) -> bool:
    """Whether there is a database. Raises `StoreError` where there was one, and where what has its name is
    none.
    """
    file, mark = data_dir / FILE_NAME, data_dir / MARK_NAME
    try:
        is_there, is_marked = file.exists(), mark.exists()
        if is_there and not file.is_file():
            raise StoreError(f"{file} 不是文件,数据库放不进去:把它移走 (no regular file)")
        is_empty = is_there and file.stat().st_size == 0
    except OSError as error:
        raise _translated(error, str(data_dir)) from error
    if not is_there and (saved := saved_beside(file)).exists():
        raise StoreError(
            f"数据库在使用中被删掉了,里面的内容另存在 {saved}:baotong run 启动时接着用它 "
            "(the database was deleted while in use and saved; baotong run takes it up)"
        )
    if is_empty or (is_marked and not is_there):
        raise StoreError(
            f"{file} {'是空的' if is_empty else '不见了'},没有动它:从备份里放回来(baotong restore 备份文件);"
            f"真要从头开始(会重新推送最新一期),就删掉 {mark}"
            f"{' 和这个空文件' if is_empty else ''} "
            "(the database is gone or empty; restore it from a backup)"
        )
    return is_there


def _forget(file: Path) -> None:
    """A database that could not even be begun leaves nothing behind that would pass for a lost one."""
    for one in _with_logs(file):
        with suppress(OSError):
            one.unlink(missing_ok=True)


def _keep_private(file: Path) -> None:
    """Who reads what in which chat is nobody else's to see. Logs that SQLite makes later take after the
    database; the folder stays open, for a static host may serve the feeds in it.
    """
    for one in _with_logs(file):
        with suppress(OSError):  # a file system without owners, or a log that is gone by now
            one.chmod(0o600)


def _with_logs(file: Path) -> Iterator[Path]:
    return (Path(f"{file}{end}") for end in ("", "-wal", "-shm", "-journal"))


def _mark(data_dir: Path) -> None:
    """Notes that there is an archive here. What it holds is safe without: a full disk stops nobody."""
    mark = data_dir / MARK_NAME
    if mark.exists():
        return
    try:
        mark.write_text("报童的存档 (an archive of baotong)\n", encoding="utf-8")
    except OSError as error:
        log.warning("archive not marked yet", place=str(mark), reason=error.strerror)


# What the operator can do about it, by what the driver says.
_ADVICE = {
    ("not a database", "malformed"): (
        "文件坏了,没有动它:从备份里放回来(baotong restore 备份文件) "
        "(the file is damaged; restore it from a backup)"
    ),
    ("readonly", "read-only", "unable to open", "denied"): "没有写入的权限 (not writable)",
    ("is full", "no space", "quota"): "磁盘满了,腾出地方再来 (the disk is full)",
}


def _translated(error: DBAPIError | OSError, place: str) -> StoreError:
    """One sentence for the operator. The driver's own words never hold the password."""
    reason = str(error.orig if isinstance(error, DBAPIError) else error.strerror or error)
    words = f"{reason.lower()} {'is full' if _is_full(place) else ''}"
    known = (advice for said, advice in _ADVICE.items() if any(one in words for one in said))
    advice = next(known, "打不开 (cannot be opened)")
    return StoreError(f"{place} {advice}: {reason.splitlines()[0][:200]}")


def _is_full(place: str) -> bool:
    """SQLite calls some of what a full disk does to it an I/O error."""
    try:
        folder = Path(place).parent
        return folder.is_absolute() and shutil.disk_usage(folder).free < _LEAST_ROOM
    except OSError:
        return False
