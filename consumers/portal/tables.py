"""The portal's tables. Times are µs since 1970: one kind of number on both databases, and exact to sort by."""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from bus.store import part_metadata

Row = sa.Row[*tuple[Any, ...]]
"""A row of any query."""

metadata = part_metadata(__file__)

COUNTED = {"digest": False}
"""Counted in the order of arrival, which is another in every run; a rebuild takes it from the receipts."""

entries = sa.Table(
    "entries", metadata,
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("timestamp", sa.BigInteger, nullable=False, comment="of the feed record, ms"),
    sa.Column("feed_id", sa.Text, nullable=False, unique=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="kind of the receipt"),
    sa.Column("routed", sa.Text, nullable=False, comment="header gk-outlet"),
    sa.Column("value", sa.LargeBinary, nullable=False, comment="the event, byte for byte"),
    comment="the feed itself, each record once, for pages' texts and for outside portals",
)  # fmt: skip

versions = sa.Table(
    "versions", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("carried", sa.Boolean, nullable=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("origin_partition", sa.Integer, nullable=False),
    sa.Column("origin_offset", sa.BigInteger, nullable=False),
    sa.Column("entry_partition", sa.Integer, nullable=False),
    sa.Column("entry_offset", sa.BigInteger, nullable=False),
    sa.Column("facts", sa.Text, nullable=False),
    sa.Column("public_at", sa.BigInteger),
)  # fmt: skip

withdrawals = sa.Table(
    "withdrawals", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("fingerprint", sa.Text, nullable=False),
    sa.Column("origin_partition", sa.Integer, nullable=False),
    sa.Column("origin_offset", sa.BigInteger, nullable=False),
    sa.Column("reason", sa.Text, nullable=False),
    sa.Column("notice", sa.Text, nullable=False),
    sa.Column("substitute", sa.Text),
    sa.Column("at", sa.BigInteger, nullable=False),
)  # fmt: skip

items = sa.Table(
    "items", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False, comment="the one shown, or stood for; 0 where none"),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("row", sa.Text, nullable=False),
    sa.Column("column", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("five_open", sa.Text, nullable=False),
    sa.Column("docno", sa.Text),
    sa.Column("index_no", sa.Text, unique=True, info=COUNTED),
    sa.Column("backfill", sa.Boolean, nullable=False),
    sa.Column("published_on", sa.Text, comment="of history: the day it was first public"),
    sa.Column("released_at", sa.BigInteger, comment="when it became public here, kept on update"),
    sa.Column("listed_at", sa.BigInteger, nullable=False, comment="the time lists sort by"),
    sa.Column("changed_at", sa.BigInteger, nullable=False),
)  # fmt: skip

sa.Index("items_listed", items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_dept", items.c.dept, items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_column", items.c.column, items.c.state, items.c.listed_at.desc(), items.c.subject.desc())
sa.Index("items_changed", items.c.backfill, items.c.changed_at.desc())

index_numbers = sa.Table(
    "index_numbers", metadata,
    sa.Column("index_no", sa.Text, primary_key=True, info=COUNTED),
    sa.Column("subject", sa.Text, nullable=False),
    comment="every 索引号 ever given: never used again",
)  # fmt: skip

serials = sa.Table(
    "serials", metadata,
    sa.Column("agency", sa.Text, primary_key=True),
    sa.Column("year", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("last", sa.Integer, nullable=False, info=COUNTED),
)  # fmt: skip
