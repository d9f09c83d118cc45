"""Small facts about the archive itself, by name."""

from sqlalchemy import delete, insert, select

from feeds.store.engine import Transaction
from feeds.store.tables import meta


async def get(tx: Transaction, name: str) -> str | None:
    """The value stored under this name, or None."""
    row = (await tx.execute(select(meta.c.value).where(meta.c.name == name))).first()
    return None if row is None else str(row.value)


async def put(tx: Transaction, name: str, value: str) -> None:
    """Stores the value under this name, whatever was there."""
    await tx.execute(delete(meta).where(meta.c.name == name))
    await tx.execute(insert(meta).values(name=name, value=value))
