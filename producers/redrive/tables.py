"""Every redrive, in a store of its own: operators write it while the gateway runs, and its outbox sends the rows."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

PART = "redrive"
metadata = part_metadata(__file__)

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

REDRIVES = sa.Table(
    "redrives",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("letter", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("by", sa.Text, nullable=False),
    sa.Column("why", sa.Text, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("release", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("outbox_seq", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text),
    sa.Index("ix_redrives_sha256", "sha256"),
)
"""A row a redrive, for ever: which letter, who, when (ms) and why, by which release it was judged offline and how
(`said`), its row in the outbox, and the verdict that came of it (`outcome`, null while none is known)."""
