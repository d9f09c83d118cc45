"""Opens the database of a data directory, at the schema that this program knows."""

from pathlib import Path

from sqlalchemy import select

from feeds.store.engine import Store, build_engine
from feeds.store.tables import journal_end, metadata

FILE_NAME = "baotong.sqlite3"


async def open_store(data_dir: Path, database: str | None) -> Store:
    """A store that is ready. `database` is None for SQLite in `data_dir`, or `postgresql://…`.

    Raises `StoreError` where the database cannot be used as it is.
    """
    store = Store(build_engine(database_url(data_dir, database)))
    async with store.engine.begin() as connection:
        await connection.run_sync(metadata.create_all)
        if (await connection.execute(select(journal_end))).first() is None:
            await connection.execute(journal_end.insert().values(id=1, seq=0))
    return store


def database_url(data_dir: Path, database: str | None) -> str:
    """SQLAlchemy's URL, with our drivers."""
    if database is None:
        data_dir.mkdir(parents=True, exist_ok=True)
        return f"sqlite+aiosqlite:///{data_dir / FILE_NAME}"
    _, _, rest = database.partition("://")
    return f"postgresql+psycopg://{rest}"
