"""Setting rendered entries into a rendered feed, and cutting them out of one.

feedgen renders whole feeds only. Since an entry's bytes do not depend on its neighbours, a feed of
some entries less the same feed of none is those entries' fragments; setting fragments in before the
closing tags gives, byte for byte, what feedgen itself would have written (a test holds that).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from feeds.writers.base import FeedHead

# The feed in which fragments are rendered before they are cut out; its words appear nowhere.
FRAME = FeedHead(
    id="urn:frame",
    title="-",
    description="-",
    url="http://frame.invalid/",
    base="http://frame.invalid/feed",
    language="zh-CN",
    updated=datetime(2000, 1, 1, tzinfo=UTC),
    ttl_minutes=1,
)


def cut_out(feed: bytes, feed_of_none: bytes, closing: bytes, element: bytes) -> list[bytes]:
    """The bytes of each entry of `feed`. `closing` are the end tags with which both documents end,
    `element` is an entry's name. A closing and an opening tag of it side by side are always a seam:
    in text every `<` is written as `&lt;`.
    """
    inner = feed.removeprefix(feed_of_none.removesuffix(closing)).removesuffix(closing)
    end, begin = b"</%b>" % element, b"<%b>" % element
    pieces = inner.removeprefix(begin).removesuffix(end).split(end + begin)
    return [begin + piece + end for piece in pieces] if inner else []


def set_in(feed_of_none: bytes, fragments: Sequence[bytes], closing: bytes) -> bytes:
    """The document with all fragments before its end tags."""
    return b"".join((feed_of_none.removesuffix(closing), *fragments, closing))
