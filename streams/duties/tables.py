"""Tables of what is due; `matters` takes them into its own metadata, so that they lie in its one store.

Times are milliseconds since 1970: they are compared and written by the thousand, and read back as instants by `entry`.
"""

from __future__ import annotations

from datetime import UTC, datetime

import sqlalchemy as sa

from bus.store.tables import NAMING

metadata = sa.MetaData(naming_convention=NAMING)
_OURS_ALONE = {"digest": False}
"""Of what depends on when this process looked, and not on the log."""

DUTIES = sa.Table(
    "duties",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("depts", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("next_at", sa.BigInteger),
    sa.Column("told_from", sa.BigInteger, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("doc", sa.Text, nullable=False),
    sa.Index(None, "topic", "partition", "next_at"),
    sa.Index(None, "subject"),
)
"""Everything due, closed ones too. `topic` and `partition` are the matter's home; `next_at` is when the clock next has
something to say (None: never), `told_from` is when its due time was last set, `doc` the whole `rules.lifecycle.Duty`.
"""

OWED = sa.Table(
    "owed",
    metadata,
    sa.Column("dept", sa.Text, primary_key=True),
    sa.Column("due", sa.BigInteger, primary_key=True, autoincrement=False),
    sa.Column("duty", sa.Text, primary_key=True),
    sqlite_with_rowid=False,
)
"""What is open, by the departments that owe it and its day: each department's worklist."""

RUNGS = sa.Table(
    "rungs",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("duty", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("what", sa.Text, nullable=False),
    sa.Column("rung", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False),
    sa.Index(None, "duty"),
)
"""What the clock said of duties, each word once: rungs reached, days moved, duties that passed to a successor."""

WATERMARKS = sa.Table(
    "watermarks",
    metadata,
    sa.Column("topic", sa.Text, primary_key=True),
    sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("arrival", sa.BigInteger),
    sa.Column("release", sa.Text, info=_OURS_ALONE),
    sa.Column("day", sa.Integer, info=_OURS_ALONE),
)
"""How far each partition tells of what happened: `arrival` of the last record applied. `release` of the pack and `day`
(ordinal) by which its duties were last looked through."""

GAPS = sa.Table("gaps", metadata, sa.Column("year", sa.Integer, primary_key=True, autoincrement=False))
"""Years without an official schedule that some duty's time reached into (CAL-04)."""

STANDING = sa.Table(
    "standing",
    metadata,
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("closer", sa.Text, primary_key=True),
    sa.Column("due", sa.Integer, nullable=False),
    sa.Column("done", sa.Boolean, nullable=False),
    sa.Index(None, "closer", "done"),
)
"""Standing duties that were opened, a row for each thing that answers one (`rules.standing.closers_of`; an empty one
where nothing does). `due` is the ordinal of its day."""


def ms(at: datetime) -> int:
    """An instant as the tables keep it."""
    return int(at.timestamp() * 1000)


def instant(milliseconds: int) -> datetime:
    """What the tables keep, as an instant."""
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
