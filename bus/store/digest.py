"""One number for what a part's own tables say, whatever the order of their rows and the kind of database."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import sha256

import sqlalchemy as sa

from bus.store.engine import Store

MODULUS = 2**256
CHUNK = 2_000


def digest(store: Store) -> str:
    """SHA-256 of each row, added up for each table, and SHA-256 of those: the same set of rows, the same digest.

    The common tables (`gk_…`) are left out, and columns with `info={"digest": False}`: a number that a database gives
    in the order of arrival says nothing.
    """
    whole = sha256()
    with store.read() as conn:
        for table in sorted(store.metadata.tables.values(), key=lambda table: table.name):
            whole.update(f"{table.name} {_of_table(conn, table):064x}\n".encode())
    return whole.hexdigest()


def _of_table(conn: sa.Connection, table: sa.Table) -> int:
    columns = sorted((c for c in table.c if c.info.get("digest", True)), key=lambda column: column.name)
    rows = conn.execution_options(stream_results=True).execute(sa.select(*columns)).yield_per(CHUNK)
    return sum(_of_row(row) for row in rows) % MODULUS


def _of_row(values: Iterable[object]) -> int:
    canonical = json.dumps([_plain(value) for value in values], ensure_ascii=False, sort_keys=True)
    return int.from_bytes(sha256(canonical.encode()).digest())


def _plain(value: object) -> object:
    """As JSON can hold it, alike from both databases."""
    if isinstance(value, datetime):
        aware = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return aware.astimezone(UTC).isoformat(timespec="microseconds")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes | memoryview):
        return bytes(value).hex()
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value
