"""Chats: who they are, whether they want us, and when they may be written to."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, insert, select, update

from bot.address import ChatKind
from bot.ledger.tables import chats, deliveries, subscriptions
from feeds.store.engine import Transaction


async def lock(tx: Transaction, ids: Iterable[str]) -> None:
    """Holds these chats until the transaction's end: whoever changes a chat's line of deliveries does
    so, or two of them would each think the other's row the first. SQLite has one writer anyway.
    """
    if tx.dialect == "sqlite":
        return
    rows = select(chats.c.id).where(chats.c.id.in_(sorted(ids))).order_by(chats.c.id)
    await tx.execute(rows.with_for_update(key_share=True))


async def remember(
    tx: Transaction, chat: str, kind: ChatKind, title: str, now: datetime
) -> str | None:
    """Makes or refreshes a chat that wrote to us, and wakes it where it had gone. Returns the
    language that it chose, if it did.
    """
    row = (await tx.execute(select(chats).where(chats.c.id == chat))).first()
    if row is None:
        await tx.execute(insert(chats).values(id=chat, kind=kind, title=title, created_at=now))
        return None
    if (row.kind, row.title, row.gone_at) != (kind, title, None):
        values = {"kind": kind, "title": title, "gone_at": None, "gone_reason": None}
        await tx.execute(update(chats).where(chats.c.id == chat).values(values))
    language: str | None = row.language
    return language


async def meet(tx: Transaction, chat: str, kind: ChatKind, now: datetime) -> str:
    """Makes a chat that the configuration names, where it is not known. One that had gone gets
    another try: a channel cannot write to us to say that it wants us again. Returns where it is now.
    """
    row = (await tx.execute(select(chats).where(chats.c.id == chat))).first()
    if row is None:
        await tx.execute(insert(chats).values(id=chat, kind=kind, created_at=now))
        return chat
    if row.moved_to is not None:
        return await meet(tx, row.moved_to, kind, now)
    if row.gone_at is not None:
        back = {"gone_at": None, "gone_reason": None}
        await tx.execute(update(chats).where(chats.c.id == chat).values(back))
    return chat


async def kinds(tx: Transaction, ids: set[str]) -> dict[str, ChatKind]:
    """What these chats are."""
    rows = await tx.execute(select(chats.c.id, chats.c.kind).where(chats.c.id.in_(ids)))
    return {row.id: ChatKind(row.kind) for row in rows}


async def languages(tx: Transaction, ids: set[str]) -> dict[str, str | None]:
    """The language that each of these chats chose, if it did."""
    rows = await tx.execute(select(chats.c.id, chats.c.language).where(chats.c.id.in_(ids)))
    return {row.id: row.language for row in rows}


async def gone(tx: Transaction, chat: str, reason: str, now: datetime) -> None:
    """The chat does not want us: nothing more is owed to it until it writes again. Its
    subscriptions stay.
    """
    await tx.execute(
        update(chats).where(chats.c.id == chat).values(gone_at=now, gone_reason=reason)
    )


async def wait(tx: Transaction, chat: str, until: datetime) -> None:
    """The chat service's own wait for this chat; it outlives a restart."""
    await tx.execute(update(chats).where(chats.c.id == chat).values(retry_at=until))


async def move(tx: Transaction, old: str, new: str, now: datetime) -> None:
    """A group became a supergroup: its new id everywhere. Where the new chat is known already, the
    two become one and what both had stays the new one's. The old id stays as a signpost, for settings
    that still name it.
    """
    before = (await tx.execute(select(chats).where(chats.c.id == old))).one()
    known = (await tx.execute(select(chats.c.id).where(chats.c.id == new))).first()
    if known is None:
        same = {name: getattr(before, name) for name in ("kind", "title", "language")}
        await tx.execute(insert(chats).values(id=new, created_at=now, **same))
    await _merge(tx, subscriptions, old, new, ("topic", "source", "origin"))
    await _merge(tx, deliveries, old, new, ("topic", "subject", "kind"))
    await tx.execute(update(chats).where(chats.c.id == old).values(moved_to=new))


async def _merge(tx: Transaction, table: Any, old: str, new: str, unique: tuple[str, ...]) -> None:
    theirs = table.alias()
    same = [theirs.c[name] == table.c[name] for name in unique]
    twin = select(theirs.c.id).where(theirs.c.chat == new, *same).exists()
    await tx.execute(delete(table).where(table.c.chat == old, twin))
    await tx.execute(update(table).where(table.c.chat == old).values(chat=new))
