"""The ledger's tables. Times are µs since 1970, days ISO text: they sort alike on both databases.

Every verdict is one row in `outcomes`, `repeats` or `dead`; every receipt is one row in `receipts`.
"""

from __future__ import annotations

import sqlalchemy as sa

from bus.store import part_metadata

metadata = part_metadata(__file__)


def _place() -> list[sa.Column[object]]:
    """Where the input record lies: the verdict's `origin`."""
    return [
        sa.Column("topic", sa.Text, primary_key=True),
        sa.Column("partition", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("offset", sa.BigInteger, primary_key=True, autoincrement=False),
    ]


outcomes = sa.Table(
    "outcomes", metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("topic", sa.Text, nullable=False),
    sa.Column("partition", sa.Integer, nullable=False),
    sa.Column("offset", sa.BigInteger, nullable=False),
    sa.Column("outcome", sa.Text, nullable=False, comment="accepted or rejected"),
    sa.Column("refused", sa.SmallInteger, nullable=False, comment="0 accepted, 1 rejected: what sorts first"),
    sa.Column("arrival", sa.BigInteger, nullable=False),
    sa.Column("counted_on", sa.Text, nullable=False, comment="the day that says in which quarter it counts"),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("time", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("promise", sa.Boolean, nullable=False, comment="a version of a publication: something to be public"),
    sa.Column("withdrawal", sa.Boolean, nullable=False),
    sa.Column("dept", sa.Text, nullable=False, comment="empty where the verdict names none"),
    sa.Column("item", sa.Text),
    sa.Column("kind", sa.Text),
    sa.Column("version", sa.Integer),
    sa.Column("title", sa.Text),
    sa.Column("clock", sa.Text),
    sa.Column("due", sa.Text, comment="ISO day"),
    sa.Column("due_until", sa.BigInteger, comment="the first µs after that day in the city"),
    sa.Column("calendar_complete", sa.Boolean, nullable=False),
    sa.Column("backfill", sa.Boolean, nullable=False),
    sa.Column("rules", sa.Text, nullable=False, comment="rules that spoke, by comma"),
    sa.Column("outlets", sa.Integer, nullable=False, comment="how many feed records it was given"),
    sa.Column("corrects", sa.Text),
    sa.Column("docno", sa.Text, comment="发文字号 of an accepted publication"),
    sa.Column("overridden", sa.Integer, nullable=False, server_default="0", comment="findings somebody answered for"),
    sa.Column("pack", sa.Text, nullable=False),
    sa.Column("value_sha256", sa.Text, nullable=False),
    comment="the one outcome of an event: the first that is not dead",
)  # fmt: skip

sa.Index("outcomes_subject", outcomes.c.subject, outcomes.c.version)
sa.Index("outcomes_dept", outcomes.c.dept, outcomes.c.counted_on)
sa.Index("outcomes_counted", outcomes.c.counted_on)
sa.Index("outcomes_docno", outcomes.c.docno)

repeats = sa.Table(
    "repeats", metadata, *_place(),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    comment="later verdicts on an event that has its outcome",
)  # fmt: skip

dead = sa.Table(
    "dead", metadata, *_place(),
    sa.Column("error", sa.Text, nullable=False),
    sa.Column("source", sa.Text),
    sa.Column("event_id", sa.Text),
    comment="what could not be judged",
)  # fmt: skip

receipts = sa.Table(
    "receipts", metadata,
    sa.Column("feed_id", sa.Text, primary_key=True),
    sa.Column("part", sa.Text, nullable=False, comment="which part gave it: portal, newmedia, gazette"),
    sa.Column("outlet", sa.Text, nullable=False),
    sa.Column("kind", sa.Text, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("event_id", sa.Text, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", sa.BigInteger, nullable=False),
    sa.Column("url", sa.Text),
    sa.Column("detail", sa.Text),
)  # fmt: skip

sa.Index("receipts_subject", receipts.c.subject, receipts.c.version)

conflicts = sa.Table(
    "conflicts", metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("told", sa.Boolean, nullable=False, comment="whether the department has its rejection"),
    comment="events that claim a version which another event holds",
)  # fmt: skip

doubles = sa.Table(
    "doubles", metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("other", sa.Text, nullable=False, comment="subject of the document that had the number before"),
    sa.Column("told", sa.Boolean, nullable=False, comment="whether the department has its rejection"),
    comment="publications whose document number another live document of the same organ has",
)  # fmt: skip

dues = sa.Table(
    "dues", metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False, comment="empty: owed by the calendar"),
    sa.Column("clock", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("title", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False, comment="the first of those who owe it"),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("due", sa.BigInteger, nullable=False),
    sa.Column("late", sa.Boolean, nullable=False),
    sa.Column("calendar_complete", sa.Boolean, nullable=False),
    comment="what matters and the calendar ask for, by the word of the highest version",
)  # fmt: skip

sa.Index("dues_state", dues.c.state, dues.c.due)
sa.Index("dues_dept", dues.c.dept, dues.c.state, dues.c.due)

rungs = sa.Table(
    "rungs", metadata,
    sa.Column("duty", sa.Text, primary_key=True),
    sa.Column("version", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("rung", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("cancelled", sa.Boolean, nullable=False, comment="the word takes the rung back"),
    comment="rungs that duties reached, and that were taken back",
)  # fmt: skip

moves = sa.Table(
    "moves", metadata,
    sa.Column("source", sa.Text, primary_key=True),
    sa.Column("event_id", sa.Text, primary_key=True),
    sa.Column("subject", sa.Text, nullable=False),
    sa.Column("lifecycle", sa.Text, nullable=False),
    sa.Column("step", sa.Text, nullable=False),
    sa.Column("dept", sa.Text, nullable=False, comment="who handled the matter after it"),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("beside", sa.Text, nullable=False, server_default="", comment="all others with a part in it, by blank"),
    comment="steps of matters that were taken; none that waits",
)  # fmt: skip

sa.Index("moves_step", moves.c.lifecycle, moves.c.step, moves.c.dept)
