"""Stores that take each event once: SQL on SQLite or PostgreSQL, the sink that fills them, the outbox and its relay.

Read the code in this order: `tables`, `engine`, `projection`, `sink`, `outbox`, `relay`, `rebuilding`.
How a part declares tables and migrations: docs/stores.md.
"""

from __future__ import annotations

from bus.store.digest import digest
from bus.store.engine import Store
from bus.store.outbox import Outbox, Waiting
from bus.store.projection import Projection, Tx
from bus.store.rebuilding import Rebuilt, rebuild
from bus.store.relay import FOLLOWING, Relay
from bus.store.schema import differences, part_metadata
from bus.store.sink import Sink
from bus.store.tables import BACKFILL_PRIORITY, LIVE_PRIORITY, Instant, storable

__all__ = [
    "BACKFILL_PRIORITY",
    "FOLLOWING",
    "LIVE_PRIORITY",
    "Instant",
    "Outbox",
    "Projection",
    "Rebuilt",
    "Relay",
    "Sink",
    "Store",
    "Tx",
    "Waiting",
    "differences",
    "digest",
    "part_metadata",
    "rebuild",
    "storable",
]
