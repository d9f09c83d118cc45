"""Brings a database to the schema that this program knows, or says why it cannot.

The revision is read first, with plain SQL: on most starts nothing is to be done, and alembic, which
takes longer to import than everything else here, stays on the disk.
"""

import importlib
from pathlib import Path

from sqlalchemy import Connection, inspect, text

from feeds.errors import StoreError

HEAD = "0002"  # the newest script in migrations/versions; a test holds them together
_SCRIPTS = Path(__file__).parent / "migrations"


def missing(connection: Connection) -> str | None:
    """The revision of a database that is older than this program; None where nothing is to be done, or
    nothing is in it yet. Raises `StoreError` for one that is newer, or that is somebody else's.
    """
    revision = _known_revision(connection)
    return None if revision == HEAD else revision


def bring_up_to_date(connection: Connection) -> None:
    """Runs the migrations that are missing. Raises `StoreError` as `missing` does."""
    if _known_revision(connection) != HEAD:
        _migrate(connection)


def _known_revision(connection: Connection) -> str | None:
    revision = _revision(connection)
    if revision is not None and revision > HEAD:
        raise _newer(revision)
    return revision


def check_revision(connection: Connection) -> None:
    """For who only reads: raises `StoreError` unless the schema is the one that this program knows."""
    revision = _revision(connection)
    if revision is None or revision < HEAD:
        raise StoreError(
            f"数据库还是旧的结构({revision or '空的'},这个程序要 {HEAD}):baotong run 启动时会升级它 "
            f"(the database waits for its migration: baotong run makes it)"
        )
    if revision > HEAD:
        raise _newer(revision)


def _newer(revision: str) -> StoreError:
    return StoreError(
        f"数据库是更新的版本写的(结构 {revision},这个程序只认识到 {HEAD}),请用新版本打开,"
        f"或换回当时的备份 (the database is newer than this program: {revision} > {HEAD})"
    )


def _revision(connection: Connection) -> str | None:
    tables = set(inspect(connection).get_table_names())
    if "alembic_version" in tables:
        found = connection.execute(text("SELECT version_num FROM alembic_version")).scalar()
        return None if found is None else str(found)
    if tables:
        raise StoreError(
            "这个数据库里是别的程序的表,报童不会动它;请换一个 "
            "(the database holds another program's tables)"
        )
    return None


def _migrate(connection: Connection) -> None:
    command = importlib.import_module("alembic.command")
    config_class = importlib.import_module("alembic.config").Config
    config = config_class()
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    command.upgrade(config, HEAD)
