"""Questions: what we asked a person to type, so that the reply finds its way back after a restart."""

from datetime import datetime, timedelta

from sqlalchemy import and_, delete, insert, select

from bot.ledger.tables import questions
from feeds.store.engine import Transaction

OPEN_FOR = timedelta(hours=24)


async def ask(tx: Transaction, chat: str, message_id: str, action: str, now: datetime) -> None:
    """Notes that the reply to this message is the end of `action`. A chat's older questions that
    nobody answered are forgotten.
    """
    stale = and_(questions.c.chat == chat, questions.c.asked_at < now - OPEN_FOR)
    await tx.execute(delete(questions).where(stale))
    row = {"chat": chat, "message_id": message_id, "action": action, "asked_at": now}
    await tx.execute(insert(questions).values(row))


async def asked(tx: Transaction, chat: str, message_id: str, now: datetime) -> str | None:
    """The action that a reply to this message completes, if we asked for one in the last day. It may
    be answered again: who mistyped replies once more.
    """
    mine = and_(questions.c.chat == chat, questions.c.message_id == message_id)
    wanted = select(questions.c.action).where(mine, questions.c.asked_at >= now - OPEN_FOR)
    action: str | None = (await tx.execute(wanted)).scalar()
    return action
