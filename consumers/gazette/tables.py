"""The gazette's tables. Times are µs since 1970, days ISO text: they sort alike on both databases."""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

metadata = part_metadata(__file__)

issues = sa.Table(
    "issues", metadata,
    sa.Column("total", sa.Integer, primary_key=True, autoincrement=False, comment="总期号: counted since the first"),
    sa.Column("opened_at", sa.BigInteger, nullable=False, comment="when the first record for it was written"),
    sa.Column("year", sa.Integer, comment="of publication; given when the issue is closed"),
    sa.Column("number", sa.Integer, comment="期号 within the year; given when the issue is closed"),
    sa.Column("closed_at", sa.BigInteger, comment="NULL: the open issue"),
)  # fmt: skip

standings = sa.Table(
    "standings", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("off_to", sa.Integer, nullable=False, comment="versions up to this one are not for the gazette"),
)  # fmt: skip

documents = sa.Table(
    "documents", metadata,
    sa.Column("subject", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("state", sa.Text, nullable=False, comment="waiting (for the portal) or taken (into the issue)"),
    sa.Column("issue", sa.Integer, comment="总期号, where taken"),
    sa.Column("taken_at", sa.BigInteger),
    sa.Column("feed_id", sa.Text, nullable=False, unique=True),
    sa.Column("outlet", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False, comment="where its receipt goes"),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("content", sa.Text, nullable=False, comment="SHA-256 of title, text and attachments"),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("docno", sa.Text),
    sa.Column("formed", sa.Text, comment="成文日期, ISO day"),
    sa.Column("due", sa.BigInteger),
    sa.Column("body", sa.Text, nullable=False, comment="the text as it will be printed"),
    comment="versions that wait for the portal, and the one of each subject that stands in the issue",
)  # fmt: skip

sa.Index("documents_event", documents.c.source, documents.c.event_id)
sa.Index("documents_issue", documents.c.issue)

portal_said = sa.Table(
    "portal_said", metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("url", sa.Text),
    comment="the portal's receipts: a document is taken in once it is public there (GZ-08)",
)  # fmt: skip
