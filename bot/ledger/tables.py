"""The ledger's tables: who reads what, and what is owed to whom. In the archive's MetaData."""

from enum import StrEnum
from typing import Any

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    ColumnElement,
    ForeignKey,
    Index,
    Integer,
    String,
    Table,
    Text,
    UniqueConstraint,
    and_,
    text,
)

from feeds.store.columns import Instant, Labels, Word
from feeds.store.outbox import outbox_columns
from feeds.store.tables import Id, metadata


class Mode(StrEnum):
    """How a subscription wants its paper."""

    ISSUE = "issue"
    ARTICLE = "article"
    DAILY = "daily"


class PartState(StrEnum):
    """One message of a delivery. The one in flight is the first of a SENDING delivery not yet sent."""

    PENDING = "pending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"


def _only_where(condition: ColumnElement[bool]) -> dict[str, Any]:
    """Both databases can keep an index of some rows only."""
    return {"sqlite_where": condition, "postgresql_where": condition}


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
    Column(
        "moved_to", String(128)
    ),  # a signpost: this group has another id now; nothing is its own
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
    Column("pages", Labels, nullable=False),  # labels; empty: all
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
#
# A chat's deliveries form a line in the order of the journal. `lane` is set for the first of the line
# and for what comes at an hour of its own; a claim looks at nothing else, so it costs the same
# whatever waits behind. Lanes (newspapers) of a channel take turns.
deliveries = Table(
    "deliveries",
    metadata,
    *outbox_columns(),  # id, state, attempts, due_at, lease_until, owner, fence, reason, settled_at
    Column("channel", String(16), nullable=False),
    Column("lane", String(64)),  # null: behind another of its chat, or settled
    Column("chat", String(128), ForeignKey("chats.id", onupdate="CASCADE"), nullable=False),
    Column("topic", String(32), nullable=False, server_default=""),
    Column("subject", String(128), nullable=False),  # "issue:12", "article:340", "alarm:99"
    Column("kind", String(16), nullable=False),  # the form: bot.compose.FORMS
    Column("source", String(64), nullable=False),  # "": about no newspaper
    Column("issue_id", Id),  # the issue that it is about, or that its article is in
    Column(
        "seq", BigInteger, nullable=False
    ),  # of the journal entry that made it: the chat's order
    Column("place", Integer, nullable=False, server_default="0"),  # order within one entry
    Column("entry_at", Instant, nullable=False),  # age counts from here
    Column("own_hour", Boolean, nullable=False, server_default=text("false")),  # stands in no line
    Column("doubts", Integer, nullable=False, server_default="0"),  # tries with unknown outcome
    Column("told_by", String(128)),  # subject of the summary that names it instead
    Column("silent", Boolean, nullable=False, server_default=text("false")),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("chat", "topic", "subject", "kind"),
    Index("ix_deliveries_issue_id", "issue_id"),
)
# Each holds only what it is about: a million settled rows cost them nothing.
Index(
    "ix_deliveries_lane",
    *(deliveries.c[name] for name in ("channel", "lane", "due_at", "id")),
    **_only_where(deliveries.c.lane.is_not(None)),
)
Index(
    "ix_deliveries_line",
    *(deliveries.c[name] for name in ("chat", "seq", "place", "id")),
    **_only_where(deliveries.c.settled_at.is_(None)),
)
Index(
    "ix_deliveries_queue",  # how much waits, and what waits longest: narrow, for a million are counted
    *(deliveries.c[name] for name in ("channel", "own_hour", "id")),
    **_only_where(deliveries.c.settled_at.is_(None)),
)
Index(
    "ix_deliveries_owner",
    deliveries.c.owner,
    **_only_where(deliveries.c.owner.is_not(None)),
)
# How much a channel sent lately, and what of it failed.
Index(
    "ix_deliveries_settled",
    *(deliveries.c[name] for name in ("channel", "state", "settled_at")),
    **_only_where(deliveries.c.settled_at.is_not(None)),
)

# What was tried and is not sent yet: of a queue of a million that nobody tried there is none in it.
Index(
    "ix_deliveries_stuck",
    *(deliveries.c[name] for name in ("channel", "id")),
    **_only_where(and_(deliveries.c.settled_at.is_(None), deliveries.c.reason.is_not(None))),
)

# What was said, once, however many chats it was said to.
wordings = Table(
    "wordings",
    metadata,
    Column("hash", String(64), primary_key=True),
    Column("content", JSON, nullable=False),  # bot.message.part_to_json
)

delivery_parts = Table(
    "delivery_parts",
    metadata,
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), primary_key=True),
    Column("number", Integer, primary_key=True),  # from 1
    Column("wording", String(64), ForeignKey("wordings.hash"), nullable=False),
    Column("state", Word(PartState), nullable=False),
    Column("frozen_at", Instant, nullable=False),
    Column("message_id", String(64)),
    Column("sent_at", Instant),
    Column("turned_at", Instant),  # a reader turned it to another issue: no longer ours to refresh
    Index("ix_delivery_parts_wording", "wording"),  # which wordings nothing names any more
)

# What is wrong with the worker itself (a channel, the queue, the disk): what is wrong with a newspaper is
# in the journal. Each is raised once and ended once, across restarts.
incidents = Table(
    "incidents",
    metadata,
    Column("kind", String(32), primary_key=True),
    Column("about", String(128), primary_key=True),  # a channel or a robot; "": the worker
    Column("raised_at", Instant, nullable=False),
    Column("words", Text, nullable=False),
)

# Messages that are to be changed, at most one row a delivery: what they are to say is looked up when
# it is their turn. A row that could not be done stays, with its reason.
edits = Table(
    "edits",
    metadata,
    *outbox_columns(),
    Column("channel", String(16), nullable=False),
    Column("urgency", Integer, nullable=False),  # bot.ledger.edits.Why: the least goes first
    Column("delivery_id", Id, ForeignKey("deliveries.id", ondelete="CASCADE"), nullable=False),
    Column("created_at", Instant, nullable=False),
    UniqueConstraint("delivery_id"),
)
Index(
    "ix_edits_due",
    *(edits.c[name] for name in ("channel", "urgency", "due_at", "id")),
    **_only_where(edits.c.settled_at.is_(None)),
)

# Issues whose messages are to be changed: each is spread, in chunks, to the edits of its deliveries.
rewrites = Table(
    "rewrites",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issue_id", Id, nullable=False),
    Column("article_id", Id),  # null: the whole issue
    Column("urgency", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
    Column("since", Instant, nullable=False),  # a refresh: what was counted later is news
    Column("done", BigInteger, nullable=False, server_default="0"),  # the last delivery dealt with
)
