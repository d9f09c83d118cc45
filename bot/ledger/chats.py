"""Chats: who they are, whether they want us, and when they may be written to."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Row, and_, delete, exists, insert, select, update

from bot.address import ChatKind
from bot.ledger.tables import chats, deliveries, questions, subscriptions
from feeds.store.engine import Transaction

LEFT = "taken out of the chat, or blocked"  # why a chat is gone that told us so


async def lock(tx: Transaction, ids: Iterable[str]) -> None:
    """Holds these chats until the transaction's end: whoever changes a chat's line of deliveries does
    so, or two of them would each think the other's row the first. SQLite has one writer anyway.
    """
    if tx.dialect == "sqlite":
        return
    rows = select(chats.c.id).where(chats.c.id.in_(sorted(ids))).order_by(chats.c.id)
    await tx.execute(rows.with_for_update(key_share=True))


@dataclass(frozen=True, slots=True)
class Chat:
    """What a chat chose: None means as the settings say. `manages` is the address of the channel
    that is looked after from here, if any.
    """

    kind: ChatKind
    title: str
    language: str | None
    timezone: str | None
    manages: str | None
    is_gone: bool


async def get(tx: Transaction, chat: str) -> Chat | None:
    """The chat, if we know it."""
    row = (await tx.execute(select(chats).where(chats.c.id == chat))).first()
    return None if row is None else _chat(row)


async def remember(
    tx: Transaction,
    chat: str,
    kind: ChatKind,
    title: str,
    now: datetime,
    language: str | None = None,
) -> Chat:
    """Makes or refreshes a chat that wrote to us, and wakes it where it had gone. A chat that is new
    begins with `language`, its person's client's.
    """
    known = await get(tx, chat)
    if known is None:
        row = {"id": chat, "kind": kind, "title": title, "language": language, "created_at": now}
        await tx.execute(insert(chats).values(row))
        return Chat(kind, title, language, None, None, is_gone=False)
    if (known.kind, known.title, known.is_gone) != (kind, title, False):
        values = {"kind": kind, "title": title, "gone_at": None, "gone_reason": None}
        await tx.execute(update(chats).where(chats.c.id == chat).values(values))
    return replace(known, kind=kind, title=title, is_gone=False)


async def choose(tx: Transaction, chat: str, **values: str | None) -> None:
    """Sets what a chat chose: language, timezone, manages."""
    await tx.execute(update(chats).where(chats.c.id == chat).values(**values))


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
        chosen = ("kind", "title", "language", "timezone")
        same = {name: getattr(before, name) for name in chosen}
        await tx.execute(insert(chats).values(id=new, created_at=now, **same))
    await _merge(tx, subscriptions, old, new, ("topic", "source", "origin"))
    await _merge(tx, deliveries, old, new, ("topic", "subject", "kind"))
    await _merge(tx, questions, old, new, ("message_id",))
    await tx.execute(update(chats).where(chats.c.manages == old).values(manages=new))
    await tx.execute(update(chats).where(chats.c.id == old).values(moved_to=new))
    # The newest word is where the chat is: signposts never lead in a circle.
    await tx.execute(update(chats).where(chats.c.id == new).values(moved_to=None))


async def forget(tx: Transaction, chat: str) -> None:
    """Deletes everything that we keep of a chat. Only what the operator's configuration subscribes it
    to stays, with nothing else beside it.
    """
    fixed = and_(subscriptions.c.chat == chat, subscriptions.c.origin != "chat")
    for table in (deliveries, questions):  # a delivery's parts and edits go with it
        await tx.execute(delete(table).where(table.c.chat == chat))
    await tx.execute(delete(subscriptions).where(subscriptions.c.chat == chat, ~fixed))
    await tx.execute(update(chats).where(chats.c.manages == chat).values(manages=None))
    mine = chats.c.id == chat
    blank = {"title": "", "language": None, "timezone": None, "manages": None}
    await tx.execute(update(chats).where(mine).values(blank))
    await tx.execute(delete(chats).where(mine, ~exists().where(subscriptions.c.chat == chats.c.id)))


async def _merge(tx: Transaction, table: Any, old: str, new: str, unique: tuple[str, ...]) -> None:
    theirs = table.alias()
    same = [theirs.c[name] == table.c[name] for name in unique]
    twin = select(theirs.c.id).where(theirs.c.chat == new, *same).exists()
    await tx.execute(delete(table).where(table.c.chat == old, twin))
    await tx.execute(update(table).where(table.c.chat == old).values(chat=new))


def _chat(row: Row[Any]) -> Chat:
    return Chat(
        kind=ChatKind(row.kind),
        title=row.title,
        language=row.language,
        timezone=row.timezone,
        manages=row.manages,
        is_gone=row.gone_at is not None,
    )
