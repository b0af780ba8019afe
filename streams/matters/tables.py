"""What `matters` keeps beside the tables that every store has: matters, steps seen, steps that wait, publications.

Times are milliseconds since 1970. The tables of what is due (`streams.duties.tables`) lie in the same store.
"""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata
from streams.duties import tables as due

PART = "matters"
metadata = part_metadata(__file__)

MATTERS = sa.Table(
    "matters", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Index("ix_matters_state", "lifecycle", "state"),
)  # fmt: skip
"""Each matter as it stands; `doc` is the whole `rules.lifecycle.Matter`."""

MOVES = sa.Table(
    "moves", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("findings", sa.Text),
    sqlite_with_rowid=False,
)  # fmt: skip
"""What became of each step, by the digest of source and id, for its repeats; `findings` of a refusal, JSON."""

WAITING = sa.Table(
    "waiting", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Column("asked", sa.Boolean, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Index("ix_waiting_subject", "subject"),
    sa.Index("ix_waiting_until", "topic", "partition", "asked", "until"),
)  # fmt: skip
"""Steps whose cause is not here yet; `asked`: the last call is on its way."""

PUBLICATIONS = sa.Table(
    "publications", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("doc", sa.Text, nullable=False),
)  # fmt: skip
"""What triggers ask of a publication (`streams.matters.following.Seen`)."""

SIGNATURES = sa.Table(
    "signatures", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("level", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("role", sa.Text, primary_key=True),
    sa.Column("person", sa.Text, nullable=False),
    sa.Column("content_sha256", sa.Text, nullable=False),
)  # fmt: skip
"""Sign-offs that departments sent as they happened, after the last return."""

for _table in due.metadata.sorted_tables:
    _table.to_metadata(metadata)
