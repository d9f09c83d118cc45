"""Setting rendered entries into a rendered feed, and cutting them out of one.

feedgen renders whole feeds only. Since an entry's bytes do not depend on its neighbours, a feed of
one entry less the same feed of none is that entry's fragment; setting fragments in before the
closing tags gives, byte for byte, what feedgen itself would have written (a test holds that).
"""

from collections.abc import Sequence
from datetime import UTC, datetime

from feeds.writers.base import FeedHead

# The feed in which a fragment is rendered before it is cut out; its words appear nowhere.
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


def cut_out(feed_of_one: bytes, feed_of_none: bytes, closing: bytes) -> bytes:
    """The entry's bytes. `closing` are the end tags with which both documents end."""
    opening = feed_of_none.removesuffix(closing)
    return feed_of_one.removeprefix(opening).removesuffix(closing)


def set_in(feed_of_none: bytes, fragments: Sequence[bytes], closing: bytes) -> bytes:
    """The document with all fragments before its end tags."""
    return b"".join((feed_of_none.removesuffix(closing), *fragments, closing))
