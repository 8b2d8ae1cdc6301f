"""Alembic's entry: the caller hands over an open connection, so that a migration is one transaction."""

from alembic import context

from backoffice.store.tables.all_tables import metadata

connection = context.config.attributes["connection"]
context.configure(connection=connection, target_metadata=metadata, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
