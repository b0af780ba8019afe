"""What the door keeps: every submission, every identity, notices, files, positions, and what departments are told.

`door_events` is kept for ever: (source, id) has one value and one first answer. `door_feed` is what came back from
the bus about a department's events, in the order in which it came.
"""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

PART = "gateway"
metadata = part_metadata(__file__)

_SERIAL = sa.BigInteger().with_variant(sa.Integer, "sqlite")

SUBMISSIONS = sa.Table(
    "door_submissions",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("way", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("code", sa.Text),
)
"""One row a submission. Outcomes: forwarded (the stream decides), rejected or dead (by the door), repeated."""

EVENTS = sa.Table(
    "door_events",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
)
"""Identity: the digest under which (source, id) was first taken, and the first answer, in HTTP status and findings."""

NOTICES = sa.Table(
    "door_notices",
    metadata,
    sa.Column("gk_id", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("status", sa.SmallInteger, nullable=False),
    sa.Column("findings", sa.Text, nullable=False),
)
"""Rejections and dead letters the door itself wrote, by their derived id."""

FILES = sa.Table(
    "door_files",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("text_sha256", sa.Text),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
)
"""Files that events may name; the bytes lie under `home/files`."""

DROPS = sa.Table(
    "door_drops",
    metadata,
    sa.Column("dept", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("seen", sa.BigInteger, nullable=False),
)
"""When the file drop first saw a file: the time of its events where they name none, the same at every pass."""

POSITIONS = sa.Table(
    "door_positions",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""How far each database outbox and Kafka inbox was read, written with the intake of what was read."""

MARKS = sa.Table(
    "door_marks",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("position", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("at", sa.BigInteger, nullable=False),
)
"""Positions of Kafka inboxes with the time they were reached, until what lies before them is a day old."""

FEED = sa.Table(
    "door_feed",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("gk_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_door_feed_dept_seq", "dept", "seq"),
    sa.Index("ix_door_feed_event", "event_id", "source"),
    sa.Index("ix_door_feed_kind_seq", "kind", "seq"),
)
"""Verdicts, rejections, receipts and dead letters of each department, in order; `body` is JSON."""

REJECTIONS = sa.Table(
    "door_rejections",
    metadata,
    sa.Column("gk_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text),
    sa.Column("event_id", sa.Text),
    sa.Column("rules", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
)
"""What rejections are asked for by: their rules, each between commas, and the day of arrival in the city, ISO."""

CORRECTIONS = sa.Table(
    "door_corrections",
    metadata,
    sa.Column("corrected", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("arrival", sa.Text, nullable=False),
)
"""What was mended: the id that an accepted event `corrects`, and the first event that did; `arrival` is in UTC."""
