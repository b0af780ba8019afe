"""The table of outside portals."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import Instant, part_metadata

metadata = part_metadata(__file__)

readers = sa.Table(
    "readers", metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("token_sha256", sa.LargeBinary(32), nullable=False, unique=True),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("revoked_at", Instant),
)  # fmt: skip
