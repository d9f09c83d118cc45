"""What an operator's withdrawal of an article does, and its way back: for the command and for the chat."""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime

from bot.channels.table import CAN_EDIT
from bot.ledger import edits, told
from bot.ledger.edits import NotEdited
from bot.ledger.told import Telling
from feeds.models import Article, WithdrawnBy
from feeds.store import library, withdrawals
from feeds.store.engine import Transaction

MOST_SHOWN = 20  # articles that a name may mean, or messages that could not be changed

Change = Callable[[Transaction, int], Awaitable[bool]]
"""Of an article's row; whether that was news."""


@dataclass(frozen=True, slots=True)
class Done:
    """What was done. `telling` are the messages that tell of the article and what can become of them,
    `left` those of its issue that could not be changed until now.
    """

    is_news: bool
    telling: Telling
    left: tuple[NotEdited, ...]


def withdrawal(reason: str | None, now: datetime) -> Change:
    """Takes an article out of pages, search, feeds and messages, whatever its newspaper still shows."""

    async def change(tx: Transaction, row: int) -> bool:
        return await withdrawals.withdraw(tx, row, WithdrawnBy.OPERATOR, reason, now)

    return change


def restoration(now: datetime) -> Change:
    """Gives it back."""

    async def change(tx: Transaction, row: int) -> bool:
        return await withdrawals.restore(tx, row, WithdrawnBy.OPERATOR, now)

    return change


async def do(tx: Transaction, article: Article, change: Change, now: datetime) -> Done:
    """Changes the article, and says what that means for messages that were sent."""
    issue = await library.issue(tx, article.source, article.issue)
    assert issue is not None
    is_news = await change(tx, article.id)
    telling = await told.telling(tx, issue, article.id, CAN_EDIT, now)
    return Done(is_news, telling, await edits.not_edited(tx, issue.id))
