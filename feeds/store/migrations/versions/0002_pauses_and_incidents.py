"""What operators paused, what is wrong with the worker itself, where issues may be missing, what stays
withdrawn after a restore; what tells how things stand, and an index by which wordings that nothing names any
more are found.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "pauses",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("name", sa.String(length=64), nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("by", sa.String(length=128), nullable=False),
        sa.PrimaryKeyConstraint("kind", "name", name=op.f("pk_pauses")),
    )
    op.create_table(
        "incidents",
        sa.Column("kind", sa.String(length=32), nullable=False),
        sa.Column("about", sa.String(length=128), nullable=False),
        sa.Column("raised_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "about", name=op.f("pk_incidents")),
    )
    op.create_table(
        "gaps",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("newer", sa.String(length=64), nullable=False),
        sa.Column("older", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("due_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["source"], ["sources.id"], name=op.f("fk_gaps_source_sources")),
        sa.PrimaryKeyConstraint("source", "newer", name=op.f("pk_gaps")),
    )
    op.create_table(
        "withheld",
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("issue", sa.String(length=64), nullable=False),
        sa.Column("article", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("source", "issue", "article", name=op.f("pk_withheld")),
    )
    op.create_index("ix_delivery_parts_wording", "delivery_parts", ["wording"])
    op.create_index(
        "ix_deliveries_queue",
        "deliveries",
        ["channel", "own_hour", "id"],
        unique=False,
        sqlite_where=sa.text("settled_at IS NULL"),
        postgresql_where=sa.text("settled_at IS NULL"),
    )
    op.add_column("sources", sa.Column("found_by", sa.JSON(), nullable=True))
    where = sa.text("settled_at IS NOT NULL")
    op.create_index(
        "ix_deliveries_settled",
        "deliveries",
        ["channel", "state", "settled_at"],
        sqlite_where=where,
        postgresql_where=where,
    )
    stuck = sa.text("settled_at IS NULL AND reason IS NOT NULL")
    op.create_index(
        "ix_deliveries_stuck",
        "deliveries",
        ["channel", "id"],
        sqlite_where=stuck,
        postgresql_where=stuck,
    )
