"""The tables of the archive and the journal. One MetaData holds these and the ledger's.

Facts about newspapers are written by `feeds.store.archive` alone, the journal by
`feeds.store.journal` alone. Times are `Instant` (aware UTC), dates are the paper's own.
"""

from sqlalchemy import (
    JSON,
    BigInteger,
    Boolean,
    Column,
    Date,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Table,
    Text,
    UniqueConstraint,
    text,
)

from feeds.models import (
    AlarmKind,
    ArticleKind,
    EntryKind,
    IssueStatus,
    PauseKind,
    WithdrawnBy,
)
from feeds.store.columns import Instant, Word

# SQLite numbers a row itself only where the key is INTEGER.
Id = BigInteger().with_variant(Integer, "sqlite")

metadata = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
        "pk": "pk_%(table_name)s",
    }
)

# Small facts about this archive itself: the authority of feed ids, when it was made.
meta = Table(
    "meta",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("value", Text, nullable=False),
)

# One row a newspaper that was ever configured; its data outlives its configuration.
sources = Table(
    "sources",
    metadata,
    Column("id", String(64), primary_key=True),
    Column("title", Text, nullable=False),
    Column("url", Text, nullable=False),
    Column("timezone", String(64), nullable=False),
    Column("created_at", Instant, nullable=False),
    Column("looked_at", Instant),  # last look, good or bad
    Column("read_at", Instant),  # last look that read something
    Column("failures", Integer, nullable=False, server_default="0"),  # bad looks in a row
    Column("next_look_at", Instant),
    Column("reason", Text),  # of the last failure, for people
    Column("found_by", JSON(none_as_null=True)),  # the rule for each field of the last article read
)

# Validators of fetched documents, written in the transaction that wrote their facts.
documents = Table(
    "documents",
    metadata,
    Column("source", String(64), ForeignKey("sources.id"), primary_key=True),
    Column("url", Text, primary_key=True),
    Column("etag", Text),
    Column("last_modified", Text),
    Column("body_hash", String(64), nullable=False),
    Column("fetched_at", Instant, nullable=False),
)

