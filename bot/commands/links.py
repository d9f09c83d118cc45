"""Addresses that bring somebody to a paper, an issue or an article in this bot: deep links.

The word behind the address has 64 characters of A-Za-z0-9_- at most (facts: Telegram's limit).
"""

from urllib.parse import urlencode

from bot.commands.base import Asked
from bot.messages.actions import about_source
from feeds.models import Article

PAPER, ARTICLE, ISSUE, MANAGE = "p_", "a_", "i_", "m_"


def door(asked: Asked, word: str) -> str | None:
    """The address that opens a chat with us and says this word there; None where there is none such."""
    return f"{asked.incoming.door}{word}" if asked.incoming.door else None


def paper_word(source: str) -> str:
    """A paper's."""
    return PAPER + about_source(source).replace("~", "_")


def article_word(article: Article) -> str:
    """An article's."""
    return f"{ARTICLE}{article.id}"


def source_of_word(word: str) -> str:
    """What `Stand.of_button` knows the paper by."""
    about = word.removeprefix(PAPER)
    return "~" + about[1:] if about.startswith("_") else about


def share(asked: Asked, word: str, title: str) -> str | None:
    """The address that offers this link to the person's other chats."""
    link, share_at = door(asked, word), asked.incoming.share
    if link is None or share_at is None:
        return None
    return f"{share_at}?{urlencode({'url': link, 'text': title[:100]})}"
