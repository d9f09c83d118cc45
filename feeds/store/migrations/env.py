"""Alembic's entry: runs the scripts on the connection that `feeds.store.schema` hands over."""

from alembic import context

from feeds.store.tables import metadata

context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=metadata,
    render_as_batch=True,
    transaction_per_migration=False,
)
context.run_migrations()
