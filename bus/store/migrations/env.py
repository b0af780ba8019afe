"""Alembic's environment: runs one tree of revisions on the connection it is handed (`bus.store.schema`)."""

from __future__ import annotations

from alembic import context

context.configure(**context.config.attributes["options"])
with context.begin_transaction():
    context.run_migrations()