issues = Table(
    "issues",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(64), ForeignKey("sources.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("date", Date, nullable=False),
    Column("number", String(64)),
    Column("url", Text, nullable=False),
    Column("previous_url", Text),
    Column("next_url", Text),
    Column("is_first", Boolean, nullable=False, server_default=text("false")),
    Column("status", Word(IssueStatus), nullable=False),
    Column(
        "push", Boolean, nullable=False
    ),  # decided when first seen: backfill and `first:` say no
    Column("first_seen", Instant, nullable=False),
    Column("unseen_at", Instant),  # the last good look before that; null: nobody was looking
    Column("closes_at", Instant),  # until then it grows (an upstream feed's day)
    Column("completed_at", Instant),
    Column("recheck_at", Instant),  # when its lists are looked at again; null: no more
    Column("gone_at", Instant),  # when its document was first found gone
    Column("withdrawn_by", Word(WithdrawnBy)),
    Column("updated_at", Instant, nullable=False),  # last change of content below it
    UniqueConstraint("source", "key"),
    Index("ix_issues_source_date", "source", "date"),
    Index("ix_issues_status_completed_at", "status", "completed_at", "id"),
)

# Issues may be missing between two that are known: looked for until they are filled or given up.
gaps = Table(
    "gaps",
    metadata,
    Column("source", String(64), ForeignKey("sources.id"), primary_key=True),
    Column("newer", String(64), primary_key=True),  # the key of the issue behind it
    Column("older", String(64), nullable=False),  # and of the one before it
    Column("attempts", Integer, nullable=False),
    Column("due_at", Instant, nullable=False),
)

pages = Table(
    "pages",
    metadata,
    Column("id", Id, primary_key=True),
    Column("issue_id", Id, ForeignKey("issues.id"), nullable=False),
    Column("label", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("name", Text),
    Column("url", Text),
    Column("image", Text),
    Column("pdf", Text),
    Column("read_at", Instant),  # null: its article list is not known yet
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("given_up", Text),  # why this page no longer holds its issue open
    UniqueConstraint("issue_id", "label"),
)

# A row as soon as a page lists it; `content_hash` is null until its own document was read.
articles = Table(
    "articles",
    metadata,
    Column("id", Id, primary_key=True),
    Column("source", String(64), ForeignKey("sources.id"), nullable=False),
    Column("issue_id", Id, ForeignKey("issues.id"), nullable=False),
    Column("page_id", Id, ForeignKey("pages.id"), nullable=False),
    Column("key", String(64), nullable=False),
    Column("position", Integer, nullable=False),
    Column("url", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("listed_title", Text, nullable=False, server_default=""),  # as its page lists it
    Column("kicker", Text),
    Column("subtitle", Text),
    Column("byline", Text),
    Column("published_at", Instant),  # null: the issue's date
    Column("body_html", Text, nullable=False, server_default=""),
    Column("body_text", Text, nullable=False, server_default=""),
    Column("images", JSON, nullable=False),  # [{"url", "caption"}]
    Column("kind", Word(ArticleKind), nullable=False),
    Column("content_hash", String(64)),
    Column("revision", Integer, nullable=False, server_default="1"),
    Column("first_seen", Instant, nullable=False),
    Column("updated_at", Instant, nullable=False),
    Column("withdrawn_at", Instant),
    Column("withdrawn_by", Word(WithdrawnBy)),
    Column("withdrawn_reason", Text),
    Column("unlisted_at", Instant),  # since when its page lists it no longer
    Column("gone_at", Instant),  # when its own document was first found gone after that
    Column("is_bare", Boolean, nullable=False, server_default=text("false")),  # no title or body
    Column(
        "is_whole", Boolean, nullable=False, server_default=text("false")
    ),  # stands in its issue
    Column("attempts", Integer, nullable=False, server_default="0"),
    Column("given_up", Text),  # why it no longer holds its issue open
    Column("reads", BigInteger),  # the count as shown: the newest sample that counts
    Column("reads_exact", Boolean),
    Column("reads_at", Instant),
    Column("reads_listed", Boolean, nullable=False, server_default=text("false")),  # lists tell it
    Column("reads_looks", Integer, nullable=False, server_default="0"),
    Column("reads_due_at", Instant),  # next look at its own document; null: no more
    UniqueConstraint("issue_id", "key"),
    Index("ix_articles_issue_id_position", "issue_id", "position"),
    Index("ix_articles_source_reads_due_at", "source", "reads_due_at"),
    # Rankings never touch the rows, whose counts lie behind their bodies.
    Index("ix_articles_issue_id_reads", "issue_id", "reads", "kind", "withdrawn_at"),
)

# What an article said before a correction. The current text is in `articles`.
revisions = Table(
    "revisions",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("revision", Integer, primary_key=True),
    Column("seen_at", Instant, nullable=False),
    Column("content_hash", String(64), nullable=False),
    Column(
        "content", JSON, nullable=False
    ),  # title, kicker, subtitle, byline, body_html, body_text
)

# 阅读数 as a time series.
read_counts = Table(
    "read_counts",
    metadata,
    Column("article_id", Id, ForeignKey("articles.id"), primary_key=True),
    Column("seen_at", Instant, primary_key=True),
    Column("value", BigInteger, nullable=False),
    Column("exact", Boolean, nullable=False),
)

# What is wrong with a newspaper now. Each alarm is raised once and ended once, across restarts.
alarms = Table(
    "alarms",
    metadata,
    Column("source", String(64), ForeignKey("sources.id"), primary_key=True),
    Column("kind", Word(AlarmKind), primary_key=True),
    Column("raised_at", Instant, nullable=False),
)

journal = Table(
    "journal",
    metadata,
    Column("seq", BigInteger, primary_key=True, autoincrement=False),
    Column("at", Instant, nullable=False),
    Column("kind", Word(EntryKind), nullable=False),
    Column("source", String(64), ForeignKey("sources.id"), nullable=False),
    Column("issue_id", Id, ForeignKey("issues.id")),
    Column("article_id", Id, ForeignKey("articles.id")),
    Column("push", Boolean, nullable=False),
    Column("data", JSON, nullable=False),
    Index("ix_journal_issue_id", "issue_id"),
)

# What an operator paused: a newspaper is not looked at, a channel sends no pushes.
pauses = Table(
    "pauses",
    metadata,
    Column("kind", Word(PauseKind), primary_key=True),
    Column("name", String(64), primary_key=True),
    Column("since", Instant, nullable=False),
    Column("by", String(128), nullable=False),  # the operator's address, or "console"
)

# Articles that an operator withdrew and that this archive does not have: a backup was restored that is
# older than they are. They are withdrawn as soon as they are seen again.
withheld = Table(
    "withheld",
    metadata,
    Column("source", String(64), primary_key=True),
    Column("issue", String(64), primary_key=True),
    Column("article", String(64), primary_key=True),
    Column("reason", Text),
)

# One row. Its update numbers the journal and is held until commit, so that the order of numbers is
# the order of commits: an identity column is not (facts/engine.md).
journal_end = Table(
    "journal_end",
    metadata,
    Column("id", Integer, primary_key=True, autoincrement=False),
    Column("seq", BigInteger, nullable=False),
)

# How far each consumer in the store has come: (entry, place within it).
cursors = Table(
    "cursors",
    metadata,
    Column("consumer", String(64), primary_key=True),
    Column("seq", BigInteger, nullable=False),
    Column("place", Text, nullable=False, server_default=""),
)
