"""The ledger's tables: who reads what, and what is owed to whom. In the archive's MetaData."""

from enum import StrEnum

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from feeds.store.columns import Instant, Word
from feeds.store.outbox import outbox_columns
from feeds.store.tables import Id, metadata


class Mode(StrEnum):
    """How a subscription wants its paper."""

    ISSUE = "issue"
    ARTICLE = "article"
    DAILY = "daily"


class PartState(StrEnum):
    """One message of a delivery."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"


# A chat, by its address without topic: `telegram:-1001234567890`.
chats = Table(
    "chats",
    metadata,
    Column("id", String(128), primary_key=True),
    Column("kind", String(16), nullable=False),  # bot.channels.base.ChatKind; "": not known yet
    Column("title", Text, nullable=False, server_default=""),
    Column("language", String(16)),  # null: settings.language
    Column("timezone", String(64)),  # of the clocks that its people set; null: settings.timezone
    Column("manages", String(128)),  # the channel that this private chat looks after, if it does
    Column("created_at", Instant, nullable=False),
    Column("gone_at", Instant),  # blocked us; its next message clears this
    Column("gone_reason", Text),
    Column("retry_at", Instant),  # the chat service's own wait for this chat
    Column("moved_to", String(128)),  # a signpost: this group has another id now
)

# origin "chat": the person subscribed; "config": a `deliver:` row, matched by (chat, topic, source).
subscriptions = Table(
    "subscriptions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat", String(128), ForeignKey("chats.id", onupdate="CASCADE"), nullable=False),
    Column("topic", String(32), nullable=False, server_default=""),
    Column("source", String(64), nullable=False),  # an id, or "*"
    Column("origin", String(16), nullable=False),
    Column("mode", Word(Mode), nullable=False),
    Column("pages", JSON, nullable=False),  # labels; empty: all
    Column("filter", Text, nullable=False, server_default=""),
    Column("at", String(5)),  # daily: "20:00"
    Column("quiet", String(11)),  # "22:00-07:00"
    Column("hold", Boolean, nullable=False, server_default=text("false")),  # quiet: wait, not hush
    Column("rung", Integer),  # tell when an article passes so many reads
    Column(
        "paused", Boolean, nullable=False, server_default=text("false")
    ),  # decides, owes nothing
    Column("max_messages", Integer, nullable=False, server_default="10"),  # article mode, an issue
    Column("since", BigInteger, nullable=False),  # journal seq; only later entries are owed
    Column("active", Boolean, nullable=False, server_default=text("true")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("chat", "topic", "source", "origin"),
    Index("ix_subscriptions_source_chat", "source", "chat", "topic"),
)

# What we asked a person to type: the reply to `message_id` is the missing end of `action`.
questions = Table(
    "questions",
    metadata,
    Column("id", Id, primary_key=True),
    Column("chat", String(128), ForeignKey("chats.id", onupdate="CASCADE"), nullable=False),
    Column("message_id", String(64), nullable=False),
    Column("action", String(64), nullable=False),  # bot.messages.actions
    Column("asked_at", Instant, nullable=False),
    Index("ix_questions_chat_message_id", "chat", "message_id"),
)

# One message (of one or two parts) owed to one chat and topic about one subject.
deliveries = Table(
    "deliveries",
    metadata,
    *outbox_columns(),  # id, state, attempts, due_at, lease_until, owner, fence, reason, settled_at
    Column("chat", String(128), ForeignKey("chats.id", onupdate="CASCADE"), nullable=False),
    Column("topic", String(32), nullable=False, server_default=""),
    Column("subject", String(128), nullable=False),  # "issue:12", "article:340"
    Column("kind", String(16), nullable=False),  # the form: bot.ledger.deliveries.Owed
    Column("source", String(64), nullable=False),
    Column(
        "seq", BigInteger, nullable=False
    ),  # of the journal entry that made it: the chat's order
    Column("place", Integer, nullable=False, server_default="0"),  # order within one entry
    Column("entry_at", Instant, nullable=False),  # age counts from here
    Column("silent", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("chat", "topic", "subject", "kind"),
    Index("ix_deliveries_state_due_at", "state", "due_at"),
    Index("ix_deliveries_chat_state_seq", "chat", "state", "seq", "place"),  # the chat's line
)

delivery_parts = Table(
    "delivery_parts",
    metadata,
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1
    Column("content", JSON, nullable=False),  # bot.message.part_to_json
    Column("state", Word(PartState), nullable=False),
    Column("message_id", String(64)),
    Column("sent_at", Instant),
)
