"""Addresses that bring somebody to a paper, an issue or an article in this bot: deep links.

The word behind the address has 64 characters of A-Za-z0-9_- at most (facts: Telegram's limit). A
paper's is its id, which has no underscore; an issue's and an article's are rows.
"""

from urllib.parse import urlencode

from bot.commands.base import Asked
from feeds.models import Article

ARTICLE, ISSUE = "a_", "i_"


def door(asked: Asked, word: str) -> str | None:
    """The address that opens a chat with us and says this word there; None where there is none such."""
    return f"{asked.incoming.door}{word}" if asked.incoming.door else None


def article_word(article: Article) -> str:
    """An article's."""
    return f"{ARTICLE}{article.id}"


def share(asked: Asked, word: str, title: str) -> str | None:
    """The address that offers this link to the person's other chats."""
    link, share_at = door(asked, word), asked.incoming.share
    if link is None or share_at is None:
        return None
    return f"{share_at}?{urlencode({'url': link, 'text': title[:100]})}"
