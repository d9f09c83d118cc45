"""The outbox: rows that are owed, claimed by lease, fenced, and settled. For any table that has
`outbox_columns`: the chats' deliveries, and later the hub's.
"""

from enum import StrEnum
from typing import Any

from sqlalchemy import Column, Integer, String, Text

from feeds.store.columns import Instant, Word
from feeds.store.tables import Id


class State(StrEnum):
    """PENDING → SENDING → SENT, or one of the ways in which it ends otherwise."""

    PENDING = "pending"
    SENDING = "sending"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    SKIPPED = "skipped"


def outbox_columns() -> tuple[Column[Any], ...]:
    """Fresh columns for a table of owed things."""
    return (
        Column("id", Id, primary_key=True),
        Column("state", Word(State), nullable=False, server_default=State.PENDING),
        Column("attempts", Integer, nullable=False, server_default="0"),
        Column("due_at", Instant, nullable=False),
        Column("lease_until", Instant),
        Column("owner", String(64)),
        Column("fence", Integer, nullable=False, server_default="0"),
        Column("reason", Text),
        Column("settled_at", Instant),
    )
