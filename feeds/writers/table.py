"""The feed formats. A new one is a file beside this and a row here."""

from feeds.writers.atom import AtomWriter
from feeds.writers.base import Writer
from feeds.writers.json_feed import JsonFeedWriter
from feeds.writers.rss import RssWriter

WRITERS: tuple[Writer, ...] = (RssWriter(), AtomWriter(), JsonFeedWriter())
