"""The hub's tables, in the archive's MetaData."""

from enum import StrEnum

from sqlalchemy import Column, Index, Integer, String, Table, Text, UniqueConstraint

from feeds.store.columns import Instant, Word
from feeds.store.outbox import outbox_columns
from feeds.store.tables import metadata


class Kind(StrEnum):
    """What a subscriber gets: the feed's content, or (another hub) a word that it is new."""

    CONTENT = "content"
    PING = "ping"


class Mode(StrEnum):
    """What a request asks for."""

    SUBSCRIBE = "subscribe"
    UNSUBSCRIBE = "unsubscribe"


# PENDING: it is owed its topic as it is now. SENT: it has what `wanted` names.
hub_subscribers = Table(
    "hub_subscribers",
    metadata,
    *outbox_columns(),
    Column("topic", String(160), nullable=False),  # huaian.rss
    Column("callback", Text, nullable=False),
    Column("host", String(300), nullable=False),  # host:port of the callback, for our manners
    Column("kind", Word(Kind), nullable=False),
    Column("secret", Text),
    Column("expires_at", Instant),  # null: an operator named it, so it has no lease
    Column("wanted", String(64), nullable=False),  # the content's tag; "": nothing yet
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_subscribers_state_due_at", "state", "due_at"),
)

# Requests that their callback has not confirmed yet: at most one for a topic and a callback.
hub_intents = Table(
    "hub_intents",
    metadata,
    *outbox_columns(),
    Column("topic", String(160), nullable=False),
    Column("callback", Text, nullable=False),
    Column("host", String(300), nullable=False),
    Column("mode", Word(Mode), nullable=False),
    Column("secret", Text),
    Column("lease_seconds", Integer, nullable=False),
    Column("seen", String(64), nullable=False),  # the content's tag when this was asked
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("topic", "callback"),
    Index("ix_hub_intents_state_due_at", "state", "due_at"),
    Index("ix_hub_intents_host", "host"),
)
