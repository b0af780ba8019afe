"""The tables that every store has beside its part's own: positions, inbox, lanes, outbox, leases.

They are named `gk_…` so that no part's table can bear the same name.
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

LIVE_PRIORITY = 0
"""Of lanes that are served first."""
BACKFILL_PRIORITY = 9
"""Of lanes that are served only when nothing waits in any lane before them."""

NAMING = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s",
    "pk": "pk_%(table_name)s",
}
"""Names of constraints, so that a later migration can name what it changes."""


def storable(value: str) -> str:
    """`value` as PostgreSQL can hold it: senders may write U+0000, which no text column takes."""
    return value.replace("\x00", "\ufffd")


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware time, kept in UTC to the microsecond; comes back aware on SQLite too, and sorts as time does."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Refuse a time without its offset; it would be read as another hour elsewhere."""
        if value is not None and value.tzinfo is None:
            raise ValueError(f"{value.isoformat()} has no offset")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> datetime | None:  # noqa: ARG002
        """Aware, in UTC, whatever the database kept."""
        if not isinstance(value, datetime):
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


COMMON = sa.MetaData(naming_convention=NAMING)
"""What `bus/store/migrations` makes."""

IDENTITY = sa.Table(
    "gk_identity",
    COMMON,
    sa.Column("id", sa.SmallInteger, primary_key=True, autoincrement=False),
    sa.Column("cluster_id", sa.Text, nullable=False),
)
"""One row: the cluster this store has written to or read from."""

PARTITIONS = sa.Table(
    "gk_partitions",
    COMMON,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("next_offset", sa.BigInteger, nullable=False),
    sa.Column("topic_id", sa.Text, nullable=False),
)
"""How far each partition was applied; `epoch` rises at each take-over, and every write must match it."""

INBOX = sa.Table(
    "gk_inbox",
    COMMON,
    sa.Column("gk_id", sa.LargeBinary(16), primary_key=True),
    sqlite_with_rowid=False,
)
"""Ids of records applied; never purged, so 16 bytes each and nothing else."""

LANES = sa.Table(
    "gk_lanes",
    COMMON,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("priority", sa.SmallInteger, nullable=False),
    sa.Column("written", sa.BigInteger, nullable=False),
    sa.Column("sent", sa.BigInteger, nullable=False),
    sa.Column("swept", sa.BigInteger, nullable=False),
)
"""Each lane's last number written, the last of the prefix that was sent, the last whose body was dropped."""

OUTBOX = sa.Table(
    "gk_outbox",
    COMMON,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("gk_id", sa.LargeBinary(16)),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("size", sa.Integer, nullable=False),
    sa.Column("sha256", sa.LargeBinary(32)),
    sa.Column("sent_partition", sa.Integer),
    sa.Column("sent_offset", sa.BigInteger),
    sa.Column("sent_at", sa.BigInteger),
    sqlite_with_rowid=False,
)
"""What was to be sent, and where the broker put it: small rows, kept for ever, for reconcile's anti-join.

`sha256` is of the value (None: a null value); `sent_at` is in ms since 1970; `topic` is without the prefix.
"""

BODIES = sa.Table(
    "gk_bodies",
    COMMON,
    sa.Column("lane", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("partition", sa.Integer),
    sa.Column("timestamp", sa.BigInteger),
    sa.Column("key", sa.LargeBinary, nullable=False),
    sa.Column("value", sa.LargeBinary),
    sa.Column("headers", sa.LargeBinary, nullable=False),
)
"""The records themselves, dropped some time after they were sent; `headers` is msgpack."""

LEASES = sa.Table(
    "gk_leases",
    COMMON,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("holder", sa.Text, nullable=False),
    sa.Column("epoch", sa.BigInteger, nullable=False),
    sa.Column("beat", sa.BigInteger, nullable=False),
)
"""Who may do what one alone may do; a holder whose `beat` stands still is succeeded, and `epoch` refuses it after."""

KNOWN = sa.Table(
    "gk_known",
    COMMON,
    sa.Column("gk_id", sa.LargeBinary(16), primary_key=True),
    sa.Column("value", sa.LargeBinary),
    sqlite_with_rowid=False,
)
"""What this part had already sent when it was rebuilt."""
