"""The table of receipts that outside portals posted."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

metadata = part_metadata(__file__)

reported = sa.Table(
    "reported", metadata,
    sa.Column("receipt_id", sa.Text, primary_key=True),
    sa.Column("reader", sa.Text, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    comment="what outside portals reported, each once",
)  # fmt: skip
