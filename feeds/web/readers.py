"""Feed readers that take a feed by one click. We link them and load nothing from them."""

from collections.abc import Callable
from urllib.parse import quote

# Each takes the feed's address, percent-encoded whole.
_READERS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Inoreader", lambda feed: f"https://www.inoreader.com/?add_feed={feed}"),
    ("Feedly", lambda feed: f"https://feedly.com/i/subscription/feed/{feed}"),
    ("NewsBlur", lambda feed: f"https://www.newsblur.com/?url={feed}"),
    ("Feedbin", lambda feed: f"https://feedbin.com/?subscribe={feed}"),
    ("The Old Reader", lambda feed: f"https://theoldreader.com/feeds/subscribe?url={feed}"),
)


def readers(feed: str) -> tuple[tuple[str, str], ...]:
    """The readers' names, each with the address that subscribes to the feed."""
    return tuple((name, address(quote(feed, safe=""))) for name, address in _READERS)


def own_reader(feed: str) -> str:
    """The address that opens the feed in the reader of this machine: the `feed` scheme, as
    registered with IANA (`feed:https://…`).
    """
    return f"feed:{feed}"


def telegram(bot: str, source: str) -> str:
    """The address that opens a chat with the bot and says which paper it is about
    (https://core.telegram.org/bots/features#deep-linking: 64 of A-Z, a-z, 0-9, _ and -, which every
    source's id fits).
    """
    return f"https://t.me/{quote(bot)}?start={quote(source)}"
