"""SQLAlchemy engines as the two databases need them."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any, Literal

import sqlalchemy as sa
from sqlalchemy import event

from bus.errors import Fatal

BUSY_TIMEOUT_MS = 15_000
CHECKPOINT_PAGES = 8_000
"""32 MB of log: a slice changes thousands of pages of indexes over ids, and each is then written back once for many."""
POOL_SIZE = 10
MAX_OVERFLOW = 20
BEGIN = "gk_begin"
"""Execution option: the statement that begins a transaction on SQLite."""

Synchronous = Literal["FULL", "NORMAL", "OFF"]


def sqlite_engine(path: Path, synchronous: Synchronous) -> sa.Engine:
    """A SQLite file in WAL mode whose transactions we begin ourselves.

    Source: SQLAlchemy's documentation of SQLite, "Serializable isolation / Savepoints / Transactional DDL".
    """
    engine = sa.create_engine(
        sa.URL.create("sqlite", database=str(path)), pool_size=POOL_SIZE, max_overflow=MAX_OVERFLOW
    )

    @event.listens_for(engine, "connect")
    def on_connect(connection: Any, record: Any) -> None:  # noqa: ARG001
        connection.isolation_level = None
        cursor = connection.cursor()
        cursor.execute(f"PRAGMA busy_timeout={BUSY_TIMEOUT_MS}")
        cursor.execute("PRAGMA journal_mode=WAL")
        cursor.execute(f"PRAGMA synchronous={synchronous}")
        cursor.execute("PRAGMA foreign_keys=ON")
        cursor.execute("PRAGMA cache_size=-8000")
        cursor.execute(f"PRAGMA wal_autocheckpoint={CHECKPOINT_PAGES}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def on_begin(conn: sa.Connection) -> None:
        conn.exec_driver_sql(conn.get_execution_options().get(BEGIN, "BEGIN"))

    return engine


IDLE_MS = 15_000
"""A transaction idle for so long is ended: a process that sleeps must not hold rows that its successor needs."""


def postgres_engine(url: str, schema: str) -> sa.Engine:
    """PostgreSQL by psycopg, every connection looking into one schema alone.

    Source: SQLAlchemy's documentation of its PostgreSQL dialects, "Setting Alternate Search Paths on Connect".

    Raises:
        Fatal: the driver is not installed, or the address is no PostgreSQL's.
    """
    if importlib.util.find_spec("psycopg") is None:
        raise Fatal("PostgreSQL needs its driver: pip install 'gongkai[postgres]'")
    parsed = sa.make_url(url)
    if parsed.get_backend_name() != "postgresql":
        raise Fatal(f"GONGKAI_DATABASE must be a postgresql:// address, not {parsed.get_backend_name()}://")
    engine = sa.create_engine(
        parsed.set(drivername="postgresql+psycopg"), pool_size=POOL_SIZE, max_overflow=MAX_OVERFLOW
    )
    search_path = engine.dialect.identifier_preparer.quote_identifier(schema)

    @event.listens_for(engine, "connect", insert=True)
    def on_connect(connection: Any, record: Any) -> None:  # noqa: ARG001
        connection.autocommit = True
        connection.execute(f"SET SESSION search_path TO {search_path}")
        connection.execute("SET SESSION TimeZone TO 'UTC'")
        connection.execute(f"SET SESSION idle_in_transaction_session_timeout TO {IDLE_MS}")
        connection.autocommit = False

    return engine
