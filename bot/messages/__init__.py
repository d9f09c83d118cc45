"""What we say: issues and articles as neutral message parts, within a channel's limits. Pure."""

from bot.messages.article import article_message, reads_message
from bot.messages.issue import issue_message
from bot.messages.options import Options

__all__ = ["Options", "article_message", "issue_message", "reads_message"]
