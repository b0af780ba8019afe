"""The departments' keys, in a store of their own: the command line issues and revokes them while the gateway runs."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

PART = "keys"
metadata = part_metadata(__file__)

KEYS = sa.Table(
    "door_keys",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("hint", sa.Text, nullable=False),
    sa.Column("issued", sa.BigInteger, nullable=False),
    sa.Column("revoked", sa.BigInteger),
    sa.Index("ix_door_keys_dept", "dept"),
)
"""A row a key ever issued, by the digest of the whole key; `hint` is its last four characters. Times are in ms."""
