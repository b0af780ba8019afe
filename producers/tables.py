"""What the door keeps: every submission and identity, files, positions, matters, and what departments are told.

`door_events` is kept for ever: (source, id) has one value and one first answer. `door_feed` is what came back from
the bus about a department's events, in the order in which it came.
"""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

PART = "gateway"
metadata = part_metadata(__file__)

_BYTES = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
"""A text that sorts by its code points on both databases."""
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

GIVERS = sa.Table(
    "door_givers",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("dept", sa.Text, primary_key=True),
)
"""Who uploaded a file: each department that gave those bytes may name them in the steps of a matter."""

MATTER_KEYS = sa.Table(
    "door_matter_keys",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("key_id", sa.Text, nullable=False),
    sa.Column("wrapped", sa.Text),
    sa.Column("made", sa.BigInteger, nullable=False),
    sa.Column("erased", sa.BigInteger),
    sa.Column("by", sa.Text),
    sa.Column("why", sa.Text),
    sa.Index("ix_door_matter_keys_subject", "subject"),
)
"""The key under which a matter's personal data are sealed (a comment has one of its own), wrapped by the master key;
an erased one has none any more, and says when, by whom and why."""

PAPERS = sa.Table(
    "door_papers",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("actor", sa.Text),
    sa.Column("fields", sa.Text, nullable=False),
    sa.Column("sealed", sa.Text),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Index("ix_door_papers_subject", "subject"),
)
"""Events of matters as they were forwarded: what they record openly (JSON), and what is sealed in them."""

MOVES = sa.Table(
    "door_moves",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("waiting", sa.SmallInteger, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("dues", sa.Text, nullable=False),
    sa.Index("ix_door_moves_subject_version", "subject", "version"),
)
"""What accepted steps made of their matters, by the verdicts: `MatterMove` and dues as JSON."""

SEALED_FILES = sa.Table(
    "door_sealed_files",
    metadata,
    sa.Column("sha256", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("size", sa.BigInteger, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("erased", sa.BigInteger),
    sa.Index("ix_door_sealed_files_subject", "subject"),
)
"""Citizens' files by the digest of their sealed bytes, which lie under `home/sealed`; the name is sealed too."""

OPENINGS = sa.Table(
    "door_openings",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Index("ix_door_openings_subject", "subject"),
)
"""Every opening of personal data: when, by which department, of which matter; `what` is `personal` or a digest."""

RECEIPTS = sa.Table(
    "door_receipts",
    metadata,
    sa.Column("number", sa.Text, primary_key=True),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("scope", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("code", sa.Text, nullable=False),
    sa.Column("made", sa.BigInteger, nullable=False),
    sa.Index("ix_door_receipts_subject", "subject"),
)
"""What citizens handed in: the number they were given, and a keyed hash of the query code that belongs to it."""

TRIES = sa.Table(
    "door_tries",
    metadata,
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("count", sa.BigInteger, nullable=False),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Index("ix_door_tries_until", "until"),
)
"""How often something was tried in the window that ends at `until`; names are keyed hashes of what is counted."""

TOKENS = sa.Table(
    "door_tokens",
    metadata,
    sa.Column("nonce", sa.Text, primary_key=True),
    sa.Column("until", sa.BigInteger, nullable=False),
    sa.Index("ix_door_tokens_until", "until"),
)
"""Forms that were sent, until their tokens expire: none is taken twice."""

HELD = sa.Table(
    "door_held",
    metadata,
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("version", sa.BigInteger, nullable=False),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("lane", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("release_at", sa.BigInteger, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("value", sa.LargeBinary, nullable=False),
    sa.Index("ix_door_held_release_at", "release_at", "arrival"),
    sa.Index("ix_door_held_subject", "subject"),
)
"""Events that wait for the minute of their release; their own department alone sees them."""

DUTIES = sa.Table(
    "door_duties",
    metadata,
    sa.Column("id", _BYTES, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Index("ix_door_duties_state_due", "state", "due", "id"),
    sa.Index("ix_door_duties_state_lifecycle_due", "state", "lifecycle", "due", "id"),
    sa.Index("ix_door_duties_subject", "subject"),
)
"""What is due, by the word of the highest version; `due` in milliseconds since 1970, `body` the whole notice (JSON)."""

OWED = sa.Table(
    "door_owed",
    metadata,
    sa.Column("duty", _BYTES, primary_key=True),
    sa.Column("dept", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Index("ix_door_owed_dept_state_due", "dept", "state", "due", "duty"),
    sa.Index("ix_door_owed_dept_state_lifecycle_due", "dept", "state", "lifecycle", "due", "duty"),
)
"""The same by the departments that owe it: each one's worklist is a stretch of an index."""

DUTY_WORDS = sa.Table(
    "door_duty_words",
    metadata,
    sa.Column("duty", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("gk_id", sa.Text, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
)
"""Every word about a duty, whatever the order in which they came."""

DUTY_FEED = sa.Table(
    "door_duty_feed",
    metadata,
    sa.Column("seq", _SERIAL, primary_key=True, autoincrement=True),
    sa.Column("dept", sa.Text, nullable=False),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Index("ix_door_duty_feed_dept_seq", "dept", "seq"),
)
"""Which words concern which department, in the order of their coming; one who no longer owes it is told so too."""

APPEALS = sa.Table(
    "door_appeals",
    metadata,
    sa.Column("platform", sa.Text, primary_key=True),
    sa.Column("foreign_id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("said", sa.Text, nullable=False),
    sa.Column("told", sa.BigInteger, nullable=False),
    sa.Column("ended", sa.SmallInteger, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("again", sa.BigInteger, nullable=False),
    sa.Column("trouble", sa.Text, nullable=False),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Index("ix_door_appeals_ended", "platform", "ended"),
    sa.Index("ix_door_appeals_subject", "subject"),
)
"""Appeals of outside platforms: their id and our matter, the event that opened it (empty where none did), the
platform's last `state` and what we last `said` it is, up to which version it was `told`, and what stands in the way."""
